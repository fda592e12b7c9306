"""The way of a case: from 预警关注 to 在册, who may not go it, two people at once; the table itself is in test_whole_table.py."""

import datetime
import io
import threading
import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from accounts.models import AuditEvent, Posting, User
from accounts.roles import Role
from households.codes import HouseholdType, MonitorClass
from monitoring import meetings, objections, steps_page
from monitoring.models import Ballot, Case, Meeting, Notice, Stage
from monitoring.proof import prove
from monitoring.steps import STEPS
from monitoring.workflow import AlreadyMoved, open_case, take
from tests.monitoring.casework import bring, let_it_run_out, post, sit, surveyed


@pytest.fixture
def people(staff):
    return {"village": staff.cadre, "town": staff.reviewer, "district": staff.officer}


@pytest.fixture
def at(place, staff, make, people):
    """A case at a stage."""

    def build(stage: Stage, **household) -> Case:
        return bring(surveyed(make.household(place.village, **household), staff.cadre), stage, **people)

    return build


def test_the_printed_workflow_is_fresh():
    out = io.StringIO()
    call_command("print_workflow", stdout=out)
    assert (Path(settings.BASE_DIR) / "docs" / "workflow.md").read_text(encoding="utf-8") == out.getvalue()
    assert {step.ready.__name__ for step in STEPS} <= set(steps_page.CONDITIONS)


def test_every_step_cites_a_clause_or_says_that_there_is_none():
    assert [step.name for step in STEPS if "〔2020〕4号" not in step.clause and "文件未规定" not in step.clause] == []


# ---- the way from 预警关注 to 在册 ----


def test_a_household_is_watched_and_filed_with_the_town_the_same_day(at, today):
    case = at(Stage.WATCH)
    assert (case.filed_on, case.stage, case.monitor_class) == (today, Stage.WATCH, MonitorClass.EDGE)


def test_a_lifted_household_is_watched_as_relapse(at):
    assert at(Stage.WATCH, household_type=HouseholdType.LIFTED).monitor_class == MonitorClass.RELAPSE


def test_where_the_system_suggests_nothing_a_reason_is_needed(place, staff, make):
    household = make.household(place.village)
    with pytest.raises(ValidationError, match="为什么要关注"):
        open_case(household=household, by=staff.cadre, note=" ")
    assert open_case(household=household, by=staff.cadre, note="刚出了车祸").stage == Stage.WATCH


def test_what_the_system_suggests_needs_no_reason(place, staff, make):
    assert open_case(household=surveyed(make.household(place.village), staff.cadre), by=staff.cadre, note="")


def test_a_household_has_one_case_at_a_time(at, staff):
    case = at(Stage.WATCH)
    with pytest.raises(ValidationError, match="已经在办或在册"):
        open_case(household=case.household, by=staff.cadre, note="再来")


def test_a_household_that_is_gone_is_not_watched(place, staff, make, today):
    household = make.household(place.village, closed_on=today)
    with pytest.raises(ValidationError, match="已经注销"):
        open_case(household=household, by=staff.cadre, note="原因")


def test_only_village_and_town_open_a_case(place, staff, make):
    household = make.household(place.village)
    for outsider in (staff.officer, staff.inspector, staff.neighbour_cadre, staff.clerk):
        with pytest.raises(PermissionDenied):
            open_case(household=household, by=outsider, note="原因")


def test_a_household_above_the_line_may_enter_the_procedure(place, staff, make, people):
    household = surveyed(make.household(place.village), staff.cadre, wage=60_000_00)
    assert bring(household, Stage.REGISTERED, **people).stage == Stage.REGISTERED


def test_the_meeting_needs_a_survey_first(place, staff, make):
    case = open_case(household=make.household(place.village), by=staff.cadre, note="原因")
    case = take("start_survey", case=case, by=staff.cadre)
    with pytest.raises(ValidationError, match="还没有这一户的入户调查"):
        take("complete_survey", case=case, by=staff.cadre)


def test_a_survey_older_than_the_validity_does_not_count(place, staff, make):
    household = surveyed(make.household(place.village), staff.cadre, days_ago=400)
    case = take("start_survey", case=open_case(household=household, by=staff.cadre, note="原因"), by=staff.cadre)
    with pytest.raises(ValidationError, match="还没有这一户的入户调查"):
        take("complete_survey", case=case, by=staff.cadre)
    surveyed(household, staff.cadre, days_ago=0)
    moved = take("complete_survey", case=case, by=staff.cadre)
    assert moved.survey.visited_on == timezone.localdate()
    assert moved.risk_causes == ["illness"]


