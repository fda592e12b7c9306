"""Screening: only what changed is written, a past day does not disturb today, a cut run goes on where it stopped."""

import datetime
import io
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts import prepared
from accounts.jobs import JobState, LeaseLost
from accounts.models import Level, Region
from households import signals
from households.codes import HouseholdType, RiskCause
from households.facts import mark_changed
from households.last_year import IncomeLine, accounting_months, income_line
from households.models import ChangedHousehold, Facts, Household, Survey
from monitoring import parts, screening, writing
from monitoring.clues import clues
from monitoring.models import Assessment, Case, PolicyValue, Screening, ScreeningMode, Stage
from monitoring.policy.explain import explain
from monitoring.policy.values import PolicyNotInForce, policy_in_force, read_value
from tests.monitoring.surveyed import visit

ILL = (RiskCause.ILLNESS,)
ONE_DAY = datetime.timedelta(days=1)


def screen(region: Region, on: datetime.date, mode: str = ScreeningMode.CHANGED) -> Screening:
    """A whole run, in this process."""
    job = Screening.claim(screening.request_screening(region=region, on=on, by=None, mode=mode, ring=False).pk)
    screening.run(job)
    job.refresh_from_db()
    return job


def add_value(staff: Any, region: Region, value: str, starts_on: datetime.date, key: str = "edge_line") -> PolicyValue:
    return PolicyValue.objects.create(
        region=region,
        ruleset="zaozhuang_2020",
        key=key,
        value=value,
        starts_on=starts_on,
        source="云高新办〔2021〕1号",
        proposed_by=staff.officer,
        confirmed_by=staff.reviewer,
        confirmed_at=timezone.now(),
    )


def test_a_run_counts_every_household_and_those_not_visited_apart(place, staff, make, today):
    for village in (place.village, place.neighbour, place.foreign_village):
        visit(make.household(village), staff.cadre, today, risks=ILL, wage=0)
    make.household(place.village)
    make.household(place.village, closed_on=today)
    job = screen(place.zone, today)
    assert job.state == JobState.DONE
    assert (job.done_count, job.total_count, job.changed_count) == (3, 3, 2)
    assert job.counts == {"EDGE": 2, "NOT_VISITED": 1}


def test_a_second_run_writes_nothing(place, staff, make, today):
    visit(make.household(place.village), staff.cadre, today)
    screen(place.town, today)
    made_at = Assessment.objects.get().made_at
    again = screen(place.town, today)
    assert (again.changed_count, again.counts) == (0, {"NONE": 1, "NOT_VISITED": 0})
    assert Assessment.objects.get().made_at == made_at


def test_only_the_household_that_changed_is_written(place, staff, make, today):
    households = [make.household(place.village) for _number in range(3)]
    for household in households:
        visit(household, staff.cadre, today - 3 * ONE_DAY)
    screen(place.town, today - ONE_DAY)
    visit(households[1], staff.cadre, today, risks=ILL)
    job = screen(place.town, today)
    assert job.changed_count == 1
    assert Assessment.objects.filter(on=today).get().household == households[1]
    assert job.counts == {"NONE": 2, "WATCH": 1, "NOT_VISITED": 0}


def test_a_run_for_a_past_day_does_not_disturb_today(place, staff, make, today):
    household = make.household(place.village)
    past = today - 40 * ONE_DAY
    visit(household, staff.cadre, past - ONE_DAY, risks=ILL)
    screen(place.town, today - 90 * ONE_DAY)  # nothing was known then
    standing = screening.assess_household(household, today)
    assert screen(place.town, past).counts["WATCH"] == 1
    now = Assessment.objects.standing_on(today).get(household=household)
    assert (now.pk, now.made_at) == (standing.pk, standing.made_at)


def test_a_conclusion_for_a_past_day_ends_with_that_day(place, staff, make, today):
    household = make.household(place.village)
    past = today - 40 * ONE_DAY
    visit(household, staff.cadre, past - 20 * ONE_DAY)
    screen(place.town, past - 10 * ONE_DAY)
    Facts.objects.filter(household=household).update(risk_bits=1)
    assert screen(place.town, past).changed_count == 1
    stood = [
        Assessment.objects.standing_on(day).get(household=household).outcome
        for day in (past - ONE_DAY, past, past + ONE_DAY, today)
    ]
    assert stood == ["NONE", "WATCH", "NONE", "NONE"]


