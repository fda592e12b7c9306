"""What the person who decides must see of a case: last year beside this visit, rules met, the way so far, the record."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.utils import timezone

from accounts.models import User
from accounts.roles import CASEWORK_ROLES, OFFICE_ROLES
from households.codes import RiskCause
from households.models import LastYearSource, Survey
from monitoring.case_offers import offers
from monitoring.clocks import clock_of, may_extend
from monitoring.comparisons import what_is_missing
from monitoring.department_checks import Check, checks
from monitoring.gates import hold_waits, standing_assessment
from monitoring.models import OPEN_STAGES, Case, CaseEvent, Stage
from monitoring.oversight_page import of_case
from monitoring.policy.explain import explain
from monitoring.policy.figures import short
from monitoring.procedures import Procedure, pinned, procedure_of
from monitoring.steps import event_label
from monitoring.workflow import HOUSEHOLD_IS_GONE, policy_for, steps_for

NOTHING = "—"
MONEY_LINES = (
    ("打工、上班", "wage"),
    ("经营收入", "operating_gross"),
    ("经营支出", "operating_cost"),
    ("财产性收入", "property_income"),
    ("转移性收入", "transfer"),
    ("看病自付", "rigid_medical"),
    ("上学支出", "rigid_education"),
    ("住房支出", "rigid_housing"),
    ("残疾康复", "rigid_disability"),
    ("灾害损失", "rigid_disaster"),
    ("其他刚性支出", "rigid_other"),
)
GUARANTEES = (
    ("吃穿", "food_clothing_ok"),
    ("义务教育", "education_ok"),
    ("基本医疗", "medical_ok"),
    ("住房安全", "housing_ok"),
    ("饮水安全", "water_ok"),
)
# The short label of a stage for the stepper; what is not here has its full one.
SHORT = {
    Stage.WATCH: "预警",
    Stage.AUTHORISE: "授权",
    Stage.SURVEY: "调查",
    Stage.COMPARE: "比对",
    Stage.MEETING: "评议",
    Stage.NOTICE: "公示",
    Stage.TOWN: "镇认定",
    Stage.DISTRICT: "报区",
    Stage.ANNOUNCE: "公告",
    Stage.REGISTERED: "在册",
    Stage.DONE: "办结",
}


@dataclass(frozen=True)
class Line:
    """One line of the comparison; ``differs`` marks what needs a look."""

    label: str
    before: str
    now: str
    change: str
    differs: bool = False
    check: Check | None = None  # what a department has of it

    @property
    def department(self) -> str:
        """The department and its figure."""
        if self.check is None:
            return NOTHING
        figure = self.check.figure
        return f"{figure.department} {figure.grade or short(figure.amount)}"


def case_page(case: Case, user: User) -> dict[str, Any]:
    """Everything that the right pane, the case's own page and the printed form show of a case."""
    prefetch_related_objects([case], Prefetch("events", CaseEvent.objects.select_related("by", "on_behalf_of")))
    policy = policy_for(case)
    today = timezone.localdate()
    survey, before = surveys_of(case)
    assessment = standing_assessment(case, today)
    explanation = explain(assessment) if assessment else None
    # Hits on the negative list are for the offices that handle the case, nobody else (reading A17).
    sees_hits = user.posting_over(case.village, *OFFICE_ROLES) is not None
    return {
        "case": case,
        "household": case.household,
        "persons": case.household.members.living_together().count(),
        "survey": survey,
        "lines": list(compare(survey, before, checks(case, survey))) if survey else [],
        "figures": case.household.department_figures.all()[:20],
        "assessment": assessment,
        "explanation": explanation.for_phone() if explanation and not sees_hits else explanation,
        "outcome": assessment.get_code_display() if assessment else "",
        "hold": sees_hits and hold_waits(case, assessment),
        "stepper": way(case, procedure_of(case, policy)),
        "choices": steps_for(case, user, policy),
        "gone": HOUSEHOLD_IS_GONE if case.household.closed_on and case.stage in OPEN_STAGES else "",
        "events": record_of(case, sees_hits),
        "returned": returned_note(case),
        "compared": _compared(case, sees_hits),
        "clock": clock_of(case),
        "may_extend": case.due_on is not None and may_extend(case, user),
        "ballots": list(case.ballots.select_related("meeting__recorded_by")),
        "notices": list(case.notices.all()),
        "objections": list(case.objections.all()),
        "causes": "、".join(RiskCause(cause).label for cause in case.risk_causes if cause in RiskCause.values),
        "corrections": list(case.corrections.filter(accepted=None).select_related("proposed_by")),
        "oversight": of_case(case, user),
        "offers": offers(case, user),
        "may_correct": case.decided_on is not None
        and case.removed_on is None
        and user.posting_over(case.village, *CASEWORK_ROLES) is not None,
    }


