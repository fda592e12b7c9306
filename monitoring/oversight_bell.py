"""Whom the bell tells of a finding: the unit to which it was returned, and the level above when its term has passed."""

import datetime
import functools

from django.urls import reverse

from accounts.models import NotificationKind, Region, User
from accounts.notifications import FindPeople, notify, people_posted
from accounts.roles import Role
from monitoring.models import Finding
from monitoring.oversight_units import ABOVE, unit_of


def tell_returned(finding: Finding, by: User) -> int:
    """Tell who must mend it again, but for the one who returned it. Returns how many people."""
    region, roles = unit_of(finding.place, finding.answerable)
    people = people_posted(region, *roles)
    if finding.answerable is None:
        people += _clerks(finding, people_posted)
    text = f"{_about(finding)}整改退回，去看原因"
    others = [person for person in people if person.pk != by.pk]
    return _tell(finding, NotificationKind.RETURNED, text, f"returned:{finding.version}", others)


def tell_late(today: datetime.date) -> int:
    """Tell the level above of every finding that is not mended when its term has passed, each term once.

    Returns how many such findings there are; how often this runs makes no difference.
    """
    late = Finding.objects.late_on(today).select_related("place", "answerable", "household", "recorded_by")
    find = functools.cache(people_posted)
    for finding in late:
        text = f"{_about(finding)}超期没有整改，请督促"
        _tell(finding, NotificationKind.ESCALATION, text, f"late:{finding.due_on}", _above(finding, find))
    return len(late)


def _above(finding: Finding, find: FindPeople) -> list[User]:
    """One level above the unit: the town over a village, the district over a town or a department.

    Above the district itself there is nobody here: who recorded it is told.
    """
    unit = finding.answerable
    if unit is None:
        return find(finding.place, Role.DISTRICT_OFFICER)
    role = ABOVE.get(unit.level)
    return find(unit, role) if role else [finding.recorded_by]


def _clerks(finding: Finding, find: FindPeople) -> list[User]:
    posted = find(finding.place, Role.DEPARTMENT_CLERK)
    return [person for person in posted if person.unit.strip() == finding.department]


def _about(finding: Finding) -> str:
    return f"{finding.household or finding.place.name}的督导问题"


def _tell(finding: Finding, kind: NotificationKind, text: str, what: str, people: list[User]) -> int:
    place: Region = finding.place
    link = reverse("monitoring:finding", args=[finding.pk])
    return notify(people=people, kind=kind, text=text, link=link, key=f"finding:{finding.pk}:{what}", region=place)
