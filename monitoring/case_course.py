"""办理全程: everything that was done on a case, in order: who, when, what, after which clause, with which papers.

The table of one case and the timeline of its household are told by the same sources, each of which asks once for all cases.
"""

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.utils import timezone

from households.models import Attachment, Household
from monitoring.models import (
    Authorisation,
    Ballot,
    Case,
    CaseEvent,
    ComparisonAnswer,
    Finding,
    GradingEvent,
    Lead,
    Notice,
    Objection,
    Reinstatement,
    Removal,
)
from monitoring.models.leads import LeadQuerySet
from monitoring.policy.rulesets import ruleset
from monitoring.procedures import Procedure, pinned
from monitoring.steps import BY_NAME, OURS, event_label


@dataclass(frozen=True)
class Line:
    """One line: the day that counts, when it was written down, what, who, by which clause, a sentence, and the papers."""

    on: datetime.date
    at: datetime.datetime
    what: str
    who: str = ""
    clause: str = ""
    text: str = ""
    papers: tuple[Attachment, ...] = ()
    is_step: bool = False


@dataclass(frozen=True)
class Course:
    """The course of a case: the procedure that was pinned, and what was done."""

    title: str
    procedure: Procedure | None
    lines: list[Line]

    @property
    def papers(self) -> int:
        """How many papers were filed."""
        return sum(len(line.papers) for line in self.lines)


Source = Callable[[Sequence[Case]], Iterator[Line]]


def course_of(case: Case, *, in_office: bool) -> Course:
    """All of one case by the day that counts, oldest first; what was found of hits is for the offices that handle it."""
    procedure = pinned(case)
    lines = [*_events(case, procedure, in_office), *beside([case])]
    lines += [*_surveys(case), *_of_household(case)]
    title = f"{ruleset(case.ruleset).title} · {case.get_kind_display()} · {case.get_source_display()}"
    return Course(title, procedure, sorted(lines, key=lambda line: (line.on, line.at)))


def beside(cases: Sequence[Case]) -> Iterator[Line]:
    """What stands beside the steps of these cases: leads, meetings, notices, objections, comparison, removal, return."""
    for source in SOURCES:
        yield from source(cases)


def beside_steps_of(household: Household) -> list[Line]:
    """The same for all cases of a household, and its leads."""
    cases = list(household.cases.all())
    return [*beside(cases), *_leads(household.leads.filter(case=None))]


# ---- the steps themselves ----


def _events(case: Case, procedure: Procedure | None, in_office: bool) -> Iterator[Line]:
    for event in case.events.select_related("by", "on_behalf_of"):
        yield Line(
            timezone.localdate(event.at), event.at, event_label(event.step, procedure), _who(event.by, event.on_behalf_of),
            _clause(event, procedure), event.note if in_office else event.open_note, is_step=True,
        )  # fmt: skip


def _clause(event: CaseEvent, procedure: Procedure | None) -> str:
    """The clause of the pinned step in which it was taken, else that of the table."""
    step = BY_NAME.get(event.step)
    if step:
        return step.clause_in(procedure, event.from_stage)
    pinned = procedure.step_at(event.from_stage) if procedure and event.from_stage else None
    return pinned.source if pinned else OURS


def _who(by: object, on_behalf_of: object = None) -> str:
    """The name, and for whom he stood in."""
    return f"{by or '系统'}{f'（代 {on_behalf_of}）' if on_behalf_of else ''}"


# ---- what stands beside them ----


def _leads_of(cases: Sequence[Case]) -> Iterator[Line]:
    yield from _leads(Lead.objects.filter(case__in=cases))


def _leads(found: LeadQuerySet) -> Iterator[Line]:
    for lead in found.prefetch_related("evidence__entered_by").select_related("settled_by"):
        for one in lead.evidence.all():
            yield Line(
                one.happened_on,
                one.entered_at,
                f"线索：{one.get_source_display()}",
                _who(one.entered_by),
                text=one.unit,
            )
        if lead.settled_at:
            words = "；".join(part for part in (lead.found, lead.get_reason_display(), lead.note) if part)
            on = timezone.localdate(lead.settled_at)
            yield Line(on, lead.settled_at, f"线索{lead.get_state_display()}", _who(lead.settled_by), text=words)


def _ballots(cases: Sequence[Case]) -> Iterator[Line]:
    found = Ballot.objects.filter(case__in=cases).select_related("meeting__recorded_by")
    for ballot in found.prefetch_related("meeting__papers"):
        meeting = ballot.meeting
        led = "，".join(
            f"{name}{who}" for name, who in (("主持 ", meeting.chair), ("记录 ", meeting.minute_taker)) if who
        )
        due = f"应到 {meeting.due}，" if meeting.due else ""
        votes = f"{due}实到 {ballot.present}，同意 {ballot.in_favour}，不同意 {ballot.against}，弃权 {ballot.abstained}"
        words = "；".join(part for part in (votes, led, ballot.reason) if part)
        verdict = "同意" if ballot.recognised else "不同意"
        papers = tuple(meeting.papers.all())
        yield Line(
            meeting.held_on,
            meeting.recorded_at,
            f"民主评议会：{verdict}",
            _who(meeting.recorded_by),
            text=words,
            papers=papers,
        )


