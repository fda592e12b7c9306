"""The way of a grading as one table (document 004 二（一）1): the village proposes, the town reviews, the county files."""

from dataclasses import dataclass

from accounts.roles import VILLAGE_ROLES, Role
from monitoring.models.grading import GradingStage
from monitoring.steps import DISTRICT, TOWN, VILLAGE

SUGGESTS = "六政办〔2019〕15号 二（一）1：村两委、驻村扶贫工作队综合判断，提出风险等级建议"
REVIEWS = "六政办〔2019〕15号 二（一）1：经乡镇审核无异议"
FILES = "六政办〔2019〕15号 二（一）1：报县区扶贫开发领导小组备案"
OURS = "文件未规定，程序需要"


@dataclass(frozen=True)
class GradingStep:
    """One line: from where to where, by whom, after which clause.

    ``apart``: closed to whoever acted on this grading at another desk. ``only_present``: the household must still be there.
    """

    name: str
    label: str
    sources: tuple[GradingStage, ...]
    target: GradingStage
    roles: tuple[Role, ...]
    desk: str
    clause: str
    needs_note: bool = False
    apart: bool = False
    only_present: bool = True
    consequences: tuple[str, ...] = ()


PROPOSE = "propose"
GRADING_STEPS: tuple[GradingStep, ...] = (
    GradingStep(
        PROPOSE, "提出风险等级", (GradingStage.RETURNED,), GradingStage.PROPOSED, VILLAGE_ROLES, VILLAGE, SUGGESTS,
        consequences=("镇（街）收到待办", "镇（街）审核以前，村里可以撤回", "备案以后台账按这个等级标颜色"),
    ),
    GradingStep(
        "withdraw", "撤回", (GradingStage.PROPOSED, GradingStage.RETURNED), GradingStage.WITHDRAWN, VILLAGE_ROLES,
        VILLAGE, OURS, needs_note=True, only_present=False,
        consequences=("这次提出的等级作废", "原来的等级不变", "还要评定的，重新提出"),
    ),
    GradingStep(
        "agree", "审核同意，报县备案", (GradingStage.PROPOSED,), GradingStage.TOWN_REVIEWED, (Role.TOWN_REVIEWER,),
        TOWN, REVIEWS, apart=True,
        consequences=("村里不能再改", "区（县）收到待办", "记入操作日志"),
    ),
    GradingStep(
        "return_to_village", "退回村里", (GradingStage.PROPOSED,), GradingStage.RETURNED, (Role.TOWN_REVIEWER,),
        TOWN, OURS, needs_note=True, only_present=False,
        consequences=("村里收到待办，看得到退回原因", "村里改好以后重新提出"),
    ),
    GradingStep(
        "take_back", "收回审核意见", (GradingStage.TOWN_REVIEWED,), GradingStage.PROPOSED, (Role.TOWN_REVIEWER,),
        TOWN, OURS, needs_note=True, only_present=False, consequences=("回到镇（街）审核", "区（县）的待办撤销"),
    ),
    GradingStep(
        "file", "备案", (GradingStage.TOWN_REVIEWED,), GradingStage.FILED, (Role.DISTRICT_OFFICER,),
        DISTRICT, FILES, apart=True,
        consequences=("等级从今天起生效，农户档案和台账按它标颜色", "原来的等级留在时间线上", "记入操作日志"),
    ),
    GradingStep(
        "return_to_town", "退回镇（街）", (GradingStage.TOWN_REVIEWED,), GradingStage.PROPOSED,
        (Role.DISTRICT_OFFICER,), DISTRICT, OURS, needs_note=True, only_present=False,
        consequences=("镇（街）收到待办，看得到退回原因",),
    ),
)  # fmt: skip
BY_NAME = {step.name: step for step in GRADING_STEPS}
RETURNS = tuple(step.name for step in GRADING_STEPS if step.name.startswith("return_"))
LEVEL_MEANINGS = {
    1: "极易返贫：“两不愁三保障”出现新困难，无劳力、无稳定收入或刚性支出增大",
    2: "较易返贫：自我发展能力弱，“两不愁三保障”存在潜在困难",
    3: "稳定脱贫：有技能、有稳定就业或产业，“两不愁三保障”没有困难",
}
