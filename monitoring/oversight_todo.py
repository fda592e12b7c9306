"""What findings and decisions wait for somebody: to be mended, accepted, carried out, or pressed for one level below."""

import datetime
from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import Region, User
from accounts.roles import OFFICE_ROLES, Role
from monitoring.models import Decision, DecisionState, Finding, FindingState, Rectification
from monitoring.models.oversight import FindingQuerySet, of_departments
from monitoring.oversight import FINDERS
from monitoring.oversight_units import ABOVE, DESKS


class WaitingLine(NamedTuple):
    """One piece of work: its kind, what, more words, where it is done, and until when."""

    kind: str
    title: str
    detail: str
    url: str
    due: datetime.date | None


def waiting_count(user: User) -> int:
    """How many lines wait."""
    return _findings(user).count() + to_carry_out(user).count() + late_below(user).exists()


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
    if count := late_below(user).count():
        address = f"{reverse('monitoring:findings')}?state=late"
        yield WaitingLine("late finding", f"下级督导整改超期 {count} 条", "请督促", address, None)


def _findings(user: User) -> QuerySet[Finding]:
    return to_rectify(user) | to_judge(user)


def to_rectify(user: User) -> QuerySet[Finding]:
    """Findings that lie on one of the person's desks to be mended, or with his department."""
    mine = Q(pk__in=[]) | of_departments(user, "place")
    for lookup, roles, levels in _desks("answerable"):
        mine |= _under(user, lookup, roles) & Q(answerable__level__in=levels)
    mine |= _under(user, "place", (Role.DISTRICT_OFFICER,)) & Q(answerable=None)
    return Finding.objects.filter(mine, state=FindingState.OPEN)


def to_judge(user: User) -> QuerySet[Finding]:
    """Reports that wait for the person: he recorded the finding, or sits in the district, and did not report it."""
    own = _under(user, "place", FINDERS) & _his_own(user, "recorded_by")
    found = Finding.objects.filter(own | _under(user, "place", (Role.DISTRICT_OFFICER,)), state=FindingState.REPORTED)
    return found.exclude(rectifications__in=_own_reports(user))


def to_carry_out(user: User) -> QuerySet[Decision]:
    """Decisions for the person's unit; those of a department wait for its clerk and the office that held the consultation."""
    mine = Q(pk__in=[]) | of_departments(user, "consultation__region")
    for lookup, roles, levels in _desks("answerable"):
        mine |= _under(user, lookup, roles) & Q(answerable__level__in=levels)
    mine |= _under(user, "consultation__region", OFFICE_ROLES) & Q(answerable=None)
    return Decision.objects.filter(mine, state=DecisionState.OPEN)


def late_below(user: User) -> FindingQuerySet:
    """What is not mended in time one level below: the town sees its villages, the district its towns."""
    mine = Q(pk__in=[])
    for level, role in ABOVE.items():
        mine |= _under(user, "answerable", (role,)) & Q(answerable__level=level)
    return Finding.objects.late_on(timezone.localdate()).filter(mine)


def _own_reports(user: User) -> QuerySet:
    mine = _his_own(user, "reported_by") | _his_own(user, "on_behalf_of")
    return Rectification.objects.filter(mine, accepted=None)


def _his_own(user: User, column: str) -> Q:
    """Rows with the person, another account of his, or somebody for whom he stands in."""
    keys = {user.pk, *(one.on_behalf_of_id for one in user.postings_in_force() if one.on_behalf_of_id)}
    mine = Q(**{f"{column}__in": keys})
    return mine | Q(**{f"{column}__identity_index": user.identity_index}) if user.identity_index else mine


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
