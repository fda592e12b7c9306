"""Random households for the property test: many stand exactly on a line, a fen beside it, or on the edge of a date."""

import datetime
import math
import random
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils import timezone

from accounts.models import Region, User
from households.facts import mark_changed
from households.models import Facts, Household, Survey
from monitoring.models import Case, PolicyValue, Stage
from monitoring.policy.shapes import RULESET_KEY
from tests.monitoring import reference_reading as reading

ONE_DAY = datetime.timedelta(days=1)
HUGE = (2**53, 2**53 - 1, 2**53 + 1, 10**15, -(10**15), -(2**53) - 1)
ALL_BITS = 2**31 - 1
AMOUNTS = ("5000", "4000", "7300", "4999.99", "0", "0.01", "1000000", "3333.33")
PERCENTS = (1, 7, 30, 33, 50, 99, 100, 101, 109, 110, 150, 151, 1000)
MONTHS = (1, 6, 12, 24)
SWITCHES = ("floor_operating_at_zero", "factor_alone_is_red")
CHANGEABLE = [one.name for one in fields(reading.Facts) if one.name != "designated"]
NEVER_DESIGNATED = (Stage.REFUSED, Stage.CLOSED)


@dataclass
class Row:
    """One facts row: what it says, of which visit, and from which day to which it counts."""

    columns: dict[str, Any]
    visited_on: datetime.date
    begins_on: datetime.date
    replaced_on: datetime.date | None = None
    survey: uuid.UUID = field(default_factory=uuid.uuid4)
    key: int | None = None


@dataclass
class Invented:
    """A household with its facts rows and cases, as the test remembers them."""

    pk: uuid.UUID
    village: Region
    closed_on: datetime.date | None
    rows: list[Row]
    cases: list[dict[str, Any]]

    def facts_on(self, on: datetime.date, numbers: reading.Numbers) -> reading.Facts | None:
        """What counts on the day; None for a household that is gone, or not visited within the validity."""
        standing = [
            row for row in self.rows if row.begins_on <= on and (row.replaced_on is None or on < row.replaced_on)
        ]
        standing = [row for row in standing if reading.counts_on(row.visited_on, on, numbers)]
        if not standing or (self.closed_on is not None and self.closed_on <= on):
            return None
        [row] = standing
        return reading.Facts(**row.columns, designated=any(designates(case, on) for case in self.cases))


def designates(case: dict[str, Any], on: datetime.date) -> bool:
    """Recognised by the day, and not removed by then."""
    decided, removed = case["decided_on"], case["removed_on"]
    recognised = case["stage"] not in NEVER_DESIGNATED and decided is not None and decided <= on
    return recognised and (removed is None or on < removed)


