"""Whether the rule sets that ship are whole: asked when a process starts, which refuses to start with one that is not."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from households.models import Facts
from monitoring.policy.places import line_of
from monitoring.policy.reading import read
from monitoring.policy.rule import Rule
from monitoring.policy.rules import RULES
from monitoring.policy.shapes import RuleSet, RuleSetRefused
from monitoring.policy.strict import Table, read_file, refused
from monitoring.policy.values import policy_as_shipped

RULESETS = Path(__file__).parent / "rulesets"
EXAMPLES = Path(__file__).parent / "examples"
ONE_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Example:
    """One household on a day, as far as it differs from the ordinary one, and whether it meets a rule."""

    name: str
    rule: str
    meets: bool
    on: datetime.date | None


def check_rulesets(rulesets: Path = RULESETS, examples: Path = EXAMPLES) -> list[RuleSet]:
    """Read every rule set of a folder with its examples; raises RuleSetRefused with file and line of the first flaw."""
    found = []
    for path in sorted(rulesets.glob("*.toml")):
        ruleset = read(path)
        _check_rules(ruleset, path)
        _check_examples(ruleset, path, examples / path.name)
        found.append(ruleset)
    return found


def _check_rules(ruleset: RuleSet, path: Path) -> None:
    as_shipped = policy_as_shipped(ruleset, ruleset.begins_on)
    for number, code in enumerate(ruleset.rules):
        if code not in RULES:
            raise _at(path, f"没有规则 {code}。", "rules", number)
        try:
            RULES[code].when(as_shipped)
        except RuleSetRefused as fault:
            raise _at(path, f"规则 {code} 用到的数没有写：{fault.messages[0]}", "rules", number) from fault


def _check_examples(ruleset: RuleSet, path: Path, file: Path) -> None:
    if not file.is_file():
        raise _at(path, f"规则集 {ruleset.code} 没有例子文件。", "code")
    examples = read_file(file, lambda whole: _examples(whole, ruleset), "规则集例子文件")
    for number, code in enumerate(ruleset.rules):
        mine = [example for example in examples if example.rule == code]
        if {example.meets for example in mine} != {True, False}:
            raise _at(path, f"规则 {code} 要有触发和不触发两边的例子（{file.name}）。", "rules", number)
        for day in _later_days(RULES[code], ruleset):
            if not _on_both_sides(day, mine):
                raise _at(path, f"规则 {code} 在 {day} 有变化，要有这一天和前一天的例子。", "rules", number)
    for key, parameter in ruleset.parameters.items():
        for number, value in enumerate(parameter.values):
            if value.starts_on > ruleset.begins_on and not _on_both_sides(value.starts_on, examples):
                sentence = f"参数 {key} 在 {value.starts_on} 有变化，要有这一天和前一天的例子。"
                raise _at(path, sentence, "parameters", key, "values", number)


def _later_days(rule: Rule, ruleset: RuleSet) -> list[datetime.date]:
    """The days on which a rule begins or ends while the rule set is in force; before that nothing can be asked."""
    return [day for day in (rule.since, rule.until) if day is not None and day > ruleset.begins_on]


def _on_both_sides(day: datetime.date, examples: Iterable[Example]) -> bool:
    return {day, day - ONE_DAY} <= {example.on for example in examples}


def _examples(whole: Table, ruleset: RuleSet) -> list[Example]:
    whole.only(("example",))
    columns = {field.attname for field in Facts._meta.concrete_fields}
    return [_example(row, ruleset, columns) for row in whole.tables("example")]


def _example(row: Table, ruleset: RuleSet, columns: set[str]) -> Example:
    row.only(("name", "rule", "meets"), ("on", "facts", "blank", "case", "values"))
    for name in row.table("facts").raw if "facts" in row.raw else ():
        if name not in columns:
            raise row.flaw(f"没有事实 {name}。", "facts", name)
    if "blank" in row.raw:
        row.words("blank", columns)
    for key in row.table("values").raw if "values" in row.raw else ():
        if key not in ruleset.parameters:
            raise row.flaw(f"没有参数 {key}。", "values", key)
    on = row.date("on") if "on" in row.raw else None
    return Example(row.text("name"), row.one_of("rule", ruleset.rules), row.yes("meets"), on)


def _at(path: Path, sentence: str, *place: str | int) -> RuleSetRefused:
    return refused(path, line_of(path.read_text(encoding="utf-8"), place), sentence)
