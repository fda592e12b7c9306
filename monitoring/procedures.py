"""The procedure of a case: its steps and limits, taken from the rule set when the case begins and kept to its end."""

import datetime
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from households.codes import MonitorClass
from monitoring import workdays
from monitoring.models import Case, CaseKind, PinnedProcedure, Stage
from monitoring.policy.values import Policy

TOTAL = "total_days"  # the parameter
NOTICE_DAYS = "notice_days"
# A step of a rule set as the stages that a case passes through.
STAGES_OF = {"notice": (Stage.NOTICE_DUE, Stage.NOTICE)}
# Without these a 脱贫户 goes on where the rule set does not ask it for the same steps (reading A3).
ONLY_OF_NEW = ("meeting", "notice")


@dataclass(frozen=True)
class PinnedStep:
    """One step: what it is called, after which clause, and its limit, where one is set."""

    stage: str
    title: str
    source: str
    days: int | None
    unit: str

    @property
    def limit(self) -> str:
        """5 个工作日; empty where none is set."""
        return "" if self.days is None else f"{self.days} {'个工作日' if self.unit == '工作日' else self.unit}"


@dataclass(frozen=True)
class Procedure:
    """The path of a case from its first stage to its last."""

    path: str
    decides: str  # town or county
    notice_days: int
    steps: tuple[PinnedStep, ...]
    total_days: int | None = None
    total_unit: str = "天"
    two_thirds: bool = False  # of those due must be at the meeting
    compares: tuple[str, ...] = ()  # what of the negative list is compared
    notice_unit: str = "天"
    counts_first_day: bool = True  # of a notice
    photo_days: int | None = None  # within which a notice that hangs must be photographed; None: it need not be

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "Procedure":
        """From what was pinned."""
        steps = tuple(PinnedStep(**step) for step in content["steps"])
        return cls(**{**content, "steps": steps, "compares": tuple(content.get("compares", ()))})

    @property
    def content(self) -> dict[str, Any]:
        """What is pinned."""
        steps = [vars_of(step) for step in self.steps]
        return {**vars_of(self), "steps": steps, "compares": list(self.compares)}

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """Every stage in its order; the last is where the case ends when all goes through."""
        begins = (Stage.WATCH,) if self.path == CaseKind.DESIGNATION else ()
        ends = Stage.REGISTERED if self.path == CaseKind.DESIGNATION else Stage.DONE
        between = (stage for step in self.steps for stage in STAGES_OF.get(step.stage, (Stage(step.stage),)))
        return (*begins, *between, ends)

    def has(self, stage: str) -> bool:
        """Whether a case passes through the stage."""
        return stage in self.stages

    def after(self, stage: str) -> Stage:
        """The next stage; the last one's is itself."""
        place = self.stages.index(Stage(stage))
        return self.stages[min(place + 1, len(self.stages) - 1)]

    def is_before(self, earlier: str, stage: str) -> bool:
        """Whether a case passes through ``earlier`` on its way to the stage."""
        return self.has(earlier) and self.has(stage) and self.stages.index(earlier) < self.stages.index(stage)

    def step_at(self, stage: str) -> PinnedStep | None:
        """The step that is done in a stage."""
        return next((step for step in self.steps if stage in STAGES_OF.get(step.stage, (step.stage,))), None)

    def due_on(self, stage: str, day: datetime.date) -> datetime.date | None:
        """The last day for what is to be done in a stage that was reached on a day; None where no limit is set.

        While a notice hangs, its own last day is the limit, and nobody can be late.
        """
        step = self.step_at(stage)
        if step is None or step.days is None or stage == Stage.NOTICE:
            return None
        return workdays.add(day, step.days, step.unit)

    def total_due_on(self, day: datetime.date) -> datetime.date | None:
        """The last day for all of it, counted from the day on which it began; None where no limit is set."""
        return None if self.total_days is None else workdays.add(day, self.total_days, self.total_unit)


def vars_of(row: Any) -> dict[str, Any]:
    """The fields of a frozen row, without what it keeps in mind."""
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


def from_policy(policy: Policy, kind: str, *, lifted: bool) -> Procedure:
    """The path as the policy has it today, for a 脱贫户 or another household."""
    procedure = policy.ruleset.procedure
    left_out = ONLY_OF_NEW if lifted and kind == CaseKind.DESIGNATION and not procedure.same_steps_for_lifted else ()
    steps = tuple(
        PinnedStep(step.stage, step.title, step.source, _days(policy, step.limit), _unit(policy, step.limit))
        for step in procedure.path(kind)
        if step.stage not in left_out
    )
    return Procedure(
        str(kind),
        procedure.decides,
        policy.notice_days,
        steps,
        _days(policy, TOTAL),
        _unit(policy, TOTAL),
        policy.is_on("meeting_two_thirds"),
        procedure.compares if any(step.stage == "compare" for step in steps) else (),
        _unit(policy, NOTICE_DAYS),
        _is_on(policy, "notice_counts_first_day", otherwise=True),
        _days(policy, "notice_photo_days") if _is_on(policy, "notice_photo_required", otherwise=False) else None,
    )


def pin(policy: Policy, kind: str, *, lifted: bool) -> PinnedProcedure:
    """The row of this path; the same steps and numbers are one row, whoever asks at the same moment."""
    content = from_policy(policy, kind, lifted=lifted).content
    told = json.dumps([policy.ruleset.code, content], sort_keys=True, ensure_ascii=False)
    row, _new = PinnedProcedure.objects.get_or_create(
        digest=hashlib.sha256(told.encode()).hexdigest(),
        defaults={"ruleset": policy.ruleset.code, "path": kind, "content": content},
    )
    return row


def pinned(case: Case) -> Procedure | None:
    """What was pinned when the case began; None for one that was entered from elsewhere."""
    return Procedure.of(case.procedure.content) if case.procedure else None


def procedure_of(case: Case, policy: Policy) -> Procedure:
    """What was pinned; for a case that was entered from elsewhere the path of its rule set today."""
    return pinned(case) or from_policy(policy, case.kind, lifted=case.monitor_class == MonitorClass.RELAPSE)


def _days(policy: Policy, key: str) -> int | None:
    return policy.whole(key) if key and key in policy.ruleset.parameters and policy.is_set(key) else None


def _unit(policy: Policy, key: str) -> str:
    return policy.ruleset.parameters[key].unit if key in policy.ruleset.parameters else "天"


def _is_on(policy: Policy, key: str, *, otherwise: bool) -> bool:
    return policy.is_on(key) if key in policy.ruleset.parameters and policy.is_set(key) else otherwise
