"""docs/policy.md, printed from the rule sets and rules themselves."""

from collections.abc import Iterator

from households.codes import HouseholdType
from monitoring.policy.rules import rules_of
from monitoring.policy.rulesets import Decision, Parameter, RuleSet, known_codes, ruleset
from monitoring.policy.values import RULESET_IN_USE

HEAD = """# 政策规则和参数

本页由 `python manage.py print_policy` 打印，不要手改。规则只提示，由人认定。
"""
DECIDERS = {"town": "镇（街）", "county": "区（县）"}
ANY_TYPE = {"": "各类户"} | {kind.value: str(kind.label) for kind in HouseholdType}


def policy_page() -> str:
    """The page, for every rule set that ships."""
    lines = [HEAD]
    for code in known_codes():
        lines += _of(ruleset(code))
    return "\n".join(lines)


def _of(rules: RuleSet) -> Iterator[str]:
    yield f"## {rules.title}（`{rules.code}`）\n"
    yield f"- 文件：{rules.document}"
    yield f"- 起始日期：{rules.begins_on:%Y-%m-%d}；更早的日期不能研判"
    used = (
        "各区域的研判都用它"
        if rules.code == RULESET_IN_USE
        else "只在点名时用（screen_cases --ruleset），不用于各区域的研判"
    )
    yield f"- 使用：{used}"
    yield f"- 认定：{DECIDERS[rules.procedure.decides]}（{rules.procedure.decides_source}）"
    yield f"- 程序：{rules.procedure.steps_source}"
    same = "相同" if rules.procedure.same_steps_for_lifted else "不走三步程序"
    yield f"- 脱贫户的程序：{same}（{rules.procedure.same_steps_source}）"
    yield f"- 红黄蓝分级：{'、'.join(ANY_TYPE[kind] for kind in rules.graded_types) or '不分级'}\n"
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
    yield ""


def _values(parameter: Parameter) -> Iterator[str]:
    title = f"{parameter.title}。{parameter.note}" if parameter.note else parameter.title
    for value in parameter.values:
        yield f"| {title} | {value.starts_on:%Y-%m-%d} | {value.value} {parameter.unit} | {value.source} |"


def _condition(decision: Decision) -> str:
    return "，或 ".join(" 并且 ".join(codes) for codes in decision.met) or "其余"


def _outcome(decision: Decision, rules: RuleSet) -> str:
    named = [(ANY_TYPE[kind], rules.label_of(decision, kind)) for kind in decision.outcome]
    return named[0][1] if len(named) == 1 else "；".join(f"{kind}：{label}" for kind, label in named)
