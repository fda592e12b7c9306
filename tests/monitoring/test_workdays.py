"""Counting in 天 and 工作日: the arrangements of 2020 to 2026, what people register on top, and what must always hold."""

import datetime

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as some

from monitoring import workdays
from monitoring.models import WorkdayOverride
from monitoring.workdays import DAYS, WORKDAYS, add, between, days_left, is_workday, known_year

NONE: workdays.Overrides = {}
DATES = some.dates(datetime.date(2019, 1, 1), datetime.date(2029, 12, 31))
UNITS = some.sampled_from(workdays.UNITS)
OVERRIDES = some.dictionaries(DATES, some.booleans(), max_size=40)
NUMBERS = some.integers(0, 60)
QUICK = settings(max_examples=60, deadline=None)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def words(text: str) -> list[str]:
    return text.split()


# Weekend days worked, and weekdays free, by the State Council's notices.
WORKED = words("""2020-01-19 2020-04-26 2020-05-09 2020-06-28 2020-09-27 2020-10-10 2021-02-07 2021-02-20 2021-04-25 2021-05-08
2021-09-18 2021-09-26 2021-10-09 2022-01-29 2022-01-30 2022-04-02 2022-04-24 2022-05-07 2022-10-08 2022-10-09 2023-01-28
2023-01-29 2023-04-23 2023-05-06 2023-06-25 2023-10-07 2023-10-08 2024-02-04 2024-02-18 2024-04-07 2024-04-28 2024-05-11
2024-09-14 2024-09-29 2024-10-12 2025-01-26 2025-02-08 2025-04-27 2025-09-28 2025-10-11 2026-01-04 2026-02-14 2026-02-28
2026-05-09 2026-09-20 2026-10-10""")
FREE_WEEKDAYS = words("""2020-01-24 2020-01-31 2020-10-08 2021-02-17 2021-05-05 2022-01-03 2022-05-04 2023-01-02 2023-05-03
2023-10-06 2024-02-16 2024-05-03 2024-10-07 2025-02-04 2025-05-05 2025-10-08 2026-01-02 2026-02-23 2026-05-05
2026-10-07""")
ORDINARY = words("2020-02-03 2021-02-18 2022-02-07 2023-01-30 2024-02-09 2025-02-05 2026-02-24 2026-11-20")


@pytest.mark.parametrize("text", WORKED)
def test_a_weekend_day_of_an_arrangement_is_worked(text):
    assert day(text).weekday() >= workdays.SATURDAY
    assert is_workday(day(text), NONE)


@pytest.mark.parametrize("text", FREE_WEEKDAYS)
def test_a_weekday_of_a_holiday_is_free(text):
    assert day(text).weekday() < workdays.SATURDAY
    assert not is_workday(day(text), NONE)


@pytest.mark.parametrize("text", ORDINARY)
def test_an_ordinary_weekday_is_worked(text):
    assert is_workday(day(text), NONE)


def test_no_year_from_2020_to_2026_works_on_more_weekend_days_than_were_announced():
    known = {str(one) for year in range(2020, 2027) for one in known_year(year).worked}
    assert known == set(WORKED)


def test_a_year_without_an_announcement_is_not_arranged():
    assert all(known_year(year).arranged for year in range(2020, 2027))
    assert not known_year(2031).arranged
    assert not is_workday(datetime.date(2031, 10, 1), NONE)


def test_the_day_of_the_event_does_not_count_and_the_last_day_does():
    friday = datetime.date(2026, 11, 20)
    assert add(friday, 2, DAYS) == datetime.date(2026, 11, 22)
    assert add(friday, 2, WORKDAYS, NONE) == datetime.date(2026, 11, 24)
    assert add(friday, 0, WORKDAYS, NONE) == friday


def test_working_days_jump_over_a_golden_week_and_land_on_the_worked_saturday():
    assert add(datetime.date(2026, 9, 30), 1, WORKDAYS, NONE) == datetime.date(2026, 10, 8)
    assert add(datetime.date(2026, 9, 30), 3, WORKDAYS, NONE) == datetime.date(2026, 10, 10)


def test_leap_days_and_ends_of_years_are_counted_through():
    assert add(datetime.date(2024, 2, 28), 1, DAYS) == datetime.date(2024, 2, 29)
    assert add(datetime.date(2024, 2, 28), 2, WORKDAYS, NONE) == datetime.date(2024, 3, 1)
    assert add(datetime.date(2025, 12, 31), 1, WORKDAYS, NONE) == datetime.date(2026, 1, 4)
    assert between(datetime.date(2025, 12, 31), datetime.date(2026, 1, 4), DAYS) == 4


