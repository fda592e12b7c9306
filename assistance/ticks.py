"""Which of the ledger's ten policies are in place (已落实) on a day, for whom."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q, QuerySet

from assistance.catalogue import HOUSEHOLD_COLUMNS, LedgerColumn
from assistance.models import Delivery
from households import codes
from households.models import Member

# What the register itself says of a person ticks these, unless a dated delivery speaks of him.
STATED = (
    Q(medical_insured=True) | Q(serious_illness_insured=True) | ~Q(dibao=codes.Dibao.NONE) | ~Q(tekun=codes.Tekun.NONE)
)
STATED_COLUMNS = (LedgerColumn.MEDICAL, LedgerColumn.DIBAO, LedgerColumn.SOCIAL_RELIEF)


@dataclass
class Ticks:
    """Measures in place, by household for policies per 户, and by member for policies per 人."""

    by_household: dict[UUID, set[str]] = field(default_factory=lambda: defaultdict(set))
    by_member: dict[UUID, set[str]] = field(default_factory=lambda: defaultdict(set))

    def of(self, *, household: UUID, members: Iterable[UUID]) -> set[str]:
        """All that the household or any of these members has."""
        return self.by_household.get(household, set()).union(*(self.by_member.get(member, ()) for member in members))


def ticks_on(day: datetime.date, households: Collection[UUID]) -> Ticks:
    """The ticks of these households on a day, in three queries however many they are.

    A dated delivery decides. Where none speaks of the person (基本医保, 大病保险, 低保) or the household (特困供养),
    the register's own statement stands: it carries no date, and so holds for any day.
    """
    ticks = Ticks()
    deliveries = Delivery.objects.filter(household__in=households).exclude(column="").order_by()
    for household, member, column in deliveries.in_place_on(day).values_list("household", "member", "column"):
        if member is None or column in HOUSEHOLD_COLUMNS:
            ticks.by_household[household].add(column)
        else:
            ticks.by_member[member].add(column)
    spoken = set(_spoken(deliveries.filter(column__in=STATED_COLUMNS, begun_on__isnull=False)))
    for person in _stated(day, households):
        _tick_statement(ticks, spoken, person)
    return ticks


def _spoken(deliveries: QuerySet[Delivery]) -> Iterable[tuple]:
    """Of whom a dated delivery speaks: of the person, or where the column is the household's, of the household."""
    for household, member, column in deliveries.values_list("household", "member", "column"):
        yield household, None if column in HOUSEHOLD_COLUMNS else member, column


def _stated(day: datetime.date, households: Collection[UUID]) -> Iterable[Member]:
    there = Q(joined_on=None) | Q(joined_on__lte=day)
    not_gone = Q(left_on=None) | Q(left_on__gt=day)
    wanted = ("household", "dibao", "tekun", "medical_insured", "serious_illness_insured")
    return Member.objects.filter(STATED, there, not_gone, household__in=households).only(*wanted).order_by()


def _tick_statement(ticks: Ticks, spoken: set[tuple], person: Member) -> None:
    household, own = person.household_id, ticks.by_member[person.pk]
    insured = person.medical_insured or person.serious_illness_insured
    if insured and (household, person.pk, LedgerColumn.MEDICAL) not in spoken:
        own.add(LedgerColumn.MEDICAL)
    if person.dibao != codes.Dibao.NONE and (household, person.pk, LedgerColumn.DIBAO) not in spoken:
        own.add(LedgerColumn.DIBAO)
    if person.tekun != codes.Tekun.NONE and (household, None, LedgerColumn.SOCIAL_RELIEF) not in spoken:
        ticks.by_household[household].add(LedgerColumn.SOCIAL_RELIEF)
