"""Three years of one household: income per head with the line in force each year, and on the same axis its measures.

Where everything stands in the drawing is reckoned here; the template only draws it.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils import timezone

from assistance.catalogue import Kind
from assistance.models import Delivery
from households.income import per_capita, surveys_by_year
from households.last_year import income_line
from households.models import Household, Survey
from monitoring.models import Case

YEARS = 3
# In the drawing's own units, as wide as the chart of income on the page beside it.
WIDTH, TOP, BASE, COLUMN = 330, 38, 112, 46
AXIS_AT, ROWS_FROM, ROW = 131, 148, 30
UNDER_ITS_NAME, LETTER_BASE = 14, 9
MOST_ROWS = 12
LEAST_WIDE = 3
ROOM_OF_A_LETTER = 13
MOST_LETTERS = WIDTH // ROOM_OF_A_LETTER


class Year(NamedTuple):
    """One year: its column, and the line in force on the day of its visit (of its last day where there was none)."""

    year: int
    x: int
    middle: int
    value: int | None  # fen per head
    visited: bool
    top: int
    height: int
    line: int | None  # fen
    line_at: int
    line_from: int
    line_end: int


class Bar(NamedTuple):
    """A measure from its first to its last day; a day only of what is given once or made once."""

    name: str
    short: str
    days: str
    x: int
    width: int
    y: int
    text_y: int
    text_x: int
    anchor: str
    is_moment: bool
    over: bool


class Mark(NamedTuple):
    """A day that everything else is read against: 认定, 移出."""

    label: str
    on: datetime.date
    x: int
    anchor: str


@dataclass(frozen=True)
class Effect:
    """Everything that is drawn, and how many measures there was no room for."""

    years: list[Year]
    bars: list[Bar]
    marks: list[Mark]
    left_out: int
    height: int
    boundaries: list[int] = field(default_factory=list)

    @property
    def has_income(self) -> bool:
        """Whether a visit of these years says anything."""
        return any(one.visited for one in self.years)


@dataclass(frozen=True)
class _Axis:
    first: datetime.date
    last: datetime.date

    def x(self, day: datetime.date) -> int:
        """Where a day stands; one outside at the nearer end."""
        inside = min(max(day, self.first), self.last)
        return round(WIDTH * (inside - self.first).days / (self.last - self.first).days)


def effect_of(household: Household, today: datetime.date | None = None) -> Effect | None:
    """The drawing of a household; None where neither a visit nor a measure of these years is known."""
    day = today or timezone.localdate()
    axis = _Axis(datetime.date(day.year - YEARS + 1, 1, 1), datetime.date(day.year, 12, 31))
    years = _years(household, day)
    shown = _alike(one for one in household.deliveries.select_related("member") if _shown(one, axis, day))
    if not shown and not any(one.visited for one in years):
        return None
    bars = [_bar(alike, place, axis, day) for place, alike in enumerate(shown[:MOST_ROWS])]
    marks = list(_marks(household, axis))
    height = ROWS_FROM + ROW * len(bars) if bars else AXIS_AT + 8
    return Effect(years, bars, marks, len(shown) - len(bars), height, [round(WIDTH / YEARS * n) for n in (1, 2)])


def _years(household: Household, today: datetime.date) -> list[Year]:
    surveys = {survey.visited_on.year: survey for survey in surveys_by_year(household)}
    known = []
    for year in range(today.year - YEARS + 1, today.year + 1):
        survey = surveys.get(year)
        judged_on = survey.visited_on if survey else min(datetime.date(year, 12, 31), today)
        line = income_line(household, judged_on)
        known.append((year, survey, line.fen if line else None))
    amounts = [amount for _year, survey, line in known for amount in (survey and per_capita(survey), line) if amount]
    most = max(amounts, default=0)
    return [_year(place, *one, most) for place, one in enumerate(known)]


def _year(place: int, year: int, survey: Survey | None, line: int | None, most: int) -> Year:
    room = WIDTH // YEARS
    x = place * room + (room - COLUMN) // 2
    value = per_capita(survey) if survey else None
    height = max(2, _high(value, most)) if value and value > 0 else 0
    return Year(
        year, x, x + COLUMN // 2, value, survey is not None, BASE - height, height, line,
        line_at=BASE - _high(line or 0, most), line_from=place * room, line_end=(place + 1) * room,
    )  # fmt: skip


def _high(amount: int, most: int) -> int:
    return round((BASE - TOP) * amount / most) if most > 0 else 0


def _since(delivery: Delivery) -> datetime.date:
    """The day on which it was there: what lasts once it was done."""
    done = delivery.ended_on if delivery.kind == Kind.LASTING else delivery.begun_on
    return done or datetime.date.max


def _shown(delivery: Delivery, axis: _Axis, today: datetime.date) -> bool:
    """Whether it was in place on a day of these years, up to today."""
    since = _since(delivery)
    if since > today:
        return False
    if delivery.kind == Kind.RUNNING:
        return delivery.ended_on is None or delivery.ended_on >= axis.first
    return since >= axis.first


def _alike(deliveries: Iterable[Delivery]) -> list[list[Delivery]]:
    """By their first day; what several members have over the same days is one bar."""
    found: dict[tuple[object, ...], list[Delivery]] = {}
    for one in deliveries:
        found.setdefault((_since(one), one.name, one.ended_on), []).append(one)
    return [found[key] for key in sorted(found, key=lambda key: (key[0], key[1]))]


def _bar(alike: list[Delivery], place: int, axis: _Axis, today: datetime.date) -> Bar:
    delivery = alike[0]
    since, moment = _since(delivery), delivery.kind != Kind.RUNNING
    until = since if moment else min(delivery.ended_on or today, today)
    short = _short(delivery.name, alike)
    x = axis.x(since)
    fits = x + len(short) * ROOM_OF_A_LETTER <= WIDTH
    return Bar(
        name=delivery.name + _whose(alike, len(alike)),
        short=short,
        days=f"{since}" if moment else f"{since} 至 {delivery.ended_on or '今'}",
        x=min(x, WIDTH - LEAST_WIDE),
        width=max(LEAST_WIDE, axis.x(until) - x),
        y=ROWS_FROM + place * ROW + UNDER_ITS_NAME,
        text_y=ROWS_FROM + place * ROW + LETTER_BASE,
        text_x=x if fits else WIDTH,
        anchor="start" if fits else "end",
        is_moment=moment,
        over=not moment and delivery.ended_on is not None and delivery.ended_on < today,
    )


def _short(name: str, alike: list[Delivery]) -> str:
    """What there is room for: without what stands in brackets, of several people only the first."""
    words = name.partition("（")[0] + _whose(alike, 1)
    return words if len(words) <= MOST_LETTERS else f"{words[: MOST_LETTERS - 1]}…"


def _whose(alike: list[Delivery], named: int) -> str:
    names = [one.member.name for one in alike if one.member]
    if not names:
        return ""
    more = f"等{len(names)}人" if len(names) > named else ""
    return f"（{'、'.join(names[:named])}{more}）"


def _marks(household: Household, axis: _Axis) -> Iterable[Mark]:
    case = (
        Case.objects.designations().filter(household=household, decided_on__isnull=False).order_by("decided_on").last()
    )
    if case is None:
        return
    for label, on in (("认定", case.decided_on), ("移出", case.removed_on)):
        if on and axis.first <= on <= axis.last:
            x = axis.x(on)
            yield Mark(label, on, x, "end" if x > WIDTH - 2 * ROOM_OF_A_LETTER else "start")
