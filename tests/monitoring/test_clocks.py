"""限期: counted from the step before, told to whom it concerns, and made later only with a reason."""

import datetime
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Posting
from accounts.roles import Role
from monitoring import clocks, inbox, workdays
from monitoring.models import Case, ClockExtension, PolicyValue, Stage
from monitoring.workflow import AlreadyMoved, take
from tests.monitoring.casework import bring, surveyed

ONE_DAY = datetime.timedelta(days=1)


@pytest.fixture
def limits(place, staff):
    """The zone has set days for each step."""
    for key, days in (
        ("survey_days", 5),
        ("meeting_days", 3),
        ("notice_due_days", 2),
        ("town_days", 4),
        ("district_days", 4),
        ("total_days", 30),
    ):
        PolicyValue.objects.create(
            region=place.zone, ruleset="zaozhuang_2020", key=key, value=str(days), source="某文 第一条",
            starts_on=datetime.date(2021, 6, 1), proposed_by=staff.officer, confirmed_by=staff.admin,
            confirmed_at=timezone.now(),
        )  # fmt: skip


@pytest.fixture
def people(staff):
    return {"village": staff.cadre, "town": staff.reviewer, "district": staff.officer}


@pytest.fixture
def at(limits, place, staff, make, people):
    def build(stage, head="王大海"):
        return bring(surveyed(make.household(place.village, head), staff.cadre), stage, **people)

    return build


def let_it_be_late(case, days=1):
    Case.objects.filter(pk=case.pk).update(due_on=timezone.localdate() - days * ONE_DAY)
    return Case.objects.select_related("household", "village", "procedure").get(pk=case.pk)


def test_each_step_has_its_limit_from_the_day_on_which_it_was_reached(at, today):
    case = at(Stage.SURVEY)
    assert case.due_on == workdays.add(today, 5, "工作日")
    assert case.total_due_on == workdays.add(today, 30, "天")
    assert at(Stage.MEETING, "赵玉梅").due_on == workdays.add(today, 3, "工作日")
    assert at(Stage.TOWN, "孙立柱").due_on == workdays.add(today, 4, "工作日")


def test_while_a_notice_hangs_and_on_the_register_nobody_is_late(at):
    assert at(Stage.NOTICE).due_on is None
    assert at(Stage.REGISTERED, "赵玉梅").due_on is None


def test_without_a_number_of_the_district_there_is_no_limit(place, staff, make, people):
    case = bring(surveyed(make.household(place.village), staff.cadre), Stage.MEETING, **people)
    assert (case.due_on, case.total_due_on, clocks.clock_of(case)) == (None, None, None)


def test_a_limit_that_changes_later_does_not_change_a_case_that_has_begun(at, place, staff, today):
    case = at(Stage.SURVEY)
    PolicyValue.objects.filter(key="meeting_days").update(value="9")
    moved = take("complete_survey", case=case, by=staff.cadre)
    assert moved.due_on == workdays.add(today, 3, "工作日")


def test_what_is_left_is_counted_in_the_unit_of_the_limit(at, today):
    case = at(Stage.SURVEY)
    clock = clocks.clock_of(case)
    assert (clock.days_left, clock.unit, clock.is_late) == (5, "工作日", False)
    late = clocks.clock_of(let_it_be_late(case, 3))
    assert (late.days_left, late.is_late) == (-3, True)


def test_the_level_above_sees_what_is_late_below_it_and_nobody_else(at, staff):
    of_village, of_town = let_it_be_late(at(Stage.SURVEY)), let_it_be_late(at(Stage.TOWN, "赵玉梅"))
    assert list(clocks.late_below(staff.reviewer)) == [of_village]
    assert list(clocks.late_below(staff.officer)) == [of_town]
    for other in (staff.cadre, staff.neighbour_cadre, staff.foreign_officer, staff.inspector):
        assert not clocks.late_below(other).exists()
    assert "下级超期 1 户" in [line.title for line in inbox.todo(staff.reviewer)]