@pytest.fixture
def small_parts(settings):
    """Every village is a part of its own."""
    settings.SCREENING_PART_SIZE = 1


def test_a_run_that_was_cut_goes_on_where_it_stopped(place, staff, make, today, small_parts):
    for village in (place.village, place.neighbour):
        for _number in range(3):
            visit(make.household(village, members=0), staff.cadre, today)
    job = Screening.claim(screening.request_screening(region=place.town, on=today, by=None, ring=False).pk)
    parts.lay_out(job)
    assert parts.do_next_part(job.pk, wait=True, checkpoint=job.checkpoint)
    assert (job.done_count, Assessment.objects.count()) == (3, 3)
    Screening.objects.filter(pk=job.pk).update(lease_until=timezone.now() - ONE_DAY)
    successor = Screening.claim(job.pk)
    with pytest.raises(LeaseLost):
        screening.run(job)
    assert Assessment.objects.count() == 3
    screening.run(successor)
    successor.refresh_from_db()
    assert successor.counts == {"NONE": 6, "NOT_VISITED": 0}
    assert successor.changed_count == Assessment.objects.count() == 6


def laid_out(region: Region, on: datetime.date, mode: str = ScreeningMode.CHANGED) -> list[tuple[str, int]]:
    """The districts and households of the parts of a run that is then given up."""
    job = Screening.claim(screening.request_screening(region=region, on=on, by=None, mode=mode, ring=False).pk)
    parts.lay_out(job)
    job.cancel()
    return list(job.parts.values_list("district__name", "households"))


def test_the_parts_of_a_run_are_about_alike():
    villages = [parts.Village(f"{number:04}", 10) for number in range(10)]
    assert [len(group) for group in parts.grouped(villages, 40)] == [4, 3, 3]
    assert [len(group) for group in parts.grouped(villages, 1)] == [1] * 10
    assert list(parts.grouped([], 40)) == []


def test_districts_of_which_the_same_is_asked_share_a_part_and_others_do_not(place, staff, make, today):
    for village in (place.village, place.foreign_village):
        visit(make.household(village), staff.cadre, today)
    ((first, households),) = laid_out(place.city, today)
    assert households == 2
    add_value(staff, place.zone, "5500", today)
    apart = laid_out(place.city, today)
    assert {name for name, _households in apart} == {place.zone.name, place.foreign_county.name} >= {first}
    assert [households for _name, households in apart] == [1, 1]


def test_where_few_are_judged_a_part_has_more_households(place, staff, make, today, small_parts):
    households = [make.household(village, members=0) for village in (place.village, place.neighbour)]
    for household in households:
        visit(household, staff.cadre, today)
    assert len(laid_out(place.town, today)) == 2
    screen(place.town, today)
    assert len(laid_out(place.town, today)) == 1
    mark_changed(households)
    assert len(laid_out(place.town, today)) == 2


def test_villages_that_were_empty_at_the_last_count_are_looked_at_and_all_are_counted_anew(place, staff, make, today):
    closed, *_others = [make.household(place.village, members=0) for _number in range(3)]
    visit(closed, staff.cadre, today)
    assert screen(place.town, today).counts == {"NONE": 1, "NOT_VISITED": 2}
    visit(make.household(place.neighbour, members=0), staff.cadre, today, risks=ILL)
    Household.objects.filter(pk=closed.pk).update(closed_on=today)
    Facts.objects.filter(household=closed).update(replaced_on=today)
    job = screen(place.town, today)
    assert (job.counts, job.done_count, job.total_count) == ({"WATCH": 1, "NOT_VISITED": 2}, 3, 3)


