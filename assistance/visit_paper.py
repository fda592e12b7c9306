"""走访记录 of a household for a year, to file and to sign: what was recorded, and lines for what is written by hand."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from assistance.models import Visit, VisitChip
from households.models import Household

LEAST_ROWS = 6  # with the recorded ones; two are always left to write on
ALWAYS_BLANK = 2


@dataclass(frozen=True)
class VisitLine:
    """One visit as it is printed."""

    visit: Visit
    chips: str


def context(household: Household, year: int | None) -> dict[str, Any]:
    """What the paper of a year (this one) shows."""
    asked = year or timezone.localdate().year
    visits = household.visits.filter(visited_on__year=asked).select_related("visitor")
    lines = [VisitLine(one, _chips(one)) for one in visits.order_by("visited_on", "entered_at")]
    years = {day.year for day in household.visits.order_by().dates("visited_on", "year")} | {timezone.localdate().year}
    return {
        "household": household,
        "year": asked,
        "years": sorted(years, reverse=True),
        "lines": lines,
        "blank": range(max(ALWAYS_BLANK, LEAST_ROWS - len(lines))),
        "helpers": household.helpers.filter(begun_on__year__lte=asked).exclude(ended_on__year__lt=asked),
        "printed_at": timezone.localtime(),
    }


def _chips(visit: Visit) -> str:
    labels = dict(VisitChip.choices)
    return "、".join(str(labels.get(chip, chip)) for chip in visit.chips)