def test_after_a_return_for_a_survey_the_old_one_does_not_count(at, staff):
    case = take("return_to_survey", case=at(Stage.TOWN), by=staff.reviewer, note="收入没问全")
    with pytest.raises(ValidationError, match="还没有这一户的入户调查"):
        take("complete_survey", case=case, by=staff.cadre)
    surveyed(case.household, staff.cadre, days_ago=0)
    assert take("complete_survey", case=case, by=staff.cadre).stage == Stage.MEETING


def test_a_meeting_that_refuses_ends_the_case_with_its_reason(at, staff):
    case = sit(at(Stage.MEETING), staff.cadre, agreed=False)
    assert case.stage == Stage.REFUSED
    assert case.decided_on is None
    assert Ballot.objects.get(case=case).recognised is False
    assert case.events.first().note == "有固定工作"


@pytest.mark.parametrize(
    ("given", "votes", "words"),
    [
        ({}, {"in_favour": 5}, "要等于实到"),
        ({"present": 0}, {"in_favour": 0, "against": 0}, "实到人数至少 1 人"),
        ({"due": 2}, {}, "实到人数不能多于应到人数"),
        ({"held_on": timezone.localdate() + datetime.timedelta(days=1)}, {}, "不能晚于今天"),
        ({"held_on": datetime.date(2020, 1, 1)}, {}, "不能早于入户调查"),
        ({"minutes": ""}, {}, "此字段不能为空"),
        ({}, {"recognised": False}, "不同意要写明原因"),
    ],
)
def test_a_meeting_that_cannot_have_been_is_refused(at, staff, today, given, votes, words):
    case = at(Stage.MEETING)
    sitting = meetings.Sitting(**{"held_on": today, "place": "", "due": None, "present": 3, "minutes": "会议", **given})
    counted = {"in_favour": 2, "against": 1, "abstained": 0, "recognised": True, **votes}
    vote = meetings.Vote(case=case, version=case.version, **counted)
    with pytest.raises(ValidationError, match=words):
        meetings.record_meeting(by=staff.cadre, sitting=sitting, votes=[vote])
    assert not Meeting.objects.exists()
    assert Case.objects.get(pk=case.pk).stage == Stage.MEETING


def test_recognition_by_the_town_sets_the_day_and_the_person(at, staff, today):
    case = at(Stage.DISTRICT)
    assert (case.decided_on, case.decided_by, case.main_risk) == (today, staff.reviewer, "illness")
    done = take("acknowledge", case=case, by=staff.officer)
    assert (done.stage, done.acknowledged_on, done.decided_by) == (Stage.REGISTERED, today, staff.reviewer)


def test_the_town_must_choose_the_main_risk(at, staff):
    with pytest.raises(ValidationError, match="主要返贫风险"):
        take("endorse", case=at(Stage.TOWN), by=staff.reviewer)


def test_a_return_needs_a_reason_and_cancels_the_decision(at, staff):
    case = at(Stage.DISTRICT)
    with pytest.raises(ValidationError, match="请写明原因"):
        take("return_to_town", case=case, by=staff.officer, note="  ")
    case = take("return_to_town", case=case, by=staff.officer, note="联系人没写")
    assert (case.stage, case.decided_on, case.decided_by) == (Stage.TOWN, None, None)
    assert take("endorse", case=case, by=staff.reviewer).stage == Stage.DISTRICT


def test_each_step_is_on_record_and_in_the_trace(at):
    case = at(Stage.REGISTERED)
    steps = list(case.events.order_by("at").values_list("step", flat=True))
    assert steps == [
        "open", "start_survey", "complete_survey", "meeting_recognise", "post_notice", "close_notice", "endorse", "acknowledge",
    ]  # fmt: skip
    for step in steps:
        assert AuditEvent.objects.filter(action=f"case.{step}", target=f"monitoring.case:{case.pk}").count() == 1


def test_a_hit_on_the_negative_list_holds_recognition_until_it_is_explained(place, staff, make, people):
    household = surveyed(make.household(place.village), staff.cadre, negative_bits=1)
    case = bring(household, Stage.TOWN, **people)
    with pytest.raises(ValidationError, match="负面清单"):
        take("endorse", case=case, by=staff.reviewer, main_risk="illness")
    with pytest.raises(ValidationError, match="请写明原因"):
        take("explain_hold", case=case, by=staff.reviewer)
    case = take("explain_hold", case=case, by=staff.reviewer, note="车已于五月卖掉，有过户单。")
    assert case.stage == Stage.TOWN
    assert take("endorse", case=case, by=staff.reviewer, main_risk="illness").stage == Stage.DISTRICT


