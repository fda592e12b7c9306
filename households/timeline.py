"""Everything that happened to a household, newest first: events of the family, visits, steps of cases, measures."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone

from accounts.names import ACTIONS
from households.models import Household
from households.signals import timeline_asked


@dataclass(frozen=True)
class Entry:
    """One thing that happened: its day, what, to or by whom, and a sentence. ``recorded`` orders those of one day."""

    on: datetime.date
    recorded: datetime.datetime
    title: str
    who: str = ""
    text: str = ""
    survey_pk: str = ""


def timeline(household: Household) -> list[Entry]:
    """All entries of the household, the newest first."""
    sources = (_family, _surveys, _steps, _gradings, _oversight, _visits, _deliveries)
    entries = [entry for source in sources for entry in source(household)]
    for _receiver, told in timeline_asked.send(sender=Household, household=household):
        entries += told
    return sorted(entries, key=lambda entry: (entry.on, entry.recorded), reverse=True)


def _family(household: Household) -> Iterator[Entry]:
    for event in household.life_events.select_related("member", "other_household", "recorded_by"):
        about = f"：{event.member}" if event.member else f"：{event.other_household}" if event.other_household else ""
        yield Entry(
            event.happened_on,
            event.recorded_at,
            f"{event.get_kind_display()}{about}",
            f"{event.recorded_by} 登记",
            event.note,
        )


def _surveys(household: Household) -> Iterator[Entry]:
    for survey in household.surveys.select_related("entered_by"):
        title = "更正入户调查" if survey.supersedes_id else "入户调查"
        who = f"{survey.visitor_name}（{survey.entered_by} 代录）" if survey.visitor_name else str(survey.entered_by)
        text = survey.correction_reason or survey.note
        yield Entry(survey.visited_on, survey.submitted_at, title, who, text, survey_pk=str(survey.pk))


def _steps(household: Household) -> Iterator[Entry]:
    # Cases, visits and deliveries belong to the apps above: they are read through their relation to the household.
    for case in household.cases.prefetch_related("events__by"):
        for event in case.events.all():
            yield Entry(
                timezone.localdate(event.at),
                event.at,
                f"{case.get_monitor_class_display()}：{ACTIONS.get(f'case.{event.step}', event.get_to_stage_display())}",
                str(event.by) if event.by else "系统",
                event.open_note,
            )


def _oversight(household: Household) -> Iterator[Entry]:
    """Findings about the household, and what consultations decided about it; other households stay unnamed."""
    for finding in household.findings.select_related("place", "answerable", "recorded_by").prefetch_related(
        "rectifications__reported_by"
    ):
        words = f"{finding.what}（{finding.unit}整改，{finding.due_on:%Y-%m-%d} 前，{finding.get_state_display()}）"
        yield Entry(finding.found_on, finding.recorded_at, "督导发现问题", finding.found_by, words)
        for report in finding.rectifications.all():
            verdict = {None: "等验收", True: "验收通过", False: f"退回：{report.verdict}"}[report.accepted]
            words = f"{report.what}（{verdict}）"
            yield Entry(report.done_on, report.reported_at, "督导问题整改", str(report.reported_by), words)
    for case in household.cases.prefetch_related("consultations__region", "decisions__answerable"):
        decided = list(case.decisions.all())
        for consultation in case.consultations.all():
            words = "；".join(
                f"{one.what}（{one.unit}，{one.due_on:%Y-%m-%d} 前，{one.get_state_display()}）"
                for one in decided
                if one.consultation_id == consultation.pk
            )
            yield Entry(consultation.held_on, consultation.recorded_at, "专题会商", consultation.region.name, words)


def _gradings(household: Household) -> Iterator[Entry]:
    for grading in household.gradings.prefetch_related("events__by"):
        for event in grading.events.all():
            title = f"{ACTIONS[f'grading.{event.step}']}：{event.get_level_display()}"
            yield Entry(timezone.localdate(event.at), event.at, title, str(event.by), event.note)


def _visits(household: Household) -> Iterator[Entry]:
    for visit in household.visits.select_related("visitor"):
        who = f"{visit.visitor_name}（{visit.visitor} 代录）" if visit.visitor_name else str(visit.visitor)
        yield Entry(visit.visited_on, visit.entered_at, f"走访：{visit.get_mood_display()}", who, visit.sentence)


def _deliveries(household: Household) -> Iterator[Entry]:
    for delivery in household.deliveries.select_related("member"):
        about = f"（{delivery.member}）" if delivery.member else ""
        days = (
            (delivery.promised_on, "承诺帮扶"),
            (delivery.begun_on, "开始帮扶"),
            (delivery.ended_on, "结束帮扶"),
            (delivery.dropped_on, "不再办理"),
        )
        for day, what in days:
            if day:
                text = delivery.note if what in ("开始帮扶", "不再办理") else ""
                yield Entry(day, delivery.entered_at, f"{what}：{delivery.name}{about}", text=text)
