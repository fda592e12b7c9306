"""A household's income by year: the last visit of each of three years, as a table and as columns of a chart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from households.models import Household, Survey
from households.models.surveys import MONEY_LABELS, RIGID_FIELDS

YEARS = 3
INCOME_ROWS = ("wage", "operating_gross", "operating_cost", "property_income", "transfer", "net_income")
EXPENSE_ROWS = (*RIGID_FIELDS, "rigid_total")
LABELS = {**MONEY_LABELS, "net_income": "纯收入", "rigid_total": "刚性支出合计"}
TOTALS = ("net_income", "per_capita", "rigid_total")
# Of the drawing, in its own units: columns stand on BASE and are at most HIGHEST high.
WIDTH, BASE, HIGHEST, COLUMN = 330, 118, 84, 46


@dataclass(frozen=True)
class Row:
    """One kind of income or expense over the years, in fen; ``change`` is the last year's against the year before."""

    label: str
    values: list[int | None]
    change: int | None
    total: bool

    @property
    def fall(self) -> int | None:
        """By how much it is less than the year before."""
        return -self.change if self.change is not None else None


@dataclass(frozen=True)
class Chart:
    """Columns, and the line that they are measured by where one is known, in fen and as a height."""

    columns: "list[Column]"
    line: int | None
    line_at: int


@dataclass(frozen=True)
class Column:
    """One year's column: where it stands, how high it is, and what is written above and below it."""

    year: int
    value: int | None
    x: int
    middle: int
    top: int
    height: int
    label_at: int


def surveys_by_year(household: Household) -> list[Survey]:
    """The last visit of each of the last three years in which there was one, oldest first; corrected ones do not count."""
    return last_of_each_year(household.surveys.filter(superseded_by=None).order_by("visited_on", "submitted_at"))


def last_of_each_year(surveys: Iterable[Survey]) -> list[Survey]:
    """The same of surveys at hand, which come oldest first."""
    last = {survey.visited_on.year: survey for survey in surveys}
    return [last[year] for year in sorted(last)][-YEARS:]


def per_capita(survey: Survey) -> int | None:
    """Net income per person in fen, rounded down; None where an item is missing."""
    if survey.net_income is None or not survey.persons:
        return None
    return survey.net_income // survey.persons


def income_rows(surveys: Sequence[Survey]) -> list[Row]:
    """The rows of the income table, with 人均 at the end."""
    rows = [_row(LABELS[name], [getattr(one, name) for one in surveys], name) for name in INCOME_ROWS]
    return [*rows, _row("人均纯收入", [per_capita(one) for one in surveys], "per_capita")]


def expense_rows(surveys: Sequence[Survey]) -> list[Row]:
    """The rows of the expense table."""
    return [_row(LABELS[name], [getattr(one, name) for one in surveys], name) for name in EXPENSE_ROWS]


def chart(surveys: Sequence[Survey], line: int | None = None) -> Chart:
    """人均纯收入 of each year as a column; a loss or an unknown amount has no height."""
    values = [per_capita(one) for one in surveys]
    most = max([value for value in (*values, line) if value], default=0)
    room = WIDTH // YEARS
    drawn = []
    for place, (survey, value) in enumerate(zip(surveys, values, strict=True)):
        height = max(2, round(HIGHEST * value / most)) if value and value > 0 and most > 0 else 0
        x = place * room + (room - COLUMN) // 2
        top = BASE - height
        drawn.append(
            Column(survey.visited_on.year, value, x, middle=x + COLUMN // 2, top=top, height=height, label_at=top - 8)
        )
    return Chart(drawn, line, line_at=BASE - round(HIGHEST * line / most) if line and most > 0 else BASE)


def _row(label: str, values: list[int | None], name: str) -> Row:
    known = len(values) > 1 and None not in values[-2:]
    change = values[-1] - values[-2] if known else None  # type: ignore[operator]
    return Row(label, values, change, total=name in TOTALS)
