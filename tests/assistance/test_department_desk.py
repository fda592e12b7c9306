"""The desk of a department: what it leads, marked in bulk; two people do not overwrite each other; what runs out is told."""

import datetime
import uuid
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from assistance import department_work
from assistance.catalogue import MEASURES
from assistance.delivery_steps import DeliveryStep, Mark, Pick, mark_deliveries
from assistance.models import Delivery, Stage
from assistance.services import told_by
from monitoring.inbox import counts, todo
from tests.assistance.department_lists import answers, civil_affairs, line_of, upload, written  # noqa: F401
from tests.factories import Make, Place, Staff, add_user

DAY = datetime.timedelta(days=1)


@pytest.fixture
def finance(place: Place) -> User:
    """The clerk of 金融局."""
    return add_user("jinrong", "葛立", Role.DEPARTMENT_CLERK, place.zone, unit="云山高新区金融局")


def promised(household: Any, measure: str, today: datetime.date, *, due: int = 10, **more: Any) -> Delivery:
    return Delivery.objects.create(
        household=household,
        **told_by(MEASURES[measure]),
        promised_on=today - 40 * DAY,
        due_on=today + due * DAY,
        **more,
    )


def mark(deliveries: list[Delivery], step: DeliveryStep, by: User, on: datetime.date, **more: Any) -> Any:
    return mark_deliveries(
        picks=[Pick(one.pk, one.version) for one in deliveries], mark=Mark(step, on, **more), by=by,
        idempotency_key=str(uuid.uuid4()),
    )  # fmt: skip


def test_a_clerk_sees_what_his_department_leads_in_his_region(
    place: Place, make: Make, civil_affairs: User, finance: User, staff: Staff, today: datetime.date
) -> None:
    mine = promised(make.household(place.village), "temporary_relief", today, due=-1)
    loan = promised(make.household(place.village), "small_loan", today)
    promised(make.household(place.foreign_village), "temporary_relief", today)
    assert list(department_work.led_by(civil_affairs)) == [mine]
    assert list(department_work.led_by(finance)) == [loan]
    assert set(department_work.led_by(staff.officer)) == {mine, loan}
    assert not department_work.led_by(staff.clerk).exists()
    late = department_work.view_of(department_work.led_by(civil_affairs), "late", today)
    assert list(late) == [mine]


def test_a_promise_is_taken_up_and_put_in_place(place: Place, make: Make, finance: User, today: datetime.date) -> None:
    loan = promised(make.household(place.village), "small_loan", today)
    assert mark([loan], DeliveryStep.TAKE_UP, finance, today - 5 * DAY).done == 1
    loan.refresh_from_db()
    assert loan.stage_on(today) == Stage.IN_HAND
    refused = mark([loan], DeliveryStep.PUT_IN_PLACE, finance, today, amount=60_000_00, runs_until=today + 90 * DAY)
    assert "不超过 50,000 元" in refused.left[0]
    refused = mark([loan], DeliveryStep.PUT_IN_PLACE, finance, today, amount=40_000_00, runs_until=today - DAY)
    assert "早于开始日期" in refused.left[0]
    done = mark(
        [loan], DeliveryStep.PUT_IN_PLACE, finance, today, amount=40_000_00, every="once", runs_until=today + 90 * DAY
    )
    assert (done.done, done.left) == (1, [])
    loan.refresh_from_db()
    assert (loan.begun_on, loan.amount, loan.stage_on(today)) == (today, 40_000_00, Stage.IN_PLACE)


def test_two_people_who_mark_one_measure_do_not_overwrite_each_other(
    place: Place, make: Make, finance: User, staff: Staff, today: datetime.date
) -> None:
    household = make.household(place.village)
    loan = promised(household, "small_loan", today)
    as_the_other_saw_it = Delivery.objects.get(pk=loan.pk)
    mark([loan], DeliveryStep.TAKE_UP, finance, today)
    second = mark([as_the_other_saw_it], DeliveryStep.DROP, staff.cadre, today, reason="不想贷了")
    assert (second.done, len(second.left)) == (0, 1)
    assert "刚被别人办过" in second.left[0]
    assert Delivery.objects.get(pk=loan.pk).dropped_on is None


