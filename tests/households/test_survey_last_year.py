"""What a visit is measured against: the accounting period, the line, and the causes that are proposed."""

import datetime

import pytest

from households import codes
from households.causes import propose_causes
from households.codes import RiskCause
from households.last_year import accounting_months, accounting_period, income_line
from tests.households.visits import YUAN

HEALTHY = [codes.Health.HEALTHY]


@pytest.mark.parametrize(
    ("visited_on", "start", "end"),
    [
        ((2020, 6, 15), (2019, 6, 1), (2020, 5, 31)),
        ((2020, 1, 1), (2019, 1, 1), (2019, 12, 31)),
        ((2020, 3, 31), (2019, 3, 1), (2020, 2, 29)),
        ((2021, 3, 1), (2020, 3, 1), (2021, 2, 28)),
    ],
)
def test_the_accounting_period_is_the_twelve_months_before_the_month_of_the_visit(visited_on, start, end):
    assert accounting_period(datetime.date(*visited_on)) == (datetime.date(*start), datetime.date(*end))


def test_the_accounting_period_may_be_shorter():
    days = accounting_period(datetime.date(2020, 6, 15), 6)
    assert days == (datetime.date(2019, 12, 1), datetime.date(2020, 5, 31))


def test_the_line_and_the_months_come_from_the_policy_above(make, place, today):
    ordinary = make.household(place.village)
    lifted = make.household(place.village, household_type=codes.HouseholdType.LIFTED)
    assert income_line(lifted, today).label == "监测线"
    assert income_line(ordinary, today).label == "参考线"
    assert income_line(ordinary, today).fen > 0
    assert accounting_months(ordinary, today) == 12


def test_before_the_policy_begins_there_is_no_line_and_twelve_months(make, place):
    household = make.household(place.village)
    day = datetime.date(2001, 1, 1)
    assert income_line(household, day) is None
    assert accounting_months(household, day) == 12


@pytest.mark.parametrize(
    ("person", "cause"),
    [
        ({"health": [codes.Health.SERIOUS]}, RiskCause.ILLNESS),
        ({"health": [codes.Health.CHRONIC]}, RiskCause.ILLNESS),
        ({"health": [codes.Health.DISABLED]}, RiskCause.DISABILITY),
        ({"disability_category": "肢体"}, RiskCause.DISABILITY),
        ({"student_status": "普通高中一年级"}, RiskCause.EDUCATION),
        ({"student_status": "本科二年级"}, RiskCause.EDUCATION),
    ],
)
def test_a_cause_is_proposed_from_a_member(make, place, person, cause):
    household = make.household(place.village, members=2)
    make.member(household, name="王某某", **person)
    assert [one.cause for one in propose_causes(household.members.all(), {})] == [cause]


@pytest.mark.parametrize("status", ["小学", "九年级", "学前教育", ""])
def test_compulsory_schooling_proposes_nothing(make, place, status):
    household = make.household(place.village, members=2)
    make.member(household, student_status=status)
    assert propose_causes(household.members.all(), {}) == []


@pytest.mark.parametrize(
    ("answers", "causes"),
    [
        ({"rigid_medical": 5_000 * YUAN}, [RiskCause.ILLNESS]),
        ({"rigid_medical": 4_999 * YUAN}, []),
        ({"rigid_education": 8_000 * YUAN}, [RiskCause.EDUCATION]),
        ({"rigid_disability": 1}, [RiskCause.DISABILITY]),
        ({"rigid_disaster": 300 * YUAN}, [RiskCause.DISASTER]),
        ({"operating_gross": 12_000 * YUAN, "operating_cost": 46_000 * YUAN}, [RiskCause.FAILED_VENTURE]),
        ({"operating_gross": 5_000 * YUAN, "operating_cost": 5_000 * YUAN}, []),
        ({"operating_gross": None, "operating_cost": 5_000 * YUAN}, []),
        ({"rigid_medical": None, "rigid_disaster": 0}, []),
    ],
)
def test_a_cause_is_proposed_from_an_amount_and_never_from_a_blank(make, place, answers, causes):
    members = make.household(place.village, members=2).members.all()
    assert [one.cause for one in propose_causes(members, answers)] == causes


def test_a_household_without_labour_is_proposed_as_such(make, place):
    household = make.household(place.village, members=0)
    make.member(household, relation=codes.HEAD, labour_skill=codes.LabourSkill.WEAK)
    make.member(household, relation=codes.SPOUSE, labour_skill=codes.LabourSkill.LOST)
    assert [one.cause for one in propose_causes(household.members.all(), {})] == [RiskCause.NO_LABOUR]


def test_whoever_has_left_or_lives_elsewhere_proposes_nothing(make, place, today):
    household = make.household(place.village, members=2)
    make.member(household, health=[codes.Health.SERIOUS], left_on=today)
    make.member(household, health=[codes.Health.SERIOUS], lives_here=False)
    assert propose_causes(household.members.all(), {}) == []


def test_a_proposal_names_everything_it_is_read_from(make, place):
    household = make.household(place.village, members=2)
    make.member(household, name="王小病", health=[codes.Health.SERIOUS])
    found = propose_causes(household.members.all(), {"rigid_medical": 13_860 * YUAN})
    assert [one.reason for one in found] == ["王小病患有大病，看病自付 13,860 元"]
