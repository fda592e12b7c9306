"""What must be there before a step is taken, and what the step keeps: the small print of the table in workflow.py."""

import datetime
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F, Max
from django.utils import timezone

from accounts.models import User
from households.codes import RiskCause
from households.models import Survey
from monitoring.department_checks import open_differences
from monitoring.models import Assessment, Ballot, Case, Meeting, Notice, NoticeKind, Objection, Stage
from monitoring.models.cases import EXPLAIN_HOLD
from monitoring.notices_calendar import DayRule
from monitoring.policy.values import Policy
from monitoring.procedures import Procedure
from monitoring.public.models import SealedObjection

NEGATIVE_HOLD = "NEGATIVE_HOLD"
RETURN_TO_SURVEY = "return_to_survey"
NOT_AUTHORISED = "还没有有效的承诺授权，不能比对。"
Columns = dict[str, Any]


@dataclass(frozen=True)
class Act:
    """One step being taken: on which case, by whom, when, with what."""

    case: Case
    by: User | None  # None: the clock
    at: datetime.datetime
    note: str
    policy: Policy
    procedure: Procedure
    data: dict[str, Any]

    @property
    def day(self) -> datetime.date:
        """The day in Shanghai."""
        return timezone.localdate(self.at)

    @cached_property
    def assessment(self) -> Assessment | None:
        """What the rules say of the household; asked once, however many conditions look at it."""
        return standing_assessment(self.case, self.day)


# ---- what must be there before ----


def nothing(act: Act) -> None:
    """No condition."""


def survey_is_in(act: Act) -> None:
    """A submitted survey of this case (入户调查)."""
    if counting_survey(act) is None:
        raise ValidationError("还没有这一户的入户调查，请先入户、提交调查表，再办这一步。")


def authorisation_is_in(act: Act) -> None:
    """The family has signed, and has not taken it back."""
    if not is_authorised(act.case):
        raise ValidationError("还没有登记这一户的承诺授权，请先让农户签字、登记。")


def comparison_is_over(act: Act) -> None:
    """Every item has been answered, and every hit explained with evidence."""
    if missing := comparison_lacks(act.case, act.procedure):
        raise ValidationError(missing)


def notice_is_over(act: Act) -> None:
    """The last day of the notice has passed, and no objection to the household is left open, here or on the public page."""
    notice = act.case.notices.order_by("-posted_at").first()
    if notice is None:
        raise ValidationError("这一户还没有张贴公示。")
    if act.day <= notice.ends_on:
        raise ValidationError(f"公示到 {notice.ends_on:%m 月 %d 日} 24 时才满，期满后的第二天再办。")
    if Objection.objects.filter(case=act.case, upheld=None).exists():
        raise ValidationError("有异议还没有核查完，先登记核查结论，再结束公示。")
    if SealedObjection.objects.filter(notice=notice.token, fetched_at=None).exists():
        raise ValidationError("网上收到的异议还没有登记进来，过几分钟再办。")
    if notice.photo_due_on and not notice.photos.exists():
        raise ValidationError("还没有上传张贴照片，上传以后再办。")


def household_is_closed(act: Act) -> None:
    """The household was closed, or merged into another one, while its case was under way."""
    if act.case.household.closed_on is None:
        raise ValidationError("这一户没有注销，也没有并入别的户，不用这样办结。")


def objection_was_upheld(act: Act) -> None:
    """An objection on the running notice was found to be right."""
    notice = act.case.notices.order_by("-posted_at").first()
    if notice is None or not Objection.objects.filter(notice=notice, case=act.case, upheld=True).exists():
        raise ValidationError("这一户没有查实成立的异议。")


def hold_is_explained(act: Act) -> None:
    """A household on the negative list has a written explanation on its case (reading A17)."""
    if hold_waits(act.case, act.assessment):
        raise ValidationError("这一户命中负面清单，暂缓认定。先写明核实情况，再认定。")


