"""Each rule on and either side of its boundaries; the decision table; the validity of a visit."""

import datetime
import tomllib
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Region
from households.codes import HouseholdType, RiskCause
from households.models import Facts
from monitoring.models import Case, Stage
from monitoring.policy.checking import EXAMPLES as EXAMPLE_FILES
from monitoring.policy.engine import meeting, verdicts
from monitoring.policy.facts import facts_in_force
from monitoring.policy.rules import RULES, rules_of
from monitoring.policy.rulesets import DatedValue, known_codes
from monitoring.policy.values import Policy, policy_in_force
from tests.monitoring.surveyed import visit

EXAMPLES = [
    {**example, "ruleset": code}
    for code in known_codes()
    for example in tomllib.loads((EXAMPLE_FILES / f"{code}.toml").read_text(encoding="utf-8"))["example"]
]
ON = datetime.date(2020, 6, 30)


def policy_of(example: dict[str, Any], village: Region) -> Policy:
    """The policy that an example speaks of, on its day, with the numbers that it gives."""
    policy = policy_in_force(village, example.get("on", ON), example["ruleset"])
    given = example.get("values", {}).items()
    return policy.with_values({key: DatedValue(key, Decimal(text), policy.on, "例子") for key, text in given})


def facts_of(example: dict[str, Any], place, staff, make) -> Any:
    """The facts rows of one household that is as the example says."""
    household = make.household(place.village, household_type=HouseholdType.LIFTED)
    visit(household, staff.cadre, datetime.date(2020, 3, 1))
    facts = Facts.objects.filter(household=household)
    facts.update(**example.get("facts", {}), **dict.fromkeys(example.get("blank", [])))
    if "case" in example:
        Case.objects.create(
            household=household,
            village=household.village,
            monitor_class="relapse",
            stage=Stage.REGISTERED,
            stage_since=timezone.now(),
            **example["case"],
        )
    return facts


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example['rule']} {example['name']}")
def test_a_rule_falls_on_its_side_of_the_boundary(place, staff, make, example):
    facts = facts_of(example, place, staff, make)
    policy = policy_of(example, place.village)
    assert meeting(RULES[example["rule"]], facts, policy).exists() == example["meets"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example['rule']} {example['name']}")
def test_the_bit_of_a_rule_says_the_same_as_the_rule_alone(place, staff, make, example):
    facts = facts_of(example, place, staff, make)
    policy = policy_of(example, place.village)
    (verdict,) = verdicts(facts, policy)
    for rule in rules_of(policy.ruleset):
        assert (rule.code in verdict.rules_met) == meeting(rule, facts, policy).exists()


@pytest.mark.parametrize("code", RULES)
def test_no_rule_is_met_before_its_day_nor_after_its_end(place, staff, make, code):
    example = next(example for example in EXAMPLES if example["rule"] == code and example["meets"])
    facts = facts_of(example, place, staff, make)
    policy = policy_of(example, place.village)
    rule, first_day = RULES[code], policy.ruleset.begins_on
    assert rule.in_force_on(first_day)
    assert not rule.in_force_on(first_day - datetime.timedelta(days=1))
    ended = type(rule)(**{**vars(rule), "until": policy.on})
    assert ended.in_force_on(policy.on - datetime.timedelta(days=1))
    assert not meeting(ended, facts, policy).exists()


def outcome(household, on: datetime.date = ON) -> tuple[str, list[str], list[str]] | None:
    policy = policy_in_force(household.village, on)
    found = list(verdicts(facts_in_force(policy).filter(household=household), policy))
    return (found[0].outcome, found[0].flags, found[0].rules_met) if found else None


DAY = datetime.date(2020, 6, 15)
ILL = (RiskCause.ILLNESS,)


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        ("lifted", {"risks": ILL, "wage": 0}, ("RELAPSE", [], ["Z05", "Z07"])),
        ("ordinary", {"risks": ILL, "wage": 0}, ("EDGE", [], ["Z06", "Z07"])),
        ("ordinary", {"wage": 0}, ("REVIEW_RISK", [], ["Z06"])),
        ("ordinary", {"risks": ILL}, ("WATCH", [], ["Z07"])),
        ("lifted", {"guarantee_bits": 8}, ("WATCH", ["GUARANTEE_TASK"], ["Z08"])),
        ("ordinary", {"guarantees_unanswered": 1}, ("INCOMPLETE", [], ["Z09"])),
        ("ordinary", {"wage": None, "negative_bits": 1}, ("INCOMPLETE", [], ["Z03", "Z10"])),
        ("registered_poor", {"wage": 0, "risks": ILL}, ("NA", [], ["Z02", "Z07"])),
        ("ordinary", {"persons": 0, "negative_bits": 1}, ("NA", [], ["Z01", "Z10"])),
        ("ordinary", {"negative_bits": 1}, ("NONE", ["NEGATIVE_HOLD"], ["Z10"])),
        ("ordinary", {}, ("NONE", [], [])),
    ],
)
def test_the_first_row_of_the_table_that_holds_decides(place, staff, make, kind, given, expected):
    household = make.household(place.village, household_type=kind)
    visit(household, staff.cadre, DAY, **given)
    assert outcome(household) == expected


def test_a_visit_counts_for_twelve_months_and_from_its_own_day(place, staff, make):
    household = make.household(place.village)
    visit(household, staff.cadre, DAY)
    assert outcome(household, DAY - datetime.timedelta(days=1)) is None
    assert outcome(household, DAY) is not None
    assert outcome(household, datetime.date(2021, 6, 14)) is not None
    assert outcome(household, datetime.date(2021, 6, 15)) is None


def test_a_later_visit_takes_over_on_its_day(place, staff, make):
    household = make.household(place.village)
    visit(household, staff.cadre, datetime.date(2020, 4, 1), risks=ILL)
    visit(household, staff.cadre, DAY)
    assert outcome(household, DAY - datetime.timedelta(days=1))[0] == "WATCH"
    assert outcome(household, DAY)[0] == "NONE"


def test_a_closed_household_is_not_asked_about_from_that_day(place, staff, make):
    household = make.household(place.village, closed_on=ON)
    visit(household, staff.cadre, DAY)
    assert outcome(household, ON - datetime.timedelta(days=1)) is not None
    assert outcome(household, ON) is None