@dataclass
class Inventor:
    """Invents the numbers of a county and its households around a day; the same seed gives the same again."""

    code: str
    on: datetime.date
    seed: int
    percent_set: int  # how many of the numbers it has set anew
    numbers: dict[str, Decimal] = field(init=False)
    later: dict[str, Decimal] = field(init=False)

    def __post_init__(self) -> None:
        self.random = random.Random(f"{self.code} {self.seed} {self.percent_set}")
        document = reading.DOCUMENTS[self.code]
        self.numbers = self.set_anew(document.numbers, document.not_given)
        self.later = self.set_anew(self.numbers, document.not_given)
        self.oldest = self.visits_before(self.on) + ONE_DAY
        self.lines = lines(self.numbers)
        self.large = [reading.fen(value) for key, value in self.numbers.items() if key.startswith("large")]
        rigid = [reading.part(value) for key, value in self.numbers.items() if key.startswith("rigid")]
        self.rigid = [*rigid, sum(rigid) / 2] if len(rigid) > 1 else rigid
        self.left = [1 - reading.part(value) for key, value in self.numbers.items() if key.startswith("drop")]

    def set_anew(self, numbers: reading.Numbers, not_given: Sequence[str]) -> dict[str, Decimal]:
        """The numbers with some of them, and of those that the document leaves to the district, set anew."""
        anew = [key for key in dict.fromkeys([*numbers, *not_given]) if self.chance(self.percent_set)]
        if self.percent_set > 50:
            anew += not_given
        return {**numbers, **{key: self.number(key) for key in anew}}

    def numbers_on(self, day: datetime.date) -> dict[str, Decimal]:
        """The numbers of the day; from the day after other ones hold."""
        return self.numbers if day <= self.on else self.later

    def chance(self, percent: int) -> bool:
        return self.random.random() * 100 < percent

    def number(self, key: str) -> Decimal:
        """A number that a county might set."""
        if key.endswith("months"):
            return Decimal(self.random.choice(MONTHS))
        if key.endswith("percent"):
            return Decimal(self.random.choice([*PERCENTS, self.random.randint(1, 1000)]))
        if key in SWITCHES:
            return Decimal(self.random.randint(0, 1))
        return Decimal(self.random.choice([*AMOUNTS, f"{self.random.randint(1, 10**6) / 100:.2f}"]))

    def near(self, exact: Fraction | int) -> int:
        """On it or a fen beside it."""
        return math.floor(exact) + self.random.choice((-1, 0, 0, 1))

    def amount(self, *landmarks: Fraction | int) -> int:
        """Mostly at one of the landmarks; else nothing, anything, or huge."""
        if landmarks and self.chance(65):
            return self.near(self.random.choice(landmarks))
        anything = self.random.randint(-(10**6), 10**7)
        return self.random.choice((0, 1, -1, anything, anything, anything, self.random.choice(HUGE)))

    def bits(self) -> int:
        """None, one, some or all."""
        if self.chance(50):
            return 0
        return self.random.choice((1 << self.random.randrange(12), self.random.getrandbits(12), ALL_BITS))

    def perhaps(self, value: Any, percent: int = 10) -> Any:
        """The value, or now and then no answer."""
        return None if self.chance(percent) else value

    def columns(self) -> dict[str, Any]:
        """What one facts row says."""
        persons = self.random.choice((0, 1, 1, 2, 3, 3, 4, 5, 6, 7, 11, 999, 32767))
        earned = 100 * self.random.randint(1, 10**5)
        last_year = self.random.choice((earned, earned, earned, 0, -earned, self.amount()))
        lines = [line * persons for line in self.lines]
        income = self.amount(*lines, *(last_year * left for left in self.left))
        expense = self.random.choice((0, 0, self.random.randint(0, 10**6)))
        net = income + (expense if self.chance(50) else 0)
        loss = self.random.choice((0, self.random.randint(0, 10**7)))
        lost = loss if self.numbers["floor_operating_at_zero"] else 0  # so that what is counted stands at the landmark
        landmarks = [amount * part for part in self.rigid for amount in (last_year, last_year, net)]
        rigid = max(0, self.amount(*landmarks, *(net - line for line in lines)))
        return {
            "household_type": self.random.choice((*("lifted", "ordinary") * 6, "registered_poor")),
            "persons": persons,
            "hukou_persons": self.perhaps(persons, 50),
            "net_income": self.perhaps(net - lost, 5),
            "disposable_income": net - lost - expense,
            "operating_loss": loss,
            "last_year_income": self.perhaps(last_year),
            "rigid_total": self.perhaps(rigid),
            "rigid_last_year": self.perhaps(max(0, self.random.choice((0, rigid - 1, rigid, rigid + 1)))),
            "medical_expense": self.perhaps(max(0, self.amount(*self.large)), 30),
            "education_expense": self.perhaps(max(0, self.amount(*self.large)), 30),
            "disaster_expense": self.perhaps(max(0, self.amount(*self.large)), 30),
            "risk_bits": self.bits() or self.bits(),
            "guarantee_bits": self.bits() if self.chance(40) else 0,
            "guarantees_unanswered": self.bits() if self.chance(40) else 0,
            "has_labour": self.random.choice((True, True, True, False, None)),
            "stable_income": self.random.choice((True, True, True, False, None)),
            "yellow_bits": self.bits() if self.chance(40) else 0,
            "key_group_bits": self.bits(),
            "negative_bits": self.bits() if self.chance(40) else 0,
            "on_dibao": self.chance(20),
        }

    def answers(self) -> dict[str, Any]:
        """As columns, with an income item that was not asked now and then."""
        columns = self.columns()
        if columns["net_income"] is None or self.chance(4):
            columns["disposable_income"] = None
        if columns["net_income"] is None:
            columns["operating_loss"] = self.perhaps(columns["operating_loss"], 50)
        return columns

    def visits(self) -> list[Row]:
        """The facts rows of one household; most have one that counts on the day."""
        span = (self.on - self.oldest).days
        day = self.random.choice((self.oldest, self.on, self.oldest + self.random.randint(0, span) * ONE_DAY))
        first = Row(self.answers(), day, day)
        kind = self.random.randrange(20)
        if kind == 0:
            return []
        if kind == 1:  # the day before the first that counts, or the day after the day itself
            day = self.random.choice((self.oldest - ONE_DAY, self.on + ONE_DAY))
            return [replace(first, visited_on=day, begins_on=day)]
        if kind in (2, 3):  # visited a second time
            again = max(day, self.near_day())
            return [replace(first, replaced_on=again), Row(self.answers(), again, again)]
        if kind == 4:  # corrected
            return [replace(first, replaced_on=day), Row(self.answers(), day, day)]
        if kind in (5, 6):  # members came or went
            return self.changed(first, max(day, self.near_day()))
        return [first]

    def changed(self, row: Row, day: datetime.date) -> list[Row]:
        """A fact of the same visit changes on a day."""
        return [replace(row, replaced_on=day), replace(row, columns=self.answers(), begins_on=day)]

    def visits_before(self, on: datetime.date) -> datetime.date:
        """The last day on which a visit does not count any more."""
        day = on
        while reading.counts_on(day, on, self.numbers_on(on)):
            day -= ONE_DAY
        return day

    def near_day(self) -> datetime.date:
        """The day, or the one before or after it."""
        return self.on + self.random.randint(-1, 1) * ONE_DAY

    def cases(self) -> list[dict[str, Any]]:
        """At most one case that was removed, and at most one after it."""
        if self.chance(60):
            return []
        long_ago = self.on - 400 * ONE_DAY
        decided = self.random.choice((long_ago, self.near_day()))
        live = {
            "stage": self.random.choice((Stage.REGISTERED, Stage.DISTRICT)),
            "decided_on": decided,
            "removed_on": None,
        }
        removed = {"stage": Stage.REMOVED, "decided_on": long_ago, "removed_on": self.near_day()}
        under_way = {"stage": Stage.SURVEY, "decided_on": None, "removed_on": None}
        refused = {"stage": self.random.choice(NEVER_DESIGNATED), "decided_on": decided, "removed_on": None}
        return self.random.choice(([live], [live], [removed], [under_way], [refused], [removed, under_way]))

    def household(self, village: Region) -> Invented:
        """One household of a village."""
        rows, closed_on = self.visits(), self.near_day() if self.chance(6) else None
        for row in rows:  # the rows of a household that is gone end with it
            ends = [day for day in (row.replaced_on, closed_on) if day]
            row.replaced_on = max(row.begins_on, min(ends)) if ends else None
        return Invented(uuid.UUID(int=self.random.getrandbits(128)), village, closed_on, rows, self.cases())

    def change(self, one: Invented, today: datetime.date) -> None:
        """Something that happens to a household on the last of its days."""
        kind = self.random.randrange(8)
        if kind == 0 and one.closed_on is None:
            one.closed_on = today
            for row in one.rows:
                row.replaced_on = max(row.begins_on, min(row.replaced_on or today, today))
        elif kind == 1 and any(designates(case, today) for case in one.cases):
            for case in one.cases:
                if designates(case, today):
                    case.update(stage=Stage.REMOVED, removed_on=today)
        elif kind == 2:
            live = {"stage": Stage.REGISTERED, "decided_on": today, "removed_on": None}
            one.cases = [*(case for case in one.cases if case["stage"] == Stage.REMOVED), live]
        elif one.closed_on is None:
            self.surveyed(one, today, again=kind < 6)

    def surveyed(self, one: Invented, today: datetime.date, again: bool) -> None:
        """Visited once more, or a change of the family: on the first day of a row in place."""
        last = one.rows[-1] if one.rows else None
        if last is None or again:
            one.rows.append(Row(self.answers(), today, today))
        elif last.begins_on == today:
            last.columns = self.answers() if self.chance(40) else of_the_other_type(last.columns)
            return
        else:
            one.rows.append(replace(last, columns=self.answers(), begins_on=today, key=None))
        if last:
            last.replaced_on = today