def evidence_is_settled(act: Act) -> None:
    """The hold is explained, and what does not agree with a department's data has been decided."""
    hold_is_explained(act)
    if differing := open_differences(act.case):
        raise ValidationError(f"{'、'.join(differing)}和部门数据不一致，先处理，再办这一步。")


def hold_stands(act: Act) -> None:
    """There is a hit to explain."""
    if act.assessment is None or NEGATIVE_HOLD not in act.assessment.flags:
        raise ValidationError("这一户没有命中负面清单，不用说明。")


# ---- what it keeps ----


def keep_nothing(act: Act) -> Columns:
    """Nothing beside the step itself."""
    return {}


def keep_survey(act: Act) -> Columns:
    """The survey on which the procedure rests, with its causes."""
    survey = counting_survey(act)
    assert survey is not None  # survey_is_in was asked before
    return {"survey": survey, "risk_causes": survey.risk_causes}


def keep_recognition(act: Act) -> Columns:
    """The meeting that recognised the household."""
    _keep_ballot(act, recognised=True)
    return {}


def keep_meeting_refusal(act: Act) -> Columns:
    """The meeting that refused it."""
    _keep_ballot(act, recognised=False)
    return {}


def keep_notice(act: Act) -> Columns:
    """The notice the household stands on."""
    notice = act.data.get("notice")
    if not isinstance(notice, Notice) or notice.village_id != act.case.village_id:
        raise ValidationError("请从“村内公示”页面发起公示。")
    rule = DayRule.of(act.procedure)
    if notice.ends_on < rule.last_day(notice.starts_on):
        raise ValidationError(f"公示不能少于 {rule.length}。")
    if notice.starts_on < timezone.localdate(act.case.stage_since):
        raise ValidationError("公示开始不能早于上一步的日期。")
    notice.cases.add(act.case)
    return {}


def keep_announcement(act: Act) -> Columns:
    """The 结果公告 that the household stands on."""
    notice = act.data.get("notice")
    if not isinstance(notice, Notice) or notice.kind != NoticeKind.RESULT or notice.village_id != act.case.village_id:
        raise ValidationError("请从“村内公示”页面发布结果公告。")
    notice.cases.add(act.case)
    return {}


def keep_endorsement(act: Act) -> Columns:
    """The main risk that the town chose and, where the town decides, the decision."""
    chosen = act.data.get("main_risk") or act.case.main_risk
    if chosen not in RiskCause.values:
        raise ValidationError("请选主要返贫风险，台账要印这一项。")
    decision = {"decided_on": act.day, "decided_by": act.by} if act.procedure.decides == "town" else {}
    return {"main_risk": chosen, "main_risk_unverified": False, **decision}


def keep_acknowledgement(act: Act) -> Columns:
    """The day on which the district took it over and, where the county decides, the decision."""
    decision = {"decided_on": act.day, "decided_by": act.by} if act.procedure.decides == "county" else {}
    if not decision and act.case.decided_on is None:
        raise ValidationError("镇（街）还没有认定，请退回镇（街）。")
    return {"acknowledged_on": act.day, **decision}


def cancel_decision(act: Act) -> Columns:
    """What was decided is open again."""
    return {"decided_on": None, "decided_by": None}


# ---- what the gates look up ----


def counting_survey(act: Act) -> Survey | None:
    """The newest submitted survey that counts: within the validity, or visited since the case was opened.

    After a return for a new survey only one that was submitted since then counts.
    """
    case = act.case
    opened = timezone.localdate(case.opened_at)
    surveys = case.household.surveys.filter(superseded_by=None, visited_on__lte=act.day)
    surveys = surveys.filter(visited_on__gt=min(act.policy.surveyed_after, opened - datetime.timedelta(days=1)))
    returned_at = case.events.filter(step__startswith=RETURN_TO_SURVEY).aggregate(last=Max("at"))["last"]
    if returned_at:
        surveys = surveys.filter(submitted_at__gt=returned_at)
    return surveys.newest_first().first()


