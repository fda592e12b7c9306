"""Whom the bell tells of a case: the desk to which it came back, the level above, once, and nobody elsewhere."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Notification
from monitoring import bell
from monitoring.models import Case, Stage
from monitoring.workflow import AlreadyMoved, note_event, take
from tests.monitoring.casework import bring, post, surveyed


@pytest.fixture
def case(place, staff, make):
    household = surveyed(make.household(place.village, "王大海"), staff.cadre)
    return bring(household, Stage.TOWN, village=staff.cadre, town=staff.reviewer, district=staff.officer)


def told(user):
    return [one.text for one in Notification.objects.visible_to(user)]


def test_a_returned_case_tells_its_village_and_nobody_else(staff, case):
    take("return_to_survey", case=case, by=staff.reviewer, note="没有住房照片")
    for person in (staff.cadre, staff.second_cadre, staff.team):
        assert told(person) == ["王大海户退回村里补正，去看原因"]
    assert not any(told(person) for person in (staff.neighbour_cadre, staff.reviewer, staff.officer, staff.inspector))
    one = Notification.objects.visible_to(staff.cadre).get()
    assert one.link == reverse("monitoring:case", args=[case.pk])


def test_a_step_that_leads_on_tells_nobody(staff, case):
    take("endorse", case=case, by=staff.reviewer, main_risk="illness")
    assert not Notification.objects.exists()


def test_a_case_returned_by_the_district_tells_the_town(staff, case):
    moved = take("endorse", case=case, by=staff.reviewer, main_risk="illness")
    take("return_to_town", case=moved, by=staff.officer, note="评议人数不对")
    assert told(staff.reviewer) == told(staff.second_reviewer) == ["王大海户退回镇（街），去看原因"]
    assert not told(staff.cadre) and not told(staff.other_reviewer)


def test_a_second_click_tells_nobody_again(staff, case):
    key = "5f0f8f6e-6c3b-4c0e-9a44-0a2f6f2a3b14"
    take("return_to_survey", case=case, by=staff.reviewer, note="补照片", idempotency_key=key)
    take("return_to_survey", case=case, by=staff.reviewer, note="补照片", idempotency_key=key)
    with pytest.raises(AlreadyMoved):
        take("return_to_survey", case=case, by=staff.second_reviewer, note="补照片")
    assert told(staff.cadre) == ["王大海户退回村里补正，去看原因"]


def test_a_case_returned_twice_is_told_twice(staff, case):
    moved = take("return_to_survey", case=case, by=staff.reviewer, note="补照片")
    bell.tell_moved(moved, "return_to_survey", staff.reviewer)  # the same move again
    Case.objects.filter(pk=case.pk).update(stage=Stage.TOWN)
    take("return_to_survey", case=Case.objects.get(pk=case.pk), by=staff.reviewer, note="还是没有")
    assert len(told(staff.cadre)) == 2


def test_an_objection_tells_who_looks_into_it_and_an_upheld_one_the_village(place, staff, make):
    household = surveyed(make.household(place.village, "李春生"), staff.cadre)
    case = bring(household, Stage.NOTICE_DUE, village=staff.cadre, town=staff.reviewer, district=staff.officer)
    post(case, staff.cadre)
    noted = Case.objects.get(pk=case.pk)
    note_event(case=noted, step="objection", by=staff.cadre, note="")
    assert told(staff.team) == told(staff.reviewer) == ["李春生户公示有异议，要核查"]
    assert not told(staff.cadre)  # he wrote it down himself
    note_event(case=noted, step="correct", by=staff.cadre, note="")
    assert len(told(staff.team)) == 1
    Case.objects.filter(pk=case.pk).update(stage=Stage.MEETING, version=noted.version + 1)
    moved = Case.objects.select_related("household", "village").get(pk=case.pk)
    bell.tell_moved(moved, "uphold_objection", staff.reviewer)
    assert told(staff.cadre) == ["李春生户异议成立，重新评议，去看原因"]


def test_a_limit_that_passed_tells_the_level_above_once_for_each_limit(staff, case):
    today = timezone.localdate()
    case.due_on = today - datetime.timedelta(days=1)
    bell.tell_escalated(case)
    bell.tell_escalated(case)
    assert told(staff.officer) == ["王大海户在“镇（街）认定”超期，请督促"]
    case.due_on = today
    bell.tell_escalated(case)
    assert len(told(staff.officer)) == 2
    assert not told(staff.reviewer) and not told(staff.foreign_officer)


def test_what_is_told_holds_no_reason_and_no_number(staff, case):
    take("return_to_survey", case=case, by=staff.reviewer, note="肺癌，身份证370499196405170011写错")
    text = " ".join(told(staff.cadre))
    assert "肺癌" not in text and "3704" not in text


def test_the_morning_round_tells_once_however_often_it_runs_and_when_the_clock_goes_back(staff, case):
    today = timezone.localdate()
    Case.objects.filter(pk=case.pk).update(due_on=today - datetime.timedelta(days=3))
    for day in (today, today, today - datetime.timedelta(days=1), today + datetime.timedelta(days=3)):
        assert bell.tell_late(day) == 1
    assert told(staff.officer) == ["王大海户在“镇（街）认定”超期，请督促"]
    assert bell.tell_late(today - datetime.timedelta(days=3)) == 0  # the last day itself is in time