def test_a_drop_needs_its_reason_and_sent_twice_it_acts_once(
    place: Place, make: Make, staff: Staff, today: datetime.date
) -> None:
    loan = promised(make.household(place.village), "small_loan", today)
    with pytest.raises(ValidationError, match="要写明原因"):
        mark([loan], DeliveryStep.DROP, staff.cadre, today)
    order = {
        "picks": [Pick(loan.pk, loan.version)], "mark": Mark(DeliveryStep.DROP, today, reason="本人不愿意"),
        "by": staff.cadre, "idempotency_key": str(uuid.uuid4()),
    }  # fmt: skip
    assert mark_deliveries(**order).done == 1
    assert mark_deliveries(**order).done == 0
    loan.refresh_from_db()
    assert (loan.stage_on(today), loan.note, loan.version) == (Stage.DROPPED, "本人不愿意", 2)


def test_nobody_marks_what_another_department_leads_or_a_list_confirms(
    place: Place, make: Make, civil_affairs: User, finance: User, staff: Staff, today: datetime.date
) -> None:
    family = make.household(place.village)
    loan = promised(family, "small_loan", today)
    with pytest.raises(PermissionDenied):
        mark([loan], DeliveryStep.TAKE_UP, civil_affairs, today)
    with pytest.raises(PermissionDenied):
        mark([loan], DeliveryStep.TAKE_UP, staff.neighbour_cadre, today)
    written(upload(civil_affairs, place.zone, [line_of(family.head, 380)]), civil_affairs)
    locked = Delivery.objects.get(member=family.head)
    for by in (civil_affairs, staff.cadre):
        result = mark([locked], DeliveryStep.END, by, today, reason="不符合了")
        assert (result.done, "部门名单核实" in result.left[0]) == (0, True)


def test_what_runs_out_within_thirty_days_is_told_to_the_village_and_the_department(
    place: Place, make: Make, finance: User, staff: Staff, today: datetime.date
) -> None:
    soon, later = make.household(place.village), make.household(place.village)
    loan = promised(soon, "small_loan", today, begun_on=today - 300 * DAY, runs_until=today + 30 * DAY)
    promised(later, "small_loan", today, begun_on=today - 300 * DAY, runs_until=today + 31 * DAY)
    promised(soon, "temporary_relief", today, due=-3)
    for user in (staff.cadre, finance):
        lines = [one for one in todo(user) if one.kind == "delivery"]
        assert [(one.title, one.due) for one in lines] == [("1 项帮扶 30 天内到期", loan.runs_until)]
        assert counts(user)["ledgers:home"] >= 1
    assert [one for one in todo(staff.neighbour_cadre) if one.kind == "delivery"] == []
    result = mark([loan], DeliveryStep.PROLONG, finance, today, runs_until=today + 200 * DAY)
    assert result.done == 1
    assert [one for one in todo(staff.cadre) if one.kind == "delivery"] == []


def test_a_department_is_told_what_is_late(place: Place, make: Make, civil_affairs: User, today: datetime.date) -> None:
    promised(make.household(place.village), "temporary_relief", today, due=-3)
    lines = [one for one in todo(civil_affairs) if one.kind == "delivery"]
    assert [(one.title, one.overdue) for one in lines] == [("1 项帮扶超期没有落实", True)]


def test_the_desk_marks_what_is_ticked(
    client: Any, place: Place, make: Make, finance: User, today: datetime.date
) -> None:
    family = make.household(place.village, "王大海")
    loan = promised(family, "small_loan", today)
    client.force_login(finance, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("assistance:desk"))
    said = page.content.decode()
    assert family.number in said and "王*海户" in said and "王大海" not in said
    form = page.context["form"]
    sent = {
        "pick": [f"{loan.pk}:{loan.version}"], "step": "take_up", "on": today.isoformat(),
        "idempotency_key": str(form.fields["idempotency_key"].initial()),
    }  # fmt: skip
    answer = client.post(reverse("assistance:desk-mark") + "?view=waiting", sent, follow=True)
    assert "已标为正在办 1 项" in answer.content.decode()
    loan.refresh_from_db()
    assert loan.taken_up_on == today
    assert client.post(reverse("assistance:desk-mark"), {**sent, "pick": []}).status_code == 200


def test_what_was_refused_may_be_mended_and_sent_again(
    place: Place, make: Make, finance: User, today: datetime.date
) -> None:
    loan = promised(make.household(place.village), "small_loan", today)
    order = {"picks": [Pick(loan.pk, loan.version)], "by": finance, "idempotency_key": str(uuid.uuid4())}
    terms = {"every": "once", "runs_until": today + 90 * DAY}
    too_much = mark_deliveries(mark=Mark(DeliveryStep.PUT_IN_PLACE, today, amount=60_000_00, **terms), **order)
    assert (too_much.done, len(too_much.left)) == (0, 1)
    mended = mark_deliveries(mark=Mark(DeliveryStep.PUT_IN_PLACE, today, amount=40_000_00, **terms), **order)
    assert (mended.done, mended.left) == (1, [])
    loan.refresh_from_db()
    assert loan.amount == 40_000_00


