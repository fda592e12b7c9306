"""From the TOML file of a rule set to its values; nothing is guessed, what is not whole is refused with its line."""

import datetime
import hashlib
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path
from string import Formatter

from households.codes import HouseholdType
from monitoring.policy.shapes import (
    NO_COLOURS,
    RULESET_KEY,
    SWITCH,
    Colours,
    DatedValue,
    Decision,
    Flag,
    Income,
    IncomeItem,
    Parameter,
    Procedure,
    ProcedureStep,
    RuleSet,
    SizeGuide,
)
from monitoring.policy.strict import Table, read_file

TOP_KEYS = (
    "code", "title", "document", "begins_on", "eligible_types", "graded_types", "lines", "line_names", "rules", "asks",
    "income", "income_items", "procedure", "colours", "parameters", "decisions", "flags", "labels", "next_steps",
)  # fmt: skip
PROCEDURE_KEYS = ("decides", "decides_source", "same_steps_for_lifted", "same_steps_source", "steps")
LINED_TYPES = (HouseholdType.LIFTED.value, HouseholdType.ORDINARY.value)
PATHS = ("designation", "removal", "registration")
STAGES = ("authorise", "survey", "compare", "meeting", "notice", "town", "district", "announce")
COMPARED = ("housing", "vehicle", "payroll", "village_office", "company", "deposit", "study_abroad", "absent")
EVERY_PATH_ASKS = ("survey", "town", "district")  # somebody has looked, and two offices have answered for it
DAYS = ("天", "工作日")
COUNTS = ("yes", "recurrent", "no")
ITEM_FIELDS = ("wage", "operating_gross", "operating_cost", "property_income", "transfer", "transfer_expense")
# What the survey may ask beside income, causes and guarantees, and the facts that the answers become.
ASKS: Mapping[str, tuple[str, ...]] = {
    "level_two": ("yellow_bits",),
    "key_groups": ("key_group_bits",),
    "stable_income": ("stable_income",),
    "rigid_expenses": ("rigid_total", "medical_expense", "education_expense", "disaster_expense"),
    "rigid_last_year": ("rigid_last_year",),
    "last_year_income": ("last_year_income",),
}
LEVELS = ("RED", "YELLOW", "BLUE")
UNITS = ("元/人·年", "元/户·年", "%", *DAYS, "月", "月份", SWITCH)
# What is asked of every rule set: numbers that screening, notices, surveys, visits and tasks go by.
NEEDED = (
    "floor_operating_at_zero", "notice_days", "meeting_two_thirds", "accounting_months", "survey_validity_months",
    "digest_days", "declaration_visit_days", "removal_months", "visit_open_months", "visit_relapse_months",
    "visit_edge_months", "visit_sudden_months", "visit_removed_months", "visit_removed_until_months", "visit_phone_counts",
    "visit_town_days", "task_dropout_days", "task_house_days", "task_water_days", "task_insured_days", "task_doctor_days",
)  # fmt: skip
RULE_CODE = re.compile(r"[A-Z]\d{2}")
# Codes stand in SQL and in old ledgers as they are.
CODE = re.compile(r"[A-Z][A-Z_]{0,19}")
KEY = re.compile(r"[a-z][a-z_]{0,39}")


def read(path: Path) -> RuleSet:
    """Read one file; raises RuleSetRefused with the file, the line and what is wrong there."""
    return read_file(path, lambda whole: _ruleset(whole, path))


def _ruleset(whole: Table, path: Path) -> RuleSet:
    whole.only(TOP_KEYS, ("size",))
    if (code := whole.text("code")) != path.stem:
        raise whole.flaw(f"code 是 {code}，与文件名不一致。", "code")
    begins_on = whole.date("begins_on")
    items, items_source = _income_items(whole.table("income_items"))
    found = RuleSet(
        code=code,
        version=hashlib.sha256(path.read_bytes()).hexdigest()[:12],
        title=whole.text("title"),
        document=whole.text("document"),
        begins_on=begins_on,
        eligible_types=whole.words("eligible_types", HouseholdType.values),
        graded_types=whole.words("graded_types", HouseholdType.values),
        lines=_lines(whole.table("lines")),
        line_names=whole.by_name("line_names", LINED_TYPES),
        rules=_rule_codes(whole),
        asks=whole.words("asks", ASKS),
        income=_income(whole.table("income")),
        income_items=items,
        income_items_source=items_source,
        procedure=_procedure(whole.table("procedure")),
        colours=_colours(whole.table("colours")),
        size=tuple(_size(row) for row in whole.tables("size", [])),
        parameters={key: _parameter(key, table, begins_on) for key, table in whole.named("parameters").items()},
        decisions=tuple(_decision(row) for row in whole.tables("decisions")),
        flags=tuple(_flag(row) for row in whole.tables("flags")),
        labels=_names(whole.table("labels")),
        next_steps=_names(whole.table("next_steps")),
    )
    _check_numbers(found, whole)
    _check_procedure(found, whole)
    _check_levels(found, whole)
    _check_decisions(found, whole)
    _check_flags(found, whole)
    return found


