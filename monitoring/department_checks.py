"""部门数据 beside the visit: what agrees, what does not, and what has been decided."""

import datetime
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils import timezone

from households.models import Survey
from monitoring.models import Case, DepartmentFigure, FigureDecision, FigureItem

TOLERATED_PERCENT = 10  # of the larger of the two
TOLERATED = 100_00  # fen
DAYS_THAT_COUNT = 400  # an older figure says nothing of this visit


@dataclass(frozen=True)
class Check:
    """A department's newest figure beside the visit's; ``decision`` where somebody has decided a difference."""

    figure: DepartmentFigure
    agrees: bool
    decision: FigureDecision | None

    @property
    def is_open(self) -> bool:
        """Whether it must be decided before the case goes on."""
        return not self.agrees and self.decision is None


def checks(case: Case, survey: Survey | None) -> dict[str, Check]:
    """Each item for which a department has a figure that counts, compared with the visit."""
    return checks_of([case], {case.household_id: survey}).get(case.pk, {})


def checks_of(cases: Iterable[Case], surveys: Mapping[uuid.UUID, Survey | None]) -> dict[uuid.UUID, dict[str, Check]]:
    """The same of several cases, with two queries."""
    listed = list(cases)
    since = timezone.localdate() - datetime.timedelta(days=DAYS_THAT_COUNT)
    figures = DepartmentFigure.objects.filter(household__in=[case.household_id for case in listed], as_of__gte=since)
    newest: dict[tuple[uuid.UUID, str], DepartmentFigure] = {}
    for figure in figures.order_by("as_of", "entered_at"):
        newest[figure.household_id, figure.item] = figure
    decided = FigureDecision.objects.filter(case__in=listed).select_related("decided_by")
    decisions = {(one.case_id, one.figure_id): one for one in decided}
    found: dict[uuid.UUID, dict[str, Check]] = {}
    for case in listed:
        survey = surveys.get(case.household_id)
        found[case.pk] = {
            item: Check(figure, _agrees(figure, survey), decisions.get((case.pk, figure.pk)))
            for (household, item), figure in newest.items()
            if household == case.household_id and survey is not None
        }
    return found


def open_differences(case: Case) -> list[str]:
    """The items, in words, that must be decided before the case goes on."""
    survey = case.household.surveys.filter(superseded_by=None).newest_first().first()
    return [FigureItem(item).label for item, check in checks(case, survey).items() if check.is_open]


def _agrees(figure: DepartmentFigure, survey: Survey | None) -> bool:
    if survey is None:
        return True
    said = getattr(survey, figure.item)
    if figure.item == FigureItem.HOUSING_GRADE:
        return said == figure.grade
    if said is None or figure.amount is None:
        return False
    return abs(said - figure.amount) <= max(TOLERATED, max(said, figure.amount) * TOLERATED_PERCENT // 100)
