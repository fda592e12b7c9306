"""The steps of all procedures as one table: who may move a case from where to where, after which clause.

Which of the stages a case passes through, and in which order, is pinned on the case (monitoring.procedures): a step that
leads on goes to the next of them, and one that leads elsewhere exists only where its stage does.
"""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.roles import SURVEY_ROLES, VILLAGE_ROLES, Role
from monitoring import gates, removal_gates
from monitoring.gates import Act, Columns
from monitoring.models import OPEN_STAGES, Case, CaseKind, Stage
from monitoring.procedures import Procedure

VILLAGE, TOWN, DISTRICT = "village", "town", "district"
AT_VILLAGE = VILLAGE_ROLES
AT_VILLAGE_OR_TOWN = SURVEY_ROLES
AT_TOWN = (Role.TOWN_REVIEWER,)
AT_DISTRICT = (Role.DISTRICT_OFFICER,)
AT_OFFICES = (*AT_TOWN, *AT_DISTRICT)

THREE_1 = "枣扶贫组办字〔2020〕4号 三（一）"
THREE_2 = "枣扶贫组办字〔2020〕4号 三（二）"
THREE_3 = "枣扶贫组办字〔2020〕4号 三（三）"
OURS = "文件未规定，程序需要"
PRACTICE = "文件未规定，2021年以后各地通行的做法"
NEXT = "next"  # a target: whatever comes next in the procedure of the case
ENDS = (Stage.REFUSED, Stage.CLOSED)

