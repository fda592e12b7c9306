"""Measures per person and per household: what may be entered, ended, mended and taken out, and that it leaves a trace."""

import datetime
import uuid

import pytest
from django.core.exceptions import ValidationError

from accounts.models import AuditEvent
from assistance import services
from assistance.models import Delivery, Measure
from assistance.services import Wish
from assistance.ticks import ticks_on
from households.models import Household
from tests.factories import Make, Place, Staff

MARCH = datetime.date(2020, 3, 1)
MAY = datetime.date(2020, 5, 1)


@pytest.fixture
def family(place: Place, make: Make) -> Household:
    household = make.household(place.village)
    household.members.update(medical_insured=False)
    return household


def add(family: Household, staff: Staff, measure: str, **fields: object) -> Delivery:
    values = {"begun_on": MARCH, **fields}
    return services.add_delivery(household=family, by=staff.cadre, measure=measure, **values)  # type: ignore[arg-type]


def test_a_policy_per_person_names_one_and_a_policy_per_household_none(family: Household, staff: Staff) -> None:
    with pytest.raises(ValidationError, match="请选享受人"):
        add(family, staff, Measure.DIBAO)
    with pytest.raises(ValidationError, match="不用选人"):
        add(family, staff, Measure.HOUSING, member=family.head)
    add(family, staff, Measure.DIBAO, member=family.head)
    add(family, staff, Measure.SOCIAL_RELIEF)
    add(family, staff, Measure.INDUSTRY)
    add(family, staff, Measure.SMALL_LOAN, member=family.head)
    assert Delivery.objects.count() == 4


def test_the_person_must_be_of_the_household(family: Household, staff: Staff, place: Place, make: Make) -> None:
    stranger = make.household(place.village).head
    with pytest.raises(ValidationError, match="不是这一户的"):
        add(family, staff, Measure.DIBAO, member=stranger)


def test_the_same_measure_in_the_same_time_is_refused(family: Household, staff: Staff) -> None:
    first = add(family, staff, Measure.DIBAO, member=family.head)
    with pytest.raises(ValidationError, match="已有同一项措施"):
        add(family, staff, Measure.DIBAO, member=family.head, begun_on=MAY)
    services.end_delivery(delivery=first, by=staff.cadre, ended_on=MAY)
    with pytest.raises(ValidationError, match="已有同一项措施"):
        add(family, staff, Measure.DIBAO, member=family.head, begun_on=MAY)
    add(family, staff, Measure.DIBAO, member=family.head, begun_on=MAY + datetime.timedelta(days=1))
    assert Delivery.objects.count() == 2


def test_relief_is_granted_several_times_but_not_twice_on_a_day(family: Household, staff: Staff) -> None:
    add(family, staff, Measure.TEMPORARY_RELIEF)
    add(family, staff, Measure.TEMPORARY_RELIEF, begun_on=MAY)
    with pytest.raises(ValidationError, match="已有同一项措施"):
        add(family, staff, Measure.TEMPORARY_RELIEF, begun_on=MAY)


def test_relief_cannot_be_ended(family: Household, staff: Staff) -> None:
    relief = add(family, staff, Measure.TEMPORARY_RELIEF)
    with pytest.raises(ValidationError, match="一次给付"):
        services.end_delivery(delivery=relief, by=staff.cadre, ended_on=MAY)


def test_dates_are_neither_to_come_nor_backwards(family: Household, staff: Staff, today: datetime.date) -> None:
    tomorrow = today + datetime.timedelta(days=1)
    with pytest.raises(ValidationError, match="不能晚于今天"):
        add(family, staff, Measure.FAMILY_DOCTOR, begun_on=tomorrow)
    with pytest.raises(ValidationError, match="不能早于开始日期"):
        add(family, staff, Measure.FAMILY_DOCTOR, begun_on=MAY, ended_on=MARCH)


def test_of_two_people_who_end_a_measure_one_is_told(family: Household, staff: Staff) -> None:
    doctor = add(family, staff, Measure.FAMILY_DOCTOR)
    services.end_delivery(delivery=doctor, by=staff.cadre, ended_on=MAY)
    with pytest.raises(ValidationError, match="已经结束"):
        services.end_delivery(delivery=doctor, by=staff.reviewer, ended_on=MAY)


def test_a_form_of_yesterday_does_not_overwrite(family: Household, staff: Staff) -> None:
    doctor = add(family, staff, Measure.FAMILY_DOCTOR)
    opened = (doctor.begun_on, doctor.ended_on, doctor.note)
    wish = {"delivery": doctor, "opened_with": opened, "ended_on": None}
    services.change_delivery(by=staff.cadre, begun_on=MAY, note="补录", **wish)
    with pytest.raises(ValidationError, match="已被他人修改"):
        services.change_delivery(by=staff.reviewer, begun_on=MARCH, note="", **wish)
    doctor.refresh_from_db()
    assert (doctor.begun_on, doctor.note) == (MAY, "补录")


def test_what_was_entered_by_mistake_is_taken_out_with_a_reason(family: Household, staff: Staff) -> None:
    doctor = add(family, staff, Measure.FAMILY_DOCTOR)
    with pytest.raises(ValidationError, match="为什么删除"):
        services.remove_delivery(delivery=doctor, by=staff.cadre, reason=" ")
    services.remove_delivery(delivery=doctor, by=staff.cadre, reason="录错户")
    assert not Delivery.objects.exists()
    trace = AuditEvent.objects.filter(action="assistance.remove_delivery").get()
    assert trace.detail["reason"] == "录错户"
    assert trace.actor == staff.cadre


def test_one_sheet_enters_all_ticks_and_sent_twice_once(family: Household, staff: Staff) -> None:
    head, spouse, _son = family.members.head_first()
    sheet = {
        "household": family,
        "by": staff.cadre,
        "begun_on": MARCH,
        "wishes": [Wish(Measure.DIBAO, head), Wish(Measure.MEDICAL, spouse), Wish(Measure.HOUSING)],
        "idempotency_key": str(uuid.uuid4()),
    }
    assert services.tick_measures(**sheet) == 3
    assert services.tick_measures(**sheet) == 0
    ticks = ticks_on(MARCH, [family.pk])
    assert dict(ticks.by_member) == {head.pk: {Measure.DIBAO}, spouse.pk: {Measure.MEDICAL}}
    assert dict(ticks.by_household) == {family.pk: {Measure.HOUSING}}
    assert AuditEvent.objects.filter(action="assistance.add_delivery", target__endswith=str(family.pk)).count() == 3


def test_a_sheet_with_one_wrong_tick_enters_nothing(family: Household, staff: Staff) -> None:
    add(family, staff, Measure.FAMILY_DOCTOR)
    with pytest.raises(ValidationError):
        services.tick_measures(
            household=family,
            by=staff.cadre,
            begun_on=MARCH,
            wishes=[Wish(Measure.DIBAO, family.head), Wish(Measure.FAMILY_DOCTOR)],
            idempotency_key=str(uuid.uuid4()),
        )
    assert Delivery.objects.count() == 1


def test_what_was_taken_out_is_not_taken_out_again(family: Household, staff: Staff) -> None:
    delivery = add(family, staff, Measure.HOUSING)
    again = Delivery.objects.get(pk=delivery.pk)
    services.remove_delivery(delivery=delivery, by=staff.cadre, reason="录错户")
    with pytest.raises(ValidationError, match="没有重复办理"):
        services.remove_delivery(delivery=again, by=staff.cadre, reason="录错户")
    assert AuditEvent.objects.filter(action="assistance.remove_delivery").count() == 1
