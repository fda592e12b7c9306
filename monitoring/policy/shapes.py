"""What a rule set says, as frozen values: numbers through time, the decision table, income, procedure, names."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError

YUAN = "元"
PERCENT = "%"
SWITCH = "开关"
NO_COLOURS = "none"
RULESET_KEY = "ruleset"  # under this key a region's choice of a rule set is kept among its numbers


class RuleSetRefused(ValidationError):
    """A rule set that is not known, or whose file is not whole."""


@dataclass(frozen=True)
class DatedValue:
    """A number from a day on, with the document it comes from; ``value`` is as written: yuan, days, months or percent."""

    key: str
    value: Decimal
    starts_on: datetime.date
    source: str
    set_by: str = ""  # the region that set it; empty: ships with the rule set


@dataclass(frozen=True)
class Parameter:
    """A number of a rule set through time, oldest value first; without any where each district sets its own."""

    key: str
    title: str
    unit: str
    note: str
    values: tuple[DatedValue, ...]
    set_by_district: bool = False
    source: str = ""  # why no number ships; empty where one does

    @property
    def is_money(self) -> bool:
        """Whether the number is yuan, which is compared in whole fen."""
        return self.unit.startswith(YUAN)

    @property
    def is_percent(self) -> bool:
        """Whether the number is whole percent."""
        return self.unit == PERCENT

    @property
    def is_switch(self) -> bool:
        """Whether the number is 1 for on and 0 for off."""
        return self.unit == SWITCH


@dataclass(frozen=True)
class ProcedureStep:
    """A step of one path: ``designation`` (纳入), ``removal`` (风险消除) or ``registration`` (建档立卡); ``limit`` is the
    parameter with its days, where there is one."""

    path: str
    stage: str
    title: str
    source: str
    limit: str = ""


@dataclass(frozen=True)
class Procedure:
    """Who decides and which steps there are on each path, in their order, each with its source."""

    decides: str
    decides_source: str
    same_steps_for_lifted: bool
    same_steps_source: str
    steps: tuple[ProcedureStep, ...]
    compares: tuple[str, ...] = ()  # items of the negative list, where the rule set has the step 信息比对
    compares_source: str = ""

    def path(self, name: str) -> tuple[ProcedureStep, ...]:
        """The steps of a path; none where the rule set does not have it."""
        return tuple(step for step in self.steps if step.path == name)

    def has(self, stage: str) -> bool:
        """Whether a household is designated by way of this step."""
        return any(step.stage == stage for step in self.path("designation"))


@dataclass(frozen=True)
class Income:
    """Which income is compared with the lines: ``net``, or ``disposable`` after what the family pays to others."""

    basis: str
    source: str


@dataclass(frozen=True)
class IncomeItem:
    """One thing a family may receive or pay, and whether it counts: ``yes``, ``recurrent`` (only what recurs) or ``no``."""

    name: str
    field: str  # the amount of the survey that it belongs to
    counts: str


@dataclass(frozen=True)
class Colours:
    """The colours of the levels: none, or 红黄蓝."""

    scheme: str
    source: str


@dataclass(frozen=True)
class SizeGuide:
    """How many the document expects to be monitored, as guidance: nobody is left out because of it."""

    words: str
    percent: int
    source: str
    deep_poverty: bool = False  # for districts that are marked 深度贫困, the others for the rest


@dataclass(frozen=True)
class Decision:
    """A row of the decision table: it holds when one of the lists of rules is met whole; an empty table row always does.

    Outcome and reason are given per household type; ``""`` stands for any type. ``level`` is the other axis (红黄蓝).
    ``label`` is what the outcome is called when this row gave it, where that differs from its name in the rule set.
    """

    outcome: Mapping[str, str]
    met: tuple[tuple[str, ...], ...]
    reason: Mapping[str, str]
    label: Mapping[str, str]
    level: str = ""

    def outcome_for(self, household_type: str) -> str:
        """The outcome code for a household of this type."""
        return self.outcome.get(household_type) or self.outcome[""]

    def reason_for(self, household_type: str) -> str:
        """The reason in one line, with names in braces, for a household of this type."""
        return self.reason.get(household_type) or self.reason[""]

    def code_for(self, household_type: str) -> str:
        """The level where the row gives one, else the outcome: what labels and next steps are kept under."""
        return self.level or self.outcome_for(household_type)


@dataclass(frozen=True)
class Flag:
    """A mark beside the outcome when its rule is met, except for the outcomes in ``not_for``."""

    code: str
    rule: str
    label: str
    reason: Mapping[str, str]
    not_for: tuple[str, ...]

    def reason_for(self, household_type: str) -> str:
        """What the mark adds to the reason, for a household of this type."""
        return self.reason.get(household_type) or self.reason.get("", "")


@dataclass(frozen=True)
class RuleSet:
    """One document's rules: which are in force, in which order they decide, and their numbers."""

    code: str
    version: str  # digest of the file: another number or word is another version
    title: str
    document: str
    begins_on: datetime.date
    eligible_types: tuple[str, ...]
    graded_types: tuple[str, ...]
    lines: Mapping[str, str]  # household type -> parameter of its line; "percent" -> parameter that multiplies it
    line_names: Mapping[str, str]  # household type -> what its line is called
    rules: tuple[str, ...]
    asks: tuple[str, ...]  # what the survey asks beyond income, causes and guarantees
    income: Income
    income_items: tuple[IncomeItem, ...]
    income_items_source: str
    procedure: Procedure
    colours: Colours
    size: tuple[SizeGuide, ...]
    parameters: Mapping[str, Parameter]
    decisions: tuple[Decision, ...]
    flags: tuple[Flag, ...]
    labels: Mapping[str, str]
    next_steps: Mapping[str, str]

    def parameter(self, key: str) -> Parameter:
        """The parameter with this key; raises RuleSetRefused when the rule set has none."""
        if key not in self.parameters:
            raise RuleSetRefused(f"规则集“{self.title}”没有参数 {key}。")
        return self.parameters[key]

    def line_of(self, household_type: str) -> str:
        """The key of the parameter that a household of this type is compared with."""
        return self.lines.get(household_type) or self.lines["ordinary"]

    def line_name(self, household_type: str) -> str:
        """What the line of a household of this type is called."""
        return self.line_names.get(household_type) or self.line_names["ordinary"]

    def label_of(self, decision: Decision, household_type: str) -> str:
        """What the level or outcome is called when this row gave it."""
        return decision.label.get(household_type) or self.labels[decision.code_for(household_type)]

    def next_step_of(self, decision: Decision, household_type: str) -> str:
        """What is done next when this row held."""
        return self.next_steps[decision.code_for(household_type)]

    def items_of(self, field: str, counts: str) -> list[str]:
        """The items of one amount of the survey that count so."""
        return [item.name for item in self.income_items if (item.field, item.counts) == (field, counts)]
