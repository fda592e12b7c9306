"""The rows of a ledger, as a stream: designated households of a region on a day, in chunks of villages."""

import datetime
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q

from accounts.models import Level, Region
from accounts.models.regions import paths_down_to
from assistance.catalogue import HOUSEHOLD_COLUMNS, LedgerColumn
from assistance.models import Helper
from assistance.ticks import Ticks, ticks_on
from households import codes
from households.models import Member
from ledgers.columns import TICK, Part, month_words
from ledgers.models import RowMode
from monitoring.case_querysets import IN_GROUP_ORDER
from monitoring.models import Case, Grade
from monitoring.models.cases import CaseQuerySet

CHUNK_HOUSEHOLDS = 300  # villages are read together until they hold so many
IN_PART = {
    # A class that the form does not know stands in the part of its 户类型.
    Part.EDGE: Q(monitor_class=codes.MonitorClass.EDGE)
    | Q(monitor_class=codes.MonitorClass.SUDDEN, household__household_type=codes.HouseholdType.ORDINARY),
    Part.RELAPSE: Q(monitor_class=codes.MonitorClass.RELAPSE)
    | Q(monitor_class=codes.MonitorClass.SUDDEN) & ~Q(household__household_type=codes.HouseholdType.ORDINARY),
}
CASE_FIELDS = {
    "household": F("household"),
    "village_path": F("village__path"),
    "head_name": F("household__head_name"),
    "risk": F("main_risk"),
    "decided": F("decided_on"),
}
MEMBER_FIELDS = ("pk", "household_id", "name", "relation", "id_number", "lives_here", "left_on")


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One line of the form, with the whole identity number; masking belongs to the workbook."""

    county: str
    town: str
    village: str
    head_name: str
    relation: str
    id_number: str
    persons: int
    ticks: frozenset[str]
    main_risk: str
    helper_name: str
    helper_unit: str
    designated: str
    starts_household: bool
    level: int | None = None  # of the household's grade on the day: 1 red to 3 blue

    @property
    def cells(self) -> tuple[str | int, ...]:
        """The 21 cells A to U."""
        policies = tuple(TICK if column in self.ticks else "" for column in LedgerColumn)
        left = (self.county, self.town, self.village, self.head_name, self.relation, self.id_number, self.persons)
        return (*left, *policies, self.main_risk, self.helper_name, self.helper_unit, self.designated)


def ledger_rows(region: Region, on: datetime.date, row_mode: str = RowMode.MEMBER) -> Iterator[tuple[Part, LedgerRow]]:
    """All rows of the region's ledger on a day, part one before part two, in the form's order."""
    for part in Part:
        for chunk in chunks(region, on, row_mode, part):
            for row in chunk:
                yield part, row


def household_count(region: Region, on: datetime.date) -> int:
    """How many households the ledger shows, for the progress bar."""
    return _designated(region, on).count()


def chunks(region: Region, on: datetime.date, row_mode: str, part: Part) -> Iterator[list[LedgerRow]]:
    """One part's rows, a few villages at a time: eight queries for each chunk, and no more than it in memory."""
    shown = _designated(region, on).filter(IN_PART[part])
    for first, last in _village_ranges(shown):
        cases = shown.filter(village__path__gte=first, village__path__lte=last)
        yield _rows_of(list(_in_order(cases)), on, row_mode)


def _designated(region: Region, on: datetime.date) -> CaseQuerySet:
    still_there = Q(household__closed_on=None) | Q(household__closed_on__gt=on)
    return Case.objects.designated_on(on).in_regions([region]).filter(still_there)


def _village_ranges(shown: CaseQuerySet) -> list[tuple[str, str]]:
    """First and last village path of each chunk."""
    ranges, first, held = [], "", 0
    counts = shown.order_by("village__path").values_list("village__path").annotate(households=Count("pk"))
    path = ""
    for path, households in counts:
        first, held = first or path, held + households
        if held >= CHUNK_HOUSEHOLDS:
            ranges.append((first, path))
            first, held = "", 0
    return [*ranges, (first, path)] if first else ranges


