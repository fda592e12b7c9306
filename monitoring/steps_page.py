"""docs/workflow.md, written from the table of steps."""

from collections.abc import Iterator

from accounts.roles import Role
from monitoring.gates import nothing
from monitoring.grading_steps import GRADING_STEPS, PROPOSE
from monitoring.models import CaseKind, Stage
from monitoring.policy.rulesets import RuleSet, known_codes, ruleset
from monitoring.policy.values import policy_as_shipped
from monitoring.procedures import STAGES_OF, from_policy
from monitoring.steps import NEXT, OTHER_EVENTS, STEPS, Step

# What the functions of a step ask for, in words; every function of the table is named here (a test sees to it).
CONDITIONS = {
    "authorisation_is_in": "有登记过、没有撤回的承诺授权",
    "comparison_is_over": "每一项都有部门反馈，比中的都写了核实情况、附了佐证",
    "decision_may_be_made": "命中负面清单的，已写明核实情况；和部门数据不一致的，已处理；风险消除的，所有条件当天都还满足",
    "may_be_reinstated": "不是本人移出的；没有另外在办",
    "nothing": "—",
    "removal_visit_is_in": "发起（或退回补正）以后提交的入户调查",
    "survey_is_in": "有这一户的入户调查：关注以后入户的，或在有效期内的；退回补正以后要有新提交的",
    "notice_is_over": "公示最后一天已过，没有未核查完的异议",
    "objection_was_upheld": "有核查成立的异议",
    "hold_is_explained": "命中负面清单的，已写明核实情况",
    "hold_stands": "命中负面清单",
    "household_is_closed": "这一户已经注销，或者并入别的户",
}
KEPT = {
    "keep_nothing": "—",
    "keep_reinstatement": "原移出日期、原因、移出以后的调查或佐证；撤销移出日期",
    "keep_removal_visit": "两位入户人、消除时的调查、核对的各项条件（有一项不满足就不能办）",
    "keep_survey": "所依据的入户调查和风险原因",
    "keep_recognition": "这次评议的票数；票数之和等于实到",
    "keep_meeting_refusal": "这次评议的票数；票数之和等于实到",
    "keep_announcement": "结果公告",
    "keep_notice": "公示和名单快照；天数不少于参数",
    "keep_endorsement": "主要返贫风险；由镇（街）认定的规则集：认定时间和认定人",
    "keep_acknowledgement": "签收日期；由区（市）审定的规则集：认定时间和认定人",
    "cancel_decision": "撤销认定时间",
}
INTRODUCTION = """# 办理程序

本页由 `manage.py print_workflow` 按 `monitoring/steps.py` 打印，不要手改。

哪些环节、什么次序，由这一户开始办理那天的规则集定下来，以后规则集变了也不变（见最后一节）；“程序的下一步”就按它走，
程序里没有的环节，通到那里的动作也没有。每一步都按“环节 + 版本”条件更新：两个人同时办，只有一个人办成。标“换人”的步骤，在这一户的别的岗位办过事的人
（本人，或本人所代的人）不能办。办理当中注销或并入别的户的，往下的步骤都不能办，由镇（街）写明原因办结。
每一步记入这一户的办理记录和操作日志。由谁认定随规则集：枣庄2020 由镇（街）认定、
区（市）签收；由区（市）审定的规则集，认定时间记在区（市）这一步。

| 动作 | 从 | 到 | 岗位 | 条件 | 要写原因 | 换人 | 记下 | 依据 |
|---|---|---|---|---|---|---|---|---|
"""
ABOUT_PATHS = (
    "开始办理时固定在这一户上。时限是政策参数，可以由区（县）定；下面是规则集自带的。公示期间不计时，到期自动往下走。\n"
)


ABOUT_GRADINGS = """
## 三色分级（六安2019）

已脱贫户分一级红、二级黄、三级蓝，每半年一轮；家里情况有大变化的随时调整，走同样的步骤。和系统建议不同的写明原因；评定前要实地了解。

| 动作 | 从 | 到 | 岗位 | 要写原因 | 换人 | 依据 |
|---|---|---|---|---|---|---|
"""


def workflow_page() -> str:
    """The whole page."""
    rows = "".join(_row(step) for step in STEPS)
    stages = "".join(f"| `{stage.value}` | {stage.label} |\n" for stage in Stage)
    paths = "".join(line for code in known_codes() for line in _paths(ruleset(code)))
    others = "".join(f"| `{name}` | {label} |\n" for name, label in OTHER_EVENTS.items())
    return (
        f"{INTRODUCTION}{rows}\n## 环节\n\n| 代码 | 名称 |\n|---|---|\n{stages}\n"
        f"## 不移动环节的记录\n\n| 代码 | 名称 |\n|---|---|\n{others}\n## 各规则集的程序\n\n{ABOUT_PATHS}{paths}{_gradings()}"
    )


def _row(step: Step) -> str:
    label = f"{step.label}<br>（别级认定时：{step.label_elsewhere}）" if step.label_elsewhere else step.label
    target = "程序的下一步" if step.target == NEXT else Stage(step.target).label if step.target else "不变"
    cells = [
        f"{label}<br>`{step.name}`",
        "、".join(stage.label for stage in step.sources),
        target,
        "、".join([*(Role(role).label for role in step.roles), *(["到期自动"] if step.by_clock else [])]),
        "；".join(_conditions(step)) or "—",
        "是" if step.needs_note else "",
        "是" if step.apart else "",
        KEPT[step.keep.__name__],
        step.clause,
    ]
    return "| " + " | ".join(cells) + " |\n"


def _gradings() -> str:
    """The steps of 三色分级, which walks its own way."""
    rows = ""
    for step in GRADING_STEPS:
        cells = [
            f"{step.label}<br>`{step.name}`",
            "、".join([*(["还没有提出"] if step.name == PROPOSE else []), *(stage.label for stage in step.sources)]),
            step.target.label,
            "、".join(Role(role).label for role in step.roles),
            "是" if step.needs_note else "",
            "是" if step.apart else "",
            step.clause,
        ]
        rows += "| " + " | ".join(cells) + " |\n"
    return f"{ABOUT_GRADINGS}{rows}"


def _conditions(step: Step) -> Iterator[str]:
    if set(step.kinds) != set(CaseKind):
        yield "只用于" + "、".join(kind.label for kind in step.kinds)
    if step.county_only:
        yield "只在由区（市）审定的规则集"
    if step.ready is not nothing:
        yield CONDITIONS[step.ready.__name__]


def _paths(rules: RuleSet) -> Iterator[str]:
    """Each path of a rule set, as a case begun on its first day would walk it."""
    policy = policy_as_shipped(rules, rules.begins_on)
    yield f"\n### {rules.title}\n"
    for kind in CaseKind:
        if not rules.procedure.path(kind):
            continue
        procedure = from_policy(policy, kind, lifted=False)
        yield f"\n**{kind.label}**：{' → '.join(stage.label for stage in procedure.stages)}\n\n"
        yield "| 步骤 | 环节 | 时限 | 依据 |\n|---|---|---|---|\n"
        for step in procedure.steps:
            stages = "、".join(stage.label for stage in STAGES_OF.get(step.stage, (Stage(step.stage),)))
            yield f"| {step.title} | {stages} | {step.limit or '由区（县）定'} | {step.source} |\n"
