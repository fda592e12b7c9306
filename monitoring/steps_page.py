"""docs/workflow.md, written from the table of steps."""

from accounts.roles import Role
from monitoring.models import Stage
from monitoring.steps import OTHER_EVENTS, STEPS, Step

# What the functions of a step ask for, in words; every function of the table is named here (a test sees to it).
CONDITIONS = {
    "nothing": "—",
    "survey_is_in": "有这一户的入户调查：关注以后入户的，或在有效期内的；退回补正以后要有新提交的",
    "notice_is_over": "公示最后一天已过，没有未核查完的异议",
    "objection_was_upheld": "有核查成立的异议",
    "hold_is_explained": "命中负面清单的，已写明核实情况",
    "hold_stands": "命中负面清单",
}
KEPT = {
    "keep_nothing": "—",
    "keep_survey": "所依据的入户调查和风险原因",
    "keep_recognition": "评议日期、人数、票数、记录；票数之和等于实到",
    "keep_meeting_refusal": "评议日期、人数、票数、记录；票数之和等于实到",
    "keep_notice": "公示和名单快照；天数不少于参数",
    "keep_endorsement": "主要返贫风险；由镇（街）认定的规则集：认定时间和认定人",
    "keep_acknowledgement": "签收日期；由区（市）审定的规则集：认定时间和认定人",
    "cancel_decision": "撤销认定时间",
}
WHERE = {
    "always": "",
    "where_county_decides": "只在由区（市）审定的规则集",
    "where_all_steps_are_asked": "规则集要求评议和公示的户",
    "where_steps_are_left_out": "规则集对脱贫户不要求评议和公示的户",
}
INTRODUCTION = """# 办理程序

本页由 `manage.py print_workflow` 按 `monitoring/steps.py` 打印，不要手改。

每一步都按“环节 + 版本”条件更新：两个人同时办，只有一个人办成。标“换人”的步骤，在这一户的别的岗位办过事的人
（本人，或本人所代的人）不能办。每一步记入这一户的办理记录和操作日志。由谁认定随规则集：枣庄2020 由镇（街）认定、
区（市）签收；由区（市）审定的规则集，认定时间记在区（市）这一步。

| 动作 | 从 | 到 | 岗位 | 条件 | 要写原因 | 换人 | 记下 | 依据 |
|---|---|---|---|---|---|---|---|---|
"""


def workflow_page() -> str:
    """The whole page."""
    rows = "".join(_row(step) for step in STEPS)
    stages = "".join(f"| `{stage.value}` | {stage.label} |\n" for stage in Stage)
    others = "".join(f"| `{name}` | {label} |\n" for name, label in OTHER_EVENTS.items())
    return (
        f"{INTRODUCTION}{rows}\n## 环节\n\n| 代码 | 名称 |\n|---|---|\n{stages}\n"
        f"## 不移动环节的记录\n\n| 代码 | 名称 |\n|---|---|\n{others}"
    )


def _row(step: Step) -> str:
    label = f"{step.label}<br>（别级认定时：{step.label_elsewhere}）" if step.label_elsewhere else step.label
    target = step.target.label if step.target else "不变"
    where = WHERE[step.applies.__name__]
    condition = CONDITIONS[step.ready.__name__]
    wanted = "；".join(part for part in (where, condition if condition != "—" else "") if part) or "—"
    cells = [
        f"{label}<br>`{step.name}`",
        "、".join(stage.label for stage in step.sources),
        target,
        "、".join(Role(role).label for role in step.roles),
        wanted,
        "是" if step.needs_note else "",
        "是" if step.apart else "",
        KEPT[step.keep.__name__],
        step.clause,
    ]
    return "| " + " | ".join(cells) + " |\n"
