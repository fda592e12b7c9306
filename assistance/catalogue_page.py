"""The catalogue as a page: groups with their measures in words, those of the person's own districts among them."""

import datetime
from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import User
from accounts.models.people import same_people
from accounts.roles import HOUSEHOLD_READERS
from assistance.catalogue import MEASURES, CatalogueMeasure, Group, LedgerColumn
from assistance.catalogue.page import limits
from assistance.models import DistrictMeasure
from households.codes import Guarantee, RiskCause


@dataclass(frozen=True)
class Shown:
    """One measure in the words of the page."""

    measure: CatalogueMeasure
    needs: str
    limits: list[str]
    column: str
    excludes: str
    district: str  # whose own it is; empty for one of the five documents
    is_over: bool

    def says(self, words: str) -> bool:
        """Whether one of the words that a person would look for stands in it."""
        measure = self.measure
        told = (measure.name, measure.lead, measure.units, self.needs, self.column, measure.note, self.district)
        return any(words in text for text in (*told, *measure.asks, *measure.papers, *map(str, measure.sources)))


@dataclass(frozen=True)
class Shelves:
    """The groups that have something, the numbers of all groups, and how many measures there are."""

    shelves: list[tuple[Group, list[Shown]]]
    groups: list[tuple[str, str, int]]
    total: int


@dataclass(frozen=True)
class Waiting:
    """A measure that waits for a second person, and whether this person may be it."""

    row: DistrictMeasure
    shown: Shown
    may_confirm: bool


def shelves(user: User, day: datetime.date, words: str, group: str) -> Shelves:
    """What the person finds: by a word anywhere in it, and by group."""
    own = own_rows(user).exclude(confirmed_by=None)
    everything = [_shown(one, day) for one in MEASURES.values()]
    everything += [_shown(row.as_measure(), day, row.region.name) for row in own]
    found = [one for one in everything if not words or one.says(words)]
    counts = [(value.value, value.label, sum(one.measure.group == value for one in found)) for value in Group]
    chosen = [value for value in Group if group in ("", value.value)]
    rows = [(value, [one for one in found if one.measure.group == value]) for value in chosen]
    return Shelves([(value, ones) for value, ones in rows if ones], counts, len(found))


def waiting(user: User) -> list[Waiting]:
    """What nobody has confirmed yet in the person's districts."""
    mine, never_over = same_people({user.pk}), datetime.date.min
    rows = own_rows(user).filter(confirmed_by=None).select_related("entered_by")
    return [
        Waiting(row, _shown(row.as_measure(), never_over, row.region.name), row.entered_by_id not in mine)
        for row in rows
    ]


def own_rows(user: User) -> QuerySet[DistrictMeasure]:
    """The measures of the districts in, over and under which the person works."""
    paths = {
        path for one in user.postings_in_force() if one.role in HOUSEHOLD_READERS for path in one.region.ancestor_paths
    }
    below = DistrictMeasure.objects.visible_to(user)
    above = DistrictMeasure.objects.filter(region__path__in=paths)
    return DistrictMeasure.objects.filter(pk__in=(below | above).values("pk")).select_related("region")


def _shown(measure: CatalogueMeasure, day: datetime.date, district: str = "") -> Shown:
    needs = [RiskCause(one).label for one in measure.causes] + [Guarantee(one).label for one in measure.guarantees]
    return Shown(
        measure=measure,
        needs="、".join(map(str, needs)),
        limits=list(limits(measure)),
        column=str(LedgerColumn(measure.column).label) if measure.column else "",
        excludes="、".join(MEASURES[one].name for one in measure.excludes),
        district=district,
        is_over=measure.ends_on is not None and measure.ends_on < day,
    )
