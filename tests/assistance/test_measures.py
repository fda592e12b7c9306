"""Measures per person and per household: what may be entered, ended, mended and taken out, and that it leaves a trace."""

import datetime
import uuid
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent
from assistance import services
from assistance.models import Delivery
from assistance.services import Wish
from assistance.ticks import ticks_on
from households.codes import LifeEventKind
from households.models import Household
from tests.factories import Make, Place, Staff
from tests.ledgers.conftest import give

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
        add(family, staff, "dibao")
    with pytest.raises(ValidationError, match="不用选人"):
        add(family, staff, "housing", member=family.head)
    add(family, staff, "dibao", member=family.head)
    add(family, staff, "social_relief")
    add(family, staff, "industry")
    add(family, staff, "small_loan", member=family.head)
    assert Delivery.objects.count() == 4


def test_the_person_must_be_of_the_household(family: Household, staff: Staff, place: Place, make: Make) -> None:
    stranger = make.household(place.village).head
    with pytest.raises(ValidationError, match="不是这一户的"):
        add(family, staff, "dibao", member=stranger)


def test_who_has_left_gets_nothing_that_begins_afterwards(family: Household, staff: Staff) -> None:
    spouse = family.members.present().head_first()[1]
    spouse.left_on, spouse.left_reason = MARCH, LifeEventKind.MOVED_OUT
    spouse.save()
    with pytest.raises(ValidationError, match="不在这一户了"):
        add(family, staff, "dibao", member=spouse, begun_on=MAY)
    add(family, staff, "dibao", member=spouse, begun_on=MARCH)


def test_the_same_measure_in_the_same_time_is_refused(family: Household, staff: Staff) -> None:
    first = add(family, staff, "dibao", member=family.head)
    with pytest.raises(ValidationError, match="已有同一项措施"):
        add(family, staff, "dibao", member=family.head, begun_on=MAY)
    services.end_delivery(delivery=first, by=staff.cadre, ended_on=MAY)
    with pytest.raises(ValidationError, match="已有同一项措施"):
        add(family, staff, "dibao", member=family.head, begun_on=MAY)
    add(family, staff, "dibao", member=family.head, begun_on=MAY + datetime.timedelta(days=1))
    assert Delivery.objects.count() == 2


def test_relief_is_granted_several_times_but_not_twice_on_a_day(family: Household, staff: Staff) -> None:
    add(family, staff, "temporary_relief")
    add(family, staff, "temporary_relief", begun_on=MAY)
    with pytest.raises(ValidationError, match="已有同一项措施"):
        add(family, staff, "temporary_relief", begun_on=MAY)


def test_relief_cannot_be_ended(family: Household, staff: Staff) -> None:
    relief = add(family, staff, "temporary_relief")
    with pytest.raises(ValidationError, match="一次给付"):
        services.end_delivery(delivery=relief, by=staff.cadre, ended_on=MAY)


def test_dates_are_neither_to_come_nor_backwards(family: Household, staff: Staff, today: datetime.date) -> None:
    tomorrow = today + datetime.timedelta(days=1)
    with pytest.raises(ValidationError, match="不能晚于今天"):
        add(family, staff, "family_doctor", begun_on=tomorrow)
    with pytest.raises(ValidationError, match="不能早于开始日期"):
        add(family, staff, "family_doctor", begun_on=MAY, ended_on=MARCH)


def test_of_two_people_who_end_a_measure_one_is_told(family: Household, staff: Staff) -> None:
    doctor = add(family, staff, "family_doctor")
    services.end_delivery(delivery=doctor, by=staff.cadre, ended_on=MAY)
    with pytest.raises(ValidationError, match="已经结束"):
        services.end_delivery(delivery=doctor, by=staff.reviewer, ended_on=MAY)


def test_a_form_of_yesterday_does_not_overwrite(family: Household, staff: Staff) -> None:
    doctor = add(family, staff, "family_doctor")
    opened = Delivery.objects.get(pk=doctor.pk)
    changed(doctor, staff, begun_on=MAY, note="补录")
    with pytest.raises(ValidationError, match="已被他人修改"):
        services.change_delivery(
            delivery=opened, by=staff.reviewer, version=opened.version, to=services.as_it_stands(opened)
        )
    doctor.refresh_from_db()
    assert (doctor.begun_on, doctor.note) == (MAY, "补录")


def test_an_amount_and_a_term_are_mended_within_what_the_document_allows(
    family: Household, staff: Staff, today: datetime.date
) -> None:
    loan = add(family, staff, "small_loan", begun_on=today)
    for wrong, said in (
        ({"amount": 500_000_00}, "不超过 50,000 元"),
        ({"runs_until": today - datetime.timedelta(days=1)}, "早于开始日期"),
    ):
        with pytest.raises(ValidationError, match=said):
            changed(loan, staff, **wrong)
    end = today + datetime.timedelta(days=300)
    changed(loan, staff, amount=50_000_00, every="once", runs_until=end)
    loan.refresh_from_db()
    assert (loan.amount, loan.every, loan.runs_until) == (50_000_00, "once", end)
    with pytest.raises(ValidationError, match="要写到期日期"):
        changed(loan, staff, runs_until=None)
    trace = AuditEvent.objects.filter(action="assistance.change_delivery").get()
    assert trace.detail["after"][2] == "50000"


