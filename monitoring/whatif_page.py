"""What the pages of a what-if run show: the matrix of moves, a line for each place, and the households of one move."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Substr

from accounts.audit import record
from accounts.models import Region, User
from accounts.models.regions import SEGMENT
from accounts.roles import Role
from households.models import Facts, Household
from monitoring.models import CLASSES, Outcome, PolicyTrial, RiskLevel, TrialCount
from monitoring.parts import NOT_VISITED, districts_of
from monitoring.screening_page import NAMES, RISKS
from monitoring.whatif_moves import households_moving, policies

# In the order of the rows and columns.
CODES = (*CLASSES, *RiskLevel.values, *(code for code in Outcome.values if code not in CLASSES), NOT_VISITED)
MONITORED = {*CLASSES, RiskLevel.RED, RiskLevel.YELLOW}
NAMES_ON_A_PAGE = 20
Moves = Counter[tuple[str, str]]


@dataclass(frozen=True)
class Cell:
    """Households that have one code today and one by the draft; ``same`` on the diagonal."""

    before: str
    after: str
    households: int
    same: bool


@dataclass(frozen=True)
class Code:
    """A class or a level as it is printed; ``risk`` is the number of a level, None for a class."""

    label: str
    risk: int | None


@dataclass(frozen=True)
class Row:
    """The households of one code today, by their code under the draft."""

    code: Code
    cells: list[Cell]
    total: int


@dataclass(frozen=True)
class Matrix:
    """Rows are today's codes, columns the draft's; only codes that occur."""

    columns: list[Code]
    rows: list[Row]
    totals: list[int]
    total: int


@dataclass
class Sums:
    """What the moves of one place come to, in households."""

    entering: int = 0
    leaving: int = 0
    recoloured: int = 0
    other: int = 0
    same: int = 0

    def add(self, before: str, after: str, households: int) -> None:
        """Count one move."""
        kind = _kind(before, after)
        setattr(self, kind, getattr(self, kind) + households)

    @property
    def total(self) -> int:
        """All households present."""
        return self.entering + self.leaving + self.recoloured + self.other + self.same

    @property
    def changed(self) -> int:
        """Households that would have another code."""
        return self.total - self.same


@dataclass(frozen=True)
class Place:
    """A county, town or village with its sums."""

    region: Region
    sums: Sums


@dataclass
class Result:
    """Everything that the page shows of the counts of an area."""

    matrix: Matrix
    sums: Sums
    places: list[Place] = field(default_factory=list)


def _kind(before: str, after: str) -> str:
    if before == after:
        return "same"
    if before in RiskLevel.values and after in RiskLevel.values:
        return "recoloured"
    if before in MONITORED:
        return "recoloured" if after in MONITORED else "leaving"
    return "entering" if after in MONITORED else "other"


def result(trial: PolicyTrial, user: User, area: Region) -> Result:
    """The counts of an area as far as the user may read them, as a matrix and for each place below. Two queries."""
    counts = TrialCount.objects.visible_to(user).in_regions([area]).filter(trial=trial)
    rows = (
        counts.order_by()
        .annotate(place=Substr("village__path", 1, len(area.path) + SEGMENT))
        .values("place", "before", "after")
        .annotate(number=Sum("households"))
    )
    moves, sums, by_place = Counter[tuple[str, str]](), Sums(), {}
    for row in rows:
        moves[row["before"], row["after"]] += row["number"]
        for one in (sums, by_place.setdefault(row["place"], Sums())):
            one.add(row["before"], row["after"], row["number"])
    places = Region.objects.filter(path__in=by_place).order_by("path")
    return Result(_matrix(moves), sums, [Place(place, by_place[place.path]) for place in places])


def _matrix(moves: Moves) -> Matrix:
    befores = _in_order(before for before, _after in moves)
    afters = _in_order(after for _before, after in moves)
    rows = [
        Row(
            _code(before),
            [Cell(before, after, moves[before, after], before == after) for after in afters],
            sum(moves[before, after] for after in afters),
        )
        for before in befores
    ]
    totals = [sum(moves[before, after] for before in befores) for after in afters]
    return Matrix([_code(after) for after in afters], rows, totals, sum(totals))


def _code(code: str) -> Code:
    return Code(NAMES[code], RISKS.get(code))


def _in_order(codes: Iterable[str]) -> list[str]:
    return sorted(set(codes), key=CODES.index)


@dataclass(frozen=True)
class Named:
    """A household of a move, with the figures that a reader compares; income per head in fen, None where it is not known."""

    household: Household
    persons: int
    per_head: int | None


class Moving(Sequence[Any]):
    """The households of one move in an area, to be paged; a slice asks only the villages that it lies in.

    Which villages those are is told by the counts, so that a page of a district costs what a page of a village costs. The
    households are asked live: where facts have changed since the counts, a page may hold a few more or fewer.
    """

    def __init__(self, trial: PolicyTrial, user: User, area: Region, before: str, after: str) -> None:
        self.trial, self.user, self.before, self.after = trial, user, before, after
        counts = TrialCount.objects.visible_to(user, Role.DISTRICT_OFFICER).in_regions([area])
        found = counts.filter(trial=trial, before=before, after=after).select_related("village")
        self.counts = list(found.order_by("village__path"))

    def __len__(self) -> int:
        return sum(count.households for count in self.counts)

    def __getitem__(self, wanted: Any) -> Any:
        begin, skipped, villages = 0, 0, []
        for count in self.counts:
            if begin + count.households <= wanted.start:
                skipped += count.households
            elif begin < wanted.stop:
                villages.append(count.village)
            begin += count.households
        households = self._named(villages)
        return households[wanted.start - skipped : wanted.stop - skipped]

    def _named(self, villages: Sequence[Region]) -> list[Named]:
        keys: list[str] = []
        for district in districts_of(self.trial.region):
            here = [village.pk for village in villages if district.contains(village)]
            if here:
                pair = policies(self.trial, district)
                keys += households_moving(self.trial, pair, here, self.before, self.after)
        mine = Household.objects.visible_to(self.user, Role.DISTRICT_OFFICER).filter(pk__in=keys)
        facts = {one.household_id: one for one in Facts.objects.in_force_on(self.trial.on).filter(household__in=keys)}
        ordered = mine.select_related("village__parent").order_by("village__path", "group_no", "number")
        return [_named(household, facts.get(household.pk)) for household in ordered]


def _named(household: Household, facts: Facts | None) -> Named:
    if facts is None or facts.net_income is None or not facts.persons:
        return Named(household, facts.persons if facts else 0, None)
    return Named(household, facts.persons, facts.net_income // facts.persons)


@transaction.atomic
def note_look(*, trial: PolicyTrial, by: User, area: Region, before: str, after: str, page: int, rows: int) -> None:
    """Write down that somebody read the names of a move."""
    record(
        action="whatif.look",
        actor=by,
        target=trial,
        region=area,
        move=f"{NAMES[before]} → {NAMES[after]}",
        page=page,
        rows=rows,
    )


def places_between(trial: PolicyTrial, area: Region) -> list[Region]:
    """The regions from the trial's own down to the area, for the way back."""
    paths = [path for path in area.ancestor_paths if path.startswith(trial.region.path)]
    return list(Region.objects.filter(path__in=paths).order_by("path"))