def _in_order(cases: CaseQuerySet) -> Any:
    """By village, group and household number; a household that would stand twice stands once, as last designated."""
    order = ("village__path", IN_GROUP_ORDER, "household__number", "-decided_on", "pk")
    seen: set[UUID] = set()
    for case in cases.order_by(*order).values(**{f"a_{name}": expression for name, expression in CASE_FIELDS.items()}):
        if case["a_household"] not in seen:
            seen.add(case["a_household"])
            yield case


def _rows_of(cases: list[dict[str, Any]], on: datetime.date, row_mode: str) -> list[LedgerRow]:
    households = [case["a_household"] for case in cases]
    places = _places({case["a_village_path"] for case in cases})
    members, ticks = _members(households, on), ticks_on(on, households)
    helpers = {
        helper.household_id: helper
        for helper in Helper.objects.filter(household__in=households).in_force(on).order_by("begun_on", "entered_at")
    }
    grades = dict(Grade.objects.filter(household__in=households).in_force_on(on).values_list("household", "level"))
    rows = []
    for case in cases:
        people = members.get(case["a_household"])
        if people:
            shared = _shared(case, people, places[case["a_village_path"]], helpers.get(case["a_household"]))
            shared["level"] = grades.get(case["a_household"])
            rows += _one_for_each(shared, case["a_household"], people, ticks, row_mode)
    return rows


def _shared(case: dict[str, Any], people: list[Any], place: dict[str, str], helper: Helper | None) -> dict[str, Any]:
    """What repeats on every row of a household."""
    head = people[0]
    return {
        **place,
        "head_name": head.name if head.relation == codes.HEAD else case["a_head_name"],
        "persons": sum(person.lives_here for person in people),
        "main_risk": codes.RiskCause(case["a_risk"]).label if case["a_risk"] else "",
        "helper_name": helper.name if helper else "",
        "helper_unit": helper.unit if helper else "",
        "designated": month_words(case["a_decided"]),
    }


def _one_for_each(
    shared: dict[str, Any], household: UUID, people: list[Any], ticks: Ticks, row_mode: str
) -> list[LedgerRow]:
    """One row for each member, the household's own policies on the first; or one row with what any of them has."""
    by_household = ticks.by_household.get(household, set())
    if row_mode == RowMode.HOUSEHOLD:
        have = [ticks.of(household=household, members=[person.pk for person in people])]
        people = people[:1]
    else:
        have = [ticks.by_member.get(person.pk, set()) - set(HOUSEHOLD_COLUMNS) for person in people]
        have[0] = have[0] | by_household
    return [
        LedgerRow(
            **shared,
            relation=person.relation,
            id_number=person.id_number or "",
            ticks=frozenset(own),
            starts_household=number == 0,
        )
        for number, (person, own) in enumerate(zip(people, have, strict=True))
    ]


def _members(households: list[UUID], on: datetime.date) -> dict[UUID, list[Any]]:
    """Those who belonged to each household on the day, the head of that day first."""
    there = Q(joined_on=None) | Q(joined_on__lte=on)
    not_gone = Q(left_on=None) | Q(left_on__gt=on)
    found: dict[UUID, list[Any]] = defaultdict(list)
    people = Member.objects.filter(there, not_gone, household__in=households).head_first()
    for person in people.values_list(*MEMBER_FIELDS, named=True):
        found[person.household_id].append(person)
    for family in found.values():
        # A head who left since the day was its head; his successor is not yet.
        family.sort(key=lambda person: (person.relation != codes.HEAD, person.left_on is None))
    return found


def _places(paths: set[str]) -> dict[str, dict[str, str]]:
    """County (or zone), town and village names for each village path, in one query."""
    wanted = {above for path in paths for above in paths_down_to(path)}
    known = {region.path: region for region in Region.objects.filter(path__in=wanted)}
    return {path: _place(known, path) for path in paths}


def _place(known: dict[str, Region], path: str) -> dict[str, str]:
    above = [known[one] for one in paths_down_to(path)]
    names = {("county" if region.level == Level.ZONE else region.level): region.paper_name() for region in above}
    return {level: names.get(level, "") for level in ("county", "town", "village")}
