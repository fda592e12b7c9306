"""The procedure of document 002 as one table: who may move a case from where to where, after which clause."""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.roles import VILLAGE_ROLES, Role
from monitoring import gates
from monitoring.gates import Act, Columns
from monitoring.models import Case, Stage
from monitoring.policy.values import Policy

VILLAGE, TOWN, DISTRICT = "village", "town", "district"
AT_VILLAGE = VILLAGE_ROLES
AT_VILLAGE_OR_TOWN = (*VILLAGE_ROLES, Role.TOWN_REVIEWER)
AT_TOWN = (Role.TOWN_REVIEWER,)
AT_DISTRICT = (Role.DISTRICT_OFFICER,)
AT_OFFICES = (*AT_TOWN, *AT_DISTRICT)

THREE_1 = "枣扶贫组办字〔2020〕4号 三（一）"
THREE_2 = "枣扶贫组办字〔2020〕4号 三（二）"
THREE_3 = "枣扶贫组办字〔2020〕4号 三（三）"
OURS = "文件未规定，程序需要"

# What stands on a case's record beside the steps of the table.
OTHER_EVENTS = {
    "open": "列为预警关注，报镇（街）备案",
    "stock": "存量登记（国扶系统内已标注）",
    "hand_ledger": "按手工台账登记",
    "correct": "更正",
    "objection": "登记异议",
    "objection_dismissed": "异议不成立，公示继续",
}


@dataclass(frozen=True)
class Step:
    """One line of the table: from where to where, by whom, after which clause, on what condition.

    ``desk`` is whose act it is: nobody acts in two capacities on one case, so a step that is taken ``apart`` is closed
    to whoever acted for it at another desk. A step with ``decides`` sets 认定时间 where the rule set lets that level decide.
    """

    name: str
    label: str
    sources: tuple[Stage, ...]
    target: Stage | None  # None: the case stays where it is
    roles: tuple[Role, ...]
    clause: str
    desk: str = VILLAGE
    needs_note: bool = False
    apart: bool = False
    decides: str = ""
    label_elsewhere: str = ""  # where another level decides
    ready: Callable[[Act], None] = gates.nothing
    keep: Callable[[Act], Columns] = gates.keep_nothing
    applies: Callable[[Case, Policy], bool] = gates.always
    consequences: tuple[str, ...] = ()

    def label_for(self, policy: Policy) -> str:
        """The words on the button, which depend on who decides."""
        return self.label_elsewhere if self.label_elsewhere and policy.decides != self.decides else self.label

    @property
    def returns(self) -> bool:
        """Whether the step sends a case back."""
        return self.name.startswith("return_")


