"""Proof of the way: every step follows from the one before, by the pinned procedure, by somebody who might, nobody twice."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from monitoring.models import CaseKind, CaseSource, Stage
from monitoring.models.cases import OPEN_STAGES
from monitoring.procedures import Procedure
from monitoring.proof_rows import Dossier, People, Row, day_of
from monitoring.steps import (
    AT_DISTRICT,
    AT_TOWN,
    AT_VILLAGE_OR_TOWN,
    BY_NAME,
    ENDS,
    NEXT,
    OPENINGS,
    OTHER_EVENTS,
    VILLAGE,
    event_label,
)

Found = tuple[str, str]  # a code for each kind of fault, and the sentence
OPENING_OF = {
    CaseKind.DESIGNATION: "open", CaseKind.REMOVAL: "open_removal", CaseKind.REGISTRATION: "open_registration",
}  # fmt: skip
GIVEN = (CaseSource.STOCK, CaseSource.HAND_LEDGER)
LEGACY = "complete_survey_directly"
MEETING_REFUSED = "meeting_refuse"
NAMES = {stage.value: stage.label for stage in Stage}


class Place(NamedTuple):
    """As much of a case as a step asks for."""

    kind: str
    stage: str


@dataclass
class Way:
    """What came of walking the record: the events in order, and which of them left each stage for the last time."""

    events: list[Row] = field(default_factory=list)
    left: dict[str, Row] = field(default_factory=dict)
    stage: str = ""


def walk(dossier: Dossier, targets: "Targets") -> tuple[Way, list[Found]]:
    """Follow the record from its opening to where the case stands."""
    case, procedure, faults = dossier.case, dossier.procedure, []
    way = Way(events=in_order(dossier.events))
    assert procedure is not None
    faults += _opening(dossier, way.events)
    for event in way.events:
        if event.from_stage != way.stage:
            here, there = NAMES.get(way.stage, "开始办理"), NAMES.get(event.from_stage, "开始办理")
            faults.append(("gap", f"“{event_label(event.step)}”从“{there}”办起，而这时应在“{here}”。"))
        elif event.from_stage and (wrong := _wrong_target(case.kind, procedure, event, targets)):
            faults.append(("target", wrong))
        if event.from_stage != event.to_stage:
            _leave(way, procedure, event)
        way.stage = event.to_stage
    if way.stage != case.stage:
        faults.append(("stage", f"办理记录到“{NAMES.get(way.stage, '没有')}”，而这一户现在是“{NAMES[case.stage]}”。"))
    if case.source == CaseSource.PROCEDURE:
        faults += _missing_steps(case, procedure, way)
    return way, faults


def in_order(events: list[Row]) -> list[Row]:
    """By time; of several at the same moment first the one that goes on from where the record stands."""
    rest, found, stage = list(events), [], ""
    while rest:
        together = [event for event in rest if event.at == rest[0].at]
        event = next((one for one in together if one.from_stage == stage), together[0])
        rest.remove(event)
        found.append(event)
        stage = event.to_stage
    return found


def _opening(dossier: Dossier, events: list[Row]) -> Iterator[Found]:
    """The record begins as the source says."""
    case = dossier.case
    if not events:
        yield "opening", "没有任何办理记录。"
        return
    first = events[0]
    expected = case.source if case.source in GIVEN else OPENING_OF[CaseKind(case.kind)]
    if first.step != expected or first.from_stage:
        yield "opening", f"办理记录不是从“{event_label(expected)}”开始的。"
    if sum(event.step in (*OPENINGS, *GIVEN) for event in events) > 1:
        yield "opening", "开始办理的记录有两条。"
    if case.source in GIVEN and not (case.stock_batch_id or first.note.strip()):
        yield "provenance", f"来源是“{CaseSource(case.source).label}”，却没有导入批次，也没有说明。"
    if case.source in GIVEN and first.to_stage != Stage.REGISTERED:
        yield "provenance", "存量、台账登记的户不是直接列为在册的。"


def _wrong_target(kind: str, procedure: Procedure, event: Row, targets: "Targets") -> str:
    """Whether the step leads there from here by the procedure; a sentence when it does not."""
    wanted = targets.of(procedure, kind, event.step, event.from_stage)
    if wanted is None:
        return f"“{event_label(event.step)}”不能在“{NAMES.get(event.from_stage)}”办，或者这一户的程序里没有这一步。"
    if wanted != event.to_stage:
        return f"“{event_label(event.step)}”以后应到“{NAMES[wanted]}”，记录的是“{NAMES.get(event.to_stage)}”。"
    return ""


class Targets:
    """Where each step leads from each stage of each procedure: asked once for all cases that share it.

    A procedure is known by its place in memory, so that it is kept here as long as what follows from it.
    """

    def __init__(self) -> None:
        self.kept: dict[int, Procedure] = {}
        self.known: dict[tuple[int, str, str, str], str | None] = {}

    def of(self, procedure: Procedure, kind: str, step: str, from_stage: str) -> str | None:
        """Where the step leads from there; None where it may not be taken."""
        key = (id(procedure), kind, step, from_stage)
        if key not in self.known:
            self.kept[id(procedure)] = procedure
            self.known[key] = _found_target(procedure, kind, step, from_stage)
        return self.known[key]


def _found_target(procedure: Procedure, kind: str, step_name: str, from_stage: str) -> str | None:
    step = BY_NAME.get(step_name)
    if step is None:
        return _other_target(procedure, kind, step_name, from_stage)
    at = Place(kind, from_stage)
    if from_stage not in step.sources or not step.exists_in(at, procedure):  # type: ignore[arg-type]
        return None
    if step.target == NEXT and not procedure.has(from_stage):
        return None
    return str(step.leads_to(at, procedure))  # type: ignore[arg-type]


def _other_target(procedure: Procedure, kind: str, name: str, from_stage: str) -> str | None:
    if name == "removed":
        return Stage.REMOVED if kind == CaseKind.DESIGNATION and from_stage == Stage.REGISTERED else None
    if name == LEGACY:
        return str(procedure.after(from_stage)) if procedure.has(from_stage) else None
    return from_stage if name in OTHER_EVENTS else None


def _leave(way: Way, procedure: Procedure, event: Row) -> None:
    """The stage is left; whoever goes back to an earlier one has to leave those after it again.

    A case that ends in a stage has not done what the stage asks for; only a meeting that refuses was held all the same.
    """
    if event.to_stage in ENDS and event.step != MEETING_REFUSED:
        return
    way.left[event.from_stage] = event
    if procedure.has(event.to_stage):
        place = procedure.stages.index(event.to_stage)
        for stage in procedure.stages[place:]:
            way.left.pop(stage, None)


def _missing_steps(case: Row, procedure: Procedure, way: Way) -> Iterator[Found]:
    """Every stage before the one where it stands was left by a step."""
    stage = Stage.REGISTERED if case.stage == Stage.REMOVED else case.stage
    if not procedure.has(stage):
        if case.stage in OPEN_STAGES:
            yield "missing", f"“{NAMES[case.stage]}”不在这一户的程序里。"
        return
    for earlier in procedure.stages[: procedure.stages.index(stage)]:
        if earlier not in way.left:
            yield "missing", f"缺少“{NAMES[earlier]}”这一步。"


# ---- who acted ----


def actors(dossier: Dossier, way: Way, people: People) -> Iterator[Found]:
    """Each by an allowed role that he held there on the day; reasons where they are asked; no second capacity."""
    visitors = {dossier.removal.first_account_id, dossier.removal.second_account_id} if dossier.removal else set()
    at_desks: list[tuple[str, set[int]]] = []
    begun = way.events[0].at if way.events else None
    for event in way.events:
        step = BY_NAME.get(event.step)
        yield from _role(dossier.case, event, people)
        if step and step.needs_note and not event.note.strip():
            yield "reason", f"“{step.label}”没有写原因。"
        persons = people.persons((event.by_id, event.on_behalf_of_id))
        if step and step.apart and persons:
            elsewhere = set().union(*(who for desk, who in at_desks if desk != step.desk))
            looked = [
                key
                for survey in dossier.surveys
                if survey.pk == dossier.case.survey_id or (begun and begun <= survey.submitted_at <= event.at)
                for key in (survey.entered_by_id, survey.on_behalf_of_id)
            ]
            if persons & (elsewhere | people.persons((*looked, *visitors))):
                yield "capacity", f"“{step.label}”的人在这一户的别的岗位也办过事，同一个人不能办两个岗位的事。"
        desk = step.desk if step else VILLAGE if event.step in OPENINGS else ""
        if desk:
            at_desks.append((desk, persons))


def _role(case: Row, event: Row, people: People) -> Iterator[Found]:
    step = BY_NAME.get(event.step)
    roles = step.roles if step else _roles_of_other(event.step)
    if roles is None:
        return
    if event.by_id is None:
        if not (step and step.by_clock) and event.step != "removed":
            yield "actor", f"“{event_label(event.step)}”没有记下是谁办的。"
        return
    day = day_of(event.at)
    if not people.was_posted(event.by_id, event.on_behalf_of_id, case.village_id, roles, day):
        yield "role", f"“{event_label(event.step)}”（{day:%Y-%m-%d}）的人那天没有在这里担任可以办这一步的岗位。"


def _roles_of_other(name: str) -> tuple[str, ...] | None:
    """The roles for what is no step of the table; None where anybody who works there may."""
    if name in OPENINGS or name == LEGACY:
        return AT_VILLAGE_OR_TOWN
    return (*AT_DISTRICT, *AT_TOWN) if name == "removed" else None
