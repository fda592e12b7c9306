"""A nightly run judges only what may be said otherwise than at the run before, and comes to what a run over everybody comes to."""

import datetime

import pytest
from django.utils import timezone

from households.facts import mark_changed
from households.models import ChangedHousehold, Facts, Household
from monitoring import screening
from monitoring.models import Assessment, Case, PolicyValue, Screening, ScreeningMode, Stage
from monitoring.policy.engine import question
from monitoring.policy.facts import FACTS, OUTSIDE
from monitoring.policy.rules import rules_of
from monitoring.policy.rulesets import DatedValue, ruleset
from monitoring.policy.since import WHOLE_EVERY
from monitoring.policy.values import policy_as_shipped, policy_in_force
from tests.monitoring.surveyed import visit

ONE_DAY = datetime.timedelta(days=1)
ALL = ("zaozhuang_2020", "hubei_2020", "luan_2019", "xinbei_2020", "national_2021")


def screen(place, on, mode=ScreeningMode.CHANGED, region=None):
    region = region or place.town
    job = Screening.claim(screening.request_screening(region=region, on=on, by=None, mode=mode, ring=False).pk)
    screening.run(job)
    job.refresh_from_db()
    return job


def since(job, place):
    return job.policies[place.town.code]["since"]


@pytest.fixture
def judged(place, staff, make, today):
    """Two households that the last night's run has judged."""
    households = [make.household(place.village) for _number in range(2)]
    for household in households:
        visit(household, staff.cadre, today - 3 * ONE_DAY)
    screen(place, today - ONE_DAY)
    ChangedHousehold.objects.all().delete()  # a run for a day that is over leaves them for today's
    return households


def said_today(household, today):
    return Assessment.objects.standing_on(today).get(household=household)


def test_the_first_run_asks_everybody_and_the_next_builds_on_it(place, judged, today):
    first, second = screen(place, today), screen(place, today)
    assert since(first, place)["on"] == (today - ONE_DAY).isoformat()
    assert since(second, place)["on"] == today.isoformat()
    assert since(Screening.objects.earliest("created_at"), place) is None


def test_marked_households_alone_are_asked(place, judged, today):
    Facts.objects.update(risk_bits=1)  # behind the back of those who write facts
    mark_changed([judged[0]])
    assert screen(place, today).moves == {"NONE>WATCH": 1}
    assert said_today(judged[1], today).outcome == "NONE"


@pytest.mark.parametrize("mode", [ScreeningMode.CHANGED, ScreeningMode.FULL])
def test_once_a_week_and_in_a_full_run_everybody_is_asked(place, judged, today, mode):
    Facts.objects.update(risk_bits=1)
    if mode == ScreeningMode.CHANGED:
        (last,) = Screening.objects.all()
        last.policies[place.town.code]["whole_on"] = (today - WHOLE_EVERY).isoformat()
        last.save(update_fields=["policies"])
    job = screen(place, today, mode)
    assert (since(job, place), job.moves) == (None, {"NONE>WATCH": 2})
    assert job.policies[place.town.code]["whole_on"] == today.isoformat()


def test_the_week_is_counted_from_the_run_that_asked_everybody(place, judged, today):
    begun = (today - ONE_DAY).isoformat()
    assert [screen(place, today).policies[place.town.code]["whole_on"] for _run in range(2)] == [begun, begun]


def value(staff, place, today, key="edge_line", number="5500", confirmed_at=None):
    return PolicyValue.objects.create(
        region=place.zone, ruleset="zaozhuang_2020", key=key, value=number, starts_on=today - ONE_DAY, source="某文 第一条",
        proposed_by=staff.officer, confirmed_by=staff.admin, confirmed_at=confirmed_at or timezone.now(),
    )  # fmt: skip


def test_another_number_asks_everybody(place, staff, judged, today):
    value(staff, place, today)
    assert since(screen(place, today), place) is None


def test_a_number_that_came_and_went_between_two_runs_asks_everybody(place, staff, judged, today):
    household = judged[0]
    Facts.objects.filter(household=household).update(risk_bits=1)
    risen = value(staff, place, today)
    assert screening.assess_household(household, today).outcome == "EDGE"
    PolicyValue.objects.create(
        region=place.zone, ruleset="zaozhuang_2020", key="edge_line", value="5000", starts_on=today, source="某文 第二条",
        proposed_by=staff.officer, confirmed_by=staff.admin, confirmed_at=timezone.now(),
    )  # fmt: skip
    assert risen.value != policy_in_force(place.village, today).values["edge_line"].value
    job = screen(place, today)
    assert since(job, place) is None
    assert said_today(household, today).outcome == "WATCH"