# ---- nobody approves what he submitted ----


@pytest.fixture
def both_desks(place, staff):
    """The cadre is posted as reviewer of the town too."""
    Posting.objects.create(
        user=staff.cadre, role=Role.TOWN_REVIEWER, region=place.town, begins_on=datetime.date(2020, 1, 1)
    )
    return staff.cadre


def test_who_submitted_cannot_endorse(at, both_desks, staff):
    case = at(Stage.TOWN)
    with pytest.raises(ValidationError, match="请另一位同事办"):
        take("endorse", case=case, by=both_desks, main_risk="illness")
    with pytest.raises(ValidationError, match="请另一位同事办"):
        take("refuse", case=case, by=both_desks, note="原因")
    assert take("endorse", case=case, by=staff.reviewer, main_risk="illness").stage == Stage.DISTRICT


def test_who_made_the_survey_alone_cannot_endorse(place, staff, make, both_desks):
    household = surveyed(make.household(place.village), both_desks)
    case = bring(household, Stage.TOWN, village=staff.team, town=staff.reviewer, district=staff.officer)
    with pytest.raises(ValidationError, match="入户调查"):
        take("endorse", case=case, by=both_desks, main_risk="illness")


def test_who_stands_in_for_the_submitter_cannot_endorse_either(place, at, staff):
    Posting.objects.create(
        user=staff.second_reviewer, role=Role.VILLAGE_CADRE, region=place.village, begins_on=datetime.date(2020, 1, 1),
        on_behalf_of=staff.cadre,
    )  # fmt: skip
    with pytest.raises(ValidationError, match="代办"):
        take("endorse", case=at(Stage.TOWN), by=staff.second_reviewer, main_risk="illness")


def test_what_a_stand_in_did_counts_for_the_one_he_stood_in_for(place, staff, make):
    Posting.objects.create(
        user=staff.reviewer, role=Role.VILLAGE_CADRE, region=place.village, begins_on=datetime.date(2020, 1, 1)
    )
    Posting.objects.filter(user=staff.second_cadre).update(on_behalf_of=staff.reviewer)
    household = surveyed(make.household(place.village), staff.team)
    case = bring(household, Stage.TOWN, village=staff.second_cadre, town=staff.reviewer, district=staff.officer)
    assert case.events.first().on_behalf_of == staff.reviewer
    with pytest.raises(ValidationError, match="请另一位同事办"):
        take("endorse", case=case, by=staff.reviewer, main_risk="illness")


def test_a_second_account_of_the_submitter_cannot_endorse(at, staff):
    User.objects.filter(pk__in=(staff.cadre.pk, staff.second_reviewer.pk)).update(identity_index="one person")
    with pytest.raises(ValidationError, match="请另一位同事办"):
        take("endorse", case=at(Stage.TOWN), by=staff.second_reviewer, main_risk="illness")


def test_nobody_acts_as_town_and_as_district_on_one_case(place, at, staff):
    Posting.objects.create(
        user=staff.reviewer, role=Role.DISTRICT_OFFICER, region=place.zone, begins_on=datetime.date(2020, 1, 1)
    )
    with pytest.raises(ValidationError, match="请另一位同事办"):
        take("acknowledge", case=at(Stage.DISTRICT), by=staff.reviewer)


def test_endorsing_again_after_a_return_is_no_second_time(at, staff):
    case = take("return_to_town", case=at(Stage.DISTRICT), by=staff.officer, note="补正")
    assert take("endorse", case=case, by=staff.reviewer).stage == Stage.DISTRICT


# ---- two people, two clicks ----


def test_of_two_people_one_acts_and_the_other_is_told(at, staff):
    case = at(Stage.TOWN)
    take("endorse", case=case, by=staff.second_reviewer, main_risk="illness")
    with pytest.raises(AlreadyMoved, match=r"王大海 \d\d:\d\d 已由 王强 办理，没有重复提交"):
        take("endorse", case=case, by=staff.reviewer, main_risk="illness")