def test_a_run_over_a_city_takes_over_what_was_counted_and_leaves_no_village_out(
    place, staff, make, today, settings, small_parts
):
    filled = {place.village: 7, place.neighbour: 1, place.foreign_village: 2}
    for village, households in filled.items():
        for _number in range(households):
            visit(make.household(village, members=0), staff.cadre, today)
    screen(place.city, today)
    settings.SCREENING_PART_SIZE = 2  # where few are judged a part has five times as many
    assert sum(households for _name, households in laid_out(place.city, today)) == 10
    between = list(Screening.objects.latest("created_at").parts.values_list("first_path", "last_path"))
    villages = Region.objects.filter(level=Level.VILLAGE).in_regions([place.city]).values_list("path", flat=True)
    assert {sum(first <= path <= last for first, last in between) for path in villages} == {1}


def test_a_run_never_has_done_more_than_there_is(place, staff, make, today, small_parts):
    for village, more in ((place.village, 3), (place.neighbour, 0)):
        visit(make.household(village, members=0), staff.cadre, today)
        screen(place.town, today)
        for _number in range(more):
            make.household(village, members=0)
    mark_changed(Household.objects.all())
    job = Screening.claim(screening.request_screening(region=place.town, on=today, by=None, ring=False).pk)
    parts.lay_out(job)
    assert job.total_count == 5
    make.household(place.village, members=0)
    shown = []
    while parts.do_next_part(job.pk, wait=True, checkpoint=job.checkpoint):
        shown.append((job.done_count, job.total_count))
    assert shown == [(5, 6), (6, 6)]


def test_another_worker_may_take_parts_and_each_part_is_done_once(place, staff, make, today, small_parts):
    for village in (place.village, place.neighbour, place.foreign_village):
        visit(make.household(village), staff.cadre, today, risks=ILL)
    job = Screening.claim(screening.request_screening(region=place.city, on=today, by=None, ring=False).pk)
    assert screening.help_with(job.pk) == 0  # nothing is laid out yet
    parts.lay_out(job)
    assert parts.do_next_part(job.pk, wait=True, checkpoint=job.checkpoint)
    assert screening.help_with(job.pk) == 2
    screening.run(job)
    job.refresh_from_db()
    assert (job.state, job.done_count, job.counts) == (JobState.DONE, 3, {"WATCH": 3, "NOT_VISITED": 0})
    assert screening.help_with(job.pk) == 0
    assert Assessment.objects.count() == 3


def test_a_run_tells_what_was_and_what_moved_where(place, staff, make, today):
    ill, well = make.household(place.village), make.household(place.village)
    for household in (ill, well):
        visit(household, staff.cadre, today - 3 * ONE_DAY)
    assert screen(place.town, today - ONE_DAY).moves == {">NONE": 2}
    visit(ill, staff.cadre, today, risks=ILL)
    job = screen(place.town, today)
    assert job.moves == {"NONE>WATCH": 1}
    assert job.counts_before == {"NONE": 2, "NOT_VISITED": 0}
    assert job.counts == {"NONE": 1, "WATCH": 1, "NOT_VISITED": 0}
    assert job.policies[place.town.code]["ruleset"] == "zaozhuang_2020"


def test_a_full_run_writes_every_household_anew_and_changes_nothing(place, staff, make, today):
    household = make.household(place.village)
    visit(household, staff.cadre, today, risks=ILL)
    screen(place.town, today)
    first = Assessment.objects.get()
    job = screen(place.town, today, mode=ScreeningMode.FULL)
    assert (job.changed_count, job.moves) == (0, {})
    again = Assessment.objects.standing_on(today).get()
    assert (again.previous, again.outcome, again.screening) == (first, "WATCH", job)


def test_what_changed_without_being_judged_is_judged_minutes_later(place, staff, make, today):
    households = [make.household(place.village), make.household(place.foreign_village)]
    for household in households:
        visit(household, staff.cadre, today)
    screen(place.city, today)
    assert screening.screen_changed_facts(today) == []
    Facts.objects.filter(household=households[0]).update(risk_bits=1)
    mark_changed([households[0]])
    (queued,) = screening.screen_changed_facts(today)
    assert (queued.region, queued.mode) == (place.zone, ScreeningMode.DIRTY)
    job = Screening.claim(queued.pk)
    screening.run(job)
    job.refresh_from_db()
    assert (job.done_count, job.moves) == (1, {"NONE>WATCH": 1})
    assert not ChangedHousehold.objects.exists()


