"""What the tests of the explanation share: a district that takes a rule set, sets a number, and households to explain."""

import datetime
from typing import Any

from django.utils import timezone

from accounts.models import Region
from households import codes
from households.models import Facts, Household
from monitoring.models import PolicyValue
from monitoring.policy.shapes import RULESET_KEY
from tests.factories import Make, Staff
from tests.monitoring.surveyed import visit

FIRST_DAY = datetime.date(2021, 6, 1)  # every rule set has begun by then
VISITED = datetime.date(2026, 6, 15)
ON = datetime.date(2026, 6, 30)


def confirmed(region: Region, staff: Staff, key: str, value: str, ruleset: str, **given: Any) -> PolicyValue:
    """A number, or a choice of rule set, that a second person has confirmed."""
    return PolicyValue.objects.create(
        region=region,
        ruleset=ruleset,
        key=key,
        value=value,
        **{
            "starts_on": FIRST_DAY,
            "source": "某区文〔2021〕1号 第二条：示例",
            "proposed_by": staff.officer,
            "confirmed_by": staff.admin,
            "confirmed_at": timezone.now(),
            **given,
        },
    )


def take(region: Region, staff: Staff, ruleset: str) -> None:
    """The region takes a rule set."""
    confirmed(region, staff, RULESET_KEY, ruleset, ruleset)


def poor(make: Make, staff: Staff, village: Region, kind: str, on: datetime.date = VISITED, **given: Any) -> Household:
    """A household far below every line, ill, with a hit on the negative list and a house of grade D."""
    household = make.household(village, household_type=kind)
    answers = {
        "wage": 900_00,
        "operating_gross": 600_00,
        "rigid_medical": 9_000_00,
        "last_year_income": 6_000_00,
        "rigid_last_year": 1_000_00,
        "housing_grade": "D级",
        "risks": (codes.RiskCause.ILLNESS,),
        "negative_bits": 3,
        "guarantee_bits": codes.GUARANTEE_BITS[codes.Guarantee.HOUSING],
        **given,
    }
    visited(household, staff, on, **answers)
    return household


def visited(household: Household, staff: Staff, on: datetime.date = VISITED, **given: Any) -> None:
    """A visit, with the sums of expenses and last year's amounts in its facts row too."""
    survey = visit(household, staff.cadre, on, **given)
    Facts.objects.filter(survey=survey).update(
        rigid_total=survey.rigid_total,
        last_year_income=survey.last_year_income,
        rigid_last_year=survey.rigid_last_year,
    )
