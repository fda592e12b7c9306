"""A department's list: every line has its answer, nothing is guessed; what is written can be taken back completely."""

import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEvent, User
from assistance import services
from assistance.catalogue import MEASURES
from assistance.lists import confirm_list, open_list, same_file, undo_list
from assistance.models import Delivery, DepartmentListRow, ListPhase, Stage
from assistance.services import told_by
from households.codes import LifeEventKind
from tests.assistance.department_lists import (
    APRIL,
    MARCH,
    answers,
    civil_affairs,  # noqa: F401
    given,
    line_of,
    reasons,
    sheet,
    state,
    undone,
    upload,
    worked,
    written,
)
from tests.factories import Make, Place, Staff, invented_id


def test_each_line_has_its_answer(place: Place, make: Make, civil_affairs: User) -> None:
    family, other = make.household(place.village), make.household(place.other_village)
    abroad, gone = make.household(place.foreign_village).head, make.member(family, relation="之父", name="王老")
    gone.left_on, gone.left_reason = datetime.date(2026, 2, 3), LifeEventKind.DEATH
    gone.save()
    head, spouse = family.members.present().head_first()[:2]
    given(head)
    batch = upload(
        civil_affairs,
        place.zone,
        [
            line_of(head, "380"),
            line_of(spouse, "380"),
            line_of(abroad, "380"),
            line_of(gone, "380"),
            ("某某", invented_id(), "380"),
            line_of(other.head, "380"),
            line_of(other.head, "380"),
            ("王错", other.members.present().head_first()[1].id_number, "380"),
            ("王短", "37049919", "380"),
        ],
    )
    assert answers(batch) == [
        "known", "new", "foreign", "gone", "unknown", "new", "double", "refused", "refused",
    ]  # fmt: skip
    said = reasons(batch)
    assert "2026-02-03 登记去世" in said[3]
    assert "第 7 行" in said[6]
    assert "姓名" in said[7]
    assert "证件号码是8位" in said[8]
    assert (batch.phase, batch.state) == (ListPhase.PREVIEW, "draft")
    assert batch.counts["writes"] == 3
    assert Delivery.objects.count() == 1
    outsiders = batch.rows.filter(status__in=("foreign", "gone", "unknown"))
    assert set(outsiders.values_list("member", "household")) == {(None, None)}


def test_what_is_written_is_in_place_locked_and_can_be_taken_back(
    place: Place, make: Make, civil_affairs: User
) -> None:
    family = make.household(place.village)
    head, spouse, child = family.members.head_first()
    by_hand = given(head)
    promised = Delivery.objects.create(
        household=family, member=spouse, **told_by(MEASURES["dibao"]), promised_on=MARCH, due_on=APRIL
    )
    before = state()
    batch = upload(
        civil_affairs,
        place.zone,
        [line_of(head, 380), line_of(spouse, 380.5, "2026-03-10"), line_of(child, "400", None, "2027-02-28")],
        fund="province",
    )
    assert state() == before
    batch = written(batch, civil_affairs)
    assert (batch.phase, batch.state, batch.counts["written"]) == ("applied", "done", {"known": 2, "new": 1})
    by_hand.refresh_from_db(), promised.refresh_from_db()
    assert (by_hand.begun_on, by_hand.amount, by_hand.every, by_hand.fund) == (
        datetime.date(2026, 1, 5), 380_00, "month", "province",
    )  # fmt: skip
    assert promised.begun_on == datetime.date(2026, 3, 10)
    assert promised.stage_on(datetime.date(2026, 3, 11)) == Stage.IN_PLACE
    new = Delivery.objects.get(member=child)
    assert (new.begun_on, new.runs_until, new.name, new.unit) == (
        MARCH, datetime.date(2027, 2, 28), MEASURES["dibao"].name, "云山高新区民政局",
    )  # fmt: skip
    assert new.entered_by == civil_affairs
    for delivery in (by_hand, promised, new):
        with pytest.raises(ValidationError, match="部门名单核实"):
            services.end_delivery(delivery=delivery, by=civil_affairs, ended_on=timezone.localdate())
    actions = set(AuditEvent.objects.filter(action__startswith="list.").values_list("action", flat=True))
    assert actions == {"list.upload", "list.preview", "list.confirm", "list.apply"}

    batch = undone(batch, civil_affairs)
    assert (batch.phase, batch.counts["undone"]) == ("undone", {"restored": 2, "deleted": 1, "kept": 0})
    assert state() == before
    services.end_delivery(delivery=Delivery.objects.get(pk=by_hand.pk), by=civil_affairs, ended_on=timezone.localdate())