def test_a_household_that_moved_has_one_conclusion_in_its_new_village(place, staff, make, today):
    household = make.household(place.village)
    visit(household, staff.cadre, today)
    screen(place.city, today)
    Household.objects.filter(pk=household.pk).update(village=place.foreign_village)
    Facts.objects.filter(household=household).update(village=place.foreign_village)
    mark_changed([Household.objects.get(pk=household.pk)])
    screen(place.city, today)
    standing = Assessment.objects.standing_on(today).get(household=household)
    assert standing.village == place.foreign_village


def test_a_conclusion_ends_with_the_visit_that_it_rests_on(place, staff, make, today):
    household = make.household(place.village)
    visit(household, staff.cadre, today - 300 * ONE_DAY, risks=ILL)
    screen(place.town, today - 10 * ONE_DAY)
    Facts.objects.update(visited_on=today - 400 * ONE_DAY)
    Assessment.objects.update(visited_on=today - 400 * ONE_DAY)
    assert screen(place.town, today).counts == {"NOT_VISITED": 1}
    assert not Assessment.objects.standing_on(today).exists()


def test_what_lies_close_to_a_line_or_lacks_one_condition_is_marked(place, staff, make, today):
    near, ill = make.household(place.village), make.household(place.village)
    visit(near, staff.cadre, today, wage=12_001_00 + 1_300_00)
    visit(ill, staff.cadre, today, wage=60_000_00, risks=ILL)
    screen(place.town, today)
    at = {one.household_id: one for one in Assessment.objects.standing_on(today)}
    assert (at[near.pk].near, at[near.pk].lacks_one, at[near.pk].margin) == (["Z06"], False, 86)
    assert (at[ill.pk].near, at[ill.pk].lacks_one, at[ill.pk].margin) == ([], True, None)


def test_two_requests_for_one_region_and_day_are_one_run(place, staff, today):
    first = screening.request_screening(region=place.town, on=today, by=staff.reviewer, ring=False)
    assert screening.request_screening(region=place.town, on=today, by=staff.officer, ring=False) == first


def test_a_cancelled_run_writes_nothing_more(place, staff, make, today):
    visit(make.household(place.village), staff.cadre, today)
    job = Screening.claim(screening.request_screening(region=place.town, on=today, by=None, ring=False).pk)
    assert screening.cancel_screening(screening=job, by=staff.reviewer)
    with pytest.raises(LeaseLost):
        screening.run(job)
    assert not Assessment.objects.exists()


def test_a_day_to_come_and_a_day_before_the_document_are_refused(place, today):
    with pytest.raises(ValidationError, match="还没有到"):
        screening.request_screening(region=place.town, on=today + ONE_DAY, by=None)
    with pytest.raises(PolicyNotInForce, match="2020-03-04 早于"):
        screening.request_screening(region=place.town, on=datetime.date(2020, 3, 4), by=None)
    assert policy_in_force(place.town, datetime.date(2020, 3, 5)).fen("income_line") == 5_000_00


def test_the_night_screens_each_county_and_zone_once_a_day(place, make, today):
    make.household(place.village)
    make.household(place.foreign_village)
    begun = screening.screen_everywhere(today)
    assert {job.region for job in begun} == {place.zone, place.foreign_county}
    assert screening.screen_everywhere(today) == []


def test_a_survey_is_judged_as_it_is_saved(place, staff, make, today):
    household = make.household(place.village)
    survey = visit(household, staff.cadre, today, risks=ILL)
    signals.survey_submitted.send(sender=Survey, survey=survey, user=staff.cadre)
    assert Assessment.objects.get(facts__survey=survey).outcome == "WATCH"


def test_the_survey_form_is_told_the_line_and_the_period_of_its_day(place, staff, make, today):
    add_value(staff, place.zone, "5500", today)
    lifted = make.household(place.village, household_type=HouseholdType.LIFTED)
    ordinary = make.household(place.village)
    assert income_line(lifted, today) == IncomeLine(5_000_00, "监测线")
    assert income_line(ordinary, today) == IncomeLine(5_500_00, "参考线")
    assert accounting_months(ordinary, today) == 12
    assert income_line(ordinary, datetime.date(2020, 3, 4)) is None


