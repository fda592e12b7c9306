"""Whom the bell tells of a grading that was sent back: the village, or the town."""

from django.urls import reverse

from accounts.models import NotificationKind, User
from accounts.notifications import notify, people_posted
from accounts.roles import VILLAGE_ROLES, Role
from monitoring.grading_steps import RETURNS, GradingStep
from monitoring.models import Grading, GradingStage

DESKS = {GradingStage.RETURNED: VILLAGE_ROLES, GradingStage.PROPOSED: (Role.TOWN_REVIEWER,)}


def tell_returned(grading: Grading, step: GradingStep, by: User) -> int:
    """Tell the desk to which a step sent the grading back, but for the one who did it; any other step tells nobody.

    Returns how many people.
    """
    if step.name not in RETURNS:
        return 0
    people = [one for one in people_posted(grading.village, *DESKS[step.target]) if one.pk != by.pk]
    return notify(
        people=people,
        kind=NotificationKind.RETURNED,
        text=f"{grading.household}风险等级{step.label}，去看原因",
        link=reverse("monitoring:grading-household", args=[grading.household_id]),
        key=f"grading:{grading.pk}:{grading.version}",
        region=grading.village,
    )
