"""docs/policy.md, printed from the rule sets and rules themselves."""

from collections.abc import Iterator

from households.codes import HouseholdType
from households.models.surveys import MONEY_LABELS
from monitoring.policy.reading import ITEM_FIELDS
from monitoring.policy.rules import rules_of
from monitoring.policy.rulesets import Decision, Parameter, RuleSet, known_codes, ruleset
from monitoring.policy.shapes import NO_COLOURS
from monitoring.policy.values import RULESET_IN_USE

HEAD = """# 政策规则和参数

本页由 `python manage.py print_policy` 打印，不要手改。规则只提示，由人认定。区（市）从某一天起选用一个规则集，镇（街）和村照用；
没有选用的，用默认的规则集。规则集文件不完整的（不认识的项、没有依据的数、没有例子的规则等），程序不启动。
"""
DECIDERS = {"town": "镇（街）", "county": "区（县）"}
ANY_TYPE = {"": "各类户"} | {kind.value: str(kind.label) for kind in HouseholdType}
BASES = {"net": "人均纯收入", "disposable": "人均可支配收入（纯收入减转移性支出）"}
PATHS = {"designation": "纳入的程序", "removal": "风险消除的程序", "registration": "返贫、新致贫的程序（建档立卡）"}
ASKS = {
    "level_two": "二级的情形",
    "key_groups": "重点群体",
    "stable_income": "收入稳不稳定",
    "rigid_expenses": "刚性支出",
    "rigid_last_year": "上年刚性支出",
    "last_year_income": "上年收入",
}
COUNTS = {"yes": "计入", "recurrent": "只计经常性的", "no": "不计"}


def policy_page() -> str:
    """The page, for every rule set that ships."""
    lines = [HEAD]
    for code in known_codes():
        lines += _of(ruleset(code))
    return "\n".join(lines)


def _of(rules: RuleSet) -> Iterator[str]:
    yield f"## {rules.title}（`{rules.code}`）\n"
    yield from _head(rules)
    yield from _income(rules)
    yield "### 参数\n"
    yield "| 参数 | 起始日期 | 取值 | 依据 |"
    yield "|---|---|---|---|"
    for parameter in rules.parameters.values():
        yield from _values(parameter)
    yield "\n### 规则\n"
    yield "| 编号 | 规则 | 依据 | 起止 | 取法 |"
    yield "|---|---|---|---|---|"
    for rule in rules_of(rules):
        until = f"{rule.until:%Y-%m-%d} 止" if rule.until else ""
        yield f"| {rule.code} | {rule.title} | {rule.clause} | {rule.since:%Y-%m-%d} 起{until} | {rule.reading} |"
    yield "\n### 判定（从上到下，第一行成立的为准）\n"
    yield "| 触发的规则 | 结论 |"
    yield "|---|---|"
    for decision in rules.decisions:
        yield f"| {_condition(decision)} | {_outcome(decision, rules)} |"
    yield "\n### 另外标出\n"
    for flag in rules.flags:
        yield f"- {flag.rule}：{flag.label}（`{flag.code}`）"
    yield "\n### 名称和下一步\n"
    for code, label in rules.labels.items():
        yield f"- {label}（`{code}`）：{rules.next_steps[code]}"
    yield ""


def _head(rules: RuleSet) -> Iterator[str]:
    yield f"- 文件：{rules.document}"
    yield f"- 版本：`{rules.version}`"
    yield f"- 起始日期：{rules.begins_on:%Y-%m-%d}；更早的日期不能研判"
    if rules.code == RULESET_IN_USE:
        yield "- 使用：没有选用规则集的区域用它"
    yield f"- 认定：{DECIDERS[rules.procedure.decides]}（{rules.procedure.decides_source}）"
    for path, title in PATHS.items():
        steps = rules.procedure.path(path)
        if steps:
            yield f"- {title}：" + " → ".join(f"{step.title}（{step.source}）" for step in steps)
    same = "相同" if rules.procedure.same_steps_for_lifted else "不走三步程序"
    yield f"- 脱贫户的程序：{same}（{rules.procedure.same_steps_source}）"
    coloured = rules.colours.scheme != NO_COLOURS
    kinds = "、".join(ANY_TYPE[kind] for kind in rules.graded_types)
    yield f"- 分级：{f'{rules.colours.scheme}，{kinds}' if coloured else '不分级'}（{rules.colours.source}）"
    for size in rules.size:
        yield f"- 规模参考：{size.words}，不是指标（{size.source}）"
    yield f"- 入户时另外问：{'、'.join(ASKS[name] for name in rules.asks) or '没有'}\n"


def _income(rules: RuleSet) -> Iterator[str]:
    yield "### 收入\n"
    yield f"- 与线比较的收入：{BASES[rules.income.basis]}（{rules.income.source}）"
    names = "；".join(f"{ANY_TYPE[kind]}为{name}" for kind, name in rules.line_names.items())
    yield f"- 线的名称：{names}"
    yield f"- 收入项目（{rules.income_items_source}）："
    for field in ITEM_FIELDS:
        said = [f"{words}{'、'.join(found)}" for words, found in items_in_words(rules, field)]
        yield f"  - {MONEY_LABELS[field]}：{'；'.join(said)}"
    yield ""


def items_in_words(rules: RuleSet, field: str) -> list[tuple[str, list[str]]]:
    """What counts of one amount of the survey, as a hint: 计入：, then the items."""
    found = [(f"{words}：", rules.items_of(field, counts)) for counts, words in COUNTS.items()]
    return [(words, items) for words, items in found if items]


def _values(parameter: Parameter) -> Iterator[str]:
    title = f"{parameter.title}。{parameter.note}" if parameter.note else parameter.title
    for value in parameter.values:
        words = ("是" if value.value else "否") if parameter.is_switch else f"{value.value} {parameter.unit}"
        yield f"| {title} | {value.starts_on:%Y-%m-%d} | {words} | {value.source} |"
    if not parameter.values:
        yield f"| {title} | | 未设（{parameter.unit}） | {parameter.source} |"


def _condition(decision: Decision) -> str:
    return "，或 ".join(" 并且 ".join(codes) for codes in decision.met) or "其余"


def _outcome(decision: Decision, rules: RuleSet) -> str:
    named = [(ANY_TYPE[kind], rules.label_of(decision, kind)) for kind in decision.outcome]
    return named[0][1] if len(named) == 1 else "；".join(f"{kind}：{label}" for kind, label in named)
