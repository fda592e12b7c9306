"""A ledger kept by hand: its ticks and its contact come in once, and go out with the batch unless used since."""

import datetime
from typing import Any

import pytest

from assistance import ledger_import, services
from assistance.models import Delivery, Helper
from assistance.receivers import carry_measures_over
from households.models import Household, ImportBatch
from households.models.imports import BatchKind
from households.signals import batch_undone
from tests.factories import Make, Place, Staff

MARCH = datetime.date(2020, 3, 1)
MAY = datetime.date(2020, 5, 1)


@pytest.fixture
def family(place: Place, make: Make) -> Household:
    return make.household(place.village)


@pytest.fixture
def batch(place: Place, staff: Staff) -> ImportBatch:
    return ImportBatch.objects.create(
        kind=BatchKind.LEDGER, region=place.town, requested_by=staff.reviewer, file_name="台账.xlsx"
    )


def apply(family: Household, batch: ImportBatch, **fields: Any) -> int:
    values = {
        "member": family.head,
        "measures": ["dibao", "housing", "temporary_relief"],
        "helper_name": "李敏",
        "helper_unit": "青石镇",
        "decided_on": MARCH,
        **fields,
    }
    return ledger_import.apply_row(household=family, batch=batch, by=batch.requested_by, **values)


def test_ticks_become_measures_from_the_day_of_recognition(family: Household, batch: ImportBatch) -> None:
    assert apply(family, batch) == 3
    entered = {one.measure: (one.member, one.begun_on, one.ended_on) for one in Delivery.objects.all()}
    assert entered == {
        "dibao": (family.head, MARCH, None),
        "housing": (None, MARCH, MARCH),
        "temporary_relief": (None, MARCH, None),
    }
    assert {one.measure for one in Delivery.objects.in_place_on(MARCH)} == set(entered)
    assert family.helpers.get().name == "李敏"


def test_the_same_row_twice_changes_nothing(family: Household, batch: ImportBatch) -> None:
    apply(family, batch)
    assert apply(family, batch) == 0
    assert (Delivery.objects.count(), Helper.objects.count()) == (3, 1)


def test_undoing_takes_out_what_came_in_and_brings_the_former_helper_back(
    family: Household, batch: ImportBatch, staff: Staff
) -> None:
    services.change_helper(household=family, by=staff.cadre, name="孙立", unit="白河镇", begun_on=MARCH)
    apply(family, batch, decided_on=MAY)
    assert family.helpers.get(ended_on=None).name == "李敏"
    for _time in range(2):
        batch_undone.send(sender=ImportBatch, batch=batch, user=staff.reviewer)
    assert not Delivery.objects.exists()
    assert [(helper.name, helper.ended_on) for helper in family.helpers.all()] == [("孙立", None)]


def test_undoing_leaves_what_somebody_mended_since(family: Household, batch: ImportBatch, staff: Staff) -> None:
    apply(family, batch)
    dibao = Delivery.objects.get(measure="dibao")
    services.end_delivery(delivery=dibao, by=staff.cadre, ended_on=MAY)
    services.change_helper(household=family, by=staff.cadre, name="孙立", unit="白河镇", begun_on=MAY)
    ledger_import.undo(batch=batch, by=staff.reviewer)
    assert list(Delivery.objects.values_list("measure", flat=True)) == ["dibao"]
    assert {helper.name for helper in family.helpers.all()} == {"李敏", "孙立"}


def test_who_moves_to_another_household_takes_his_running_measures_along(
    family: Household, place: Place, make: Make, staff: Staff
) -> None:
    son = family.members.get(relation="之子")
    services.add_delivery(household=family, by=staff.cadre, measure="dibao", member=son, begun_on=MARCH)
    new_family = make.household(place.village)
    carry_measures_over(None, old=son, new=new_family.head, on=MAY)
    assert Delivery.objects.get(household=family).ended_on == MAY
    carried = Delivery.objects.get(household=new_family)
    assert (carried.measure, carried.member, carried.begun_on) == ("dibao", new_family.head, MAY)
