"""The clock moves what is over: each case once, however often or seldom it runs, and nothing before its time."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import AuditEvent
from monitoring import notices, objections
from monitoring.clock_work import move_due
from monitoring.models import Case, CaseEvent, Objection, Stage
from monitoring.tasks import move_due_cases
from tests.monitoring.casework import let_it_run_out, post
from tests.monitoring.noticed import after, at, hang, running  # noqa: F401
from tests.monitoring.test_workflow import race

ONE_DAY = datetime.timedelta(days=1)


def moves() -> int:
    return CaseEvent.objects.filter(step="close_notice").count()


def test_nothing_moves_until_the_last_day_is_over(running):
    last_minute = timezone.make_aware(datetime.datetime.combine(running.ends_on, datetime.time(23, 59)))
    assert move_due(last_minute) == (0, 0, 0)
    assert move_due(last_minute + datetime.timedelta(minutes=1)) == (0, 2, 1)


def test_it_is_nobody_who_moves_and_the_trace_says_so(running):
    move_due(after(running))
    event = CaseEvent.objects.filter(step="close_notice").first()
    assert (event.by, event.to_stage) == (None, Stage.TOWN)
    assert AuditEvent.objects.filter(action="case.close_notice", actor=None).count() == 2
    assert AuditEvent.objects.filter(action="notice.close", actor=None).count() == 1


def test_a_second_round_moves_nothing(running):
    move_due(after(running))
    assert move_due(after(running)) == (0, 0, 0)
    assert moves() == 2


def test_a_round_that_did_not_come_for_three_days_is_made_up_for(running):
    assert move_due(after(running, 4)).cases == 2
    running.refresh_from_db()
    assert running.closed_on == running.ends_on + 4 * ONE_DAY


def test_a_clock_set_back_moves_nothing_a_second_time(running):
    move_due(after(running))
    for days in (0, -3, 1):
        assert move_due(after(running, days)).cases == 0
    assert moves() == 2


def test_a_household_that_was_posted_anew_waits_for_its_new_notice(running, staff):
    let_it_run_out(running)
    move_due()
    case = running.cases.first()
    notices.take("return_to_notice", case=case, by=staff.reviewer, note="名字写错了")
    hang([Case.objects.get(pk=case.pk)], staff.cadre)
    assert move_due().cases == 0
    assert Case.objects.get(pk=case.pk).stage == Stage.NOTICE


def test_ending_it_by_hand_before_its_end_is_refused(running, staff):
    with pytest.raises(ValidationError, match="期满后的第二天再办"):
        notices.close(notice=running, by=staff.cadre)
    assert moves() == 0


def test_a_notice_whose_households_were_moved_one_by_one_is_closed_too(running, staff):
    let_it_run_out(running)
    for case in running.cases.all():
        notices.take("close_notice", case=case, by=staff.cadre)
    assert move_due() == (0, 0, 1)


def test_the_beat_does_the_same(running):
    let_it_run_out(running)
    assert move_due_cases() == 2
    assert move_due_cases() == 0


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_the_same_moment_move_each_case_once(running):
    let_it_run_out(running)
    results = race(move_due, move_due, move_due)
    assert sum(result.cases for result in results) == 2
    assert moves() == 2
    assert AuditEvent.objects.filter(action="case.close_notice").count() == 2
    assert AuditEvent.objects.filter(action="notice.close").count() == 1


@pytest.mark.django_db(transaction=True)
def test_notices_posted_at_the_same_moment_have_numbers_one_after_the_other(at, staff):
    cases = [at(Stage.NOTICE_DUE) for _number in range(3)]
    posted = race(*(lambda case=case: post(case, staff.cadre) for case in cases))
    assert sorted(notice.serial for notice in posted) == [1, 2, 3]


@pytest.mark.django_db(transaction=True)
def test_an_objection_at_the_very_moment_of_the_clock_either_stops_its_household_or_is_refused(running, staff):
    case, noon_after = running.cases.first(), after(running)

    def object_now():
        return objections.record_objection(
            notice=running, case=case, by=staff.team, raised_on=running.starts_on, content="某事"
        )

    moved, kept = race(lambda: move_due(noon_after), object_now)
    stage = Case.objects.get(pk=case.pk).stage
    assert (stage == Stage.NOTICE) == isinstance(kept, Objection)
    assert moved.cases == (1 if stage == Stage.NOTICE else 2)
