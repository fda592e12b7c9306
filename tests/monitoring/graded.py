"""A district that grades by document 004, with 脱贫户 visited in its round."""

import datetime
from typing import Any

from django.utils import timezone

from accounts.models import User
from households.codes import HouseholdType
from households.models import Household
from monitoring import grading
from monitoring.grading_rounds import open_round
from monitoring.models import Grading, GradingRound, PolicyValue
from monitoring.screening import assess_household
from tests.factories import Make, Place, Staff
from tests.monitoring.surveyed import visit

RED = {"guarantee_bits": 1}


def take_luan(place: Place, staff: Staff) -> None:
    """The zone has taken the rule set 六安2019."""
    PolicyValue.objects.create(
        region=place.zone, ruleset="luan_2019", key="ruleset", value="luan_2019", starts_on=datetime.date(2019, 5, 20),
        source="某文", proposed_by=staff.officer, confirmed_by=staff.admin, confirmed_at=timezone.now(),
    )  # fmt: skip


def begin(place: Place, staff: Staff, *, days_ago: int = 10, days: int = 31) -> GradingRound:
    """A round that began some days ago."""
    begins_on = timezone.localdate() - datetime.timedelta(days=days_ago)
    return open_round(
        district=place.zone, begins_on=begins_on, due_on=begins_on + datetime.timedelta(days=days), by=staff.officer
    )


def lifted(make: Make, village: Any, head: str = "王大海", **fields: Any) -> Household:
    """A 脱贫户."""
    return make.household(village, head, household_type=HouseholdType.LIFTED, **fields)


def visited(household: Household, by: User, *, days_ago: int = 3, **given: Any) -> Household:
    """Visited some days ago and judged: 三级蓝 without more, 一级红 with ``**RED``."""
    on = timezone.localdate() - datetime.timedelta(days=days_ago)
    visit(household, by, on, **given)
    assess_household(household, timezone.localdate())
    return household


def filed(household: Household, staff: Staff, level: int, reason: str = "") -> Grading:
    """Graded through all three desks."""
    found = grading.propose(household=household, level=level, by=staff.team, reason=reason)
    found = grading.take("agree", grading=found, by=staff.reviewer)
    return grading.take("file", grading=found, by=staff.officer)