def planned() -> list[str]:
    """The statements that PostgreSQL has planned for this session to keep, with their time; SQLite keeps none."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT name || ' ' || prepare_time FROM pg_prepared_statements WHERE name LIKE 'fangpin%'")
        return [row for (row,) in cursor.fetchall()]


@pytest.fixture
def one_kept(monkeypatch):
    """How many are planned afterwards: the session has planned nothing yet, and keeps one."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")
        prepared._planned.pop(connection.connection, None)
    monkeypatch.setattr(prepared, "MOST_KEPT", 1)
    assert not planned()
    return int(connection.vendor == "postgresql")


def test_each_household_is_judged_by_its_own_policy_whatever_the_session_has_planned(
    place, staff, make, today, one_kept
):
    ill, well, abroad = (make.household(village) for village in (place.village, place.village, place.foreign_village))
    add_value(staff, place.zone, "100000", today)
    for household, risks in ((ill, ILL), (well, ()), (abroad, ILL)):
        visit(household, staff.cadre, today, risks=risks)
    for _again in range(2):
        said = [screening.assess_household(household, today).outcome for household in (ill, well, abroad)]
        assert said == ["EDGE", "REVIEW_RISK", "WATCH"]
        assert len(planned()) == one_kept


def test_what_was_planned_is_used_again_and_outlives_what_was_undone(place, staff, make, today, one_kept):
    household = make.household(place.village)
    visit(household, staff.cadre, today, risks=ILL)
    with transaction.atomic():
        screening.assess_household(household, today)
        transaction.set_rollback(True)
    assert not Assessment.objects.exists()
    before = planned()
    assert screening.assess_household(household, today).outcome == "WATCH"
    assert len(before) == one_kept
    assert planned() == before


@pytest.mark.parametrize("forgets", [True, False])
def test_after_a_failure_all_is_planned_anew_and_nothing_is_left_over(place, staff, make, today, one_kept, forgets):
    """Whether the session has forgotten the statement, as behind a pooler, or has it still."""
    household = make.household(place.village)
    visit(household, staff.cadre, today, risks=ILL)
    screening.assess_household(household, today)
    visit(household, staff.cadre, today)
    if one_kept:
        policy = policy_in_force(place.village, today)
        statement = writing._planned[policy.fingerprint, today]
        if forgets:
            with connection.cursor() as cursor:
                cursor.execute("DEALLOCATE ALL")
        for _often in range(3):
            with pytest.raises(DatabaseError), transaction.atomic():
                statement.run("nobody", timezone.now())
    assert screening.assess_household(household, today).outcome == "NONE"
    assert len(planned()) == one_kept


def test_a_household_that_changes_is_judged_again(place, staff, make, today):
    household = make.household(place.village)
    visit(household, staff.cadre, today, risks=ILL)
    Facts.objects.filter(household=household).update(persons=4)
    signals.household_changed.send(sender=type(household), household=household)
    assert Assessment.objects.get().outcome == "EDGE"


def test_a_district_sets_its_own_line_from_a_day_with_a_second_person(place, staff, make, today):
    household = make.household(place.village)
    visit(household, staff.cadre, today, risks=ILL)
    value = add_value(staff, place.zone, "5000.01", today)
    assessment = screening.assess_household(household, today)
    assert assessment.outcome == "EDGE"
    reason = next(reason for reason in explain(assessment).reasons if reason.code == "Z06")
    assert reason.threshold.startswith(f"参考线 5,000.01 元（{today:%Y-%m-%d} 起，云山高新区定")
    assert policy_in_force(place.village, today - ONE_DAY).fen("edge_line") == 5_000_00
    assert policy_in_force(place.foreign_village, today).fen("edge_line") == 5_000_00
    PolicyValue.objects.filter(pk=value.pk).update(confirmed_by=None)
    assert policy_in_force(place.village, today).fen("edge_line") == 5_000_00