def test_what_was_ticked_and_typed_stays_where_it_is_refused(
    client: Any, place: Place, make: Make, finance: User, today: datetime.date
) -> None:
    """Some are done, the others stay ticked, and the form stays filled in; sent once more it asks nothing of what is done."""
    short, long = (promised(make.household(place.village), "small_loan", today) for _ in range(2))
    Delivery.objects.filter(pk=short.pk).update(runs_until=today + 60 * DAY)
    client.force_login(finance, backend="django.contrib.auth.backends.ModelBackend")
    key = str(uuid.uuid4())
    sent = {
        "pick": [f"{one.pk}:{one.version}" for one in (short, long)], "step": "put_in_place", "amount": "12345",
        "on": today.isoformat(), "idempotency_key": key,
    }  # fmt: skip
    address = reverse("assistance:desk-mark") + "?view=waiting&measure=small_loan"
    page = client.post(address, sent)
    said = page.content.decode()
    assert "已标为已落实 1 项" in said and "要写到期日期" in said
    assert [(row["delivery"], row["pick"] in page.context["picked"]) for row in page.context["rows"]] == [(long, True)]
    assert f'value="{long.pk}:{long.version}" checked' in said and 'value="12345"' in said
    renewed = page.context["form"]["idempotency_key"].value()
    assert renewed != key
    sent |= {"pick": [f"{long.pk}:{long.version}"], "idempotency_key": renewed, "runs_until": f"{today + 90 * DAY}"}
    assert client.post(address, sent).url == reverse("assistance:desk") + "?view=waiting&measure=small_loan"
    assert set(Delivery.objects.values_list("begun_on", "amount")) == {(today, 12_345_00)}


def test_an_amount_beyond_all_sense_is_asked_about(
    place: Place, make: Make, civil_affairs: User, today: datetime.date
) -> None:
    relief = promised(make.household(place.village), "temporary_relief", today)
    refused = mark([relief], DeliveryStep.PUT_IN_PLACE, civil_affairs, today, amount=1_000_001_00)
    assert "请核对是不是多写了几位" in refused.left[0]
    assert mark([relief], DeliveryStep.PUT_IN_PLACE, civil_affairs, today, amount=1_000_000_00).done == 1


def test_a_preview_outlives_the_people_that_it_found(
    client: Any, place: Place, make: Make, civil_affairs: User
) -> None:
    """A roster that is taken back takes its people with it; the line keeps its answer, and asks again when it is written."""
    family = make.household(place.village, "王大海")
    spouse = family.members.present().head_first()[1]
    batch = upload(civil_affairs, place.zone, [line_of(family.head, 380), line_of(spouse, 380)])
    spouse.delete()
    client.force_login(civil_affairs, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("assistance:list-detail", args=[batch.pk])).status_code == 200
    batch = written(batch, civil_affairs)
    assert answers(batch) == ["new", "unknown"]
    assert batch.counts["written"] == {"new": 1}
    assert list(batch.rows.values_list("member", flat=True)) == [family.head.pk, None]


def test_pages_of_lists(client: Any, place: Place, make: Make, civil_affairs: User, staff: Staff) -> None:
    family = make.household(place.village, "王大海")
    batch = upload(civil_affairs, place.zone, [line_of(family.head, 380), ("某某", "x")])
    for user in (civil_affairs, staff.officer):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        for name, args in (
            ("lists", ()), ("list-new", ()), ("list-detail", (batch.pk,)), ("list-confirm", (batch.pk,)),
            ("list-template", ("dibao",)), ("list-answers", (batch.pk,)),
        ):  # fmt: skip
            assert client.get(reverse(f"assistance:{name}", args=args)).status_code == 200, name
    said = client.get(reverse("assistance:list-detail", args=[batch.pk])).content.decode()
    assert "王*海" in said and "王大海" not in said and family.head.id_number not in said
    assert client.get(reverse("assistance:list-template", args=["medical_aid"])).status_code == 200
    client.force_login(civil_affairs, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("assistance:list-template", args=["medical_aid"])).status_code == 404
    client.force_login(staff.clerk, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("assistance:list-detail", args=[batch.pk])).status_code == 404
    client.force_login(staff.reviewer, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse("assistance:lists")).status_code == 403
