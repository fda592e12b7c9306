"""What must be there before a step is taken, and what the step keeps: the small print of the table in workflow.py."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from households.codes import MonitorClass, RiskCause
from households.models import Survey
from monitoring.models import Assessment, Case, Meeting, Notice, Objection
from monitoring.models.cases import EXPLAIN_HOLD
from monitoring.policy.values import Policy

NEGATIVE_HOLD = "NEGATIVE_HOLD"
RETURN_TO_SURVEY = "return_to_survey"
Columns = dict[str, Any]


@dataclass(frozen=True)
class Act:
    """One step being taken: on which case, by whom, when, with what."""

    case: Case
    by: User
    at: datetime.datetime
    note: str
    policy: Policy
    data: dict[str, Any]

    @property
    def day(self) -> datetime.date:
        """The day in Shanghai."""
        return timezone.localdate(self.at)


# ---- where a step exists at all ----


def always(case: Case, policy: Policy) -> bool:
    """In every rule set, for every household."""
    return True


def where_county_decides(case: Case, policy: Policy) -> bool:
    """Only where the rule set lets the county decide."""
    return policy.decides == "county"


def where_all_steps_are_asked(case: Case, policy: Policy) -> bool:
    """Meeting and notice are asked for this household (A3: for 脱贫户 the rule set says so or not)."""
    return policy.same_steps_for_lifted or case.monitor_class != MonitorClass.RELAPSE


def where_steps_are_left_out(case: Case, policy: Policy) -> bool:
    """The rule set asks neither meeting nor notice of a 脱贫户."""
    return not where_all_steps_are_asked(case, policy)


# ---- what must be there before ----


def nothing(act: Act) -> None:
    """No condition."""


def survey_is_in(act: Act) -> None:
    """A submitted survey of this case (入户调查)."""
    if counting_survey(act) is None:
        raise ValidationError("还没有这一户的入户调查，请先入户、提交调查表，再办这一步。")


def notice_is_over(act: Act) -> None:
    """The last day of the notice has passed, and no objection is left open."""
    notice = act.case.notices.order_by("-posted_at").first()
    if notice is None:
        raise ValidationError("这一户还没有张贴公示。")
    if act.day <= notice.ends_on:
        raise ValidationError(f"公示到 {notice.ends_on:%m 月 %d 日} 24 时才满，期满后的第二天再办。")
    if Objection.objects.filter(notice=notice, case=act.case, upheld=None).exists():
        raise ValidationError("有异议还没有核查完，先登记核查结论，再结束公示。")


def objection_was_upheld(act: Act) -> None:
    """An objection on the running notice was found to be right."""
    notice = act.case.notices.order_by("-posted_at").first()
    if notice is None or not Objection.objects.filter(notice=notice, case=act.case, upheld=True).exists():
        raise ValidationError("这一户没有查实成立的异议。")


def hold_is_explained(act: Act) -> None:
    """A household on the negative list has a written explanation on its case (reading A17)."""
    if hold_waits(act.case, act.day):
        raise ValidationError("这一户命中负面清单，暂缓认定。先写明核实情况，再认定。")


def hold_stands(act: Act) -> None:
    """There is a hit to explain."""
    assessment = standing_assessment(act.case, act.day)
    if assessment is None or NEGATIVE_HOLD not in assessment.flags:
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
    _keep_meeting(act, recognised=True)
    return {}


def keep_meeting_refusal(act: Act) -> Columns:
    """The meeting that refused it."""
    _keep_meeting(act, recognised=False)
    return {}


def keep_notice(act: Act) -> Columns:
    """The notice the household stands on."""
    notice = act.data.get("notice")
    if not isinstance(notice, Notice) or notice.village_id != act.case.village_id:
        raise ValidationError("请从“村内公示”页面发起公示。")
    if (notice.ends_on - notice.starts_on).days + 1 < act.policy.notice_days:
        raise ValidationError(f"公示不能少于 {act.policy.notice_days} 天。")
    notice.cases.add(act.case)
    return {}


def keep_endorsement(act: Act) -> Columns:
    """The main risk that the town chose and, where the town decides, the decision."""
    chosen = act.data.get("main_risk") or act.case.main_risk
    if chosen not in RiskCause.values:
        raise ValidationError("请选主要返贫风险，台账要印这一项。")
    decision = {"decided_on": act.day, "decided_by": act.by} if act.policy.decides == "town" else {}
    return {"main_risk": chosen, "main_risk_unverified": False, **decision}


def keep_acknowledgement(act: Act) -> Columns:
    """The day on which the district took it over and, where the county decides, the decision."""
    decision = {"decided_on": act.day, "decided_by": act.by} if act.policy.decides == "county" else {}
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
    returned_at = case.events.filter(step=RETURN_TO_SURVEY).aggregate(last=Max("at"))["last"]
    if returned_at:
        surveys = surveys.filter(submitted_at__gt=returned_at)
    return surveys.newest_first().first()


def standing_assessment(case: Case, day: datetime.date) -> Assessment | None:
    """What the rules say of the household on a day, if it was ever screened."""
    return Assessment.objects.filter(household=case.household_id).standing_on(day).with_facts().first()


def hold_waits(case: Case, day: datetime.date) -> bool:
    """Whether a hit on the negative list waits for its written explanation."""
    assessment = standing_assessment(case, day)
    if assessment is None or NEGATIVE_HOLD not in assessment.flags:
        return False
    explained = case.events.filter(step=EXPLAIN_HOLD).aggregate(last=Max("at"))["last"]
    return explained is None or timezone.localdate(explained) < assessment.on


def _keep_meeting(act: Act, *, recognised: bool) -> None:
    data = act.data
    if not data.get("held_on") or data.get("present") is None:
        raise ValidationError("请从“民主评议”页面登记评议结果。")
    if data["held_on"] > act.day:
        raise ValidationError("评议日期不能晚于今天。")
    if data["held_on"] < _survey_day(act.case):
        raise ValidationError("评议日期不能早于入户调查的日期。")
    meeting = Meeting(
        case=act.case,
        held_on=data["held_on"],
        place=data.get("place", ""),
        due=data.get("due"),
        present=data["present"],
        in_favour=data.get("in_favour", 0),
        against=data.get("against", 0),
        abstained=data.get("abstained", 0),
        recognised=recognised,
        minutes=data.get("minutes", ""),
        recorded_by=act.by,
    )
    if meeting.due is not None and meeting.present > meeting.due:
        raise ValidationError("实到人数不能多于应到人数。")
    if meeting.present < 1:
        raise ValidationError("实到人数至少 1 人。")
    meeting.full_clean()
    meeting.save()


def _survey_day(case: Case) -> datetime.date:
    return case.survey.visited_on if case.survey else timezone.localdate(case.opened_at)