def _lines(table: Table) -> dict[str, str]:
    table.only(LINED_TYPES, ("percent",))
    return {name: table.text(name) for name in table.raw}


def _rule_codes(whole: Table) -> tuple[str, ...]:
    codes = whole.words("rules")
    for number, code in enumerate(codes):
        if not RULE_CODE.fullmatch(code):
            raise whole.flaw(f"规则编号是一个字母加两位数字，不是 {code}。", "rules", number)
    return codes


def _income(table: Table) -> Income:
    table.only(("basis", "basis_source"))
    return Income(table.one_of("basis", ("net", "disposable")), table.text("basis_source"))


def _income_items(table: Table) -> tuple[tuple[IncomeItem, ...], str]:
    table.only(("source", *ITEM_FIELDS))
    items = []
    for field in ITEM_FIELDS:
        rows = table.table(field).only((), COUNTS)
        for counts in rows.raw:
            for number, name in enumerate(rows.words(counts)):
                if any(item.name == name for item in items):
                    raise rows.flaw(f"收入项目“{name}”写了两次。", counts, number)
                items.append(IncomeItem(name, field, counts))
    return tuple(items), table.text("source")


def _procedure(table: Table) -> Procedure:
    table.only(PROCEDURE_KEYS, ("compares", "compares_source"))
    return Procedure(
        decides=table.one_of("decides", ("town", "county")),
        decides_source=table.text("decides_source"),
        same_steps_for_lifted=table.yes("same_steps_for_lifted"),
        same_steps_source=table.text("same_steps_source"),
        steps=tuple(_procedure_steps(table)),
        compares=table.words("compares", COMPARED) if "compares" in table.raw else (),
        compares_source=table.text("compares_source", ""),
    )


def _procedure_steps(table: Table) -> Iterator[ProcedureStep]:
    """In the order of the paths, and on each path in the order of the stages, so that nothing is decided before it is known."""
    last = (-1, -1)
    for row in table.tables("steps"):
        row.only(("path", "stage", "title", "source"), ("limit",))
        path, stage = row.one_of("path", PATHS), row.one_of("stage", STAGES)
        place = (PATHS.index(path), STAGES.index(stage))
        if place <= last:
            raise row.flaw("这一步的次序不对，或者写了两次。", "stage")
        last = place
        yield ProcedureStep(path, stage, row.text("title"), row.text("source"), row.text("limit", ""))


def _colours(table: Table) -> Colours:
    table.only(("scheme", "source"))
    return Colours(table.one_of("scheme", (NO_COLOURS, "红黄蓝")), table.text("source"))


def _size(row: Table) -> SizeGuide:
    row.only(("words", "percent", "source"), ("deep_poverty",))
    return SizeGuide(row.text("words"), row.whole("percent"), row.text("source"), row.yes("deep_poverty", False))


def _parameter(key: str, table: Table, begins_on: datetime.date) -> Parameter:
    table.only(("title", "unit", "values"), ("note", "set_by_district", "source"))
    if not KEY.fullmatch(key) or key == RULESET_KEY:
        raise table.flaw(f"参数不能叫 {key}。")
    unit, by_district = table.one_of("unit", UNITS), table.yes("set_by_district", False)
    values = tuple(_value(key, unit, row) for row in table.tables("values"))
    if by_district != (not values):
        raise table.flaw(f"参数 {key} 没有数的，要写明 set_by_district = true，由区里定；有数的不写。", "values")
    if by_district != ("source" in table.raw):
        raise table.flaw(f"参数 {key} 没有数的，要在 source 写明为什么没有；有数的，依据写在每个数旁边。")
    _check_dates(key, table, [value.starts_on for value in values], begins_on)
    source = table.text("source") if by_district else ""
    return Parameter(key, table.text("title"), unit, table.text("note", ""), values, by_district, source)


def _value(key: str, unit: str, row: Table) -> DatedValue:
    row.only(("from", "value", "source"))
    try:
        number = Decimal(row.text("value"))
    except InvalidOperation as fault:
        raise row.flaw(f"参数 {key} 的“{row.text('value')}”不是数。", "value") from fault
    if not number.is_finite() or number < 0 or (unit == SWITCH and number not in (0, 1)):
        raise row.flaw(f"参数 {key} 不能是 {number}。", "value")
    return DatedValue(key, number, row.date("from"), row.text("source"))


def _check_dates(key: str, table: Table, starts: list[datetime.date], begins_on: datetime.date) -> None:
    if starts and starts[0] > begins_on:
        raise table.flaw(f"参数 {key} 的第一个数要从规则集开始的 {begins_on} 起就有。", "values", 0, "from")
    for number, (before, start) in enumerate(pairwise(starts), start=1):
        if start <= before:
            raise table.flaw(f"参数 {key} 的起始日期要由早到晚、不重复。", "values", number, "from")


def _decision(row: Table) -> Decision:
    row.only(("outcome", "met", "reason"), ("label", "level"))
    return Decision(
        outcome=_by_type(row, "outcome"),
        met=row.lists("met"),
        reason=_by_type(row, "reason"),
        label=_by_type(row, "label") if "label" in row.raw else {},
        level=row.one_of("level", LEVELS) if "level" in row.raw else "",
    )


