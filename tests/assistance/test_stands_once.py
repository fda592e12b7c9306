"""What stands once stands once on both databases, also where it is the household's and no member is named."""

import datetime

import pytest
from django.db import IntegrityError, transaction

from assistance.models import GuaranteeTask, Plan, PlanItem
from households.models import Household, Member
from tests.factories import Make, Place, Staff

DAY = datetime.date(2026, 3, 2)


@pytest.fixture
def household(place: Place, make: Make) -> Household:
    return make.household(place.village)


def task(household: Household, member: Member | None, closed_on: datetime.date | None = None) -> GuaranteeTask:
    return GuaranteeTask.objects.create(
        household=household, member=member, kind="uninsured", lead="医保局", opened_on=DAY, due_on=DAY,
        closed_on=closed_on, withdrawn=closed_on is not None,
    )  # fmt: skip


@pytest.mark.parametrize("whose", ["household", "member"])
def test_an_unsolved_thing(household: Household, whose: str) -> None:
    member = household.head if whose == "member" else None
    task(household, member, closed_on=DAY)
    task(household, member)
    with pytest.raises(IntegrityError), transaction.atomic():
        task(household, member)
    task(household, None if member else household.head)


@pytest.mark.parametrize("whose", ["household", "member"])
def test_a_measure_in_a_plan(household: Household, staff: Staff, whose: str) -> None:
    member = household.head if whose == "member" else None
    plan = Plan.objects.create(household=household, number=1, begun_by=staff.cadre)

    def put(position: int, member: Member | None) -> None:
        PlanItem.objects.create(plan=plan, position=position, member=member, measure="dibao", name="低保", due_on=DAY)

    put(1, member)
    with pytest.raises(IntegrityError), transaction.atomic():
        put(2, member)
    put(3, None if member else household.head)