def _compared(case: Case, sees_hits: bool) -> dict[str, Any] | None:
    """The authorisations of a case and, for the offices that handle it, how far the comparison is; None where there is none."""
    authorisations = list(case.authorisations.all())
    if not authorisations:
        return None
    state = what_is_missing(case) or "都有反馈" if sees_hits else ""
    return {"case": case, "authorisations": authorisations, "state": state}


def surveys_of(case: Case) -> tuple[Survey | None, Survey | None]:
    """The newest survey (a corrected one does not count), and the one of an earlier period, if there is one."""
    known = case.household.surveys.filter(superseded_by=None)
    survey = known.newest_first().first()
    if survey is None:
        return case.survey, None
    return survey, known.filter(visited_on__lt=survey.visited_on).newest_first().first()


def compare(survey: Survey, before: Survey | None, known: Mapping[str, Check]) -> Iterator[Line]:
    """Last year beside this visit and what departments know, line by line; what all leave at nothing is left out."""
    yield _per_capita(survey, before)
    yield Line("共同生活人口", _people(before), f"{survey.persons} 人", _more_or_less(before, survey), False)
    for label, name in MONEY_LINES:
        now, old = getattr(survey, name), getattr(before, name) if before else None
        check = known.get(name)
        if now or old or check:
            differs = _much_changed(old, now) or (check is not None and check.is_open)
            yield Line(label, _money(old), _money(now), _change(old, now), differs, check)
    yield from _guarantees(survey, before)
    check = known.get("housing_grade")
    if survey.housing_grade or (before and before.housing_grade) or check:
        grade = survey.housing_grade
        old_grade = before.housing_grade if before else ""
        differs = grade in ("C级", "D级") or (check is not None and check.is_open)
        yield Line("房屋等级", old_grade or NOTHING, grade or NOTHING, "", differs, check)
    causes = "、".join(RiskCause(cause).label for cause in survey.risk_causes)
    yield Line("风险原因", NOTHING, causes or "没有勾选", survey.other_cause, False)


def _guarantees(survey: Survey, before: Survey | None) -> Iterator[Line]:
    """One line when all is well in all five; else a line for each that is not, or was not asked."""
    answers = [(label, getattr(survey, name), getattr(before, name) if before else None) for label, name in GUARANTEES]
    good = [label for label, ok, _was in answers if ok]
    for label, ok, was in answers:
        if not ok:
            yield Line(label, _answer(was), _answer(ok), "有困难" if ok is False else "没有问", True)
    if good:
        words = "三保障和饮水" if len(good) == len(answers) else "、".join(good)
        yield Line(words, NOTHING, "都有保障", "", False)


def way(case: Case, procedure: Procedure) -> list[dict[str, str]]:
    """The stepper, by the procedure of the case: when each stage was done, where it stands, and why it was sent back."""
    reached: dict[str, CaseEvent] = {}
    left: dict[str, CaseEvent] = {}
    for event in sorted(case.events.all(), key=lambda event: event.at):
        if event.from_stage != event.to_stage:  # a note or a correction moves nothing
            reached[event.to_stage] = left[event.from_stage] = event
    shown_as_one = [_together(stage) for stage in procedure.stages if stage != Stage.NOTICE_DUE]
    position = next((place for place, stages in enumerate(shown_as_one) if case.stage in stages), None)
    steps = []
    for place, stages in enumerate(shown_as_one):
        event = next((reached[stage] for stage in reversed(stages) if stage in reached), None)
        state = _state(case, place, position, event)
        pinned = procedure.step_at(stages[-1])
        steps.append(
            {
                "label": SHORT.get(stages[-1], stages[-1].label),
                "title": pinned.title if pinned else stages[-1].label,
                "state": state,
                "date": _date_of(case, _told(stages[-1], state, event, left), state),
            }
        )
    return steps


