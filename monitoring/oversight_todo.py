"""What findings and decisions wait for somebody: to be mended, to be accepted, to be carried out."""

import datetime
from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.models import Region, User
from accounts.roles import OFFICE_ROLES, Role
from monitoring.models import Decision, DecisionState, Finding, FindingState, Rectification
from monitoring.oversight import DESKS, FINDERS


class WaitingLine(NamedTuple):
    """One piece of work: its kind, what, more words, where it is done, and until when."""

    kind: str
    title: str
    detail: str
    url: str
    due: datetime.date


def waiting_count(user: User) -> int:
    """How many lines wait."""
    return _findings(user).count() + to_carry_out(user).count()


def waiting_lines(user: User) -> Iterator[WaitingLine]:
    """The lines themselves."""
    for finding in _findings(user).select_related("place", "answerable", "household"):
        about = finding.household or finding.place.name
        address = reverse("monitoring:finding", args=[finding.pk])
        title, detail = f"整改待验收：{about}", f"{finding.unit}已上报"
        if finding.state == FindingState.OPEN:
            title, detail = f"督导问题：{about}", f"{finding.unit}整改 · {finding.what[:30]}"
        yield WaitingLine("finding", title, detail, address, finding.due_on)
    for decision in to_carry_out(user).select_related("consultation", "answerable"):
        address = reverse("monitoring:decision", args=[decision.pk])
        detail = f"{decision.unit} · {decision.consultation.held_on:%m-%d} 会商"
        yield WaitingLine("decision", f"会商议定：{decision.what[:30]}", detail, address, decision.due_on)


def _findings(user: User) -> QuerySet[Finding]:
    return to_rectify(user) | to_judge(user)


def to_rectify(user: User) -> QuerySet[Finding]:
    """Findings that lie on one of the person's desks to be mended."""
    mine = Q(pk__in=[])
    for lookup, roles, levels in _desks("answerable"):
        mine |= _under(user, lookup, roles) & Q(answerable__level__in=levels)
    mine |= _under(user, "place", (Role.DISTRICT_OFFICER,)) & Q(answerable=None)
    return Finding.objects.filter(mine, state=FindingState.OPEN)


def to_judge(user: User) -> QuerySet[Finding]:
    """Reports that wait for the person: he recorded the finding, or sits in the district, and did not report it."""
    own = _under(user, "place", FINDERS) & Q(recorded_by=user)
    found = Finding.objects.filter(own | _under(user, "place", (Role.DISTRICT_OFFICER,)), state=FindingState.REPORTED)
    return found.exclude(rectifications__in=_own_reports(user))


def to_carry_out(user: User) -> QuerySet[Decision]:
    """Decisions for the person's unit; those of a department wait for the office that held the consultation."""
    mine = Q(pk__in=[])
    for lookup, roles, levels in _desks("answerable"):
        mine |= _under(user, lookup, roles) & Q(answerable__level__in=levels)
    mine |= _under(user, "consultation__region", OFFICE_ROLES) & Q(answerable=None)
    return Decision.objects.filter(mine, state=DecisionState.OPEN)


def _own_reports(user: User) -> QuerySet:
    return Rectification.objects.filter(reported_by=user, accepted=None)


def _desks(lookup: str) -> Iterator[tuple[str, tuple[Role, ...], list[str]]]:
    for roles in dict.fromkeys(DESKS.values()):
        yield lookup, roles, [level for level, desk in DESKS.items() if desk == roles]


def _under(user: User, lookup: str, roles: tuple[Role, ...]) -> Q:
    """Rows whose region lies under one of the person's postings in these roles."""
    regions: set[Region] = {posting.region for posting in user.postings_in_force() if posting.role in roles}
    under = Q(pk__in=[])
    for start, end in (region.path_range for region in regions):
        under |= Q(**{f"{lookup}__path__gte": start, f"{lookup}__path__lt": end})
    return under