def test_the_next_month_confirms_anew_and_ends_who_is_missing(place: Place, make: Make, civil_affairs: User) -> None:
    family, other = make.household(place.village), make.household(place.other_village)
    by_hand = given(family.members.get(position=2))
    march = written(
        upload(civil_affairs, place.zone, [line_of(family.head, 380), line_of(other.head, 380)]), civil_affairs
    )
    after_march = state()
    april = upload(civil_affairs, place.zone, [line_of(family.head, 380)], month=APRIL, ends_missing=True)
    assert answers(april) == ["unchanged", "missing"]
    assert april.rows.last().member == other.head
    assert april.counts["unconfirmed"] == 1
    april = written(april, civil_affairs)
    assert Delivery.objects.get(member=other.head).ended_on == datetime.date(2026, 3, 31)
    assert Delivery.objects.get(member=family.head).list_row.batch == april
    by_hand.refresh_from_db()
    assert by_hand.ended_on is None
    with pytest.raises(ValidationError, match="先撤销那一份"):
        undo_list(batch=march, by=civil_affairs)
    undone(april, civil_affairs)
    assert state() == after_march
    undone(march, civil_affairs)
    assert Delivery.objects.get() == by_hand


def test_nobody_is_missing_while_a_number_cannot_be_read(place: Place, make: Make, civil_affairs: User) -> None:
    family, other = make.household(place.village), make.household(place.other_village)
    written(upload(civil_affairs, place.zone, [line_of(family.head), line_of(other.head)]), civil_affairs)
    april = upload(
        civil_affairs,
        place.zone,
        [line_of(family.head), (other.head.name, "3704991964")],
        month=APRIL,
        ends_missing=True,
    )
    assert answers(april) == ["unchanged", "refused"]
    assert april.counts["unreadable"] == 1


def test_who_stands_on_the_list_with_a_fault_is_not_missing(place: Place, make: Make, civil_affairs: User) -> None:
    family = make.household(place.village)
    written(upload(civil_affairs, place.zone, [line_of(family.head)]), civil_affairs)
    april = upload(civil_affairs, place.zone, [("别人", family.head.id_number)], month=APRIL, ends_missing=True)
    assert answers(april) == ["refused"]


def test_the_same_month_again_has_nothing_to_write(place: Place, make: Make, civil_affairs: User) -> None:
    family = make.household(place.village)
    content = sheet([line_of(family.head, 380)])
    first = written(upload(civil_affairs, place.zone, [], content=content), civil_affairs)
    again = upload(civil_affairs, place.zone, [], content=content)
    assert same_file(again) == first
    assert answers(again) == ["unchanged"]
    with pytest.raises(ValidationError, match="没有可以写入的"):
        confirm_list(batch=again, by=civil_affairs)
    undone(first, civil_affairs)
    assert same_file(again) is None


def test_confirmed_twice_it_is_written_once(place: Place, make: Make, civil_affairs: User) -> None:
    family = make.household(place.village)
    batch = upload(civil_affairs, place.zone, [line_of(family.head, 380)])
    assert confirm_list(batch=batch, by=civil_affairs)
    assert not confirm_list(batch=batch, by=civil_affairs)
    worked(batch)
    worked(batch)
    assert Delivery.objects.count() == 1


def test_lines_that_differ_about_one_person_are_all_left(place: Place, make: Make, civil_affairs: User) -> None:
    family = make.household(place.village)
    batch = upload(civil_affairs, place.zone, [line_of(family.head, 380), line_of(family.head, 390)])
    assert answers(batch) == ["double", "double"]
    assert "内容不一样" in reasons(batch)[0]
    assert batch.counts["writes"] == 0


def test_a_household_has_what_is_given_to_households_once(place: Place, make: Make, civil_affairs: User) -> None:
    family, other = make.household(place.village), make.household(place.village)
    head, spouse = family.members.head_first()[:2]
    batch = upload(
        civil_affairs,
        place.zone,
        [
            line_of(head, 1000),
            line_of(spouse, 1000),
            line_of(other.head, 800),
            line_of(other.members.get(position=2), 900),
        ],
        measure="temporary_relief",
        every="once",
    )
    assert answers(batch) == ["new", "double", "double", "double"]
    written(batch, civil_affairs)
    delivery = Delivery.objects.get()
    assert (delivery.household, delivery.member, delivery.begun_on, delivery.amount) == (family, None, MARCH, 100_000)
    second = upload(civil_affairs, place.zone, [line_of(spouse, 1000)], measure="temporary_relief", month=APRIL)
    assert answers(second) == ["new"]


def test_two_measures_that_exclude_each_other(place: Place, make: Make, civil_affairs: User) -> None:
    family = make.household(place.village)
    given(family.head, "tekun")
    batch = upload(civil_affairs, place.zone, [line_of(family.head, 380)])
    assert answers(batch) == ["refused"]
    assert "不能同时享受" in reasons(batch)[0]