def returned_note(case: Case) -> str:
    """Why the case was sent back to where it stands; empty where it was not."""
    back = (event for event in case.events.all() if event.step.startswith("return_") and event.at >= case.stage_since)
    return next((event.note for event in back), "")


def _told(stage: Stage, state: str, reached: CaseEvent | None, left: Mapping[str, CaseEvent]) -> CaseEvent | None:
    """The event whose day stands under a stage: that by which it was done; at the end of the way that by which it came."""
    if state == "done" and stage not in (Stage.REGISTERED, Stage.DONE):
        return left.get(stage, reached)
    return reached


def _date_of(case: Case, event: CaseEvent | None, state: str) -> str:
    """When a stage was done, of the one that it stands in when it was reached or by when it must be done."""
    if state in ("current", "returned") and case.due_on:
        return f"限 {case.due_on:%m-%d}"
    return f"{timezone.localtime(event.at):%m-%d}" if event and state != "future" else ""


def _together(stage: Stage) -> tuple[Stage, ...]:
    return (Stage.NOTICE_DUE, Stage.NOTICE) if stage == Stage.NOTICE else (stage,)


def record_of(case: Case, sees_hits: bool) -> list[dict[str, Any]]:
    """Every step on the case's record, newest first; notes on the negative list stay in the office."""
    procedure = pinned(case)
    return [
        {
            "at": event.at,
            "label": event_label(event.step, procedure),
            "by": event.by.name if event.by else "系统",
            "on_behalf_of": event.on_behalf_of.name if event.on_behalf_of else "",
            "note": event.note if sees_hits else event.open_note,
        }
        for event in case.events.all()
    ]


def _state(case: Case, place: int, position: int | None, event: CaseEvent | None) -> str:
    if position is None:
        return "done" if event else "future"
    if place == position:
        returned = event is not None and event.step.startswith("return_") and event.at >= case.stage_since
        return "returned" if returned else "done" if case.stage in (Stage.REGISTERED, Stage.DONE) else "current"
    if place > position:
        return "future"
    return "done" if event else "skipped"


def _per_capita(survey: Survey, before: Survey | None) -> Line:
    now = _head(survey.net_income, survey.persons)
    if before is not None:
        old = _head(before.net_income, before.persons)
        note = ""
    else:
        old = _head(survey.last_year_income, survey.persons)
        note = "上年按名册" if survey.last_year_source == LastYearSource.ROSTER else ""
    change = _percent(old, now)
    return Line(
        "人均纯收入", _money(old), _money(now), "，".join(part for part in (change, note) if part), _much_less(old, now)
    )


def _head(total: int | None, persons: int) -> int | None:
    return total // persons if total is not None and persons else None


def _money(fen: int | None) -> str:
    return NOTHING if fen is None else short(fen)


def _people(survey: Survey | None) -> str:
    return f"{survey.persons} 人" if survey else NOTHING


def _more_or_less(before: Survey | None, survey: Survey) -> str:
    difference = survey.persons - before.persons if before else 0
    return f"{'多' if difference > 0 else '少'} {abs(difference)} 人" if difference else ""


def _answer(ok: bool | None) -> str:
    return {True: "有保障", False: "没有保障", None: NOTHING}[ok]


def _change(old: int | None, now: int | None) -> str:
    if old is None or now is None or old == now:
        return "和上年一样" if old is not None and old == now else ""
    return f"{'多' if now > old else '少'} {short(abs(now - old))}"


def _percent(old: int | None, now: int | None) -> str:
    if not old or now is None or old <= 0:
        return ""
    share = (now - old) * 1000 // old / 10
    return f"{'多' if share > 0 else '少'} {abs(share)}%" if share else "和上年一样"


def _much_changed(old: int | None, now: int | None) -> bool:
    """More than half up or down: the reviewer should ask why."""
    return old is not None and now is not None and old > 0 and abs(now - old) * 2 > old


def _much_less(old: int | None, now: int | None) -> bool:
    return old is not None and now is not None and now * 2 < old
