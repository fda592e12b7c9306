"""Households on the register whose risk is over, and removals brought to any point by the people who would do it."""

import datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from assistance.catalogue import MEASURES
from assistance.models import Delivery
from assistance.services import told_by
from households.codes import RiskCause
from households.models import Household, Survey
from monitoring import meetings, notices, removals, screening
from monitoring.models import Case, CaseSource, Notice, Stage
from monitoring.removal_gates import Visitors
from monitoring.workflow import class_of, enter_designated, take
from tests.monitoring.casework import let_it_run_out
from tests.monitoring.surveyed import visit

WELL = {"wage": 24_000_00, "risks": ()}


def on_the_register(household: Household, by: User, *, months_ago: int = 7) -> Case:
    """Designated elsewhere some months ago, with 低保 that runs."""
    decided_on = timezone.localdate() - datetime.timedelta(days=31 * months_ago)
    case = enter_designated(
        household=household, by=by, source=CaseSource.STOCK, monitor_class=class_of(household), decided_on=decided_on,
        main_risk=RiskCause.ILLNESS, unverified=False, batch=None, note="国扶系统内已标注",
    )  # fmt: skip
    Delivery.objects.create(
        household=household, member=household.members.first(), **told_by(MEASURES["dibao"]), begun_on=decided_on
    )
    return case


def looked_at(household: Household, by: User, *, days_ago: int = 0, **given: Any) -> Survey:
    """A visit after which all is well, and what the rules say of it."""
    day = timezone.localdate() - datetime.timedelta(days=days_ago)
    survey = visit(household, by, day, **{**WELL, **given})
    screening.assess_household(household, timezone.localdate())
    return survey


def proposed(household: Household, by: User) -> Case:
    """A removal that has just been opened."""
    designation = on_the_register(household, by)
    looked_at(household, by, days_ago=20)
    return removals.open_removal(designation=designation, by=by, note="收入稳定")


ORDER = (Stage.SURVEY, Stage.MEETING, Stage.NOTICE_DUE, Stage.NOTICE, Stage.TOWN, Stage.DISTRICT, Stage.DONE)


def bring_removal(
    household: Household, stage: Stage, *, village: User, second: User, town: User, district: User
) -> Case:
    """A removal at this stage."""
    case = proposed(household, village)
    today = timezone.localdate()
    for goal in ORDER[1 : ORDER.index(stage) + 1]:
        if goal == Stage.MEETING:
            looked_at(household, village)
            case = take("verify_removal", case=case, by=village, visitors=Visitors(village, "", second))
        elif goal == Stage.NOTICE_DUE:
            sitting = meetings.Sitting(today, "村部", 24, 21, "主任主持，会计记录。", "张三", "李四")
            vote = meetings.Vote(case, case.version, 20, 1, 0, True)
            case = meetings.record_meeting(by=village, sitting=sitting, votes=[vote])[0]
        elif goal == Stage.NOTICE:
            notices.post(cases=[case], by=village, starts_on=today, ends_on=today + datetime.timedelta(days=9))
        elif goal == Stage.TOWN:
            notices.close(notice=let_it_run_out(Notice.objects.get(cases=case)), by=village)
        elif goal == Stage.DISTRICT:
            case = take("endorse", case=case, by=town)
        else:
            case = take("acknowledge", case=case, by=district)
        case = Case.objects.select_related("household", "village", "survey", "about").get(pk=case.pk)
    return case