def is_authorised(case: Case) -> bool:
    """Whether the family lets its data be compared; asks nothing where the authorisations are at hand."""
    return any(one.withdrawn_on is None for one in case.authorisations.all())


def comparison_lacks(case: Case, procedure: Procedure) -> str:
    """Why the comparison of a case is not over, in a sentence; empty when it is."""
    if not is_authorised(case):
        return NOT_AUTHORISED
    answers = {answer.item: answer for answer in case.answers.all()}
    if missing := [item for item in procedure.compares if item not in answers]:
        return f"还有 {len(missing)} 项没有部门反馈，不能结束比对。"
    if any(answer.hit and answer.explained_at is None for answer in answers.values()):
        return "有比中的项还没有写核实情况、附佐证，不能结束比对。"
    return ""


def standing_assessment(case: Case, day: datetime.date) -> Assessment | None:
    """What the rules say of the household on a day, if it was ever screened."""
    return Assessment.objects.filter(household=case.household_id).standing_on(day).with_facts().first()


def hold_waits(case: Case, assessment: Assessment | None) -> bool:
    """Whether a hit on the negative list, in what the rules say of the household, waits for its written explanation."""
    if assessment is None or NEGATIVE_HOLD not in assessment.flags:
        return False
    explained = case.events.filter(step=EXPLAIN_HOLD).aggregate(last=Max("at"))["last"]
    return explained is None or timezone.localdate(explained) < assessment.on


def _keep_ballot(act: Act, *, recognised: bool) -> None:
    meeting, data = act.data.get("meeting"), act.data
    if not isinstance(meeting, Meeting) or meeting.village_id != act.case.village_id:
        raise ValidationError("请从“民主评议”页面登记评议结果。")
    if meeting.held_on > act.day:
        raise ValidationError("评议日期不能晚于今天。", code="held_on")
    if meeting.held_on < _survey_day(act.case):
        raise ValidationError(f"评议日期不能早于入户调查的日期（{_survey_day(act.case):%m-%d}）。", code="held_on")
    if (sent_back := _sent_back_to_meet(act)) and meeting.held_on < sent_back:
        raise ValidationError(f"这一户 {sent_back:%m 月 %d 日} 退回重新评议，评议日期不能早于这一天。", code="held_on")
    _check_votes(act, meeting, recognised)
    ballot = Ballot(
        meeting=meeting,
        case=act.case,
        present=meeting.present,
        in_favour=data.get("in_favour", 0),
        against=data.get("against", 0),
        abstained=data.get("abstained", 0),
        recognised=recognised,
        reason=act.note if not recognised else "",
    )
    ballot.full_clean()
    ballot.save()


def _check_votes(act: Act, meeting: Meeting, recognised: bool) -> None:
    if act.procedure.two_thirds and (meeting.due is None or meeting.present * 3 < meeting.due * 2):
        least = "" if meeting.due is None else f"应到 {meeting.due} 人，至少要到 {-(-meeting.due * 2 // 3)} 人，"
        raise ValidationError(f"评议要三分之二以上到会：{least}请填应到人数，人不够的改天再开。")
    if recognised and act.data.get("in_favour", 0) * 2 <= meeting.present:
        raise ValidationError("同意的没有过半数，不能登记成“同意”。")


def _sent_back_to_meet(act: Act) -> datetime.date | None:
    """The day on which the case was sent back behind the last meeting that agreed to it; None where none has."""
    moves = act.case.events.exclude(from_stage=F("to_stage"))
    agreed = moves.filter(from_stage=Stage.MEETING).order_by("at").last()
    if agreed is None:
        return None
    up_to_the_meeting = act.procedure.stages[: act.procedure.stages.index(Stage.MEETING) + 1]
    since = moves.filter(at__gte=agreed.at, to_stage__in=up_to_the_meeting).exclude(pk=agreed.pk)
    sent_back = since.order_by("at").first()
    return timezone.localdate(sent_back.at) if sent_back else None


def _survey_day(case: Case) -> datetime.date:
    return case.survey.visited_on if case.survey else timezone.localdate(case.opened_at)
