"""What came of assistance in a region: which risk has which measures, where help came within a month, where none did.

Each number is a set of households, and the list behind it shows that set: both are counted by the same lines, so that
the total of the list cannot be another one.
"""

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import Region, User
from accounts.models.regions import SEGMENT
from accounts.roles import HOUSEHOLD_READERS
from assistance import effect_rows
from assistance.catalogue import Group, Kind
from assistance.effect_rows import Answers, Given, Listed, Standing
from assistance.gaps import MONTHS_TO_BEGIN, State
from assistance.limits import months_after
from households.codes import RiskCause
from monitoring.models import Case, Stage

# 文件未规定，参数: what is looked at is the last year's designations.
MONTHS_LOOKED_AT = 12
NO_CAUSE = "unknown"  # neither a main risk nor a cause of the visit is known


@dataclass(frozen=True)
class Line:
    """One household: where it is, which numbers it counts in, and the words of its line in a list."""

    listed: Listed
    keys: frozenset[str]
    words: str = ""

    @property
    def path(self) -> str:
        """The path of its village."""
        return self.listed.path


@dataclass(frozen=True)
class Shown:
    """A line of a list with its case, for the page that shows it."""

    case: Case
    words: str


def shown(lines: Iterable[Line]) -> list[Shown]:
    """The lines of one page, in their order."""
    wanted = list(lines)
    cases = Case.objects.select_related("household__village__parent", "village__parent")
    found = cases.in_bulk([line.listed.key for line in wanted])
    return [Shown(found[UUID(line.listed.key)], line.words) for line in wanted]


@dataclass
class Numbers:
    """Lines of a region, counted by key; of a place below by its path."""

    region: Region
    lines: list[Line]
    counted: Counter[str] = field(init=False)

    def __post_init__(self) -> None:
        self.counted = Counter(key for line in self.lines for key in line.keys)
        end = len(self.region.path) + SEGMENT
        self._places = Counter((line.path[:end], key) for line in self.lines for key in line.keys)

    def of(self, key: str, place: Region | None = None) -> int:
        """How many households count in a number, in the region or in a place directly under it."""
        return self._places[place.path, key] if place else self.counted[key]

    def behind(self, key: str) -> list[Line]:
        """The households of a number, in the order of villages, groups and numbers."""
        return [line for line in self.lines if key in line.keys]


# ---- measures against risks ----


def risk_key(cause: str, state: State | None = None, group: str = "") -> str:
    """The number of a cause: all households with it, those whose risk is in a state, or those that have a group."""
    return ".".join(part for part in ("risk", cause, state.value if state else "", group) if part)


def risks(user: User, region: Region, today: datetime.date) -> Numbers:
    """The households on the register, by cause, by what answers the cause, and by the groups of measures in place."""
    cases = registered(user, region, today)
    standing, causes = effect_rows.standing_of(cases, today), effect_rows.causes_of(cases)
    places = Region.objects.filter(pk__in=cases.order_by().values("village"))
    answers, nothing = Answers(places, today), Standing(set(), set())
    lines = [
        _risk_line(one, causes.get(one.household), standing.get(one.household, nothing), answers)
        for one in effect_rows.once(cases)
    ]
    return Numbers(region, lines)


def registered(user: User, region: Region, today: datetime.date) -> QuerySet[Case]:
    """The cases of a region that are on the register on the day."""
    cases = Case.objects.visible_to(user, *HOUSEHOLD_READERS).designated_on(today).filter(household__closed_on=None)
    return cases.in_regions([region])


def _risk_line(one: Listed, found: list[RiskCause] | None, standing: Standing, answers: Answers) -> Line:
    needs = [(cause, answers.state(cause, standing, one.path)) for cause in effect_rows.needed(one, found)]
    measures = answers.at(one.path)
    groups = {measures[code].group.value for code in standing.in_place if code in measures}
    keys = {"registered", "helped" if standing.in_place else "nothing"}
    for cause, state in needs:
        keys |= {risk_key(cause), risk_key(cause, state)}
    for cause in [cause for cause, _state in needs] or [NO_CAUSE]:
        keys |= {risk_key(cause)} | {risk_key(cause, group=group) for group in groups}
    if any(state == State.NONE for _cause, state in needs):
        keys.add("open")
    return Line(one, frozenset(keys), _risk_words(needs))


def _risk_words(needs: Iterable[tuple[str, State]]) -> str:
    return "；".join(f"{RiskCause(cause).label}：{state.label}" for cause, state in needs) or "没有填风险原因"


@dataclass(frozen=True)
class Cell:
    """One number of a table: how many, the key of the list that it opens, and the words over its column."""

    key: str
    count: int
    label: str


@dataclass(frozen=True)
class Row:
    """One row of a table: its name, and its numbers; ``place`` where it is about a place below."""

    name: str
    cells: list[Cell]
    place: Region | None = None


MATRIX_COLUMNS = ("有这一风险", *(state.label for state in State), *(group.label for group in Group))