# The first line on a case's record, where it passes our procedure.
OPENINGS = ("open", "open_removal", "open_registration")
# What stands on a case's record beside the steps of the table.
OTHER_EVENTS = {
    "open": "列为预警关注，报镇（街）备案",
    "open_removal": "村提名，发起风险消除",
    "open_registration": "返贫、新致贫，发起建档立卡",
    "mark_urgent": "绿色通道，先行帮扶",
    "stock": "存量登记（国扶系统内已标注）",
    "hand_ledger": "按手工台账登记",
    "correct": "更正",
    "compared": "登记比对反馈",
    "extend": "延期",
    "decide_figure": "处理与部门数据的不一致",
    "objection": "登记异议",
    "objection_dismissed": "异议不成立，公示继续",
    "objection_upheld": "异议成立（这一户已不在公示中）",
    "correction_notice": "发布撤销更正公告",
    "complete_survey_directly": "入户调查已办，报镇（街）",
    "removed": "风险消除，移出在册",
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
    target: Stage | str | None  # NEXT, or a stage; None: the case stays where it is
    roles: tuple[Role, ...]
    clause: str
    desk: str = VILLAGE
    needs_note: bool = False
    apart: bool = False
    decides: str = ""
    label_elsewhere: str = ""  # where another level decides
    ready: Callable[[Act], None] = gates.nothing
    keep: Callable[[Act], Columns] = gates.keep_nothing
    kinds: tuple[CaseKind, ...] = tuple(CaseKind)
    otherwise: tuple[tuple[CaseKind, str, tuple[str, ...]], ...] = ()  # words and consequences for another kind of case
    county_only: bool = False  # only where the county decides
    by_clock: bool = False  # taken by itself when its time has come, too
    names_next: bool = False  # the button says what comes next
    only_when_ready: bool = False  # the button is not there while the step cannot be taken
    consequences: tuple[str, ...] = ()

    def label_for(self, procedure: Procedure) -> str:
        """The words on the button, which depend on the kind of case, on who decides and on what comes next."""
        for kind, label, _consequences in self.otherwise:
            if kind == procedure.path:
                return label
        if self.names_next and procedure.has(self.sources[0]):
            return f"{self.label}，转{procedure.after(self.sources[0]).label}"
        return self.label_elsewhere if self.label_elsewhere and procedure.decides != self.decides else self.label

    def consequences_for(self, kind: str) -> tuple[str, ...]:
        """What happens then, for a case of this kind."""
        return next((told for other, _label, told in self.otherwise if other == kind), self.consequences)

    def clause_in(self, procedure: Procedure | None, stage: str) -> str:
        """The clause of the pinned step to which the stage belongs, else that of the table."""
        pinned = procedure.step_at(stage) if procedure and stage else None
        return pinned.source if pinned else self.clause

    def exists_in(self, case: Case, procedure: Procedure) -> bool:
        """Whether the procedure of the case has the step at all, wherever the case stands."""
        if case.kind not in self.kinds or (self.county_only and procedure.decides != "county"):
            return False
        if self.target is None:
            return True
        if self.target in (NEXT, *ENDS):
            return any(procedure.has(stage) for stage in self.sources)
        return procedure.has(self.target)

    def leads_to(self, case: Case, procedure: Procedure) -> Stage:
        """Where the case stands after the step."""
        if self.target == NEXT:
            return procedure.after(case.stage)
        return Stage(self.target or case.stage)

    @property
    def leads_on(self) -> bool:
        """Whether the case comes nearer to its end by it; the household must still be there for that."""
        return self.target in (NEXT, Stage.NOTICE)

    @property
    def returns(self) -> bool:
        """Whether the step sends a case back."""
        return self.name.startswith("return_")


STEPS: tuple[Step, ...] = (
    Step(
        "start_survey", "启动入户调查", (Stage.WATCH,), NEXT, AT_VILLAGE_OR_TOWN, THREE_2,
        consequences=("村里收到入户调查待办", "查完再开民主评议"),
    ),
    Step(
        "complete_survey", "入户调查已办", (Stage.SURVEY,), NEXT, AT_VILLAGE, THREE_2,
        kinds=(CaseKind.DESIGNATION, CaseKind.REGISTRATION), ready=gates.survey_is_in, keep=gates.keep_survey, names_next=True,
        consequences=("以最近一次入户调查为准", "转到这一户程序的下一步"),
    ),
    Step(
        "complete_authorisation", "承诺授权已签", (Stage.AUTHORISE,), NEXT, AT_VILLAGE, OURS, names_next=True,
        ready=gates.authorisation_is_in, consequences=("可以入户核实、比对信息", "农户可以随时撤回授权，不影响已有的帮扶"),
    ),
    Step(
        "complete_comparison", "信息比对已完", (Stage.COMPARE,), NEXT, AT_OFFICES, OURS, desk=TOWN, names_next=True,
        ready=gates.comparison_is_over, consequences=("村里收到待办",),
    ),
    Step(
        "return_to_comparison", "退回重新比对", (Stage.TOWN,), Stage.COMPARE, AT_TOWN, OURS, desk=TOWN,
        needs_note=True, consequences=("要重新比对，再评议、公示",),
    ),
    Step(
        "verify_removal", "两人入户核实已办", (Stage.SURVEY,), NEXT, AT_VILLAGE, OURS, kinds=(CaseKind.REMOVAL,),
        names_next=True, ready=removal_gates.removal_visit_is_in, keep=removal_gates.keep_removal_visit,
        consequences=("记下两位入户人和消除时的情况", "转到民主评议"),
    ),
    Step(
        "meeting_recognise", "民主评议：同意", (Stage.MEETING,), NEXT, AT_VILLAGE_OR_TOWN, THREE_2,
        keep=gates.keep_recognition, consequences=("接着张贴村内公示",),
    ),
    Step(
        "meeting_refuse", "民主评议：不同意", (Stage.MEETING,), Stage.REFUSED, AT_VILLAGE_OR_TOWN, THREE_2,
        needs_note=True, keep=gates.keep_meeting_refusal, consequences=("这一户办结", "家里有变化可以重新办理"),
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
        "uphold_objection", "异议成立，重新评议", (Stage.NOTICE,), Stage.MEETING, (*AT_VILLAGE_OR_TOWN, *AT_DISTRICT), OURS,
        desk="", needs_note=True, only_when_ready=True, ready=gates.objection_was_upheld, consequences=("这一户停止公示，回到民主评议",),
    ),
    Step(
        "close_notice", "公示期满，报镇（街）认定", (Stage.NOTICE,), NEXT, AT_VILLAGE, THREE_2,
        ready=gates.notice_is_over, by_clock=True, consequences=("村里不能再改", "镇（街）收到待办"),
    ),
    Step(
        "explain_hold", "说明负面清单情况", (Stage.TOWN, Stage.DISTRICT), None, AT_OFFICES, OURS, desk="",
        needs_note=True, only_when_ready=True, ready=gates.hold_stands, consequences=("说明记入办理记录，只有办理这一户的人看得到",),
    ),
    Step(
        "endorse", "认定，报区（市）", (Stage.TOWN,), NEXT, AT_TOWN, THREE_2, desk=TOWN,
        apart=True, decides="town", label_elsewhere="审核同意，报区（市）审定",
        ready=removal_gates.decision_may_be_made, keep=removal_gates.keep_endorsement,
        consequences=("村里不能再改", "区（市）收到待办", "记入操作日志"),
        otherwise=(
            (CaseKind.REMOVAL, "同意消除，报区（市）", ("区（市）收到待办", "区（市）审定以前仍在册，帮扶照旧")),
            (CaseKind.REGISTRATION, "审核同意，报区（市）", ("村里不能再改", "区（市）收到待办")),
        ),
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
        "return_to_notice", "退回村里重新公示", (Stage.TOWN,), Stage.NOTICE_DUE, AT_TOWN, OURS, desk=TOWN,
        needs_note=True, consequences=("村里收到待办，看得到退回原因", "公示要重新办"),
    ),
    Step(
        "withdraw_from_town", "撤回补正", (Stage.TOWN,), Stage.SURVEY, AT_VILLAGE, OURS,
        needs_note=True, consequences=("镇（街）不再办理这一户", "要重新入户，或更正入户调查"),
    ),
    Step(
        "refuse", "不予认定", (Stage.TOWN,), Stage.REFUSED, AT_TOWN, THREE_2, desk=TOWN,
        needs_note=True, apart=True, consequences=("这一户办结，不列入台账", "原因留在办理记录里"),
    ),
    Step(
        "acknowledge", "审定，列入在册", (Stage.DISTRICT,), NEXT, AT_DISTRICT, THREE_3, desk=DISTRICT,
        apart=True, decides="county", label_elsewhere="签收，列入在册",
        ready=removal_gates.decision_may_be_made, keep=removal_gates.keep_acknowledgement,
        consequences=("列入在册监测对象和台账", "镇（街）落实帮扶联系人和帮扶政策"),
        otherwise=(
            (CaseKind.REMOVAL, "审定，移出在册", ("这一户移出在册监测对象", "帮扶措施不因此结束，风险再来可以回退")),
            (CaseKind.REGISTRATION, "确认，纳入建档立卡", ("户类型改为未脱贫建档立卡户", "落实脱贫攻坚政策，不受规模限制")),
        ),
    ),
    Step(
        "return_to_town", "退回镇（街）", (Stage.DISTRICT,), Stage.TOWN, AT_DISTRICT, OURS, desk=DISTRICT,
        needs_note=True, keep=gates.cancel_decision, consequences=("镇（街）收到待办，看得到退回原因", "原来的认定时间作废"),
    ),
    Step(
        "return_to_meeting_by_district", "退回村里重新评议", (Stage.DISTRICT,), Stage.MEETING, AT_DISTRICT, OURS,
        desk=DISTRICT, needs_note=True, keep=gates.cancel_decision,
        consequences=("村里收到待办，看得到退回原因", "评议、公示要重新办", "原来的认定时间作废"),
    ),
    Step(
        "return_to_survey_by_district", "退回村里补正", (Stage.DISTRICT,), Stage.SURVEY, AT_DISTRICT, OURS, desk=DISTRICT,
        needs_note=True, keep=gates.cancel_decision,
        consequences=("村里收到待办，看得到退回原因", "要重新入户，或更正入户调查", "原来的认定时间作废"),
    ),
    Step(
        "district_refuse", "不予审定", (Stage.DISTRICT,), Stage.REFUSED, AT_DISTRICT, OURS, desk=DISTRICT,
        needs_note=True, apart=True, keep=gates.cancel_decision, county_only=True,
        consequences=("这一户办结，不列入台账",),
    ),
    Step(
        "reinstate", "风险消除回退", (Stage.REMOVED,), Stage.REGISTERED, AT_DISTRICT, OURS, desk="",
        needs_note=True, kinds=(CaseKind.DESIGNATION,), ready=removal_gates.may_be_reinstated,
        keep=removal_gates.keep_reinstatement,
        consequences=("这一户重新在册，认定时间不变", "原来的移出日期和全部办理记录都留着"),
    ),
    Step(
        "announce", "张贴结果公告", (Stage.ANNOUNCE,), NEXT, AT_TOWN, PRACTICE, desk=TOWN, keep=gates.keep_announcement,
        consequences=("名单从此不能改", "以镇（街）的名义在村里张贴"),
    ),
    Step(
        "close_watch", "解除关注", (Stage.WATCH, Stage.SURVEY), Stage.CLOSED, AT_VILLAGE_OR_TOWN, THREE_1,
        needs_note=True, consequences=("这一户办结", "有新情况可以再列为预警关注"),
        otherwise=(
            (CaseKind.REMOVAL, "停止消除，继续监测", ("这次风险消除不再办，这一户仍在册", "条件具备以后可以重新发起")),
            (CaseKind.REGISTRATION, "停止办理", ("这次办理结束", "有新情况可以重新发起")),
        ),
    ),
    Step(
        "end_closed_household", "户已注销，办结", OPEN_STAGES, Stage.CLOSED, AT_TOWN, OURS, desk=TOWN,
        needs_note=True, only_when_ready=True, ready=gates.household_is_closed,
        consequences=("这次办理结束，不再列在待办里", "并到别的户的，那一户有困难另行办理", "公示过的，接着发更正公告"),
    ),
)  # fmt: skip
BY_NAME = {step.name: step for step in STEPS}


def event_label(name: str, procedure: Procedure | None = None) -> str:
    """A step or another event in words; with the procedure of the case in the words that its button had."""
    step = BY_NAME.get(name)
    if step is None:
        return OTHER_EVENTS.get(name, name)
    return step.label if procedure is None or step.names_next else step.label_for(procedure)