def test_each_district_of_a_city_builds_on_its_own_last_run(place, staff, make, today):
    for village in (place.village, place.foreign_village):
        visit(make.household(village), staff.cadre, today - 3 * ONE_DAY)
    first, second = place.zone.code, place.foreign_county.code

    def built_on(job):
        kept = [job.policies[code]["since"] for code in (first, second)]
        return [last and last["on"] for last in kept]

    yesterday = screen(place, today - ONE_DAY, region=place.city)
    assert built_on(yesterday) == [None, None]
    screen(place, today, region=place.foreign_county)
    assert built_on(screen(place, today, region=place.city)) == [f"{yesterday.on}", f"{today}"]
    value(staff, place, today)
    assert built_on(screen(place, today, region=place.city)) == [None, f"{today}"]


def test_where_most_are_marked_all_are_asked_and_the_same_is_said(place, staff, make, judged, today):
    third = make.household(place.village)
    visit(third, staff.cadre, today - 3 * ONE_DAY)
    screen(place, today)
    Facts.objects.update(risk_bits=1)
    mark_changed(judged)
    job = screen(place, today)
    assert since(job, place) is not None
    assert job.moves == {"NONE>WATCH": 3}  # the third was not marked: looking at all finds it too


def test_where_half_are_marked_these_alone_are_asked(place, staff, make, judged, today):
    screen(place, today)
    Facts.objects.update(risk_bits=1)
    mark_changed(judged[:1])
    assert screen(place, today).moves == {"NONE>WATCH": 1}


def test_how_long_a_visit_holds_is_part_of_the_question(place, staff, judged, today):
    value(staff, place, today, key="survey_validity_months", number="6")
    assert since(screen(place, today), place) is None


def test_a_household_that_was_recognised_is_asked_again(place, judged, today):
    Household.objects.filter(pk=judged[0].pk).update(household_type="lifted")
    before = said_today(judged[0], today)
    Case.objects.create(
        household=judged[0], village=place.village, monitor_class="edge", stage=Stage.REGISTERED, ruleset="zaozhuang_2020",
        stage_since=timezone.now() - 90 * ONE_DAY, decided_on=today - 90 * ONE_DAY,
    )  # fmt: skip
    screen(place, today)
    now = said_today(judged[0], today)
    assert "Z01" not in before.rules_met
    assert now.rules_met != before.rules_met
    assert said_today(judged[1], today).on < today


def test_a_household_that_was_closed_or_whose_visit_has_lapsed_counts_no_more(place, judged, today):
    closed, lapsed = judged
    Household.objects.filter(pk=closed.pk).update(closed_on=today)
    Facts.objects.filter(household=closed).update(replaced_on=today)
    long_ago = today - 400 * ONE_DAY
    Facts.objects.filter(household=lapsed).update(visited_on=long_ago)
    Assessment.objects.filter(household=lapsed).update(visited_on=long_ago)
    job = screen(place, today)
    assert since(job, place)
    assert job.counts == {"NOT_VISITED": 1}
    assert not Assessment.objects.standing_on(today).exists()


@pytest.mark.parametrize("code", ALL)
def test_the_question_is_the_same_on_another_day_and_another_with_another_number(code):
    rules = ruleset(code)
    first = rules.begins_on + 3 * 366 * ONE_DAY
    asked = policy_as_shipped(rules, first)
    later = asked.as_of(first + 30 * ONE_DAY)
    assert question(asked) == question(later)
    money = {
        key: DatedValue(key, one.value + 1, one.starts_on, "")
        for key, one in asked.values.items()
        if rules.parameter(key).is_money
    }
    others = [question(asked.with_values({key: one})) for key, one in money.items()]
    assert question(asked) not in others


def test_what_is_told_from_elsewhere_is_no_part_of_the_question_and_is_watched(db):
    asked = question(policy_in_force(None, timezone.localdate()))
    assert "monitoring_case" not in asked
    used = {name for code in ALL for rule in rules_of(ruleset(code)) for name in rule.facts if name in FACTS}
    for name in used - set(OUTSIDE):
        expression = FACTS[name](policy_in_force(None, timezone.localdate()))
        sql = str(Facts.objects.annotate(told=expression).values("told").query)
        assert "SELECT" not in sql.removeprefix("SELECT"), f"{name} looks elsewhere: it belongs to OUTSIDE"
