"""Proof of 三色分级: which filed gradings lack a step, a distinct actor, a visit or a reason, and which grades no grading."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from accounts.roles import CASEWORK_ROLES
from monitoring.grading_steps import BY_NAME, PROPOSE
from monitoring.models import Grade, Grading, GradingEvent, GradingStage
from monitoring.proof_rows import People

WANTED = (PROPOSE, "agree", "file")
CHUNK = 1000
LABELS = {PROPOSE: "村里提出", "agree": "镇（街）审核", "file": "区（县）备案"}


class GradingFault(NamedTuple):
    """One thing that is wrong with a household's grading, in a sentence."""

    household: UUID
    grading: UUID | None
    sentence: str


def grading_faults(gradings: Iterable[Grading] | None = None, people: People | None = None) -> Iterator[GradingFault]:
    """Everything that is wrong with these gradings (all); nothing where every household was graded by the book.

    Reads in chunks, so that a prefecture's gradings can be proved. ``people``: who is who, where that was read already.
    """
    people = people or People()
    if gradings is not None:
        for grading in gradings:
            yield from _of_one(grading, people)
        return
    rows = Grading.objects.select_related("survey", "grade", "round").prefetch_related("events").order_by("pk")
    for grading in rows.iterator(chunk_size=CHUNK):
        yield from _of_one(grading, people)
    yield from _grades_without_grading()


def _of_one(grading: Grading, people: People) -> Iterator[GradingFault]:
    for sentence in (*_way_faults(grading, people), *_basis_faults(grading, people), *_grade_faults(grading)):
        yield GradingFault(grading.household_id, grading.pk, sentence)


def _way_faults(grading: Grading, people: People) -> Iterator[str]:
    """The steps lead from one to the next up to where it stands, and the last round of them is whole."""
    events = list(grading.events.all())
    stage = ""
    for event in events:
        step = BY_NAME.get(event.step)
        if step is None or event.to_stage != step.target:
            yield f"办理记录里有一步“{event.step}”对不上程序。"
        elif (
            event.from_stage != stage or (stage and stage not in step.sources) or (not stage and event.step != PROPOSE)
        ):
            yield f"“{step.label}”以前的环节对不上。"
        stage = event.to_stage
    if stage != grading.stage:
        yield "现在的环节和办理记录对不上。"
    if grading.stage == GradingStage.FILED:
        yield from _last_way(events, people)


def _last_way(events: list[GradingEvent], people: People) -> Iterator[str]:
    """Proposed, reviewed and filed since it was last sent back, by different people at the three desks."""
    last = {event.step: event for event in events}
    for name in WANTED:
        if name not in last:
            yield f"没有{LABELS[name]}。"
    actors: dict[int, str] = {}
    for event in events:
        desk = BY_NAME[event.step].desk if event.step in BY_NAME else ""
        for who in people.persons((event.by_id, event.on_behalf_of_id)):
            if event.step in WANTED and actors.setdefault(who, desk) != desk:
                yield "同一个人（或他代办的人）在两个岗位上办了这一户。"
    days = [last[name].at for name in WANTED if name in last]
    if days != sorted(days):
        yield "办理的先后不对。"


def _basis_faults(grading: Grading, people: People) -> Iterator[str]:
    """A visit before the proposal, fresh enough for the round; a reason where the level is another than suggested."""
    proposed = [event for event in grading.events.all() if event.step == PROPOSE]
    if proposed and grading.survey.visited_on > timezone.localdate(proposed[-1].at):
        yield "提出在前、入户在后。"
    if grading.round and grading.survey.visited_on < grading.round.visited_from:
        yield "入户太早，这一轮没有实地了解。"
    if grading.survey.household_id != grading.household_id:
        yield "依据的是别户的入户调查。"
    if grading.level != grading.suggested and not grading.reason:
        yield "和系统建议不同，没有写原因。"
    visitors = people.persons((grading.survey.entered_by_id, grading.survey.on_behalf_of_id))
    last = {event.step: event for event in grading.events.all()}
    for name, words in (("agree", "审核"), ("file", "备案")):
        if name in last and people.persons((last[name].by_id, last[name].on_behalf_of_id)) & visitors:
            yield f"{words}的人就是入户的人。"


def _grade_faults(grading: Grading) -> Iterator[str]:
    grade = getattr(grading, "grade", None)
    if grading.stage == GradingStage.FILED and grade is None:
        yield "已备案，但农户没有等级。"
    elif grading.stage != GradingStage.FILED and grade is not None:
        yield "没有备案，但农户已有等级。"
    elif grade is not None and (grade.level, grade.begins_on) != (grading.level, grading.filed_on):
        yield "农户的等级和备案的不一样。"


def _grades_without_grading() -> Iterator[GradingFault]:
    """What the constraints of the database keep out, should somebody have gone around them."""
    other = Grade.objects.exclude(household=F("grading__household"))
    for grade in other.iterator(chunk_size=CHUNK):
        yield GradingFault(grade.household_id, grade.grading_id, "等级是别户备案的。")
    events = GradingEvent.objects.exclude(by__postings__role__in=CASEWORK_ROLES).select_related("grading")
    for event in events.distinct().iterator(chunk_size=CHUNK):
        yield GradingFault(event.grading.household_id, event.grading_id, "办理的人从来没有办这件事的岗位。")
