"""When each household is to be visited: by class and colour, as the district says, the same on both databases."""

import datetime
import uuid

import pytest
from django.db import connection
from django.db.models import DateField, F, Value
from django.db.models.functions import Cast
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assistance import visit_plan
from assistance.models import Helper, Visit, VisitMood, VisitWay
from households.codes import HouseholdType, MonitorClass
from households.models import Household, Survey
from monitoring.models import Case, Grade, Grading, PolicyValue, Stage
from monitoring.policy.values import months_before
from tests.factories import Place, Staff

ONE_DAY = datetime.timedelta(days=1)


def case(
    household: Household, staff: Staff, stage: Stage = Stage.REGISTERED, days: int = 200, **fields: object
) -> Case:
    """A case that began some days ago."""
    today = timezone.localdate()
    began = today - datetime.timedelta(days=days)
    values = {
        "monitor_class": MonitorClass.EDGE, "stage": stage, "stage_since": timezone.now(), "ruleset": "zaozhuang_2020",
        "decided_on": began if stage in (Stage.REGISTERED, Stage.REMOVED) else None, "opened_by": staff.cadre, **fields,
    }  # fmt: skip
    made = Case.objects.create(household=household, village=household.village, **values)
    Case.objects.filter(pk=made.pk).update(opened_at=timezone.now() - datetime.timedelta(days=days))
    return made


def visit(household: Household, staff: Staff, on: datetime.date, **fields: object) -> Visit:
    values = {"visited_on": on, "mood": VisitMood.SAME, "visitor": staff.cadre, **fields}
    return Visit.objects.create(household=household, **values)


def grade(household: Household, staff: Staff, level: int, begins_on: datetime.date) -> Grade:
    survey = Survey.objects.create(
        household=household, village=household.village, visited_on=begins_on - datetime.timedelta(days=400),
        entered_by=staff.cadre, persons=3, period_start=begins_on - ONE_DAY, period_end=begins_on,
    )  # fmt: skip
    grading = Grading.objects.create(
        household=household, village=household.village, survey=survey, suggested=level, level=level, stage="filed", filed_on=begins_on,
        stage_since=timezone.now(),
    )  # fmt: skip
    return Grade.objects.create(
        household=household,
        village=household.village,
        grading=grading,
        level=level,
        suggested=level,
        begins_on=begins_on,
    )


def set_number(place: Place, staff: Staff, key: str, value: str, ruleset: str = "zaozhuang_2020") -> None:
    """A number that the district has set, and a second person has confirmed."""
    PolicyValue.objects.create(
        region=place.zone, ruleset=ruleset, key=key, value=value, starts_on=datetime.date(2020, 6, 1), source="某文",
        proposed_by=staff.officer, confirmed_by=staff.admin, confirmed_at=timezone.now(),
    )  # fmt: skip


def due(household: Household, user: object, today: datetime.date) -> datetime.date | None:
    found = visit_plan.planned(user, today).filter(pk=household.pk).first()  # type: ignore[arg-type]
    return found.due_on if found else None