def _flag(row: Table) -> Flag:
    row.only(("code", "rule", "label", "reason", "not_for"))
    if not CODE.fullmatch(row.text("code")):
        raise row.flaw("代码是大写字母。", "code")
    reason = _by_type(row, "reason", may_be_empty=True)
    return Flag(row.text("code"), row.text("rule"), row.text("label"), reason, row.words("not_for"))


def _by_type(row: Table, key: str, *, may_be_empty: bool = False) -> dict[str, str]:
    """One text for every type, under ``""``, or one for each type that can be meant."""
    if not isinstance(row.raw.get(key), dict):
        return {"": row.text(key, may_be_empty=may_be_empty)}
    return row.by_name(key, LINED_TYPES)


def _names(table: Table) -> dict[str, str]:
    for code in table.raw:
        if not CODE.fullmatch(code):
            raise table.flaw(f"代码是大写字母，不是 {code}。", code)
    return {code: table.text(code) for code in table.raw}


def _check_numbers(found: RuleSet, whole: Table) -> None:
    for name, key in found.lines.items():
        if key not in found.parameters:
            raise whole.flaw(f"lines 用到的参数 {key} 没有写。", "lines", name)
    for key in NEEDED:
        if key not in found.parameters or not found.parameters[key].values:
            raise whole.flaw(f"缺少参数 {key}，它在每个规则集里都要有数。", "parameters")


def _check_procedure(found: RuleSet, whole: Table) -> None:
    for number, step in enumerate(found.procedure.steps):
        if step.limit and (step.limit not in found.parameters or found.parameters[step.limit].unit not in DAYS):
            raise whole.flaw(
                f"limit 用到的参数 {step.limit} 没有写，或者单位不是天、工作日。", "procedure", "steps", number, "limit"
            )
    if any(step.stage == "compare" for step in found.procedure.steps) != bool(found.procedure.compares):
        raise whole.flaw("有信息比对这一步的，要在 compares 写明比对什么；没有的不写。", "procedure")
    for path in PATHS[:2]:
        stages = {step.stage for step in found.procedure.path(path)}
        if not stages.issuperset(EVERY_PATH_ASKS):
            raise whole.flaw(f"{path} 的步骤里至少要有入户、镇、区三步。", "procedure", "steps")


def _check_decisions(found: RuleSet, whole: Table) -> None:
    for number, row in enumerate(found.decisions):
        for way, codes in enumerate(row.met):
            for place, code in enumerate(codes):
                if code not in found.rules:
                    raise whole.flaw(
                        f"判定表用到的规则 {code} 没有列入 rules。", "decisions", number, "met", way, place
                    )
        if (not row.met) != (number == len(found.decisions) - 1):
            raise whole.flaw("判定表的最后一行、也只有最后一行，不带条件。", "decisions", number, "met")
        for outcome in {row.code_for(kind) for kind in row.outcome} | set(row.outcome.values()):
            _check_named(found, whole, outcome, number)
        _check_words(row.reason, whole, "decisions", number)


def _check_named(found: RuleSet, whole: Table, outcome: str, number: int) -> None:
    if not CODE.fullmatch(outcome):
        raise whole.flaw(f"结论的代码是大写字母，不是 {outcome}。", "decisions", number, "outcome")
    if outcome not in found.labels:
        raise whole.flaw(f"结论 {outcome} 没有名称（labels）。", "decisions", number, "outcome")
    if outcome not in found.next_steps:
        raise whole.flaw(f"结论 {outcome} 没有下一步（next_steps）。", "decisions", number, "outcome")


def _check_flags(found: RuleSet, whole: Table) -> None:
    for number, flag in enumerate(found.flags):
        if flag.rule not in found.rules:
            raise whole.flaw(f"标记用到的规则 {flag.rule} 没有列入 rules。", "flags", number, "rule")
        for place, outcome in enumerate(flag.not_for):
            if outcome not in found.labels:
                raise whole.flaw(f"没有结论 {outcome}。", "flags", number, "not_for", place)
        _check_words(flag.reason, whole, "flags", number)


def _check_words(reason: Mapping[str, str], whole: Table, *place: str | int) -> None:
    """The braces of a sentence are closed; which names may stand in them is a promise of the tests."""
    for words in reason.values():
        try:
            list(Formatter().parse(words))
        except ValueError as fault:
            raise whole.flaw(f"理由里的花括号不成对：{words}", *place, "reason") from fault


def _check_levels(found: RuleSet, whole: Table) -> None:
    coloured = found.colours.scheme != NO_COLOURS
    if coloured != bool(found.graded_types):
        raise whole.flaw("有颜色的要写明给哪些户类型分级，没有的不写。", "graded_types")
    for number, row in enumerate(found.decisions):
        if row.level and not coloured:
            raise whole.flaw("规则集没有红黄蓝，判定表不能给等级。", "decisions", number, "level")