def test_what_is_due_first_stands_first(at, staff):
    later, sooner = at(Stage.SURVEY), let_it_be_late(at(Stage.SURVEY, "赵玉梅"))
    titles = [line.title for line in inbox.todo(staff.cadre) if line.kind == Stage.SURVEY]
    assert titles == [sooner.household.head_name, later.household.head_name]


def more_time(case, by, days=3, reason="下大雨，路断了", **given):
    return clocks.extend(
        case=case,
        by=by,
        due_on=timezone.localdate() + days * ONE_DAY,
        reason=reason,
        **{"version": case.version, **given},
    )


def test_more_time_is_given_by_the_level_above_with_a_reason_and_a_trace(at, staff, today):
    case = let_it_be_late(at(Stage.SURVEY))
    with pytest.raises(PermissionDenied):
        more_time(case, staff.cadre)
    with pytest.raises(ValidationError, match="为什么"):
        more_time(case, staff.reviewer, reason=" ")
    for days in (-2, 61):
        with pytest.raises(ValidationError, match="最多从今天起 60 天"):
            more_time(case, staff.reviewer, days=days)
    more_time(case, staff.reviewer)
    case.refresh_from_db()
    assert case.due_on == today + 3 * ONE_DAY
    assert ClockExtension.objects.get().was_due_on == today - ONE_DAY
    assert AuditEvent.objects.filter(action="case.extend", actor=staff.reviewer).count() == 1
    assert "下大雨" in case.events.get(step="extend").note


def test_the_town_gives_itself_no_time(at, staff):
    case = let_it_be_late(at(Stage.TOWN))
    with pytest.raises(PermissionDenied):
        more_time(case, staff.reviewer)
    assert more_time(case, staff.officer)


def test_a_cadre_who_stands_in_for_the_town_gives_his_own_case_no_time(at, staff, place):
    Posting.objects.create(
        user=staff.cadre,
        role=Role.TOWN_REVIEWER,
        region=place.town,
        begins_on="2020-01-01",
        on_behalf_of=staff.reviewer,
    )
    case = let_it_be_late(at(Stage.SURVEY))
    assert not clocks.may_extend(case, staff.cadre)
    with pytest.raises(PermissionDenied):
        more_time(case, staff.cadre)
    assert more_time(case, staff.reviewer)


def test_a_second_click_and_a_stale_page_extend_nothing(at, staff):
    case = let_it_be_late(at(Stage.SURVEY))
    key, opened_with = str(uuid.uuid4()), case.version
    assert more_time(case, staff.reviewer, idempotency_key=key)
    assert more_time(case, staff.reviewer, idempotency_key=key) is None
    with pytest.raises(AlreadyMoved):
        more_time(case, staff.reviewer, days=5, version=opened_with)
    assert ClockExtension.objects.count() == 1


def test_the_pages_show_the_limit_and_who_is_late(at, staff, client):
    case = let_it_be_late(at(Stage.SURVEY), 2)
    client.force_login(staff.reviewer, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("monitoring:late")).content.decode()
    assert "超 2 天" in page
    assert "延期" in page
    let_it_be_late(at(Stage.TOWN, "赵玉梅"))
    told = next(todo for todo in inbox.todo(staff.reviewer) if todo.kind == "late")
    assert told.title == "下级超期 1 户"
    below = client.get(told.url).content.decode()
    assert "王大海" in below
    assert "赵玉梅" not in below
    assert "赵玉梅" in client.get(reverse("monitoring:late")).content.decode()
    Case.objects.filter(stage=Stage.TOWN).update(due_on=None)
    form = {
        "idempotency_key": str(uuid.uuid4()),
        "version": case.version,
        "due_on": timezone.localdate() + ONE_DAY,
        "reason": "人在外地",
    }
    assert client.post(reverse("monitoring:case-extend", args=[case.pk]), form).status_code == 302
    assert "没有超期的" in client.get(reverse("monitoring:late")).content.decode()
    client.force_login(staff.cadre, backend="django.contrib.auth.backends.ModelBackend")
    assert "还剩 1 个工作日" in client.get(reverse("monitoring:case", args=[case.pk])).content.decode()