def of_the_other_type(columns: dict[str, Any]) -> dict[str, Any]:
    """The same facts of a household of the other type."""
    return {**columns, "household_type": "ordinary" if columns["household_type"] == "lifted" else "lifted"}


def lines(numbers: reading.Numbers) -> list[Fraction]:
    """The amounts a head, in fen, around which incomes are invented."""
    amounts = [reading.fen(value) for key, value in numbers.items() if key.endswith(("line", "standard"))]
    if "band_percent" in numbers:
        line = reading.fen(numbers["poverty_standard"]) * reading.part(numbers["line_percent"])
        amounts += [line, line * (1 + reading.part(numbers["band_percent"]))]
    return amounts


def write_households(invented: Sequence[Invented], by: User) -> None:
    """The rows of the database."""
    Household.objects.bulk_create(
        Household(
            pk=one.pk, number=one.pk.hex[:30], village=one.village, household_type="ordinary", closed_on=one.closed_on
        )
        for one in invented
    )
    write_facts(invented, by)
    write_cases(invented)


def write_facts(invented: Sequence[Invented], by: User) -> None:
    """The surveys and facts rows that are not in the database yet."""
    rows = [(one, row) for one in invented for row in one.rows if row.key is None]
    known = set(Survey.objects.values_list("pk", flat=True))
    visits = {row.survey: (one, row) for one, row in rows if row.survey not in known}
    Survey.objects.bulk_create(
        Survey(
            pk=pk,
            household_id=one.pk,
            village=one.village,
            visited_on=row.visited_on,
            period_start=row.visited_on - 365 * ONE_DAY,
            period_end=row.visited_on,
            entered_by=by,
            persons=row.columns["persons"],
        )
        for pk, (one, row) in visits.items()
    )
    written = Facts.objects.bulk_create(facts_row(one, row) for one, row in rows)
    for (_one, row), facts in zip(rows, written, strict=True):
        row.key = facts.pk


