"""What may be done with a case beside the steps of its procedure, and what can be printed of it: links for its page."""

from collections.abc import Iterator
from typing import NamedTuple

from django.urls import reverse

from accounts.models import User
from accounts.roles import CASEWORK_ROLES, OFFICE_ROLES
from monitoring.models import OPEN_STAGES, Case, CaseKind, Stage
from monitoring.steps import AT_VILLAGE_OR_TOWN

TURNED_DOWN = (Stage.REFUSED, Stage.CLOSED)


class Offer(NamedTuple):
    """A link with its words; ``icon`` for what is printed, ``first`` for what the case waits for."""

    label: str
    url: str
    icon: str = ""
    first: bool = False


def offers(case: Case, user: User) -> list[Offer]:
    """The links for this person, what is done first."""
    return [*_acts(case, user), *_papers(case)]


def _acts(case: Case, user: User) -> Iterator[Offer]:
    here = user.posting_over(case.village, *AT_VILLAGE_OR_TOWN) is not None
    registered = case.kind == CaseKind.DESIGNATION and case.stage == Stage.REGISTERED
    if here and registered and case.household.closed_on is None:
        yield Offer("风险消除", reverse("monitoring:removal", args=[case.pk]))
    if case.stage == Stage.COMPARE and user.posting_over(case.village, *OFFICE_ROLES):
        yield Offer("登记部门反馈", reverse("monitoring:comparison", args=[case.pk]), first=True)
    waits_for_help = case.kind != CaseKind.REMOVAL and case.stage in OPEN_STAGES and case.urgent_on is None
    if waits_for_help and case.household.closed_on is None and user.posting_over(case.village, *CASEWORK_ROLES):
        yield Offer("绿色通道，先行帮扶", reverse("monitoring:urgent", args=[case.pk]))


def _papers(case: Case) -> Iterator[Offer]:
    yield Offer("办理全程表", reverse("monitoring:course", args=[case.pk]), "print")
    if case.kind == CaseKind.REMOVAL:
        yield Offer("风险消除评估表", reverse("monitoring:removal-paper", args=[case.pk]), "print")
    if case.stage in TURNED_DOWN:
        yield Offer("告知书", reverse("monitoring:answer", args=[case.pk]), "print")
