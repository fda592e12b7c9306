"""Cases at any point of the procedure, brought there by the people who would do it."""

import datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from households.codes import RiskCause
from households.models import Household
from monitoring import meetings, notices, screening
from monitoring.models import Case, Notice, Stage
from monitoring.workflow import open_case, take
from tests.monitoring.surveyed import visit

ORDER = (
    Stage.WATCH,
    Stage.SURVEY,
    Stage.MEETING,
    Stage.NOTICE_DUE,
    Stage.NOTICE,
    Stage.TOWN,
    Stage.DISTRICT,
    Stage.REGISTERED,
)


def surveyed(household: Household, by: User, *, days_ago: int = 10, **given: Any) -> Household:
    """A household below the line, ill, surveyed some days ago and judged."""
    on = timezone.localdate() - datetime.timedelta(days=days_ago)
    visit(household, by, on, **{"risks": (RiskCause.ILLNESS,), "wage": 9_000_00, "operating_gross": 0, **given})
    screening.assess_household(household, timezone.localdate())
    return household


def sit(case: Case, by: User, *, agreed: bool = True, days_ago: int = 1) -> Case:
    """One meeting for one household."""
    held_on = timezone.localdate() - datetime.timedelta(days=days_ago)
    sitting = meetings.Sitting(held_on, "村部", 24, 21, "主任主持，会计记录。")
    vote = meetings.Vote(
        case, case.version, 20 if agreed else 3, 1 if agreed else 18, 0, agreed, "" if agreed else "有固定工作"
    )
    return meetings.record_meeting(by=by, sitting=sitting, votes=[vote])[0]


def post(case: Case, by: User) -> Notice:
    """A notice of five days from today for one household."""
    today = timezone.localdate()
    return notices.post(cases=[case], by=by, starts_on=today, ends_on=today + datetime.timedelta(days=4))


def let_it_run_out(notice: Notice) -> Notice:
    """As if the notice had been posted nine days ago."""
    today = timezone.localdate()
    notice.starts_on, notice.ends_on = today - datetime.timedelta(days=9), today - datetime.timedelta(days=5)
    notice.counted_days = [(notice.starts_on + datetime.timedelta(days=ahead)).isoformat() for ahead in range(5)]
    notice.save(update_fields=["starts_on", "ends_on", "counted_days"])
    return notice


def bring(household: Household, stage: Stage, *, village: User, town: User, district: User) -> Case:
    """A surveyed household's case, brought to this stage step by step."""
    case = open_case(household=household, by=village, note="家里有人生病")
    for goal in ORDER[1 : ORDER.index(stage) + 1]:
        if goal == Stage.SURVEY:
            case = take("start_survey", case=case, by=village)
        elif goal == Stage.MEETING:
            case = take("complete_survey", case=case, by=village)
        elif goal == Stage.NOTICE_DUE:
            case = sit(case, village)
        elif goal == Stage.NOTICE:
            post(case, village)
        elif goal == Stage.TOWN:
            notices.close(notice=let_it_run_out(Notice.objects.get(cases=case)), by=village)
        elif goal == Stage.DISTRICT:
            case = take("endorse", case=case, by=town, main_risk="illness")
        else:
            case = take("acknowledge", case=case, by=district)
        case = Case.objects.select_related("household", "village", "survey").get(pk=case.pk)
    return case
