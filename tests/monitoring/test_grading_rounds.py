"""Rounds of April and October: opened by the county or the clock, once; progress; key groups; what each desk is asked."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import AuditEvent, Posting
from accounts.roles import Role
from households.codes import Dibao, Health, HouseholdType, KeyGroup, Tekun
from households.family_bits import only_in_a_group, register_group_bits
from households.models import Household, Member
from monitoring import grading
from monitoring.grading_groups import group_words, in_key_groups, key_group_rows, not_yet_surveyed
from monitoring.grading_inbox import grading_work
from monitoring.grading_rounds import graded_districts, open_round, open_rounds_due, round_of
from monitoring.grading_rows import progress, total_of
from monitoring.inbox import counts, todo
from monitoring.models import GradeLevel, GradingRound, PolicyValue
from monitoring.policy.values import policy_in_force
from tests.monitoring.graded import RED, begin, filed, lifted, take_luan, visited

FIRST_OF_OCTOBER = datetime.date(2026, 10, 1)


@pytest.fixture
def luan(place, staff):
    take_luan(place, staff)
    return place


def today():
    return timezone.localdate()


@pytest.mark.parametrize(
    ("day", "begins_on", "due_on"),
    [
        (datetime.date(2026, 4, 1), datetime.date(2026, 4, 1), datetime.date(2026, 4, 30)),
        (FIRST_OF_OCTOBER, FIRST_OF_OCTOBER, datetime.date(2026, 10, 31)),
        (datetime.date(2026, 10, 4), FIRST_OF_OCTOBER, datetime.date(2026, 10, 31)),
    ],
)
def test_the_clock_opens_the_round_of_the_month_even_some_days_late(luan, day, begins_on, due_on):
    (opened,) = open_rounds_due(day)
    assert (opened.district, opened.begins_on, opened.due_on, opened.opened_by) == (luan.zone, begins_on, due_on, None)
    assert opened.visited_from == begins_on - datetime.timedelta(days=30)
    assert open_rounds_due(day) == []
    assert AuditEvent.objects.filter(action="grading_round.open").count() == 1


@pytest.mark.parametrize("day", [datetime.date(2026, 3, 31), datetime.date(2026, 5, 1), datetime.date(2026, 11, 2)])
def test_the_clock_opens_nothing_in_other_months(luan, day):
    assert open_rounds_due(day) == []


def test_the_months_are_parameters_of_the_district(luan, staff):
    PolicyValue.objects.create(
        region=luan.zone, ruleset="luan_2019", key="grading_second_month", value="11",
        starts_on=datetime.date(2020, 1, 1), source="某文", proposed_by=staff.officer, confirmed_by=staff.admin,
        confirmed_at=timezone.now(),
    )  # fmt: skip
    assert open_rounds_due(FIRST_OF_OCTOBER) == []
    assert len(open_rounds_due(datetime.date(2026, 11, 2))) == 1


def test_the_clock_opens_nothing_where_nobody_is_graded(place):
    assert open_rounds_due(FIRST_OF_OCTOBER) == []
    assert not GradingRound.objects.exists()


def test_a_half_year_has_one_round(luan, staff):
    begin(luan, staff)
    with pytest.raises(ValidationError, match="没有重复开"):
        begin(luan, staff)


@pytest.mark.parametrize("desk", ["cadre", "reviewer", "inspector", "foreign_officer", "admin"])
def test_only_the_county_opens_a_round(luan, staff, desk):
    with pytest.raises(PermissionDenied):
        open_round(district=luan.zone, begins_on=today(), due_on=today(), by=getattr(staff, desk))


def test_days_that_are_no_rounds_are_refused(luan, staff):
    day = datetime.timedelta(days=1)
    for due_on in (today() - day, today() + 400 * day):
        with pytest.raises(ValidationError):
            open_round(district=luan.zone, begins_on=today(), due_on=due_on, by=staff.officer)
    assert not GradingRound.objects.exists()


def test_a_district_without_colours_has_no_rounds(place, staff):
    with pytest.raises(ValidationError, match="不分红黄蓝"):
        open_round(district=place.zone, begins_on=today(), due_on=today(), by=staff.officer)


def test_who_works_elsewhere_finds_no_district_that_grades(luan, staff):
    assert graded_districts(staff.cadre) == graded_districts(staff.officer) == [luan.zone]
    assert graded_districts(staff.foreign_officer) == graded_districts(staff.unposted) == []
    assert graded_districts(staff.clerk) == []


def test_a_new_round_asks_for_everybody_again(luan, staff, make):
    first = begin(luan, staff, days_ago=200)
    household = visited(lifted(make, luan.village), staff.cadre, days_ago=0)
    filed(household, staff, GradeLevel.BLUE)
    second = begin(luan, staff, days_ago=1)
    assert round_of(luan.zone) == second
    assert filed(household, staff, GradeLevel.BLUE).round == second
    assert first.gradings.count() == 1


# ---- progress ----


def test_progress_counts_every_desk_in_administrative_order(luan, staff, make):
    found = begin(luan, staff)
    ready, proposed, reviewed, done = (visited(lifted(make, luan.village), staff.cadre) for _each in range(4))
    lifted(make, luan.neighbour)
    make.household(luan.village)
    grading.propose(household=proposed, level=GradeLevel.BLUE, by=staff.team)
    agreed = grading.propose(household=reviewed, level=GradeLevel.BLUE, by=staff.team)
    grading.take("agree", grading=agreed, by=staff.reviewer)
    filed(done, staff, GradeLevel.RED, reason="房子塌了")
    policy = policy_in_force(luan.zone, today())
    here, there = progress(staff.reviewer, found, policy, luan.town)
    assert (here.region, there.region) == (luan.village, luan.neighbour)
    figures = (here.target, here.visited, here.waiting, here.to_review, here.to_file, here.filed, here.red)
    assert figures == (4, 4, 1, 1, 1, 1, 1)
    assert (there.target, there.visited, there.waiting) == (1, 0, 1)
    (town,) = progress(staff.officer, found, policy, luan.zone)
    assert (town.region, town.target, town.filed) == (luan.town, 5, 1)
    assert total_of([here, there], luan.town).target == 5
    assert ready.grades.count() == 0


def test_progress_shows_only_what_one_may_see(luan, staff, make):
    found = begin(luan, staff)
    lifted(make, luan.village)
    lifted(make, luan.other_village)
    policy = policy_in_force(luan.zone, today())
    assert [one.region for one in progress(staff.reviewer, found, policy, luan.zone)] == [luan.town]
    assert [one.region for one in progress(staff.officer, found, policy, luan.zone)] == [luan.town, luan.other_town]


# ---- key groups ----


def test_key_groups_are_those_of_the_visit_or_of_the_register(luan, staff, make):
    found = begin(luan, staff)
    dibao = make.household(luan.village, "低保某")
    Member.objects.filter(household=dibao).update(dibao=Dibao.RURAL)
    ill = make.household(luan.village, "病某")
    Member.objects.filter(household=ill, relation="配偶").update(health=[Health.CHRONIC])
    unsafe = make.household(luan.village, "危房某", unsafe_house=True)
    make.household(luan.village, "平常某")
    registered = lifted(make, luan.village, "脱贫某")
    Member.objects.filter(household=registered).update(dibao=Dibao.RURAL)
    known = in_key_groups(staff.cadre, luan.zone)
    assert set(known) == {dibao, ill, unsafe}
    words = {row.household: row.groups for row in key_group_rows(known, found)}
    assert words == {dibao: "低保户", ill: "大病慢性病人户", unsafe: "危房户"}
    assert not_yet_surveyed(staff.cadre, luan.zone, found).count() == 3
    visited(dibao, staff.cadre)
    dibao.facts.filter(replaced_on=None).update(key_group_bits=0b10)
    assert set(not_yet_surveyed(staff.cadre, luan.zone, found)) == {ill, unsafe}
    assert {row.household: row.surveyed for row in key_group_rows(known.all(), found)}[dibao]


def test_a_visit_before_the_round_does_not_count(luan, staff, make):
    found = begin(luan, staff)
    household = visited(make.household(luan.village), staff.cadre, days_ago=50)
    household.facts.update(key_group_bits=0b1000)
    assert list(not_yet_surveyed(staff.cadre, luan.zone, found)) == [household]
    assert not in_key_groups(staff.neighbour_cadre, luan.zone).exists()


def test_the_database_and_the_members_say_the_same_of_groups(place, make):
    household = make.household(place.village, members=6)
    told = [
        {"dibao": Dibao.RURAL}, {"tekun": Tekun.RURAL_HOME}, {"health": [Health.SERIOUS]}, {"health": [Health.DISABLED]},
        {"disability_category": "肢体"}, {},
    ]  # fmt: skip
    for member, fields in zip(household.members.order_by("position"), told, strict=True):
        Member.objects.filter(pk=member.pk).update(**fields)
    for member in household.members.all():
        alone = bool(register_group_bits(household, [member]))
        assert only_in_a_group(Member.objects.filter(pk=member.pk)).exists() == alone
    assert group_words(0b11) == f"{KeyGroup.UNSAFE_HOUSE.label}、{KeyGroup.DIBAO.label}"


# ---- what each desk is asked ----


def test_each_desk_is_asked_for_its_own_step(luan, staff, make):
    begin(luan, staff)
    visited(lifted(make, luan.village), staff.cadre)
    lifted(make, luan.village)
    assert [work.title for work in grading_work(staff.cadre)] == ["1 户要先入户再评定", "1 户要提出风险等级"]
    household = Household.objects.exclude(facts=None).get()
    proposed = grading.propose(household=household, level=GradeLevel.BLUE, by=staff.team)
    assert [work.title for work in grading_work(staff.reviewer)] == ["1 户风险等级等审核"]
    assert grading_work(staff.other_reviewer) == []
    grading.take("agree", grading=proposed, by=staff.reviewer)
    assert [work.title for work in grading_work(staff.officer)] == ["1 户风险等级等备案"]
    assert grading_work(staff.inspector) == []
    assert "备案" in todo(staff.officer)[0].title
    assert counts(staff.officer)["monitoring:grading"] == 1


def test_a_return_and_a_change_are_work_of_the_village(luan, staff, make):
    begin(luan, staff)
    back, changed = (visited(lifted(make, luan.village), staff.cadre) for _each in range(2))
    proposed = grading.propose(household=back, level=GradeLevel.BLUE, by=staff.team)
    grading.take("return_to_village", grading=proposed, by=staff.reviewer, note="写清楚")
    filed(changed, staff, GradeLevel.BLUE)
    visited(changed, staff.cadre, days_ago=0, **RED)
    titles = [work.title for work in grading_work(staff.cadre)]
    assert titles == ["1 户的风险等级", "1 户要调整风险等级"]
    assert todo(staff.cadre)[0].detail.startswith("退回")


def test_where_nobody_is_graded_there_is_no_such_work_and_no_entry(place, staff):
    assert grading_work(staff.cadre) is None
    assert "monitoring:grading" not in counts(staff.officer)


def test_an_officer_of_two_villages_counts_both(luan, staff, make):
    begin(luan, staff)
    Posting.objects.create(user=staff.cadre, role=Role.VILLAGE_CADRE, region=luan.neighbour, begins_on=today())
    for village in (luan.village, luan.neighbour):
        make.household(village, household_type=HouseholdType.LIFTED)
    assert [work.count for work in grading_work(staff.cadre)] == [2]