def facts_row(one: Invented, row: Row) -> Facts:
    """One row, not saved."""
    dates = {"visited_on": row.visited_on, "begins_on": row.begins_on, "replaced_on": row.replaced_on}
    return Facts(pk=row.key, survey_id=row.survey, household_id=one.pk, village=one.village, **dates, **row.columns)


def write_cases(invented: Iterable[Invented]) -> None:
    """The cases, all anew."""
    Case.objects.filter(household__in=[one.pk for one in invented]).delete()
    Case.objects.bulk_create(
        Case(household_id=one.pk, village=one.village, monitor_class="edge", stage_since=timezone.now(), **case)
        for one in invented
        for case in one.cases
    )


def write_changes(invented: Sequence[Invented], by: User) -> None:
    """What has changed of these households since they were written."""
    households = [Household(pk=one.pk, closed_on=one.closed_on) for one in invented]
    Household.objects.bulk_update(households, ["closed_on"])
    rows = [facts_row(one, row) for one in invented for row in one.rows if row.key is not None]
    Facts.objects.bulk_update(rows, ["replaced_on", *CHANGEABLE])
    write_facts(invented, by)
    write_cases(invented)
    mark_changed(Household.objects.filter(pk__in=[one.pk for one in invented]))


def write_numbers(inventor: Inventor, region: Region, proposer: User, confirmer: User) -> None:
    """The county's numbers, confirmed; beside them some that do not count."""

    def value(
        key: str, number: Decimal | str, starts_on: datetime.date, at: Region, confirmed: bool = True
    ) -> PolicyValue:
        return PolicyValue(
            region=at,
            ruleset=inventor.code,
            key=key,
            value=str(number),
            starts_on=starts_on,
            source="云高新办〔2021〕1号",
            proposed_by=proposer,
            confirmed_by=confirmer if confirmed else None,
            confirmed_at=timezone.now() if confirmed else None,
        )

    on = inventor.on
    rows = [value(RULESET_KEY, inventor.code, on - 900 * ONE_DAY, region)]
    if inventor.percent_set:
        for key, number in inventor.numbers.items():
            other = inventor.number(key)
            rows += [
                value(key, number, on - inventor.random.choice((0, 1, 100)) * ONE_DAY, region),
                value(key, other, on - 200 * ONE_DAY, region),
                value(key, other, on, region.parent),
                value(key, other, on, region, confirmed=False),
            ]
        rows += [value(key, number, on + ONE_DAY, region) for key, number in inventor.later.items()]
    PolicyValue.objects.bulk_create(rows)
