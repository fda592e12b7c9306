"""From the rule set that a region has taken to the questions of a visit, and from the answers to what the rules read."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from households import codes
from households.codes import HouseholdType, KeyGroup, LevelTwoFeature
from households.models import Facts
from households.survey_page import Opening
from monitoring.models import PolicyValue
from monitoring.policy.shapes import RULESET_KEY
from tests.households.visits import TYPED, hidden

FURTHER = {"level_two_features", "key_groups", "stable_income"}


@pytest.fixture
def luan(place, staff):
    """The zone has taken 六安2019."""
    PolicyValue.objects.create(
        region=place.zone, ruleset="luan_2019", key=RULESET_KEY, value="luan_2019", source="某区文〔2021〕1号 第二条：示例",
        starts_on=datetime.date(2021, 6, 1), proposed_by=staff.officer, confirmed_by=staff.admin,
        confirmed_at=timezone.now(),
    )  # fmt: skip


def asked(household, by):
    return FURTHER & set(Opening(household, by).form().fields)


def test_a_region_that_took_no_rule_set_asks_nothing_more(place, staff, make):
    for kind in (HouseholdType.LIFTED, HouseholdType.ORDINARY):
        assert asked(make.household(place.village, household_type=kind), staff.cadre) == set()


def test_a_household_that_is_graded_is_asked_what_makes_a_grade(luan, place, staff, make):
    household = make.household(place.village, household_type=HouseholdType.LIFTED)
    assert asked(household, staff.cadre) == {"level_two_features", "stable_income"}


def test_a_household_that_is_not_graded_is_asked_for_its_key_groups(luan, place, staff, make):
    assert asked(make.household(place.village), staff.cadre) == {"key_groups"}


def test_before_the_region_took_it_nothing_more_is_asked(luan, place, staff, make):
    household = make.household(place.village)
    assert Opening(household, staff.cadre, today=datetime.date(2021, 5, 31)).asked == frozenset()


def test_a_region_elsewhere_asks_as_before(luan, place, staff, make):
    assert asked(make.household(place.foreign_village), staff.foreign_officer) == set()


def test_what_a_cadre_ticks_is_what_the_rules_read(luan, client, place, staff, make, today):
    client.force_login(staff.cadre, backend="django.contrib.auth.backends.ModelBackend")
    lifted = make.household(place.village, household_type=HouseholdType.LIFTED)
    ordinary = make.household(place.village)
    ticks = {
        lifted: {"stable_income": "yes", "level_two_features": ["small_venture", "weak_ability"]},
        ordinary: {"key_groups": ["service_family"]},
    }
    for household, answers in ticks.items():
        url = reverse("households:survey", args=[household.pk])
        page = client.get(url).content.decode()
        sent = {name: hidden(page, name) for name in ("version", "idempotency_key")}
        reply = client.post(url, {**TYPED, **sent, **answers, "visited_on": f"{today}", "no_cause": "on"})
        assert reply.status_code == 302
    facts = {row.household_id: row for row in Facts.objects.filter(replaced_on=None)}
    features = codes.LEVEL_TWO_BITS[LevelTwoFeature.SMALL_VENTURE] | codes.LEVEL_TWO_BITS[LevelTwoFeature.WEAK_ABILITY]
    assert (facts[lifted.pk].yellow_bits, facts[lifted.pk].stable_income) == (features, True)
    assert facts[ordinary.pk].key_group_bits == codes.KEY_GROUP_BITS[KeyGroup.SERVICE_FAMILY]
    result = client.get(reply.url).content.decode()
    assert "困难军烈属户" in result
