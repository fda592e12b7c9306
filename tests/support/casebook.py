"""Thousands of cases as the services would have left them, inserted in bulk: what the proof is tried on.

Every case has its own household, visit, record, ballot and place on a notice; dates lie in the past. Of a hundred cases
some are still under way, some came as stock, and some have been removed again or were reinstated.
"""

import datetime
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, models
from django.utils import timezone

from accounts.models import Region, User
from households.codes import HouseholdType, MonitorClass
from households.models import Household, Survey
from monitoring.models import (
    Ballot,
    Case,
    CaseEvent,
    CaseKind,
    CaseSource,
    Meeting,
    Notice,
    NoticeKind,
    Reinstatement,
    Removal,
    Stage,
)
from monitoring.policy.values import policy_in_force
from monitoring.procedures import Procedure, pin
from monitoring.proof_papers import CONDITIONS

BATCH = 2000
ON_ONE_NOTICE = 20
Staff = Any  # the people of tests.factories, one at each desk
DAY = datetime.timedelta(days=1)
# The steps by which each kind of case goes forward, with the days since its opening.
FORWARD = {
    CaseKind.DESIGNATION: (
        ("start_survey", 0, "cadre"), ("complete_survey", 2, "cadre"), ("meeting_recognise", 4, "cadre"),
        ("post_notice", 5, "cadre"), ("close_notice", 12, "cadre"), ("endorse", 14, "reviewer"), ("acknowledge", 16, "officer"),
    ),
    CaseKind.REMOVAL: (
        ("verify_removal", 2, "cadre"), ("meeting_recognise", 4, "cadre"), ("post_notice", 5, "cadre"),
        ("close_notice", 12, "cadre"), ("endorse", 14, "reviewer"), ("acknowledge", 16, "officer"),
    ),
}  # fmt: skip
OPENING = {CaseKind.DESIGNATION: "open", CaseKind.REMOVAL: "open_removal"}
# What becomes of each of ten cases in turn: how many steps it has taken (all: None), or what it is besides.
FATES: tuple[Any, ...] = (None, None, None, None, "stock", "removed", "reinstated", 5, 3, 1)


@dataclass
class Rows:
    """Rows that wait to be inserted, in the order in which they refer to each other."""

    kinds: dict[type[models.Model], list[models.Model]] = field(default_factory=dict)

    def add(self, row: models.Model) -> Any:
        self.kinds.setdefault(type(row), []).append(row)
        return row

    def insert(self) -> None:
        order = (Household, Survey, Case, Removal, CaseEvent, Meeting, Ballot, Notice, Reinstatement)
        for model in (*order, Notice.cases.through):
            model.objects.bulk_create(self.kinds.pop(model, []), BATCH)