def test_the_nearest_region_counts_and_a_town_sets_nothing(place, staff, today):
    add_value(staff, place.city, "6000", today)
    assert policy_in_force(place.village, today).fen("edge_line") == 6_000_00
    add_value(staff, place.zone, "5500", today)
    add_value(staff, place.town, "1", today)
    assert policy_in_force(place.village, today).fen("edge_line") == 5_500_00
    assert policy_in_force(place.foreign_village, today).fen("edge_line") == 6_000_00


def test_a_city_is_screened_with_the_numbers_of_each_district(place, staff, make, today):
    for village in (place.village, place.foreign_village):
        visit(make.household(village), staff.cadre, today, risks=ILL)
    add_value(staff, place.zone, "5500", today)
    assert screen(place.city, today).counts == {"EDGE": 1, "WATCH": 1, "NOT_VISITED": 0}


def test_a_run_keeps_the_numbers_with_which_it_was_asked_for(place, staff, make, today):
    visit(make.household(place.village), staff.cadre, today, risks=ILL)
    queued = screening.request_screening(region=place.zone, on=today, by=None, ring=False)
    add_value(staff, place.zone, "5500", today)
    job = Screening.claim(queued.pk)
    screening.run(job)
    assert job.counts == {"WATCH": 1, "NOT_VISITED": 0}


@pytest.mark.parametrize("typed", ["", "五千", "-1", "5000.001", "NaN", "1e9"])
def test_a_line_that_is_no_amount_is_refused(typed):
    with pytest.raises(ValidationError):
        read_value("income_line", typed)


def test_days_are_whole_numbers_from_one():
    assert read_value("notice_days", "7") == 7
    for typed in ("0", "1.5"):
        with pytest.raises(ValidationError):
            read_value("notice_days", typed)


def test_clues_are_what_stands_today_and_nobody_has_taken_up(place, staff, make, today):
    ill, poor, well, watched, elsewhere = [
        make.household(village)
        for village in (place.village, place.village, place.village, place.village, place.foreign_village)
    ]
    for household in (ill, watched, elsewhere):
        visit(household, staff.cadre, today, risks=ILL)
    visit(poor, staff.cadre, today, wage=0)
    visit(well, staff.cadre, today)
    Case.objects.create(
        household=watched, village=place.village, monitor_class="edge", stage=Stage.WATCH, stage_since=timezone.now()
    )
    screen(place.city, today)
    assert [clue.household for clue in clues(staff.cadre)] == [ill, poor]
    assert clues(staff.neighbour_cadre).count() == 0
    assert clues(staff.unposted).count() == 0


def test_an_old_conclusion_is_no_clue_once_its_survey_has_lapsed(place, staff, make, today):
    visit(make.household(place.village), staff.cadre, today - 300 * ONE_DAY, risks=ILL)
    screen(place.town, today)
    assert clues(staff.cadre).count() == 1
    assert clues(staff.cadre, today + 100 * ONE_DAY).count() == 0


def command(**options: str) -> str:
    out = io.StringIO()
    call_command("rescreen", stdout=out, **options)
    return out.getvalue()


def test_the_command_prints_the_count_of_each_outcome(place, staff, make):
    visit(make.household(place.village), staff.cadre, datetime.date(2020, 6, 1), risks=ILL, wage=0)
    make.household(place.village)
    printed = command(region=place.zone.code, on="2020-06-30")
    for line in ("边缘户 1 户", "脱贫监测户 0 户", "未入户 1 户", "共 2 户，结论有变化 1 户"):
        assert line in printed


@pytest.mark.parametrize(
    ("region", "on", "words"),
    [
        ("999999999999", "2020-06-30", "没有区划代码"),
        ("379990000000", "2020-03-04", "政策未覆盖"),
        ("379990000000", "2999-01-01", "还没有到"),
        ("379990000000", "2020-6-31", "日期 2020-6-31 不对"),
    ],
)
def test_the_command_refuses_with_a_sentence(place, region, on, words):
    with pytest.raises(CommandError, match=words):
        command(region=region, on=on)