def matrix(numbers: Numbers) -> list[Row]:
    """Risk causes × what answers them and groups of measures; causes that nobody has are left out."""
    found = []
    for cause, label in [*RiskCause.choices, (NO_CAUSE, "没有填原因")]:
        keys = [risk_key(cause), *(risk_key(cause, state) for state in State)]
        keys += [risk_key(cause, group=group) for group in Group.values]
        if numbers.of(keys[0]):
            cells = zip(keys, MATRIX_COLUMNS, strict=True)
            found.append(Row(label, [Cell(key, numbers.of(key), words) for key, words in cells]))
    return found


# ---- help within a month of the designation ----


class When:
    """The numbers of the designations of the last year."""

    ALL, IN_TIME, YOUNG, LATER, NEVER = "decided", "in_time", "young", "later", "never"
    OTHERS = "others"  # LATER and NEVER: the month is over and nothing had come
    DUE = "due"  # IN_TIME and OTHERS: what the share is taken of


def promptness(user: User, region: Region, today: datetime.date) -> Numbers:
    """The designations of the last twelve months, by when the first measure was in place."""
    first = months_after(today, -MONTHS_LOOKED_AT)
    cases = Case.objects.visible_to(user, *HOUSEHOLD_READERS).designations().in_regions([region])
    decided = cases.filter(decided_on__gt=first, decided_on__lte=today).exclude(stage__in=(Stage.REFUSED, Stage.CLOSED))
    given = effect_rows.begun(decided)
    return Numbers(
        region, [_prompt_line(one, given.get(one.household, []), today) for one in effect_rows.once(decided)]
    )


def _prompt_line(one: Listed, deliveries: Iterable[Given], today: datetime.date) -> Line:
    decided = one.decided_on or today
    helped_on = min(_days_in_place(deliveries, decided, today), default=None)
    deadline = months_after(decided, MONTHS_TO_BEGIN)
    if helped_on and helped_on <= deadline:
        keys = {When.IN_TIME, When.DUE}
    elif deadline >= today:
        keys = {When.YOUNG}
    else:
        keys = {When.LATER if helped_on else When.NEVER, When.OTHERS, When.DUE}
    words = f"{decided} 认定，" + (
        f"{helped_on} 有措施（{(helped_on - decided).days} 天）" if helped_on else "还没有措施"
    )
    return Line(one, frozenset({When.ALL, *keys}), words)


def _days_in_place(
    deliveries: Iterable[Given], decided: datetime.date, today: datetime.date
) -> Iterator[datetime.date]:
    """Of each measure the first day from the designation on on which it was 已落实, as DeliveryQuerySet.in_place_on says."""
    for one in deliveries:
        since = one.ended_on if one.kind == Kind.LASTING else one.begun_on
        if since is None or since > today:
            continue
        over = one.kind == Kind.RUNNING and one.ended_on is not None and one.ended_on < decided
        spent = one.kind == Kind.GRANT and since.year < decided.year
        if not over and not spent:
            yield max(since, decided)


# ---- by place ----

PLACE_COLUMNS = (
    ("registered", "在册户"), ("helped", "有措施"), ("nothing", "没有措施"), ("open", "有风险没有对应措施"),
    (When.DUE, "近一年认定、满一个月的"), (When.IN_TIME, "一个月内落实"), (When.OTHERS, "没有在一个月内落实"),
    (When.YOUNG, "还没满一个月"),
)  # fmt: skip
OF_TIME = (When.ALL, When.IN_TIME, When.YOUNG, When.LATER, When.NEVER, When.OTHERS, When.DUE)


@dataclass(frozen=True)
class Overview:
    """Both kinds of numbers of a region, with those of the places directly under it in administrative order."""

    region: Region
    risks: Numbers
    time: Numbers

    def of(self, key: str, place: Region | None = None) -> int:
        """A number of either kind."""
        return (self.time if key in OF_TIME else self.risks).of(key, place)

    def rows(self) -> list[Row]:
        """One row for each place, never ranked, and at the end the region itself."""
        rows = [self._row(place.name, place) for place in self.region.children.order_by("path")]
        return [*rows, self._row("合计", None)]

    def _row(self, name: str, place: Region | None) -> Row:
        return Row(name, [Cell(key, self.of(key, place), label) for key, label in PLACE_COLUMNS], place)


def overview(user: User, region: Region, today: datetime.date) -> Overview:
    """The effect in a region, of the households that the person may read."""
    return Overview(region, risks(user, region, today), promptness(user, region, today))


def behind(user: User, region: Region, key: str, today: datetime.date) -> list[Line]:
    """The households of one number of a region; nobody for a number that there is none of."""
    numbers = promptness if key in OF_TIME else risks
    return numbers(user, region, today).behind(key)


def label_of(key: str) -> str:
    """What the list of a number is called; empty for a number that there is none of."""
    if label := dict(PLACE_COLUMNS).get(key) or {
        When.ALL: "近一年认定的",
        When.LATER: "一个月以后才落实",
        When.NEVER: "至今没有措施",
    }.get(key):
        return label
    causes = {**dict(RiskCause.choices), NO_CAUSE: "没有填原因"}
    kind, *parts = key.split(".")
    if kind != "risk" or not parts or parts[0] not in causes:
        return ""
    rest = {**dict(State.choices), **{group.value: f"有{group.label}措施" for group in Group}}
    known = [causes[parts[0]], *(rest.get(part, "") for part in parts[1:])]
    return "，".join(known) if len(known) <= 2 and all(known) else ""