def test_an_earlier_month_overwrites_nothing(place: Place, make: Make, civil_affairs: User) -> None:
    family, other = make.household(place.village), make.household(place.village)
    written(upload(civil_affairs, place.zone, [line_of(family.head, 400)], month=APRIL), civil_affairs)
    given(other.head, begun_on=datetime.date(2026, 1, 1), ended_on=datetime.date(2026, 3, 20))
    march = upload(civil_affairs, place.zone, [line_of(family.head, 380), line_of(other.head, 380)])
    assert answers(march) == ["unchanged", "refused"]
    assert reasons(march) == ["以后月份的名单已核实", "系统里登记到 2026-03-20 为止，名单上还有，请核对"]


def test_an_amount_above_the_cap_and_a_term_before_its_begin(place: Place, make: Make, staff: Staff) -> None:
    head = make.household(place.village).head
    lines = [
        line_of(head, "60000"),
        line_of(head, "40000", "2026-03-02", "2026-03-01"),
        line_of(head, "-1"),
        line_of(head, "40000", "2026-05-01"),
    ]
    batch = upload(staff.officer, place.zone, lines, measure="small_loan", every="once")
    assert answers(batch) == ["refused"] * 4
    said = reasons(batch)
    for words, sentence in zip(("不超过 50,000 元", "早于", "不能是负数", "名单的月份以后"), said, strict=True):
        assert words in sentence


def test_what_is_given_once_is_not_said_to_come_every_month(place: Place, make: Make, staff: Staff) -> None:
    head = make.household(place.village).head
    with pytest.raises(ValidationError, match="只能选一次"):
        upload(staff.officer, place.zone, [line_of(head, 300)], measure="medical_aid", every="month")
    aid = upload(staff.officer, place.zone, [line_of(head, 300), line_of(head, 300, "3月")], measure="medical_aid")
    assert (aid.every, reasons(aid)[1][:5]) == ("once", "给付日期：")
    assert upload(staff.officer, place.zone, [line_of(head, 300)], measure="dibao").every == "month"
    both = reasons(upload(staff.officer, place.zone, [("", head.id_number, "-1")], measure="dibao"))
    assert both == ["姓名：没有填，请填姓名；金额(元)：不能是负数，请核对。"]


def test_a_department_uploads_its_own_measures_only(
    place: Place, make: Make, civil_affairs: User, staff: Staff
) -> None:
    content = sheet([line_of(make.household(place.village).head)])
    values = {
        "content": content, "file_name": "a.xlsx", "month": MARCH, "idempotency_key": "9f3c1ea2-1111-4aaa-8bbb-000000000001",
    }  # fmt: skip
    with pytest.raises(ValidationError, match="不归您的单位"):
        open_list(region=place.zone, measure="medical_aid", by=civil_affairs, **values)
    with pytest.raises(ValidationError, match="不归您的单位"):
        open_list(region=place.foreign_county, measure="dibao", by=civil_affairs, **values)
    with pytest.raises(ValidationError, match="不归您的单位"):
        open_list(region=place.zone, measure="dibao", by=staff.reviewer, **values)
    batch = open_list(region=place.zone, measure="dibao", by=staff.officer, **values)
    assert batch.department == "民政局"


def test_cells_are_encrypted_and_the_file_does_not_stay(
    place: Place, make: Make, civil_affairs: User, django_capture_on_commit_callbacks: Any
) -> None:
    head = make.household(place.village).head
    with django_capture_on_commit_callbacks(execute=True):
        batch = upload(civil_affairs, place.zone, [line_of(head, 380)])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT payload FROM {DepartmentListRow._meta.db_table}")
        kept = cursor.fetchone()[0]
    assert head.id_number not in kept and head.name not in kept
    assert not default_storage.exists(batch.stored_name)


@pytest.mark.parametrize(
    ("headers", "said"),
    [(("姓名", "金额"), "证件号码"), (("证件号码", "姓名", "身份证号"), "出现了两次")],
)
def test_a_sheet_without_its_header_is_refused(place: Place, make: Make, civil_affairs: User, headers, said) -> None:
    batch = upload(civil_affairs, place.zone, [("王某", "x", "y")], headers=headers)
    assert batch.phase == ListPhase.REJECTED
    assert said in batch.message


def test_a_house_that_is_finished(place: Place, make: Make, staff: Staff) -> None:
    family, other = make.household(place.village), make.household(place.village)
    begun = services.add_delivery(household=family, by=None, measure="housing", begun_on=datetime.date(2025, 12, 1))
    before = state()
    batch = upload(
        staff.officer,
        place.zone,
        [line_of(family.head, None, "2026-03-20"), line_of(other.head, None, "2026-03-21")],
        measure="housing",
        headers=("姓名", "证件号码", "金额", "办成日期"),
        every="once",
    )
    assert answers(batch) == ["known", "new"]
    written(batch, staff.officer)
    begun.refresh_from_db()
    assert (begun.begun_on, begun.ended_on) == (datetime.date(2025, 12, 1), datetime.date(2026, 3, 20))
    new = Delivery.objects.get(household=other)
    assert (new.begun_on, new.ended_on) == (datetime.date(2026, 3, 21), datetime.date(2026, 3, 21))
    undone(batch, staff.officer)
    assert state() == before