@pytest.mark.parametrize(
    ("day", "months", "after"),
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2023-01-31", 1, "2023-02-28"),
        ("2023-08-31", 6, "2024-02-29"),
        ("2023-11-30", 3, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-03-15", 1, "2024-04-15"),
        ("2024-12-31", 2, "2025-02-28"),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_of_the_month(db, place, day, months, after):
    start = datetime.date.fromisoformat(day)
    rows = type(place.zone).objects.filter(pk=place.zone.pk)
    found = rows.annotate(on=Cast(Value(day), DateField()), after=visit_plan.MonthsAfter(F("on"), Value(months))).get()
    assert found.after == datetime.date.fromisoformat(after) == months_before(start, -months)


def test_the_database_counts_as_python_does_over_five_years(db, place):
    start = datetime.date(2020, 1, 1)
    rows = type(place.zone).objects.filter(pk=place.zone.pk)
    for step in range(0, 1830, 7):
        day = start + step * ONE_DAY
        for months in (1, 3, 6):
            asked = rows.annotate(
                on=Cast(Value(day.isoformat()), DateField()), after=visit_plan.MonthsAfter(F("on"), Value(months))
            )
            assert asked.get().after == months_before(day, -months), (day, months)


def test_who_is_on_the_register_is_visited_a_month_after_the_last_visit(place, staff, make, today):
    household = make.household(place.village)
    case(household, staff)
    visit(household, staff, today - 20 * ONE_DAY)
    assert due(household, staff.cadre, today) == months_before(today - 20 * ONE_DAY, -1)


def test_without_a_visit_the_time_runs_from_the_designation(place, staff, make, today):
    household = make.household(place.village)
    case(household, staff, days=10)
    visit(household, staff, today - 300 * ONE_DAY)  # long before he was designated
    assert due(household, staff.cadre, today) == months_before(today - 10 * ONE_DAY, -1)


def test_a_survey_is_a_visit_and_a_corrected_one_is_none(place, staff, make, today):
    household = make.household(place.village)
    case(household, staff)
    fields = {
        "household": household, "village": household.village, "entered_by": staff.cadre, "persons": 3,
        "period_start": today - 400 * ONE_DAY, "period_end": today - 40 * ONE_DAY,
    }  # fmt: skip
    wrong = Survey.objects.create(visited_on=today - ONE_DAY, **fields)
    assert due(household, staff.cadre, today) == months_before(today - ONE_DAY, -1)
    Survey.objects.create(visited_on=today - 9 * ONE_DAY, supersedes=wrong, **fields)
    assert due(household, staff.cadre, today) == months_before(today - 9 * ONE_DAY, -1)


def test_a_call_counts_unless_the_district_says_otherwise(place, staff, make, today):
    household = make.household(place.village)
    case(household, staff, days=20)
    visit(household, staff, today - 2 * ONE_DAY, way=VisitWay.PHONE)
    assert due(household, staff.cadre, today) == months_before(today - 2 * ONE_DAY, -1)
    set_number(place, staff, "visit_phone_counts", "0")
    assert due(household, staff.cadre, today) == months_before(today - 20 * ONE_DAY, -1)


def test_each_class_has_its_own_number_and_a_district_sets_it(place, staff, make, today):
    edge, relapse = make.household(place.village), make.household(place.village)
    case(edge, staff, monitor_class=MonitorClass.EDGE)
    case(relapse, staff, monitor_class=MonitorClass.RELAPSE)
    for household in (edge, relapse):
        visit(household, staff, today)
    set_number(place, staff, "visit_edge_months", "2")
    assert due(edge, staff.cadre, today) == months_before(today, -2)
    assert due(relapse, staff.cadre, today) == months_before(today, -1)


def test_the_colour_counts_where_the_rule_set_has_one_and_the_shorter_time_wins(place, staff, make, today):
    PolicyValue.objects.create(
        region=place.zone, ruleset="", key="ruleset", value="luan_2019", starts_on=datetime.date(2020, 6, 1), source="某文",
        proposed_by=staff.officer, confirmed_by=staff.admin, confirmed_at=timezone.now(),
    )  # fmt: skip
    began = today - 300 * ONE_DAY
    due_by_level = {}
    for level in (1, 2, 3):
        household = make.household(place.village, household_type=HouseholdType.LIFTED)
        grade(household, staff, level, began)
        visit(household, staff, today)
        due_by_level[level] = due(household, staff.cadre, today)
    assert due_by_level == {1: months_before(today, -1), 2: months_before(today, -3), 3: months_before(today, -6)}
    both = make.household(place.village, household_type=HouseholdType.LIFTED)
    grade(both, staff, 3, began)
    case(both, staff, monitor_class=MonitorClass.RELAPSE)
    visit(both, staff, today)
    assert due(both, staff.cadre, today) == months_before(today, -1)


def test_a_removed_household_is_followed_for_a_year_and_then_left_alone(place, staff, make, today):
    lately, long_ago = make.household(place.village), make.household(place.village)
    case(lately, staff, Stage.REMOVED, days=400, removed_on=today - 40 * ONE_DAY)
    case(long_ago, staff, Stage.REMOVED, days=800, removed_on=today - 400 * ONE_DAY)
    assert due(lately, staff.cadre, today) == months_before(today - 40 * ONE_DAY, -6)
    assert due(long_ago, staff.cadre, today) is None


def test_who_is_not_watched_or_has_gone_is_not_on_the_list(place, staff, make, today):
    nobody, refused, closed = (make.household(place.village) for _each in range(3))
    case(refused, staff, Stage.REFUSED)
    case(closed, staff)
    Household.objects.filter(pk=closed.pk).update(closed_on=today)
    assert [due(one, staff.cadre, today) for one in (nobody, refused, closed)] == [None, None, None]


def test_everybody_has_the_plan_of_his_own_region(place, staff, make, today):
    here, beside, elsewhere = (
        make.household(village) for village in (place.village, place.other_village, place.foreign_village)
    )
    for household in (here, beside, elsewhere):
        case(household, staff)
    seen = {
        name: set(visit_plan.planned(getattr(staff, name), today).values_list("pk", flat=True))
        for name in ("cadre", "reviewer", "officer", "foreign_officer", "inspector", "clerk", "unposted")
    }
    assert seen == {
        "cadre": {here.pk}, "reviewer": {here.pk}, "officer": {here.pk, beside.pk}, "foreign_officer": {elsewhere.pk},
        "inspector": set(), "clerk": set(), "unposted": set(),
    }  # fmt: skip


def test_the_tabs_divide_what_is_due(place, staff, make, today):
    wanted = {"late": -1, "today": 0, "sunday": (visit_plan.week_end(today) - today).days, "next": 8}
    for head, ahead in wanted.items():
        household = make.household(place.village, head)
        case(household, staff, days=365)
        visit(household, staff, months_before(today + ahead * ONE_DAY, 1))
    rows = visit_plan.planned(staff.cadre, today)
    found = {one.head_name: one.due_on for one in rows}
    late = {head for head, day in found.items() if day < today}
    week = {head for head, day in found.items() if today <= day <= visit_plan.week_end(today)}
    assert {one.head_name for one in visit_plan.late(rows, today)} == late
    assert {one.head_name for one in visit_plan.this_week(rows, today)} == week
    assert {one.head_name for one in visit_plan.due_today(rows, today)} == {
        head for head, day in found.items() if day == today
    }
    assert [one.due_on for one in rows] == sorted(found.values())


def test_the_helper_of_a_household_is_named_and_found(place, staff, make, today):
    mine, other = make.household(place.village), make.household(place.village)
    for household in (mine, other):
        case(household, staff)
    Helper.objects.create(household=mine, name="李敏", unit="青石镇", begun_on=today, user=staff.reviewer)
    rows = visit_plan.planned(staff.reviewer, today)
    assert [one.pk for one in visit_plan.of_helper(rows, staff.reviewer)] == [mine.pk]
    assert {row.household.pk: row.helper for row in visit_plan.rows(rows)} == {mine.pk: "李敏", other.pk: ""}


def test_a_hundred_households_cost_one_query(place, staff, make, today):
    for number in range(20):
        household = make.household(place.village, f"户{number}")
        case(household, staff, Stage.SURVEY if number % 2 else Stage.REGISTERED)
        visit(household, staff, today - number * ONE_DAY)
    rows = visit_plan.planned(staff.cadre, today)
    with CaptureQueriesContext(connection) as asked:
        assert len(visit_plan.rows(rows)) == 20
    assert len(asked) == 1
    assert uuid.UUID(str(rows[0].pk))
