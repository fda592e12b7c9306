"""日历: whose dates stand on whose calendar, what is late, and limits that follow the days off."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from households.codes import MonitorClass
from monitoring import calendar, calendar_dates, calendar_overrides
from monitoring.calendar_recount import recount
from monitoring.models import Case, DistrictDate, Notice, PinnedProcedure, PolicyValue, Stage
from monitoring.policy.shapes import RULESET_KEY
from monitoring.procedures import PinnedStep, Procedure
from monitoring.workdays import load_overrides
from tests.monitoring.surveyed import visit

DAY = datetime.timedelta(days=1)
KEY = "5f0f8f6e-6c3b-4c0e-9a44-0a2f6f2a3b12"
NOVEMBER = datetime.date(2026, 11, 22)


def sit(client, person):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def case_of(household: Any, by: Any, stage: Stage = Stage.SURVEY, **columns: Any) -> Case:
    return Case.objects.create(
        household=household, village=household.village, monitor_class=MonitorClass.EDGE, stage=stage, opened_by=by,
        ruleset="zaozhuang_2020", **({"stage_since": timezone.now()} | columns),
    )  # fmt: skip


def on_calendar(user, today=NOVEMBER, first=None, months=6):
    begins = (first or today).replace(day=1)
    last = calendar.shift(begins, months) - DAY
    found = calendar.entries(user, begins, last, today)
    return {(str(one.date), one.title) for one in found}


# ---- dates of documents ----


def test_dates_of_the_documents_stand_with_their_sources(staff):
    found = list(calendar.entries(staff.reviewer, datetime.date(2026, 11, 1), datetime.date(2027, 10, 31), NOVEMBER))
    assert [(str(one.date), one.reference) for one in sorted(found, key=lambda one: one.date)] == [
        ("2026-12-10", True),
        ("2027-03-31", True),
        ("2027-04-30", True),
        ("2027-10-31", True),
    ]
    assert all(one.source for one in found)


def test_a_village_has_the_rounds_and_not_the_reports_of_offices(staff):
    assert {title for _day, title in on_calendar(staff.cadre)} == {"上半年风险等级划分、边缘户排查"}


def test_a_district_that_grades_has_the_rounds_in_its_own_months(place, staff):
    today = timezone.localdate()
    for key, value in ((RULESET_KEY, "luan_2019"), ("grading_second_month", "11")):
        PolicyValue.objects.create(
            region=place.zone, ruleset="luan_2019", key=key, value=value, starts_on=today - DAY, source="某文第一条",
            proposed_by=staff.officer, confirmed_by=staff.admin, confirmed_at=timezone.now(),
        )  # fmt: skip
    found = on_calendar(staff.cadre, today=today, months=12)
    assert {(day[5:], title) for day, title in found} == {
        ("04-30", "上半年风险等级划分截止"),
        ("11-30", "下半年风险等级划分截止"),
    }
    other = on_calendar(staff.foreign_officer, today=today, months=12)
    assert "上半年风险等级划分、边缘户排查" in {title for _day, title in other}


def test_the_last_of_a_month_is_the_last_of_that_month():
    march = next(one for one in calendar_dates.FIXED if one.month == 3)
    assert list(march.between(datetime.date(2026, 3, 31), datetime.date(2027, 3, 30))) == [datetime.date(2026, 3, 31)]


# ---- a district's own ----


def add(staff, place, **given: Any) -> DistrictDate:
    today = timezone.localdate()
    columns = {"date": today + 20 * DAY, "title": "报季度小结", "source": "某会议纪要", "idempotency_key": KEY}
    return calendar_dates.add_date(region=place.zone, by=staff.officer, today=today, **(columns | given))


def test_a_districts_own_date_is_on_the_calendars_below_it_and_nowhere_else(place, staff):
    added = add(staff, place)
    for desk in ("cadre", "reviewer", "officer", "clerk", "inspector", "admin"):
        shown = on_calendar(getattr(staff, desk), today=timezone.localdate())
        assert (str(added.date), "报季度小结") in shown, desk
    assert not any(
        title == "报季度小结" for _day, title in on_calendar(staff.foreign_officer, today=timezone.localdate())
    )
    assert not on_calendar(staff.unposted)


def test_the_same_form_twice_adds_one_date_and_the_same_date_twice_is_refused(place, staff):
    first = add(staff, place)
    assert add(staff, place) == first
    with pytest.raises(ValidationError, match="已经在日历上"):
        add(staff, place, idempotency_key="5f0f8f6e-6c3b-4c0e-9a44-0a2f6f2a3b13")
    assert AuditEvent.objects.filter(action="calendar.add_date").count() == 1


@pytest.mark.parametrize("wrong", [{"title": " "}, {"source": ""}, {"days": -1}, {"days": 900}])
def test_a_date_without_words_or_far_away_is_refused(place, staff, wrong):
    if "days" in wrong:
        wrong = {"date": timezone.localdate() + wrong["days"] * DAY}
    with pytest.raises(ValidationError):
        add(staff, place, **wrong)


def test_only_the_districts_own_people_add_and_remove(place, staff):
    added = add(staff, place)
    for desk in ("reviewer", "foreign_officer", "inspector"):
        with pytest.raises(PermissionDenied):
            calendar_dates.remove_date(date=added, by=getattr(staff, desk))
    calendar_dates.remove_date(date=added, by=staff.officer)
    with pytest.raises(ValidationError, match="不在日历上"):
        calendar_dates.remove_date(date=added, by=staff.officer)


def test_a_date_is_added_and_removed_on_the_pages(client, place, staff):
    sent = {"region": place.zone.code, "date": str(timezone.localdate() + 3 * DAY), "title": "报小结", "source": "纪要"}
    sit(client, staff.officer)
    assert client.post(reverse("monitoring:calendar-date-new"), {**sent, "idempotency_key": KEY}).status_code == 302
    assert "报小结" in client.get(reverse("monitoring:calendar")).content.decode()
    foreign = {**sent, "region": place.foreign_county.code, "idempotency_key": KEY}
    assert client.post(reverse("monitoring:calendar-date-new"), foreign).status_code == 200
    client.post(reverse("monitoring:calendar-date-remove", args=[DistrictDate.objects.get().pk]))
    assert not DistrictDate.objects.exists()


# ---- work ----


def test_a_village_sees_its_cases_by_name_and_an_office_counts_them(place, staff, make):
    today = timezone.localdate()
    for head in ("王大海", "李春生"):
        case_of(make.household(place.village, head), staff.cadre, due_on=today + 3 * DAY)
    case_of(make.household(place.other_village, "吴外"), staff.officer, due_on=today + 3 * DAY)
    due = str(today + 3 * DAY)
    village = on_calendar(staff.cadre, today=today)
    assert {(due, "王大海：入户调查"), (due, "李春生：入户调查")} <= village
    assert (due, "入户调查到期 2 户") in on_calendar(staff.reviewer, today=today)
    assert (due, "入户调查到期 3 户") in on_calendar(staff.officer, today=today)
    assert not any("入户调查" in title for _day, title in on_calendar(staff.clerk, today=today))


def test_what_is_late_stands_first_until_it_is_done(client, place, staff, make):
    today = timezone.localdate()
    case = case_of(make.household(place.village, "王大海"), staff.cadre, due_on=today - 2 * DAY)
    page = sit(client, staff.cadre).get(reverse("monitoring:calendar")).content.decode()
    assert "已经超期" in page and "超 2 天" in page and "王大海：入户调查" in page
    assert "入户调查超期 1 户" in sit(client, staff.officer).get(reverse("monitoring:calendar")).content.decode()
    Case.objects.filter(pk=case.pk).update(stage=Stage.CLOSED)
    assert "已经超期" not in client.get(reverse("monitoring:calendar")).content.decode()


def test_notices_that_end_are_named_and_many_of_a_day_are_counted(place, staff):
    today = timezone.localdate()
    for _each in range(2):
        Notice.objects.create(village=place.village, starts_on=today, ends_on=today + DAY, posted_by=staff.cadre)
    for _each in range(4):
        Notice.objects.create(village=place.neighbour, starts_on=today, ends_on=today + 2 * DAY, posted_by=staff.cadre)
    found = on_calendar(staff.reviewer, today=today)
    assert (str(today + DAY), "北石桥村委会：公示期满") in found
    assert (str(today + 2 * DAY), "4 份公示期满") in found


def test_registered_households_whose_visit_runs_out_are_to_be_visited_again(place, staff, make):
    today = timezone.localdate()
    for days_ago in (300, 340):
        household = make.household(place.village, f"王{days_ago}")
        visit(household, staff.cadre, today - days_ago * DAY)
        case_of(household, staff.cadre, Stage.REGISTERED, decided_on=today)
    visit(household, staff.cadre, today - 5 * DAY)  # the second one was visited again
    found = {title for _day, title in on_calendar(staff.cadre, today=today)}
    assert "在册 1 户入户调查到期" in found


def test_the_calendar_costs_the_same_for_few_cases_as_for_many(
    client, place, staff, make, django_assert_max_num_queries
):
    today = timezone.localdate()
    for number in range(12):
        household = make.household(place.village)
        case_of(household, staff.cadre, due_on=today + (number % 3 - 1) * DAY)
        notice = {"starts_on": today, "ends_on": today + number * DAY}
        Notice.objects.create(village=place.village, posted_by=staff.cadre, **notice)
    for person in (staff.cadre, staff.officer):
        sit(client, person)
        with django_assert_max_num_queries(45):
            assert client.get(reverse("monitoring:calendar")).status_code == 200


@pytest.mark.parametrize(
    "asked", ["2026-04", "2099-12", "2000-01", "1999-01", "x", "2026-13", "", "9999-12", "２０２６-01"]
)
def test_any_months_may_be_asked_for(client, staff, asked):
    page = sit(client, staff.cadre).get(reverse("monitoring:calendar"), {"from": asked})
    assert page.status_code == 200 and "个月" in page.content.decode()


def test_a_month_says_its_days_off_and_worked_weekends():
    month = calendar._month(datetime.date(2026, 10, 1), [], NOVEMBER, {})
    assert (month.free, month.worked) == ("1–2、5–7 日", "10 日")


# ---- limits that run when the days off change ----

BEGUN = datetime.datetime(
    2027, 2, 8, 4, 0, tzinfo=datetime.UTC
)  # a Monday; by law the rest of the week is free till the 11th


@pytest.fixture
def running(place, staff, make):
    steps = (PinnedStep("survey", "入户调查", "某文", 5, "工作日"), PinnedStep("town", "审核", "某文", 3, "天"))
    content = Procedure("designation", "town", 5, steps, 20, "工作日").content
    pinned = PinnedProcedure.objects.create(digest="d", ruleset="zaozhuang_2020", path="designation", content=content)
    day = timezone.localdate(BEGUN)
    procedure = Procedure.of(content)
    case = case_of(
        make.household(place.village), staff.cadre, procedure=pinned, stage_since=BEGUN,
        due_on=procedure.due_on("survey", day), total_due_on=procedure.total_due_on(day),
    )  # fmt: skip
    Case.objects.filter(pk=case.pk).update(opened_at=BEGUN)
    case.refresh_from_db()
    return case


def register(staff, *days: tuple[str, bool]) -> None:
    wanted = {datetime.date.fromisoformat(day): works for day, works in days}
    rows = calendar_overrides.propose(by=staff.officer, days=wanted, source="某通知")
    calendar_overrides.confirm(by=staff.admin, rows=rows)


def test_a_limit_in_working_days_follows_the_days_off(staff, running):
    before, total = running.due_on, running.total_due_on
    free = before
    register(staff, (str(free), False))
    running.refresh_from_db()
    assert running.due_on > before and running.total_due_on > total
    assert running.version == 1
    row = calendar_overrides.WorkdayOverride.objects.get()
    calendar_overrides.withdraw(by=staff.admin, row=row)
    row.refresh_from_db()
    calendar_overrides.confirm(by=staff.officer, rows=[row])
    running.refresh_from_db()
    assert (running.due_on, running.total_due_on) == (before, total)


def test_a_limit_that_somebody_has_set_stays(staff, running):
    extended = running.due_on + 10 * DAY
    Case.objects.filter(pk=running.pk).update(due_on=extended)
    register(staff, (str(running.due_on), False))
    running.refresh_from_db()
    assert running.due_on == extended


def test_limits_that_end_before_the_first_changed_day_are_not_touched(running):
    later = running.total_due_on + DAY
    assert recount({}, {later: False}) == 0
    assert recount(load_overrides(), load_overrides()) == 0