def test_what_is_left_counts_down_in_its_unit_and_what_is_late_in_days():
    friday, monday = datetime.date(2026, 11, 20), datetime.date(2026, 11, 23)
    assert days_left(monday, friday, WORKDAYS, NONE) == 1
    assert days_left(monday, friday, DAYS) == 3
    assert days_left(monday, monday, WORKDAYS, NONE) == 0
    assert days_left(friday, datetime.date(2026, 11, 21), WORKDAYS, NONE) == -1


def test_a_last_day_that_became_free_is_still_ahead():
    friday, saturday = datetime.date(2026, 11, 20), datetime.date(2026, 11, 21)
    assert days_left(saturday, friday, WORKDAYS, NONE) == 1


@pytest.mark.parametrize(("number", "unit"), [(-1, DAYS), (-1, WORKDAYS), (3, "周"), (3, "")])
def test_a_negative_number_and_another_unit_are_refused(number, unit):
    with pytest.raises(ValueError, match="时限"):
        add(datetime.date(2026, 11, 20), number, unit, NONE)


@QUICK
@given(DATES, NUMBERS, UNITS, OVERRIDES)
def test_counting_back_gives_what_was_added(start, number, unit, overrides):
    assert between(start, add(start, number, unit, overrides), unit, overrides) == number


@QUICK
@given(DATES, NUMBERS, NUMBERS, UNITS, OVERRIDES)
def test_a_longer_limit_never_ends_earlier(start, number, more, unit, overrides):
    assert add(start, number, unit, overrides) <= add(start, number + more, unit, overrides)


@QUICK
@given(DATES, some.integers(0, 30), NUMBERS, UNITS, OVERRIDES)
def test_a_later_event_never_ends_earlier(start, later, number, unit, overrides):
    begun = start + datetime.timedelta(days=later)
    assert add(start, number, unit, overrides) <= add(begun, number, unit, overrides)


@QUICK
@given(DATES, some.integers(1, 60), OVERRIDES)
def test_a_limit_in_working_days_ends_on_a_working_day_and_not_before_the_same_in_days(start, number, overrides):
    end = add(start, number, WORKDAYS, overrides)
    assert is_workday(end, overrides)
    assert end >= add(start, number, DAYS)


@QUICK
@given(DATES, DATES, UNITS, OVERRIDES)
def test_back_and_forth_is_the_same_distance(one, other, unit, overrides):
    assert between(one, other, unit, overrides) == -between(other, one, unit, overrides)


@QUICK
@given(DATES, some.booleans())
def test_what_people_registered_wins(one, works):
    assert is_workday(one, {one: works}) is works


@QUICK
@given(DATES, DATES, UNITS, OVERRIDES)
def test_what_is_left_is_positive_before_the_last_day_and_negative_after_it(due, today, unit, overrides):
    left = days_left(due, today, unit, overrides)
    assert (left > 0, left == 0, left < 0) == (today < due, today == due, today > due)


# ---- what is in the database ----


def registered(staff, text: str, *, works: bool, confirmed: bool = True) -> WorkdayOverride:
    second = {"confirmed_by": staff.admin, "confirmed_at": timezone.now()} if confirmed else {}
    return WorkdayOverride.objects.create(date=day(text), works=works, source="某通知", set_by=staff.officer, **second)


def test_a_confirmed_override_counts_from_the_next_question_on_and_a_proposed_one_does_not(db, staff):
    friday = datetime.date(2026, 11, 20)
    registered(staff, "2026-11-21", works=True)
    registered(staff, "2026-11-23", works=False, confirmed=False)
    assert add(friday, 1, WORKDAYS) == datetime.date(2026, 11, 21)
    assert add(friday, 2, WORKDAYS) == datetime.date(2026, 11, 23)
    assert is_workday(datetime.date(2026, 11, 21))
    assert between(friday, datetime.date(2026, 11, 23), WORKDAYS) == 2


def test_a_count_asks_the_database_once_and_not_at_all_when_it_knows(db, staff, django_assert_num_queries):
    registered(staff, "2026-11-21", works=True)
    start = datetime.date(2026, 9, 1)
    with django_assert_num_queries(1):
        add(start, 60, WORKDAYS)
    with django_assert_num_queries(1):
        between(datetime.date(2027, 1, 1), start, WORKDAYS)
    known = workdays.load_overrides(start)
    with django_assert_num_queries(0):
        add(start, 60, WORKDAYS, known)
        add(start, 60, DAYS)
