"""Read the rule sets that ship as TOML; one that is not whole is refused with a sentence that names the place."""

import datetime
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError

FOLDER = Path(__file__).parent / "rulesets"
YUAN = "元"
TOP_KEYS = {
    "code", "title", "document", "begins_on", "eligible_types", "graded_types", "lines", "rules",
    "procedure", "parameters", "decisions", "flags", "labels", "next_steps",
}  # fmt: skip
PROCEDURE_KEYS = {
    "decides", "decides_source", "steps", "steps_source", "same_steps_for_lifted", "same_steps_source",
}  # fmt: skip
LINES_KEYS = {"lifted", "ordinary", "percent"}
PERCENT = "%"


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
    """A number of a rule set through time, oldest value first."""

    key: str
    title: str
    unit: str
    note: str
    values: tuple[DatedValue, ...]

    @property
    def is_money(self) -> bool:
        """Whether the number is yuan, which is compared in whole fen."""
        return self.unit.startswith(YUAN)

    @property
    def is_percent(self) -> bool:
        """Whether the number is whole percent."""
        return self.unit == PERCENT


@dataclass(frozen=True)
class Procedure:
    """Who decides and which steps there are, each with its source."""

    decides: str
    decides_source: str
    steps: tuple[str, ...]
    steps_source: str
    same_steps_for_lifted: bool
    same_steps_source: str


@dataclass(frozen=True)
class Decision:
    """A row of the decision table: it holds when one of the lists of rules is met whole; an empty table row always does.

    Outcome and reason are given per household type; ``""`` stands for any type. ``label`` is what the outcome is called
    when this row gave it, where that differs from its name in the rule set.
    """

    outcome: Mapping[str, str]
    met: tuple[tuple[str, ...], ...]
    reason: Mapping[str, str]
    label: Mapping[str, str]

    def outcome_for(self, household_type: str) -> str:
        """The outcome code for a household of this type."""
        return self.outcome.get(household_type) or self.outcome[""]

    def reason_for(self, household_type: str) -> str:
        """The reason in one line, with names in braces, for a household of this type."""
        return self.reason.get(household_type) or self.reason[""]


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
    title: str
    document: str
    begins_on: datetime.date
    eligible_types: tuple[str, ...]
    graded_types: tuple[str, ...]
    lines: Mapping[str, str]  # household type -> parameter of its line; "percent" -> parameter that multiplies it
    rules: tuple[str, ...]
    procedure: Procedure
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

    def label_of(self, decision: Decision, household_type: str) -> str:
        """What the outcome is called when this row gave it."""
        return decision.label.get(household_type) or self.labels[decision.outcome_for(household_type)]


def known_codes() -> list[str]:
    """The rule sets that ship."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@cache
def ruleset(code: str) -> RuleSet:
    """The rule set with this code; raises RuleSetRefused with a sentence when there is none, or its file is not whole."""
    if code not in known_codes():
        raise RuleSetRefused(f"没有规则集“{code}”。可用的有：{'、'.join(known_codes())}。")
    return read(FOLDER / f"{code}.toml")


def read(path: Path) -> RuleSet:
    """Read one file; raises RuleSetRefused naming the file and what is wrong."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        found = _build(raw)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError, InvalidOperation) as fault:
        raise RuleSetRefused(f"规则集文件 {path.name} 读不了：{fault}") from fault
    except ValidationError as fault:
        raise RuleSetRefused(f"规则集文件 {path.name}：{fault.messages[0]}") from fault
    if found.code != path.stem:
        raise RuleSetRefused(f"规则集文件 {path.name} 的 code 是 {found.code}，与文件名不一致。")
    return found


def _build(raw: dict[str, Any]) -> RuleSet:
    _only(raw, TOP_KEYS, "文件")
    _only(raw["procedure"], PROCEDURE_KEYS, "procedure")
    _only(raw["lines"], LINES_KEYS, "lines ")
    parameters = {key: _parameter(key, table, raw["begins_on"]) for key, table in raw["parameters"].items()}
    found = RuleSet(
        code=raw["code"],
        title=raw["title"],
        document=raw["document"],
        begins_on=raw["begins_on"],
        eligible_types=tuple(raw["eligible_types"]),
        graded_types=tuple(raw["graded_types"]),
        lines=raw["lines"],
        rules=tuple(raw["rules"]),
        procedure=Procedure(**{**raw["procedure"], "steps": tuple(raw["procedure"]["steps"])}),
        parameters=parameters,
        decisions=tuple(_decision(row) for row in raw["decisions"]),
        flags=tuple(_flag(row) for row in raw["flags"]),
        labels=raw["labels"],
        next_steps=raw["next_steps"],
    )
    _check_references(found)
    return found


def _only(table: dict[str, Any], allowed: set[str], place: str) -> None:
    if unknown := set(table) - allowed:
        raise ValidationError(f"{place}里有不认识的项：{'、'.join(sorted(unknown))}。")


def _parameter(key: str, table: dict[str, Any], begins_on: datetime.date) -> Parameter:
    _only(table, {"title", "unit", "note", "values"}, f"参数 {key} ")
    values = []
    for row in table["values"]:
        _only(row, {"from", "value", "source"}, f"参数 {key} ")
        if not str(row["source"]).strip():
            raise ValidationError(f"参数 {key} 有一个数没有写依据。")
        values.append(DatedValue(key, Decimal(row["value"]), row["from"], row["source"]))
    starts = [value.starts_on for value in values]
    if not starts or starts != sorted(set(starts)) or starts[0] > begins_on:
        raise ValidationError(f"参数 {key} 的起始日期要从规则集开始起、由早到晚、不重复。")
    return Parameter(key, table["title"], table["unit"], table.get("note", ""), tuple(values))


def _decision(row: dict[str, Any]) -> Decision:
    _only(row, {"outcome", "met", "reason", "label"}, "decisions ")
    return Decision(
        outcome=_by_type(row["outcome"]),
        met=tuple(tuple(rules) for rules in row["met"]),
        reason=_by_type(row["reason"]),
        label=_by_type(row.get("label", {})),
    )


def _flag(row: dict[str, Any]) -> Flag:
    return Flag(**{**row, "reason": _by_type(row["reason"]), "not_for": tuple(row["not_for"])})


def _by_type(value: str | dict[str, str]) -> dict[str, str]:
    return value if isinstance(value, dict) else {"": value}


def _check_references(found: RuleSet) -> None:
    named = {code for decision in found.decisions for rules in decision.met for code in rules}
    named |= {flag.rule for flag in found.flags}
    if unknown := named - set(found.rules):
        raise ValidationError(f"判定表用到的规则没有列入 rules：{'、'.join(sorted(unknown))}。")
    if [decision for decision in found.decisions if not decision.met] != [found.decisions[-1]]:
        raise ValidationError("判定表的最后一行、也只有最后一行，不带条件。")
    outcomes = {outcome for decision in found.decisions for outcome in decision.outcome.values()}
    if missing := outcomes - (set(found.labels) & set(found.next_steps)):
        raise ValidationError(f"结论没有名称或下一步：{'、'.join(sorted(missing))}。")
    if unknown := set(found.lines.values()) - set(found.parameters):
        raise ValidationError(f"lines 用到的参数没有写：{'、'.join(sorted(unknown))}。")
    if not all(re.fullmatch(r"[A-Z]\d{2}", code) for code in found.rules):
        raise ValidationError("规则编号是一个字母加两位数字。")