def test_a_form_of_an_earlier_version_is_refused(at, staff):
    case = at(Stage.NOTICE)
    version = case.version
    notice = let_it_run_out(Notice.objects.get(cases=case))
    objections.record_objection(notice=notice, case=case, by=staff.team, raised_on=notice.starts_on, content="不困难")
    with pytest.raises(AlreadyMoved):
        take("close_notice", case=case, by=staff.cadre, expected_version=version)


def test_a_second_click_acts_once(at, staff):
    case, key = at(Stage.TOWN), str(uuid.uuid4())
    for _click in range(2):
        moved = take("endorse", case=case, by=staff.reviewer, main_risk="illness", idempotency_key=key)
        assert moved.stage == Stage.DISTRICT
    assert case.events.filter(step="endorse").count() == 1


def race(*calls) -> list:
    """Run the calls at once, each on its own connection; what each gave or raised."""
    barrier, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place, call):
        try:
            barrier.wait()
            results[place] = call()
        except ValidationError as fault:
            results[place] = fault
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


@pytest.mark.django_db(transaction=True)
def test_two_reviewers_at_the_same_moment_give_one_step(at, staff):
    case = at(Stage.TOWN)
    calls = [
        lambda person=person: take("endorse", case=case, by=person, main_risk="illness")
        for person in (staff.reviewer, staff.second_reviewer)
    ]
    results = race(*calls)
    assert sum(isinstance(result, Case) for result in results) == 1
    assert sum(isinstance(result, AlreadyMoved) for result in results) == 1
    assert case.events.filter(step="endorse").count() == 1
    assert AuditEvent.objects.filter(action="case.endorse").count() == 1


@pytest.mark.django_db(transaction=True)
def test_endorsing_and_returning_at_the_same_moment_gives_one_of_them(at, staff):
    case = at(Stage.TOWN)
    results = race(
        lambda: take("endorse", case=case, by=staff.reviewer, main_risk="illness"),
        lambda: take("return_to_survey", case=case, by=staff.second_reviewer, note="补正"),
    )
    assert sum(isinstance(result, Case) for result in results) == 1
    assert Case.objects.get(pk=case.pk).stage in (Stage.DISTRICT, Stage.SURVEY)


@pytest.mark.django_db(transaction=True)
def test_a_double_click_at_the_same_moment_acts_once(at, staff):
    case, key = at(Stage.TOWN), str(uuid.uuid4())
    click = lambda: take("endorse", case=case, by=staff.reviewer, main_risk="illness", idempotency_key=key)  # noqa: E731
    assert all(isinstance(result, Case) for result in race(click, click))
    assert case.events.filter(step="endorse").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_open_one_case_for_one_household(place, staff, make):
    household = surveyed(make.household(place.village), staff.cadre)
    results = race(*[lambda by=by: open_case(household=household, by=by, note="") for by in (staff.cadre, staff.team)])
    assert sum(isinstance(result, Case) for result in results) == 1
    assert Case.objects.filter(household=household).count() == 1


def test_with_a_clock_that_was_set_back_the_record_still_goes_forward(at, staff):
    case = at(Stage.NOTICE_DUE)
    yesterday = timezone.now() - datetime.timedelta(days=1)
    back = take("hold_meeting_again", case=case, by=staff.cadre, note="有人没到", at=yesterday)
    assert back.stage_since == case.stage_since > yesterday
    moments = list(case.events.order_by("at").values_list("at", flat=True))
    assert moments[-1] == case.stage_since
    assert prove(Case.objects.filter(pk=case.pk), with_gradings=False).faults == []


@pytest.mark.parametrize(
    ("stage", "step", "who"), [(Stage.SURVEY, "close_watch", "cadre"), (Stage.TOWN, "refuse", "reviewer")]
)
def test_a_case_that_ends_early_has_not_to_prove_what_it_never_did(at, staff, stage, step, who):
    case = at(stage)
    shown = lambda: {fault.code for fault in prove(Case.objects.filter(pk=case.pk), with_gradings=False).faults}  # noqa: E731
    before = shown()
    take(step, case=case, by=getattr(staff, who), note="情况好转了")
    assert shown() <= before


def test_a_step_that_fails_leaves_nothing_behind(at, staff):
    case = at(Stage.MEETING)
    version = Case.objects.get(pk=case.pk).version
    with pytest.raises(ValidationError):
        take("meeting_recognise", case=case, by=staff.cadre)
    assert Case.objects.get(pk=case.pk).version == version
    post_is_refused = pytest.raises(ValidationError)
    with post_is_refused:
        post(case, staff.cadre)
    assert not Notice.objects.exists()