def _notices(cases: Sequence[Case]) -> Iterator[Line]:
    found = Notice.objects.filter(cases__in=cases).distinct().select_related("posted_by").prefetch_related("photos")
    for notice in found:
        words = f"{notice.starts_on:%Y-%m-%d} 至 {notice.ends_on:%Y-%m-%d}"
        words += f"，{notice.closed_on:%Y-%m-%d} 结束" if notice.closed_on else ""
        yield Line(
            notice.starts_on, notice.posted_at, f"{notice.get_kind_display()}{notice.number}", _who(notice.posted_by),
            text=words, papers=tuple(notice.photos.all()),
        )  # fmt: skip


def _objections(cases: Sequence[Case]) -> Iterator[Line]:
    for one in Objection.objects.filter(case__in=cases).select_related("recorded_by", "settled_by"):
        yield Line(one.raised_on, one.recorded_at, "收到异议", _who(one.recorded_by))
        if one.settled_at:
            words = f"{'成立' if one.upheld else '不成立'}：{one.finding}"
            yield Line(
                timezone.localdate(one.settled_at), one.settled_at, "异议核查结论", _who(one.settled_by), text=words
            )


def _authorisations(cases: Sequence[Case]) -> Iterator[Line]:
    found = Authorisation.objects.filter(case__in=cases).select_related("recorded_by").prefetch_related("papers")
    for one in found:
        words = f"签字 {one.signed_by}，讲解 {one.explained_by}"
        words += f"；{one.withdrawn_on:%Y-%m-%d} 撤回：{one.withdrawn_reason}" if one.withdrawn_on else ""
        papers = tuple(one.papers.all())
        yield Line(one.signed_on, one.recorded_at, "登记承诺授权", _who(one.recorded_by), text=words, papers=papers)


def _answers(cases: Sequence[Case]) -> Iterator[Line]:
    """That each item was answered; what was found stays with those who handle the case."""
    for one in ComparisonAnswer.objects.filter(case__in=cases).select_related("entered_by"):
        yield Line(one.answered_on, one.entered_at, f"信息比对反馈：{one.get_item_display()}", _who(one.entered_by))


def _removals(cases: Sequence[Case]) -> Iterator[Line]:
    for one in Removal.objects.filter(case__in=cases, survey__isnull=False).select_related("survey"):
        assert one.survey is not None  # only those are asked for
        words = f"入户人：{'、'.join(one.visitors)}"
        yield Line(one.survey.visited_on, one.survey.submitted_at, "风险消除入户核实", text=words)


def _reinstatements(cases: Sequence[Case]) -> Iterator[Line]:
    found = Reinstatement.objects.filter(case__in=cases).select_related("by", "survey").prefetch_related("evidence")
    for one in found:
        words = f"原移出日期 {one.removed_on:%Y-%m-%d}"
        words += f"；依据 {one.survey.visited_on:%Y-%m-%d} 入户调查" if one.survey else ""
        papers = tuple(one.evidence.all())
        yield Line(one.reinstated_on, one.at, "风险消除回退的依据", _who(one.by), text=words, papers=papers)


SOURCES: tuple[Source, ...] = (
    _leads_of,
    _ballots,
    _notices,
    _objections,
    _authorisations,
    _answers,
    _removals,
    _reinstatements,
)


# ---- of the household, while the case ran ----


def _surveys(case: Case) -> Iterator[Line]:
    """Visits on which the case could rest: the one that it kept, and those submitted while it ran."""
    first = case.events.order_by("at").first()
    for survey in case.household.surveys.select_related("entered_by", "on_behalf_of"):
        if survey.pk == case.survey_id or (first and survey.submitted_at >= first.at):
            who = _who(survey.visitor_name or survey.entered_by, survey.on_behalf_of)
            what = "更正入户调查" if survey.supersedes_id else "入户调查"
            yield Line(survey.visited_on, survey.submitted_at, what, who, text=survey.correction_reason or survey.note)


def _of_household(case: Case) -> Iterator[Line]:
    """Findings about the case, and gradings filed while it ran."""
    for finding in Finding.objects.filter(case=case).select_related("recorded_by"):
        yield Line(finding.found_on, finding.recorded_at, "督导发现问题", finding.found_by, text=finding.what)
    events = GradingEvent.objects.filter(grading__household=case.household_id, at__gte=case.opened_at)
    for event in events.select_related("by", "on_behalf_of"):
        on, who = timezone.localdate(event.at), _who(event.by, event.on_behalf_of)
        yield Line(on, event.at, f"三色分级：{event.get_to_stage_display()}", who, text=event.note)