@dataclass
class Casebook:
    """Writes cases of one village; ``today`` is the day before which everything has happened."""

    village: Region
    staff: Staff
    second_officer: User
    today: datetime.date = field(default_factory=timezone.localdate)

    def __post_init__(self) -> None:
        policy = policy_in_force(self.village, self.today)
        self.ruleset = policy.ruleset.code
        self.pinned = {kind: pin(policy, kind, lifted=False) for kind in FORWARD}
        self.procedures = {kind: Procedure.of(row.content) for kind, row in self.pinned.items()}
        self.numbers = itertools.count(Household.objects.count() + 1)

    def write(self, many: int) -> None:
        """So many households, each with a case, and about a fifth of them with a second one."""
        fates = itertools.cycle(FATES)
        while many > 0:
            rows = Rows()
            for fate in itertools.islice(fates, min(many, BATCH)):
                self._household(rows, fate)
            self._meetings_and_notices(rows)
            rows.insert()
            connection.check_constraints()  # of these rows now: of all at once would be one very long statement
            many -= BATCH
        tell_when_submitted()

    def _household(self, rows: Rows, fate: Any) -> None:
        number = next(self.numbers)
        household = rows.add(
            Household(
                village=self.village, number=f"8{number:011d}", group_no=number % 9 + 1, head_name=f"户{number}",
                household_type=HouseholdType.ORDINARY,
            )
        )  # fmt: skip
        begun = self.today - (400 + number % 30) * DAY
        if fate == "stock":
            self._stock(rows, household, begun)
            return
        steps = fate if isinstance(fate, int) else None
        case = self._case(rows, household, CaseKind.DESIGNATION, begun, steps)
        if fate in ("removed", "reinstated"):
            self._removed(rows, case, begun + 250 * DAY, back=fate == "reinstated")

    def _stock(self, rows: Rows, household: Household, begun: datetime.date) -> None:
        case = self._new(household, CaseKind.DESIGNATION, Stage.REGISTERED, source=CaseSource.STOCK, decided_on=begun)
        rows.add(case)
        self._event(rows, case, CaseSource.STOCK, "", Stage.REGISTERED, None, begun, note="国扶系统内已标注")

    def _case(
        self, rows: Rows, household: Household, kind: CaseKind, begun: datetime.date, steps: int | None, **columns: Any
    ) -> Case:
        """A case that has gone forward so many steps (all), with its visit."""
        procedure, taken = self.procedures[kind], FORWARD[kind][:steps]
        survey = self._survey(rows, household, begun + DAY)
        stage = procedure.stages[0]
        case = self._new(household, kind, stage, procedure=self.pinned[kind], **columns)
        case.survey = (
            survey if any(name in ("complete_survey", "verify_removal") for name, _days, _desk in taken) else None
        )
        self._event(rows, case, OPENING[kind], "", stage, self.staff.cadre, begun)
        for name, days, desk in taken:
            after = procedure.after(stage)
            self._event(rows, case, name, stage, after, getattr(self.staff, desk), begun + days * DAY)
            self._keep(case, name, begun + days * DAY)
            stage = after
        case.stage = stage
        return rows.add(case)

    def _keep(self, case: Case, step: str, on: datetime.date) -> None:
        town_decides = self.procedures[CaseKind(case.kind)].decides == "town"
        if step == ("endorse" if town_decides else "acknowledge"):
            case.decided_on, case.decided_by = on, self.staff.reviewer if town_decides else self.staff.officer
        if step == "endorse":
            case.main_risk = "illness"
        if step == "acknowledge":
            case.acknowledged_on = on

    def _removed(self, rows: Rows, case: Case, begun: datetime.date, *, back: bool) -> None:
        """The risk is over, and for some it comes back."""
        removal = self._case(rows, case.household, CaseKind.REMOVAL, begun, None, about=case, main_risk="illness")
        on = removal.acknowledged_on
        conditions = [_condition(key, case.decided_on, on) for key in sorted(CONDITIONS)]
        rows.add(
            Removal(
                case=removal, first_visitor=self.staff.cadre.name, first_account=self.staff.cadre, second_visitor="李四",
                survey=removal.survey, opening_conditions=conditions, visit_conditions=conditions,
                decision_conditions=conditions,
            )
        )  # fmt: skip
        self._event(rows, case, "removed", Stage.REGISTERED, Stage.REMOVED, self.staff.officer, on)
        case.stage, case.removed_on = Stage.REMOVED, on
        if back:
            later = on + 30 * DAY
            survey = self._survey(rows, case.household, later - DAY)
            self._event(
                rows, case, "reinstate", Stage.REMOVED, Stage.REGISTERED, self.second_officer, later, note="又住院了"
            )
            case.stage, case.removed_on = Stage.REGISTERED, None
            rows.add(
                Reinstatement(
                    case=case, removed_on=on, reinstated_on=later, reason="又住院了", survey=survey, by=self.second_officer,
                    at=_noon(later),
                )
            )  # fmt: skip

    def _new(self, household: Household, kind: CaseKind, stage: Stage, **columns: Any) -> Case:
        return Case(
            household=household, village=self.village, kind=kind, stage=stage, stage_since=timezone.now(),
            monitor_class=MonitorClass.EDGE, ruleset=self.ruleset, opened_by=self.staff.cadre, **columns,
        )  # fmt: skip

    def _survey(self, rows: Rows, household: Household, on: datetime.date) -> Survey:
        survey = Survey(
            household=household, village=self.village, visited_on=on, period_start=on - 365 * DAY, period_end=on - DAY,
            entered_by=self.staff.cadre, persons=3, wage=2_000_000, operating_gross=0, operating_cost=0, property_income=0,
            transfer=0, transfer_expense=0,
        )  # fmt: skip
        rows.add(survey)
        return survey

    def _event(
        self, rows: Rows, case: Case, step: str, before: str, after: str, by: Any, on: datetime.date, note: str = ""
    ) -> None:
        rows.add(CaseEvent(case=case, step=step, from_stage=before, to_stage=after, by=by, at=_noon(on), note=note))

    # ---- what several cases share ----

    def _meetings_and_notices(self, rows: Rows) -> None:
        """One meeting and one notice for some cases of one kind whose steps fell on the same day."""
        for step, write in (("meeting_recognise", self._meeting), ("post_notice", self._notice)):
            together: dict[tuple[str, datetime.datetime], list[Case]] = {}
            for event in rows.kinds[CaseEvent]:
                if event.step == step:
                    together.setdefault((event.case.kind, event.at), []).append(event.case)
            for (kind, at), cases in together.items():
                for some in _by(ON_ONE_NOTICE, cases):
                    write(rows, CaseKind(kind), timezone.localdate(at), some)

    def _meeting(self, rows: Rows, _kind: CaseKind, on: datetime.date, cases: Sequence[Case]) -> None:
        meeting = rows.add(
            Meeting(
                village=self.village, held_on=on, place="村部", due=24, present=21, chair="主任", minute_taker="会计",
                minutes="逐户评议。", recorded_by=self.staff.cadre,
            )
        )  # fmt: skip
        for case in cases:
            rows.add(
                Ballot(meeting=meeting, case=case, present=21, in_favour=20, against=1, abstained=0, recognised=True)
            )

    def _notice(self, rows: Rows, kind: CaseKind, on: datetime.date, cases: Sequence[Case]) -> None:
        days = [on + number * DAY for number in range(self.procedures[kind].notice_days)]
        notice = rows.add(
            Notice(
                village=self.village, kind=NoticeKind.REMOVAL if kind == CaseKind.REMOVAL else NoticeKind.INTAKE,
                starts_on=days[0], ends_on=days[-1], days=len(days), counted_days=[day.isoformat() for day in days],
                row_cases=[str(case.pk) for case in cases], snapshot=[{} for _case in cases], posted_by=self.staff.cadre,
            )
        )  # fmt: skip
        for case in cases:
            rows.add(Notice.cases.through(notice=notice, case=case))


def _condition(key: str, since: datetime.date, on: datetime.date) -> dict[str, Any]:
    """A condition as it is kept when it holds."""
    figures = {
        "months": {"months": 6, "since": since.isoformat(), "on": on.isoformat()},
        "income": {"amount": 2_000_000, "persons": 3, "line": "500000"},
        "measures": {"measures": ["低保"]},
    }
    return {"key": key, "title": key, "met": True, "words": "满足", **figures.get(key, {})}


def _noon(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(12)))


def _by(size: int, cases: Sequence[Case]) -> Iterator[Sequence[Case]]:
    for start in range(0, len(cases), size):
        yield cases[start : start + size]


def tell_when_submitted() -> None:
    """Surveys written in bulk were submitted at noon of their visit: the column fills itself on insert."""
    for day in Survey.objects.order_by().values_list("visited_on", flat=True).distinct():
        Survey.objects.filter(visited_on=day).update(submitted_at=_noon(day))
