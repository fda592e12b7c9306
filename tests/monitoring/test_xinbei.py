"""新北2020: without the district's numbers the result says 未设线; with them both groups and the warnings come out."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from households.codes import HouseholdType, RiskCause
from households.last_year import income_line
from households.models import Facts
from monitoring.models import PolicyValue
from monitoring.policy.engine import verdicts
from monitoring.policy.explain import explain_on
from monitoring.policy.facts import facts_in_force
from monitoring.policy.shapes import RULESET_KEY
from monitoring.policy.values import NumberNotSet, policy_in_force
from tests.monitoring.surveyed import visit

XINBEI = "xinbei_2020"
ON = datetime.date(2020, 12, 31)
VISITED = datetime.date(2020, 12, 1)
ILL = (RiskCause.ILLNESS,)
LINE = {"income_line": "6000"}
LARGE = {"large_medical": "10000", "large_education": "8000", "large_disaster": "5000"}
BELOW = {"net_income": 17_999_99}  # one fen below three times 6,000
AT_LINE = {"net_income": 18_000_00}


def put(staff: Any, region: Any, **numbers: str) -> None:
    """The region takes the rule set and sets these numbers, by two people."""
    for key, value in {RULESET_KEY: XINBEI, **numbers}.items():
        PolicyValue.objects.create(
            region=region,
            ruleset=XINBEI,
            key=key,
            value=value,
            starts_on=datetime.date(2020, 9, 4),
            source="新办〔2020〕9号 第二条",
            proposed_by=staff.officer,
            confirmed_by=staff.reviewer,
            confirmed_at=timezone.now(),
        )


@pytest.fixture
def judge(place, staff, make):
    """Ask about one household with these numbers and facts; the code, its label, flags and rules met."""

    def ask(numbers: dict[str, str], *, kind: str = "ordinary", risks: Any = (), **facts: Any) -> tuple[str, list[str]]:
        put(staff, place.zone, **numbers)
        household = make.household(place.village, household_type=kind)
        visit(household, staff.cadre, VISITED, risks=risks)
        rows = Facts.objects.filter(household=household)
        rows.update(**facts)
        policy = policy_in_force(place.village, ON)
        (verdict,) = verdicts(facts_in_force(policy).filter(household=household), policy)
        return verdict.code, verdict.flags

    return ask


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, ("NO_LINE", [])),
        ({"net_income": -5_000_00}, ("NO_LINE", [])),
        ({"risks": ILL, "net_income": 0}, ("NO_LINE", [])),
        ({"medical_expense": 99_999_00}, ("NO_LINE", [])),
        ({"guarantee_bits": 8, "net_income": 0}, ("WATCH", ["GUARANTEE_TASK"])),
        ({"guarantees_unanswered": 1}, ("INCOMPLETE", [])),
        ({"negative_bits": 1}, ("NO_LINE", ["NEGATIVE_HOLD"])),
        ({"net_income": None}, ("INCOMPLETE", [])),
        ({"persons": 0}, ("NA", [])),
    ],
)
def test_without_the_districts_numbers_nothing_is_compared(judge, facts, expected):
    assert judge({}, **facts) == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"kind": "lifted", "risks": ILL, **BELOW}, "RELAPSE"),
        ({"kind": "ordinary", "risks": ILL, **BELOW}, "EDGE"),
        ({"kind": "ordinary", **BELOW}, "REVIEW_RISK"),
        ({"kind": "ordinary", "risks": ILL, **AT_LINE}, "WATCH"),
        ({"kind": "ordinary", **AT_LINE}, "NONE"),
        ({"kind": "registered_poor", "risks": ILL, **BELOW}, "NA"),
        ({**AT_LINE, "medical_expense": 10_000_00}, "WATCH"),
        ({**AT_LINE, "medical_expense": 9_999_99}, "NONE"),
        ({**AT_LINE, "education_expense": 8_000_00}, "WATCH"),
        ({**AT_LINE, "education_expense": 7_999_99}, "NONE"),
        ({**AT_LINE, "disaster_expense": 5_000_00}, "WATCH"),
        ({**AT_LINE, "disaster_expense": 4_999_99}, "NONE"),
        ({**AT_LINE, "guarantees_unanswered": 1}, "INCOMPLETE"),
        ({**AT_LINE, "risks": ILL, "guarantees_unanswered": 1}, "WATCH"),
    ],
)
def test_with_its_numbers_both_groups_and_the_warnings_come_out(judge, facts, expected):
    assert judge({**LINE, **LARGE}, **facts)[0] == expected


def test_a_warning_does_not_wait_for_the_line(judge):
    assert judge(LARGE, medical_expense=10_000_00) == ("WATCH", [])


@pytest.mark.parametrize(("spent", "expected"), [(1, "NO_LINE"), (0, "NONE"), (None, "NONE")])
def test_an_expense_that_was_compared_with_nothing_is_said(judge, spent, expected):
    assert judge(LINE, education_expense=spent, **AT_LINE)[0] == expected


def test_who_may_be_poor_is_flagged_only_where_the_standard_is_set(judge):
    assert judge({**LINE, "poverty_standard": "6000"}, **BELOW) == ("REVIEW_RISK", ["POOR_SUSPECT"])


@pytest.mark.parametrize(("net", "expected"), [(-1, "NONE"), (-2, "REVIEW_RISK")])
def test_a_loss_counts_as_nothing_where_the_district_says_so(judge, net, expected):
    assert judge({"floor_operating_at_zero": "1", **LINE}, net_income=net, operating_loss=18_000_01)[0] == expected


def test_a_number_that_nobody_set_is_no_number(place, staff):
    put(staff, place.zone)
    policy = policy_in_force(place.village, ON)
    assert not policy.is_set("income_line")
    assert policy.line(HouseholdType.LIFTED) is None
    with pytest.raises(NumberNotSet, match=r"监测线.*还没有设定"):
        policy.fen("income_line")


def test_the_survey_form_shows_no_line_until_there_is_one(place, staff, make):
    put(staff, place.zone)
    household = make.household(place.village)
    assert income_line(household, ON) is None
    put(staff, place.zone, **LINE)
    shown = income_line(household, ON)
    assert (shown.fen, shown.label) == (6_000_00, "监测线")


@pytest.mark.parametrize("numbers", [{}, {**LINE, **LARGE, "poverty_standard": "5000"}])
def test_every_rule_is_explained_with_and_without_numbers(place, staff, make, numbers):
    put(staff, place.zone, **numbers)
    household = make.household(place.village)
    visit(household, staff.cadre, VISITED, risks=ILL)
    Facts.objects.filter(household=household).update(medical_expense=12_000_00, net_income=10_000_00)
    told = explain_on(household, ON)
    assert told.label == ("边缘易致贫户" if numbers else "未设线")
    assert len(told.rules) == 15
    for reason in told.rules:
        assert reason.what
        assert reason.how
        assert reason.threshold
        assert "None" not in f"{reason}"
