"""A region takes a rule set from a day with a second person; towns inherit it, and its numbers hold from then on."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.models import AuditEvent, Region
from accounts.names import ACTIONS
from households.codes import HouseholdType
from households.models import Facts
from monitoring.models import PolicyValue
from monitoring.parameters import (
    confirm_value,
    lines,
    propose_ruleset,
    propose_value,
    ruleset_line,
    withdraw_value,
)
from monitoring.policy.engine import verdicts
from monitoring.policy.facts import facts_in_force
from monitoring.policy.rulesets import DatedValue, RuleSetRefused, known_codes, ruleset
from monitoring.policy.shapes import RULESET_KEY
from monitoring.policy.values import (
    PolicyNotInForce,
    policies_in_force,
    policy_as_shipped,
    policy_in_force,
    ruleset_in_force,
)
from tests.monitoring.surveyed import visit

ONE_DAY = datetime.timedelta(days=1)
SOURCE = "云高新办〔2021〕3号 第一条"
HUBEI = "hubei_2020"
LUAN = "luan_2019"
ZAOZHUANG = "zaozhuang_2020"


def set_there(
    staff: Any, region: Region, key: str, value: str, starts_on: datetime.date, ruleset: str = ""
) -> PolicyValue:
    """A number, or a choice of a rule set, that two people have put in force."""
    return PolicyValue.objects.create(
        region=region,
        ruleset=ruleset or value,
        key=key,
        value=value,
        starts_on=starts_on,
        source=SOURCE,
        proposed_by=staff.officer,
        confirmed_by=staff.reviewer,
        confirmed_at=timezone.now(),
    )


def take(staff: Any, region: Region, code: str, starts_on: datetime.date) -> PolicyValue:
    return set_there(staff, region, RULESET_KEY, code, starts_on)


def test_a_rule_set_that_two_people_chose_holds_from_its_day_in_every_village(place, staff, today):
    proposed = propose_ruleset(region=place.zone, by=staff.officer, code=HUBEI, starts_on=today, source=SOURCE)
    assert policy_in_force(place.village, today).ruleset.code == ZAOZHUANG
    with pytest.raises(ValidationError, match="请另一位同事复核"):
        confirm_value(proposed=proposed, by=staff.officer)
    confirm_value(proposed=proposed, by=staff.admin)
    policy = policy_in_force(place.village, today)
    assert (policy.ruleset.code, policy.line(HouseholdType.ORDINARY)) == (HUBEI, 6_000_00)
    assert policy_in_force(place.village, today - ONE_DAY).ruleset.code == ZAOZHUANG
    assert policy_in_force(place.foreign_village, today).ruleset.code == ZAOZHUANG
    event = AuditEvent.objects.get(action="ruleset.propose")
    assert event.action in ACTIONS


def test_the_nearest_region_counts_and_of_its_choices_the_latest_begun(place, staff, today):
    take(staff, place.city, LUAN, today - 10 * ONE_DAY)
    take(staff, place.zone, HUBEI, today - 20 * ONE_DAY)
    take(staff, place.zone, "national_2021", today - 5 * ONE_DAY)
    take(staff, place.town, LUAN, today)
    days = [today - number * ONE_DAY for number in (21, 20, 6, 5, 0)]
    chosen = [ruleset_in_force(place.village, day).code for day in days]
    assert chosen == [ZAOZHUANG, HUBEI, HUBEI, "national_2021", "national_2021"]
    assert ruleset_in_force(place.foreign_village, today).code == LUAN


def test_numbers_belong_to_the_rule_set_for_which_they_were_set(place, staff, today):
    set_there(staff, place.zone, "edge_line", "5500", today, ruleset=ZAOZHUANG)
    set_there(staff, place.zone, "edge_line", "6600", today, ruleset=LUAN)
    assert policy_in_force(place.village, today).fen("edge_line") == 5_500_00
    take(staff, place.zone, LUAN, today)
    assert policy_in_force(place.village, today).fen("edge_line") == 6_600_00
    assert policy_in_force(place.village, today, ZAOZHUANG).fen("edge_line") == 5_500_00


def test_what_was_confirmed_later_is_not_known_earlier(place, staff, today):
    before = timezone.now()
    take(staff, place.zone, HUBEI, today - ONE_DAY)
    assert policy_in_force(place.village, today, known_by=before).ruleset.code == ZAOZHUANG
    assert policy_in_force(place.village, today).ruleset.code == HUBEI


def test_a_day_before_the_rule_set_is_not_covered(place, staff):
    take(staff, place.zone, LUAN, datetime.date(2019, 5, 20))
    assert policy_in_force(place.village, datetime.date(2019, 5, 20)).ruleset.code == LUAN
    with pytest.raises(PolicyNotInForce, match="政策未覆盖"):
        policy_in_force(place.village, datetime.date(2019, 5, 19))


def test_one_query_finds_rule_set_and_numbers(place, staff, today, django_assert_num_queries):
    take(staff, place.zone, HUBEI, today)
    set_there(staff, place.zone, "drop_percent", "40", today, ruleset=HUBEI)
    with django_assert_num_queries(1):
        assert policy_in_force(place.village, today).whole("drop_percent") == 40


@pytest.fixture
def two_districts(place, staff, today):
    """What the city has set, what one district has set instead, and another rule set for the other."""
    set_there(staff, place.city, "edge_line", "5200", today - 3 * ONE_DAY, ZAOZHUANG)
    set_there(staff, place.zone, "edge_line", "5600", today - 2 * ONE_DAY, ZAOZHUANG)
    take(staff, place.foreign_county, HUBEI, today - ONE_DAY)
    return [place.zone, place.foreign_county]


def test_many_regions_at_once_have_the_policies_of_each(two_districts, place, today, django_assert_num_queries):
    for day in (today, today - ONE_DAY - ONE_DAY, today - 3 * ONE_DAY):
        each = {region.code: policy_in_force(region, day) for region in two_districts}
        with django_assert_num_queries(1):
            assert policies_in_force(two_districts, day) == each
    assert policies_in_force(two_districts, today, known_by=timezone.now() - ONE_DAY) == {
        region.code: policy_as_shipped(ruleset(ZAOZHUANG), today) for region in two_districts
    }
    assert policies_in_force([], today) == {}


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"code": "nowhere_1900"}, "没有规则集"),
        ({"starts_on": datetime.date(2020, 3, 19)}, "2020-03-20"),
        ({"source": " "}, "依据哪份文件"),
        ({"code": ZAOZHUANG}, "已经是"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_with_a_sentence(place, staff, today, changed, fault):
    asked = {"code": HUBEI, "starts_on": today, "source": SOURCE, **changed}
    with pytest.raises(ValidationError, match=fault):
        propose_ruleset(region=place.zone, by=staff.officer, **asked)
    assert not PolicyValue.objects.exists()


def test_towns_choose_nothing_and_strangers_do_not_choose(place, staff, today):
    with pytest.raises(ValidationError, match="镇（街）和村照用"):
        propose_ruleset(region=place.town, by=staff.officer, code=HUBEI, starts_on=today, source=SOURCE)
    for stranger in (staff.foreign_officer, staff.reviewer, staff.cadre):
        with pytest.raises(PermissionDenied):
            propose_ruleset(region=place.zone, by=stranger, code=HUBEI, starts_on=today, source=SOURCE)


def test_a_second_click_proposes_once_and_a_proposal_can_be_taken_back(place, staff, today):
    asked = {"region": place.zone, "by": staff.officer, "code": HUBEI, "starts_on": today, "source": SOURCE}
    first = propose_ruleset(**asked, idempotency_key="11111111-1111-4111-8111-111111111111")
    assert propose_ruleset(**asked, idempotency_key="11111111-1111-4111-8111-111111111111") == first
    assert ruleset_line(place.zone, today).waiting == [first]
    withdraw_value(proposed=first, by=staff.admin)
    assert not PolicyValue.objects.exists()


def test_the_page_knows_what_holds_what_comes_and_what_waits(place, staff, today):
    held = take(staff, place.city, HUBEI, today)
    coming = take(staff, place.zone, LUAN, today + ONE_DAY)
    shown = ruleset_line(place.zone, today)
    assert (shown.ruleset.code, shown.since, shown.coming, shown.waiting) == (HUBEI, held, [coming], [])
    policy, numbers = lines(place.zone, today)
    assert policy.ruleset.code == HUBEI
    assert "line_percent" in [line.key for line in numbers]
    assert ruleset_line(place.foreign_county, today - ONE_DAY).since is None


def test_a_number_is_proposed_for_the_rule_set_of_its_day(place, staff, today):
    take(staff, place.zone, HUBEI, today)
    take(staff, place.zone, LUAN, today + 10 * ONE_DAY)
    asked = {"region": place.zone, "by": staff.officer, "source": SOURCE}
    soon = propose_value(**asked, key="drop_percent", value="35", starts_on=today)
    later = propose_value(**asked, key="edge_line", value="5800", starts_on=today + 10 * ONE_DAY)
    other = propose_value(**asked, key="income_line", value="8000", starts_on=today, ruleset_code="national_2021")
    assert [row.ruleset for row in (soon, later, other)] == [HUBEI, LUAN, "national_2021"]
    with pytest.raises(RuleSetRefused, match="没有参数"):
        propose_value(**asked, key="drop_percent", value="35", starts_on=today + 10 * ONE_DAY)


def test_a_switch_is_one_or_zero(place, staff, today):
    asked = {"region": place.zone, "by": staff.officer, "source": SOURCE, "key": "floor_operating_at_zero"}
    for typed in ("2", "-1", "0.5", "是"):
        with pytest.raises(ValidationError):
            propose_value(**asked, value=typed, starts_on=today)
    switch = propose_value(**asked, value="1", starts_on=today)
    assert not policy_in_force(place.village, today).floors_losses
    confirm_value(proposed=switch, by=staff.admin)
    assert policy_in_force(place.village, today).floors_losses


def test_policies_that_say_the_same_have_one_fingerprint(place, staff, today):
    here, there = policy_in_force(place.village, today), policy_in_force(place.foreign_village, today - ONE_DAY)
    assert here.fingerprint == there.fingerprint
    set_there(staff, place.zone, "edge_line", "5000.00", today, ruleset=ZAOZHUANG)
    assert policy_in_force(place.village, today).fingerprint == here.fingerprint
    set_there(staff, place.zone, "edge_line", "5000.01", today, ruleset=ZAOZHUANG)
    assert policy_in_force(place.village, today).fingerprint != here.fingerprint
    assert len({policy_in_force(None, today, code).fingerprint for code in (ZAOZHUANG, HUBEI, LUAN)}) == 3


@pytest.mark.parametrize(("switch", "expected"), [("0", "YELLOW"), ("1", "RED")])
def test_a_county_may_decide_that_one_factor_of_the_first_grade_is_red(place, staff, make, today, switch, expected):
    take(staff, place.zone, LUAN, today)
    set_there(staff, place.zone, "factor_alone_is_red", switch, today, ruleset=LUAN)
    household = make.household(place.village, household_type=HouseholdType.LIFTED)
    visit(household, staff.cadre, today)
    policy = policy_in_force(place.village, today)
    for factor in ({"has_labour": False}, {"stable_income": False}, {"rigid_total": 7_500_00, "rigid_last_year": 0}):
        Facts.objects.update(**{"has_labour": True, "stable_income": True, "rigid_total": 0, **factor})
        (verdict,) = verdicts(facts_in_force(policy), policy)
        assert (verdict.outcome, verdict.level) == ("NONE", expected)
    Facts.objects.update(has_labour=True, stable_income=True, rigid_total=0)
    assert [verdict.level for verdict in verdicts(facts_in_force(policy), policy)] == ["BLUE"]


@pytest.mark.parametrize("code", known_codes())
@pytest.mark.parametrize("amount", [2**53, -(2**53), 0])
def test_the_largest_amounts_are_judged(place, staff, make, code, amount):
    policy = policy_in_force(None, max(datetime.date(2020, 12, 31), ruleset(code).begins_on), code)
    unset = {key: "1000000" for key in policy.ruleset.parameters if not policy.is_set(key)}
    numbers = {key: DatedValue(key, Decimal(text), policy.on, "例子") for key, text in unset.items()}
    visit(make.household(place.village), staff.cadre, policy.on)
    Facts.objects.update(
        persons=2**15 - 1, net_income=amount, disposable_income=amount, last_year_income=2**53, rigid_total=abs(amount),
        operating_loss=abs(amount), rigid_last_year=1, medical_expense=abs(amount), risk_bits=1,
    )  # fmt: skip
    for asked in (policy, policy.with_values(numbers)):
        (verdict,) = verdicts(facts_in_force(asked), asked)
        assert verdict.outcome