def test_what_was_entered_by_mistake_is_taken_out_with_a_reason(family: Household, staff: Staff) -> None:
    doctor = add(family, staff, "family_doctor")
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
        "wishes": [Wish("dibao", head), Wish("medical", spouse), Wish("housing")],
        "idempotency_key": str(uuid.uuid4()),
    }
    assert services.tick_measures(**sheet) == 3
    assert services.tick_measures(**sheet) == 0
    ticks = ticks_on(MARCH, [family.pk])
    assert dict(ticks.by_member) == {head.pk: {"dibao"}, spouse.pk: {"medical"}}
    assert dict(ticks.by_household) == {family.pk: {"housing"}}
    assert AuditEvent.objects.filter(action="assistance.add_delivery", target__endswith=str(family.pk)).count() == 3


def test_a_sheet_with_one_wrong_tick_enters_nothing(family: Household, staff: Staff) -> None:
    add(family, staff, "family_doctor")
    with pytest.raises(ValidationError):
        services.tick_measures(
            household=family,
            by=staff.cadre,
            begun_on=MARCH,
            wishes=[Wish("dibao", family.head), Wish("family_doctor")],
            idempotency_key=str(uuid.uuid4()),
        )
    assert Delivery.objects.count() == 1


def test_what_was_taken_out_is_not_taken_out_again(family: Household, staff: Staff) -> None:
    delivery = add(family, staff, "housing")
    again = Delivery.objects.get(pk=delivery.pk)
    services.remove_delivery(delivery=delivery, by=staff.cadre, reason="录错户")
    with pytest.raises(ValidationError, match="没有重复办理"):
        services.remove_delivery(delivery=again, by=staff.cadre, reason="录错户")
    assert AuditEvent.objects.filter(action="assistance.remove_delivery").count() == 1


def test_the_overview_names_what_is_in_place_once_with_those_who_have_it(
    client: Client, staff: Staff, family: Household, today: datetime.date
) -> None:
    head, spouse, child = family.members.order_by("position")
    for member in (spouse, head):
        give(family, "dibao", member, begun_on=today)
    give(family, "education", child, begun_on=today, ended_on=today)  # the last day counts
    give(family, "housing", begun_on=today)  # not finished
    give(family, "temporary_relief", begun_on=today.replace(year=today.year - 1, day=1))
    give(family, "family_doctor", begun_on=None, promised_on=today)
    client.force_login(staff.cadre)
    page = client.get(reverse("households:detail", args=[family.pk]))
    assert page.context["in_place"] == [
        ("低保", [head.name, spouse.name]),
        ("各级各类扶贫助学（含雨露计划等）", [child.name]),
    ]
    assert f"低保（{head.name}、{spouse.name}）" in page.content.decode()


def changed(delivery: Delivery, staff: Staff, **now: object) -> None:
    """The form of a measure, opened now and sent with these changes."""
    delivery.refresh_from_db()
    to = replace(services.as_it_stands(delivery), **now)  # type: ignore[arg-type]
    services.change_delivery(delivery=delivery, by=staff.cadre, version=delivery.version, to=to)


def test_a_sheet_ticks_nothing_beside_what_excludes_it(family: Household, staff: Staff) -> None:
    add(family, staff, "tekun", member=family.head)
    with pytest.raises(ValidationError, match="已有特困"):
        services.tick_measures(
            household=family,
            by=staff.cadre,
            begun_on=MAY,
            wishes=[Wish("dibao", family.head)],
            idempotency_key=str(uuid.uuid4()),
        )
    assert not Delivery.objects.filter(measure="dibao").exists()


def test_what_has_ended_does_not_go_on_beside_what_excludes_it(family: Household, staff: Staff) -> None:
    dibao = add(family, staff, "dibao", member=family.head, ended_on=MAY)
    add(family, staff, "tekun", member=family.head, begun_on=MAY)
    with pytest.raises(ValidationError, match="不能同时享受"):
        changed(dibao, staff, ended_on=None)
    changed(dibao, staff, note="补录")
    dibao.refresh_from_db()
    assert (dibao.ended_on, dibao.note) == (MAY, "补录")


def test_a_corrected_day_keeps_to_the_term_the_person_and_the_kind(family: Household, staff: Staff) -> None:
    spouse = family.members.head_first()[1]
    loan = add(family, staff, "small_loan")
    Delivery.objects.filter(pk=loan.pk).update(runs_until=MARCH + datetime.timedelta(days=40))
    with pytest.raises(ValidationError, match="早于开始日期"):
        changed(loan, staff, begun_on=MAY)
    dibao = add(family, staff, "dibao", member=spouse)
    spouse.left_on, spouse.left_reason = MARCH, LifeEventKind.MOVED_OUT
    spouse.save()
    with pytest.raises(ValidationError, match="不在这一户了"):
        changed(dibao, staff, begun_on=MAY)
    relief = add(family, staff, "temporary_relief")
    with pytest.raises(ValidationError, match="没有结束日期"):
        changed(relief, staff, ended_on=MAY)


def test_it_is_not_ended_before_a_first_day_that_was_mended_meanwhile(family: Household, staff: Staff) -> None:
    doctor = add(family, staff, "family_doctor")
    seen = Delivery.objects.get(pk=doctor.pk)
    changed(doctor, staff, begun_on=MAY)
    with pytest.raises(ValidationError, match="刚改过日期"):
        services.end_delivery(delivery=seen, by=staff.reviewer, ended_on=MARCH)
    doctor.refresh_from_db()
    assert (doctor.begun_on, doctor.ended_on) == (MAY, None)
