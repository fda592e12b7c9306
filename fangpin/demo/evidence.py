"""Limits that the demonstration's district has set itself, and what departments know of families that wait for the town."""

import datetime

from accounts.models import Region, User
from fangpin.demo.staff import ZONE
from monitoring import department_figures, parameters
from monitoring.models import Case, DepartmentFigure, FigureDecision, FigureItem, Stage

LIMITS = {"survey_days": 7, "meeting_days": 7, "notice_due_days": 5, "town_days": 7, "district_days": 9}  # 工作日
SHARES = (100, 100, 60, 130)  # per cent of what the family said that it had paid
DECIDED = 3  # of them, whose difference was decided; the one before is still open


def set_limits(people: dict[str, User], today: datetime.date) -> None:
    """Days for each step: document 002 names none, so a district that wants clocks sets them and says on what ground."""
    zone = Region.objects.by_code(ZONE)
    for key, days in LIMITS.items():
        proposed = parameters.propose_value(
            region=zone, by=people["qu1"], key=key, value=str(days), starts_on=today - datetime.timedelta(days=120),
            source="演示数据：区里自定",
        )  # fmt: skip
        parameters.confirm_value(proposed=proposed, by=people["guanli1"])


def add_figures(people: dict[str, User], today: datetime.date) -> None:
    """Of the families that wait for the town: some agree, one differs and is to be decided, one was decided."""
    town = people["zhen1"].postings.get().region
    waiting = Case.objects.designations().filter(stage=Stage.TOWN, village__parent=town, survey__rigid_medical__gt=0)
    cases = list(waiting.select_related("household", "survey").order_by("stage_since", "pk"))
    for number, (case, share) in enumerate(zip(cases, SHARES, strict=False)):
        figure = _paid(case, share, people["bumen1"], today)
        if number == DECIDED and figure:
            department_figures.decide(
                case=case, figure=figure, by=people["zhen1"], side=FigureDecision.Side.DEPARTMENT,
                reason="看了结算单，家里少算了一次门诊。",
            )  # fmt: skip


def _paid(case: Case, share: int, clerk: User, today: datetime.date) -> DepartmentFigure | None:
    return department_figures.enter_figure(
        household=case.household, by=clerk, item=FigureItem.RIGID_MEDICAL, department=clerk.unit,
        amount=case.survey.rigid_medical * share // 100, as_of=today - datetime.timedelta(days=20),
    )  # fmt: skip
