"""Processes of their own that act at the same moment: what may happen once happens once, and is traced once."""

import datetime
from collections import Counter

import pytest
from django.utils import timezone

from accounts.models import AuditEvent, Posting
from accounts.roles import Role
from monitoring import clock_work, notices
from monitoring.models import CaseEvent, Notice, Stage
from tests.factories import add_user
from tests.monitoring.casework import bring, let_it_run_out, surveyed
from tests.support.processes import act_together

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = datetime.date(2020, 1, 1)
HOUSEHOLDS = 4


@pytest.fixture
def people(staff):
    return {"village": staff.cadre, "town": staff.reviewer, "district": staff.officer}


def test_of_six_who_approve_at_once_one_does_and_never_the_submitter(place, staff, make, people):
    Posting.objects.create(user=staff.cadre, role=Role.TOWN_REVIEWER, region=place.town, begins_on=LONG_AGO)
    more = [add_user(f"reviewer{number}", f"审核员{number}", Role.TOWN_REVIEWER, place.town) for number in (3, 4, 5)]
    six = [staff.cadre, staff.reviewer, staff.second_reviewer, *more]
    case = bring(surveyed(make.household(place.village), staff.cadre), Stage.TOWN, **people)
    came = [one["came"] for one in act_together(*(["take", "endorse", case.pk, user.pk] for user in six))]
    assert Counter(came[1:]) == {"done": 1, "too late": 4}
    assert came[0] == "too late" or "请另一位同事办" in came[0]
    case.refresh_from_db()
    assert case.stage == Stage.DISTRICT
    assert case.decided_by == six[came.index("done")]
    assert CaseEvent.objects.filter(case=case, step="endorse").count() == 1
    assert AuditEvent.objects.filter(action="case.endorse").count() == 1


def test_approving_refusing_and_returning_at_once_comes_to_one_of_them(place, staff, make, people):
    third = add_user("reviewer3", "审核员", Role.TOWN_REVIEWER, place.town)
    case = bring(surveyed(make.household(place.village), staff.cadre), Stage.TOWN, **people)
    wanted = {"endorse": staff.reviewer, "refuse": staff.second_reviewer, "return_to_survey": third}
    came = [one["came"] for one in act_together(*(["take", step, case.pk, user.pk] for step, user in wanted.items()))]
    assert Counter(came) == {"done": 1, "too late": 2}
    case.refresh_from_db()
    assert case.stage == (Stage.DISTRICT, Stage.REFUSED, Stage.SURVEY)[came.index("done")]
    assert AuditEvent.objects.filter(action__in=[f"case.{step}" for step in wanted]).count() == 1


def over(place, staff, make, people):
    """A notice of several households whose last day has passed."""
    cases = [
        bring(surveyed(make.household(place.village), staff.cadre), Stage.NOTICE_DUE, **people)
        for _one in range(HOUSEHOLDS)
    ]
    today = timezone.localdate(cases[0].stage_since)
    return let_it_run_out(
        notices.post(cases=cases, by=staff.cadre, starts_on=today, ends_on=today + datetime.timedelta(days=9))
    )


def moved_once(notice):
    """Every household went to the town once, and the notice was closed once."""
    assert {case.stage for case in notice.cases.all()} == {Stage.TOWN}
    steps = CaseEvent.objects.filter(step="close_notice")
    assert Counter(steps.values_list("case", flat=True)) == Counter(notice.cases.values_list("pk", flat=True))
    assert AuditEvent.objects.filter(action="case.close_notice").count() == HOUSEHOLDS
    assert AuditEvent.objects.filter(action="notice.close").count() == 1
    assert Notice.objects.filter(pk=notice.pk, closed_on=None).count() == 0


def test_a_notice_that_two_beats_end_moves_its_households_once(place, staff, make, people):
    notice = over(place, staff, make, people)
    rounds = act_together(["beat"], ["beat"])
    assert sum(one["cases"] for one in rounds) == HOUSEHOLDS
    assert sum(one["notices"] for one in rounds) == 1
    moved_once(notice)


def test_the_clock_and_the_village_who_end_a_notice_at_once_do_it_once(place, staff, make, people):
    notice = over(place, staff, make, people)
    by_hand = [["take", "close_notice", case.pk, staff.team.pk] for case in notice.cases.all()]
    act_together(["beat"], ["beat"], *by_hand)
    clock_work.move_due()  # whoever was last of the village leaves the notice itself to the next round
    moved_once(notice)


def test_a_beat_that_did_not_come_for_days_and_then_twice_moves_everything_once(place, staff, make, people):
    notice = over(place, staff, make, people)
    assert clock_work.move_due().cases == HOUSEHOLDS
    assert clock_work.move_due()[1:] == (0, 0)
    moved_once(notice)