STEPS: tuple[Step, ...] = (
    Step(
        "start_survey", "启动入户调查", (Stage.WATCH,), Stage.SURVEY, AT_VILLAGE_OR_TOWN, THREE_2,
        consequences=("收入高于参考线的也可以启动", "村里收到入户调查待办", "查完再开民主评议"),
    ),
    Step(
        "complete_survey", "入户调查已办，报评议", (Stage.SURVEY,), Stage.MEETING, AT_VILLAGE, THREE_2,
        ready=gates.survey_is_in, keep=gates.keep_survey, applies=gates.where_all_steps_are_asked,
        consequences=("以最近一次入户调查为准", "接着开民主评议"),
    ),
    Step(
        "complete_survey_directly", "入户调查已办，报镇（街）", (Stage.SURVEY,), Stage.TOWN, AT_VILLAGE, OURS,
        ready=gates.survey_is_in, keep=gates.keep_survey, applies=gates.where_steps_are_left_out,
        consequences=("本规则集对脱贫户不要求评议和公示", "镇（街）收到待办"),
    ),
    Step(
        "meeting_recognise", "民主评议：同意纳入", (Stage.MEETING,), Stage.NOTICE_DUE, AT_VILLAGE_OR_TOWN, THREE_2,
        keep=gates.keep_recognition, consequences=("接着张贴村内公示",),
    ),
    Step(
        "meeting_refuse", "民主评议：不同意纳入", (Stage.MEETING,), Stage.REFUSED, AT_VILLAGE_OR_TOWN, THREE_2,
        needs_note=True, keep=gates.keep_meeting_refusal, consequences=("这一户办结，不予认定", "家里有变化可以重新关注"),
    ),
    Step(
        "hold_meeting_again", "重新评议", (Stage.NOTICE_DUE,), Stage.MEETING, AT_VILLAGE, OURS,
        needs_note=True, consequences=("原来的评议记录留着", "要重新开会、重新登记"),
    ),
    Step(
        "post_notice", "张贴村内公示", (Stage.NOTICE_DUE,), Stage.NOTICE, AT_VILLAGE_OR_TOWN, THREE_2,
        keep=gates.keep_notice, consequences=("名单从此不能改", "期满以后才能报镇（街）"),
    ),
    Step(
        "uphold_objection", "异议成立，重新评议", (Stage.NOTICE,), Stage.MEETING, AT_VILLAGE_OR_TOWN, OURS,
        needs_note=True, ready=gates.objection_was_upheld, consequences=("这一户停止公示，回到民主评议",),
    ),
    Step(
        "close_notice", "公示期满，报镇（街）认定", (Stage.NOTICE,), Stage.TOWN, AT_VILLAGE, THREE_2,
        ready=gates.notice_is_over, consequences=("村里不能再改", "镇（街）收到待办"),
    ),
    Step(
        "explain_hold", "说明负面清单情况", (Stage.TOWN, Stage.DISTRICT), None, AT_OFFICES, OURS, desk="",
        needs_note=True, ready=gates.hold_stands, consequences=("说明记入办理记录，只有办理这一户的人看得到",),
    ),
    Step(
        "endorse", "认定，报区（市）", (Stage.TOWN,), Stage.DISTRICT, AT_TOWN, THREE_2, desk=TOWN,
        apart=True, decides="town", label_elsewhere="审核同意，报区（市）审定",
        ready=gates.hold_is_explained, keep=gates.keep_endorsement,
        consequences=("村里不能再改", "区（市）收到待办", "记入操作日志"),
    ),
    Step(
        "return_to_meeting", "退回村里重新评议", (Stage.TOWN,), Stage.MEETING, AT_TOWN, OURS, desk=TOWN,
        needs_note=True, consequences=("村里收到待办，看得到退回原因", "评议、公示要重新办"),
    ),
    Step(
        "return_to_survey", "退回村里补正", (Stage.TOWN,), Stage.SURVEY, AT_TOWN, OURS, desk=TOWN,
        needs_note=True, consequences=("村里收到待办，看得到退回原因", "要重新入户，或更正入户调查"),
    ),
    Step(
        "refuse", "不予认定", (Stage.TOWN,), Stage.REFUSED, AT_TOWN, THREE_2, desk=TOWN,
        needs_note=True, apart=True, consequences=("这一户办结，不列入台账", "原因留在办理记录里"),
    ),
    Step(
        "acknowledge", "审定，列入在册", (Stage.DISTRICT,), Stage.REGISTERED, AT_DISTRICT, THREE_3, desk=DISTRICT,
        apart=True, decides="county", label_elsewhere="签收，列入在册",
        ready=gates.hold_is_explained, keep=gates.keep_acknowledgement,
        consequences=("列入在册监测对象和台账", "镇（街）落实帮扶联系人和帮扶政策"),
    ),
    Step(
        "return_to_town", "退回镇（街）", (Stage.DISTRICT,), Stage.TOWN, AT_DISTRICT, OURS, desk=DISTRICT,
        needs_note=True, keep=gates.cancel_decision, consequences=("镇（街）收到待办，看得到退回原因", "原来的认定时间作废"),
    ),
    Step(
        "district_refuse", "不予审定", (Stage.DISTRICT,), Stage.REFUSED, AT_DISTRICT, OURS, desk=DISTRICT,
        needs_note=True, apart=True, keep=gates.cancel_decision, applies=gates.where_county_decides,
        consequences=("这一户办结，不列入台账",),
    ),
    Step(
        "close_watch", "解除关注", (Stage.WATCH, Stage.SURVEY), Stage.CLOSED, AT_VILLAGE_OR_TOWN, THREE_1,
        needs_note=True, consequences=("这一户办结", "有新情况可以再列为预警关注"),
    ),
)  # fmt: skip
BY_NAME = {step.name: step for step in STEPS}


def event_label(name: str) -> str:
    """A step or another event in words."""
    return BY_NAME[name].label if name in BY_NAME else OTHER_EVENTS.get(name, name)
