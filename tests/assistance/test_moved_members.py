"""Who moves to another household takes along what he is given, and what a department's list says of it."""

import datetime

import pytest
from django.core.exceptions import ValidationError

from accounts.models import User
from assistance import ledger_import, services
from assistance.catalogue import MEASURES
from assistance.models import Delivery
from assistance.services import told_by
from households.life_events import split_household
from households.models import Household, ImportBatch, Member
from households.models.imports import BatchKind
from tests.assistance.department_lists import (
    APRIL,
    answers,
    civil_affairs,  # noqa: F401
    line_of,
    undone,
    upload,
    written,
)
from tests.factories import Make, Place, Staff

MOVED = datetime.date(2026, 3, 20)


@pytest.fixture
def old(place: Place, make: Make) -> Member:
    return make.member(make.household(place.village), relation="之子", name="王分")


def moved_out(old: Member, by: User) -> Household:
    """The household that he founds."""
    return split_household(household=old.household, members=[old], new_head=old, happened_on=MOVED, by=by)


def test_what_a_list_has_confirmed_stays_locked_in_the_new_household(
    place: Place, staff: Staff, old: Member, civil_affairs: User
) -> None:
    batch = written(upload(civil_affairs, place.zone, [line_of(old, 380)]), civil_affairs)
    new = moved_out(old, staff.cadre)
    left, carried = Delivery.objects.get(member=old), Delivery.objects.get(household=new)
    assert (left.ended_on, left.is_locked) == (MOVED, False)
    assert (carried.begun_on, carried.list_row.batch) == (MOVED, batch)
    with pytest.raises(ValidationError, match="部门名单"):
        services.end_delivery(delivery=carried, by=civil_affairs, ended_on=MOVED)


def test_the_next_list_finds_him_in_the_new_household(
    place: Place, staff: Staff, old: Member, civil_affairs: User
) -> None:
    written(upload(civil_affairs, place.zone, [line_of(old, 380)]), civil_affairs)
    new = moved_out(old, staff.cadre)
    april = upload(civil_affairs, place.zone, [line_of(old, 380)], month=APRIL, ends_missing=True)
    assert answers(april) == ["unchanged"]
    written(april, civil_affairs)
    assert Delivery.objects.get(household=new).list_row.batch == april


def test_a_list_taken_back_begins_nothing_again_where_he_has_left(
    place: Place, staff: Staff, old: Member, civil_affairs: User
) -> None:
    by_hand = services.add_delivery(
        household=old.household, by=None, measure="dibao", member=old, begun_on=datetime.date(2026, 1, 5)
    )
    batch = written(upload(civil_affairs, place.zone, [line_of(old, 380)]), civil_affairs)
    new = moved_out(old, staff.cadre)
    undone(batch, civil_affairs)
    by_hand.refresh_from_db()
    carried = Delivery.objects.get(household=new)
    assert (by_hand.ended_on, carried.ended_on) == (MOVED, None)
    assert not by_hand.is_locked and not carried.is_locked


def test_an_import_taken_back_leaves_what_a_list_has_confirmed(
    place: Place, staff: Staff, old: Member, civil_affairs: User
) -> None:
    brought = ImportBatch.objects.create(
        kind=BatchKind.LEDGER, region=place.town, requested_by=staff.reviewer, file_name="台账.xlsx"
    )
    begun_on = datetime.date(2026, 1, 5)
    told = {"household": old.household, "by": None, "begun_on": begun_on, "batch": brought}
    dibao = services.add_delivery(measure="dibao", member=old, **told)
    services.add_delivery(measure="family_doctor", **told)
    written(upload(civil_affairs, place.zone, [line_of(old, 380)]), civil_affairs)
    ledger_import.undo(batch=brought, by=staff.reviewer)
    assert Delivery.objects.get() == dibao


def test_what_is_to_come_goes_with_him_as_it_is(place: Place, staff: Staff, old: Member) -> None:
    day, household = datetime.timedelta(days=1), old.household
    given = {"household": household, "member": old}
    promised = Delivery.objects.create(**given, **told_by(MEASURES["dibao"]), promised_on=MOVED - day)
    under_way = Delivery.objects.create(**given, **told_by(MEASURES["back_to_school"]), begun_on=MOVED - day)
    later = Delivery.objects.create(**given, **told_by(MEASURES["public_post"]), begun_on=MOVED + day)
    granted = Delivery.objects.create(**given, **told_by(MEASURES["skill_training"]), begun_on=MOVED - day)
    dropped = Delivery.objects.create(
        **given, **told_by(MEASURES["tekun"]), promised_on=MOVED - day, dropped_on=MOVED - day
    )
    new = moved_out(old, staff.cadre)
    assert {*Delivery.objects.filter(household=new)} == {promised, under_way, later}
    assert set(Delivery.objects.filter(household=new).values_list("member", "ended_on")) == {(new.head.pk, None)}
    stayed = Delivery.objects.filter(household=household)
    assert dict(stayed.values_list("pk", "ended_on")) == {granted.pk: None, dropped.pk: None}
