"""Whose money it is (000 四2, 004 四（二）): what was given in a year, summed by source, for places, groups and measures.

An amount counts as often as it fell due in the year: once on its day, or for each month or year begun since it began. That
is what was agreed and entered with the measures, not what a bank has paid.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from django.db.models import CharField, Q, TextChoices
from django.db.models.functions import Cast

from accounts.models import Region, User
from accounts.models.regions import SEGMENT
from accounts.roles import HOUSEHOLD_READERS
from assistance.catalogue import Group, Kind
from assistance.measures import groups_by_code
from assistance.models import Delivery, Every, FundSource
from assistance.models.measures import DeliveryQuerySet

NOT_TOLD = "none"
NO_GROUP = "other"  # a measure that neither the catalogue nor a district knows any more
SOURCES = [*FundSource.choices, (NOT_TOLD, "没有填来源")]
MONTHS_OF_A_YEAR = 12


class By(TextChoices):
    """What the rows of the table are."""

    PLACE = "place", "按镇村"
    GROUP = "group", "按类别"
    MEASURE = "measure", "按措施"


class Given(NamedTuple):
    """What is read of a delivery; of a district there are many, so that its key stays a text and the rest in the database."""

    key: str
    path: str  # of the village
    measure: str
    name: str
    kind: str
    amount: int
    every: str
    fund: str
    begun_on: datetime.date
    ended_on: datetime.date | None
    runs_until: datetime.date | None


COLUMNS = (Cast("pk", CharField()), "household__village__path", *Given._fields[2:])


@dataclass(frozen=True)
class Share:
    """What one delivery gave in the year: how often, and how much altogether, in fen."""

    given: Given
    times: int
    group: str

    @property
    def fen(self) -> int:
        """The amount times how often."""
        return self.given.amount * self.times

    @property
    def source(self) -> str:
        """Whose money it is, or that nobody has told."""
        return self.given.fund or NOT_TOLD


@dataclass(frozen=True)
class Shown:
    """A share with its delivery, for the page that shows it."""

    delivery: Delivery
    share: Share


def shown(shares: Iterable[Share]) -> list[Shown]:
    """The shares of one page, in their order."""
    wanted = list(shares)
    rows = Delivery.objects.select_related("household__village", "member")
    found = rows.in_bulk([one.given.key for one in wanted])
    return [Shown(found[UUID(one.given.key)], one) for one in wanted]


@dataclass
class Row:
    """A row of the table: sums by source, in the order of SOURCES, and what narrows the list to the row."""

    name: str
    key: str
    sums: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def cells(self) -> list[tuple[str, str, int]]:
        """Source, its words, and the sum."""
        return [(source, str(label), self.sums[source]) for source, label in SOURCES]

    @property
    def total(self) -> int:
        """All sources together."""
        return sum(self.sums.values())


def times_in(delivery: Given | Delivery, first: datetime.date, last: datetime.date) -> int:
    """How often the amount fell due from a day to a day; what has an agreed term gives nothing beyond it."""
    begun = delivery.ended_on if delivery.kind == Kind.LASTING else delivery.begun_on
    if begun is None:
        return 0
    if delivery.every == Every.ONCE or delivery.kind == Kind.LASTING:
        return int(first <= begun <= last)
    until = min(day for day in (delivery.ended_on, delivery.runs_until, last) if day)
    every = MONTHS_OF_A_YEAR if delivery.every == Every.YEAR else 1
    return _begun_by(begun, until, every) - _begun_by(begun, min(until, first - datetime.timedelta(days=1)), every)


def _begun_by(begun: datetime.date, day: datetime.date, every: int) -> int:
    """How many terms of so many months have begun by a day, the first on the first day; on the last day of a shorter month
    the term of a later day begins too."""
    if day < begun:
        return 0
    months = (day.year - begun.year) * MONTHS_OF_A_YEAR + day.month - begun.month
    ends_month = (day + datetime.timedelta(days=1)).month != day.month
    if day.day < begun.day and not ends_month:
        months -= 1
    return months // every + 1


def shares(user: User, region: Region, year: int, today: datetime.date) -> list[Share]:
    """Every delivery of a region that gave something in a year, up to today."""
    first, last = datetime.date(year, 1, 1), min(datetime.date(year, 12, 31), today)
    groups = groups_by_code()
    rows = _begun(user, region).filter(amount__gt=0, begun_on__lte=last).values_list(*COLUMNS)
    given = (Given(*row) for row in rows)
    found = [Share(one, times_in(one, first, last), groups.get(one.measure, NO_GROUP)) for one in given]
    return [one for one in found if one.times]


def without_amount(user: User, region: Region, year: int) -> int:
    """How many measures of which no amount is known were in place in the year; they are in no sum."""
    first, last = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
    there = Q(ended_on=None) | Q(ended_on__gte=first)
    return _begun(user, region).filter(there, amount=None, begun_on__lte=last).order_by().count()


def _begun(user: User, region: Region) -> DeliveryQuerySet:
    mine = Delivery.objects.visible_to(user, *HOUSEHOLD_READERS).in_regions([region]).filter(begun_on__isnull=False)
    return mine.order_by("household__village__path", "household__number", "begun_on", "pk")


def table(region: Region, found: Iterable[Share], by: str) -> tuple[list[Row], Row]:
    """Rows by place, group or measure, never ranked, and the sum of all."""
    total, rows = Row("合计", ""), {row.key: row for row in _rows(region, by)}
    end = len(region.path) + SEGMENT
    codes = {place.path: place.code for place in region.children.all()}
    for share in found:
        key = _key(share, by, codes.get(share.given.path[:end], region.code))
        row = rows.setdefault(key, Row("其他" if key == NO_GROUP else share.given.name or key, key))
        row.sums[share.source] += share.fen
        total.sums[share.source] += share.fen
    return list(rows.values()), total


def _rows(region: Region, by: str) -> list[Row]:
    if by == By.PLACE:
        return [Row(place.name, place.code) for place in region.children.order_by("path")] or [
            Row(region.name, region.code)
        ]
    return [Row(str(label), code) for code, label in Group.choices] if by == By.GROUP else []


def _key(share: Share, by: str, place: str) -> str:
    return {By.PLACE: place, By.GROUP: share.group, By.MEASURE: share.given.measure}[By(by)]


def narrowed(found: Iterable[Share], source: str = "", group: str = "", measure: str = "") -> list[Share]:
    """Those behind one number."""
    return [
        one
        for one in found
        if source in ("", one.source) and group in ("", one.group) and measure in ("", one.given.measure)
    ]
