"""Whom the bell tells of a case: the desk to which it came back, who looks into an objection, who is told of a delay."""

import datetime
import functools

from django.urls import reverse

from accounts.models import NotificationKind, User
from accounts.notifications import FindPeople, notify, people_posted
from accounts.roles import SURVEY_ROLES, VILLAGE_ROLES, Role
from monitoring.models import OPEN_STAGES, Case, Stage
from monitoring.steps import BY_NAME

AT_OFFICES = {
    Stage.TOWN: (Role.TOWN_REVIEWER,),
    Stage.ANNOUNCE: (Role.TOWN_REVIEWER,),
    Stage.DISTRICT: (Role.DISTRICT_OFFICER,),
}
# Sent back by a decision, though the step is not called so.
ALSO_SENT_BACK = ("uphold_objection",)
# The level above the desk of a stage, which is told when its limit has passed.
ABOVE = {Stage.TOWN: (Role.DISTRICT_OFFICER,), Stage.ANNOUNCE: (Role.DISTRICT_OFFICER,), Stage.DISTRICT: ()}


def tell_moved(case: Case, step: str, by: User | None) -> int:
    """Tell the desk to which a step sent the case back, but for the one who did it; any other step tells nobody.

    Returns how many people.
    """
    taken = BY_NAME.get(step)
    if taken is None or not (taken.returns or step in ALSO_SENT_BACK):
        return 0
    label = taken.label
    return _tell(
        case, NotificationKind.RETURNED, f"{_head(case)}户{label}，去看原因", f"moved:{case.version}", _desk(case), by
    )


def tell_noted(case: Case, step: str, by: User | None) -> int:
    """Tell the village and the town of an objection; another note tells nobody. Returns how many people."""
    if step != "objection":
        return 0
    text = f"{_head(case)}户公示有异议，要核查"
    return _tell(case, NotificationKind.OBJECTION, text, f"noted:{case.version}", SURVEY_ROLES, by)


def tell_escalated(case: Case, find: FindPeople = people_posted) -> int:
    """Tell the level above that the limit of the stage has passed, once for each limit. Returns how many people.

    ``find`` answers who is posted where; who tells of many cases hands on one that remembers.
    """
    roles = ABOVE.get(Stage(case.stage), (Role.TOWN_REVIEWER,))
    text = f"{_head(case)}户在“{case.get_stage_display()}”超期，请督促"
    return _tell(case, NotificationKind.ESCALATION, text, f"late:{case.stage}:{case.due_on}", roles, None, find)


def tell_late(today: datetime.date) -> int:
    """Tell the level above of every open case whose limit has passed; how often this runs makes no difference.

    Returns how many such cases there are.
    """
    late = Case.objects.filter(stage__in=OPEN_STAGES, due_on__lt=today).select_related("household", "village")
    find = functools.cache(people_posted)
    for case in late:
        tell_escalated(case, find)
    return len(late)


def _desk(case: Case) -> tuple[Role, ...]:
    return AT_OFFICES.get(Stage(case.stage), VILLAGE_ROLES)


def _tell(
    case: Case,
    kind: NotificationKind,
    text: str,
    what: str,
    roles: tuple[Role, ...],
    but: User | None,
    find: FindPeople = people_posted,
) -> int:
    people = [person for person in find(case.village, *roles) if but is None or person.pk != but.pk]
    link = reverse("monitoring:case", args=[case.pk])
    return notify(people=people, kind=kind, text=text, link=link, key=f"case:{case.pk}:{what}", region=case.village)


def _head(case: Case) -> str:
    return case.household.head_name or case.household.number
