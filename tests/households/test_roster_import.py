"""A roster comes in: preview, confirmation, the same file again, changes, undo."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from accounts.models import AuditEvent
from households import codes, signals
from households.imports import confirm_batch, discard_batch, open_batch, undo_batch
from households.models import Household, ImportBatch, ImportRow, Member
from households.models.imports import BatchPhase
from households.services import change_household
from households.tasks import work_on_batch
from tests.factories import invented_id
from tests.households.rosters import MARKED, batch_of, family, reasons, take_back, workbook, write


def test_nothing_is_written_before_confirmation(place):
    batch = batch_of(workbook(family("3799000001", place) + family("3799000002", place, people=2)), place.zone)
    assert (batch.phase, batch.state) == (BatchPhase.PREVIEW, "draft")
    assert batch.counts["households"] == {"new": 2, "changed": 0, "unchanged": 0, "refused": 0}
    assert batch.counts["people"]["new"] == 5
    assert not Household.objects.exists()


def test_a_confirmed_roster_stands_in_the_register(place):
    rows = family("3799000001", place, 证件号码=None)
    for row in rows:
        row["证件号码"] = invented_id(male=row["与户主关系"] != "配偶")
    batch = write(batch_of(workbook(rows), place.zone))
    assert (batch.phase, batch.state) == (BatchPhase.APPLIED, "done")
    assert [row.reasons for row in batch.rows.all()] == [[], [], []]
    household = Household.objects.get(number="3799000001")
    assert household.village == place.village
    assert household.household_type == codes.HouseholdType.LIFTED
    assert household.roster_per_capita_income == 612050
    assert household.roster_member_count == 3
    assert (household.phone, household.unsafe_house, household.safe_water) == ("13900000001", False, True)
    assert (household.head_name, household.head_initials) == ("王大", "wd")
    assert [member.relation for member in household.members.head_first()] == ["户主", "配偶", "之子"]
    wife = household.members.get(relation="配偶")
    assert (wife.id_number, wife.sex, wife.phone) == (rows[1]["证件号码"], codes.Sex.FEMALE, "13900000002")
    assert Member.objects.with_id(rows[1]["证件号码"]).get() == wife
    assert str(wife.identified_on) == "2014-12-01"
    assert AuditEvent.objects.filter(action="household.import", target=f"households.household:{household.pk}").exists()


def test_what_stands_together_in_the_file_lies_together_in_the_tables(place):
    numbers = [f"37990000{number * 7 % 60:02d}" for number in range(60)]  # more than are written at once
    write(batch_of(workbook([row for number in numbers for row in family(number, place)]), place.zone))
    assert list(Household.objects.order_by("pk").values_list("number", flat=True)) == numbers
    of_members = [member.household.number for member in Member.objects.order_by("pk").select_related("household")]
    assert of_members == sorted(of_members, key=numbers.index)


def test_the_same_file_twice_changes_nothing(place):
    content = workbook(family("3799000001", place) + family("3799000002", place, **MARKED))
    write(batch_of(content, place.zone))
    before = list(Household.objects.order_by("number").values())
    again = batch_of(content, place.zone)
    assert again.counts["households"] == {"new": 0, "changed": 0, "unchanged": 2, "refused": 0}
    with pytest.raises(ValidationError, match="没有可以写入"):
        confirm_batch(batch=again, by=None)
    assert list(Household.objects.order_by("number").values()) == before


def test_what_differs_is_named_by_column_and_written(place):
    rows = family("3799000001", place)
    write(batch_of(workbook(rows), place.zone))
    rows[1]["健康状况"] = "残疾,长期慢性病"
    for row in rows:
        row["人均纯收入"] = "4,236"
    batch = batch_of(workbook(rows), place.zone)
    assert batch.counts["households"]["changed"] == 1
    assert batch.counts["people"] == {"new": 0, "changed": 1, "unchanged": 2, "refused": 0}
    assert [row.reasons for row in batch.rows.all()] == [["本户的人均纯收入有变化。"], ["健康状况有变化。"], []]
    write(batch)
    household = Household.objects.get()
    assert (household.roster_per_capita_income, household.version) == (423600, 2)
    assert household.members.get(relation="配偶").health == ["chronic", "disabled"]


def test_a_blank_cell_does_not_wipe_what_is_known(place):
    rows = family("3799000001", place)
    write(batch_of(workbook(rows), place.zone))
    emptied = [{**row, "户联系电话": None, "健康状况": None, "人均纯收入": None} for row in rows]
    assert batch_of(workbook(emptied), place.zone).counts["households"]["unchanged"] == 1


def test_who_leaves_school_has_an_education_instead(place):
    rows = family("3799000001", place)
    rows[2].update({"文化程度": None, "在校生状况": "九年级"})
    write(batch_of(workbook(rows), place.zone))
    rows[2].update({"文化程度": "初中", "在校生状况": None})
    write(batch_of(workbook(rows), place.zone))
    son = Member.objects.get(relation="之子")
    assert (son.education, son.student_status) == ("初中", "")


def test_people_who_are_not_in_the_file_are_reported_and_stay(place):
    rows = family("3799000001", place)
    write(batch_of(workbook(rows), place.zone))
    shorter = [{**row, "人数": 2} for row in rows[:2]]
    batch = write(batch_of(workbook(shorter), place.zone))
    assert batch.counts["missing"] == 1
    assert "另有 1 人不在表里" in batch.rows.get(row_no=2).reasons[-1]
    assert Member.objects.present().count() == 3


def test_a_new_person_joins_an_old_household(place):
    rows = family("3799000001", place)
    write(batch_of(workbook(rows), place.zone))
    longer = [{**row, "人数": 4} for row in [*rows, {**rows[2], "姓名": "王丁", "证件号码": invented_id()}]]
    batch = write(batch_of(workbook(longer), place.zone))
    assert batch.counts["people"]["new"] == 1
    assert Household.objects.get().members.count() == 4


def test_two_people_change_places_as_head(place):
    rows = family("3799000001", place, people=2)
    write(batch_of(workbook(rows), place.zone))
    rows[0]["与户主关系"], rows[1]["与户主关系"] = "配偶", "户主"
    write(batch_of(workbook(rows), place.zone))
    household = Household.objects.get()
    assert household.head.name == household.head_name == "王甲"


def test_a_newborn_who_got_his_number_is_the_same_person(place, make):
    household = make.household(place.village, number="3799000001", members=1)
    number = invented_id()
    born_on = datetime.date(1964, 5, 17)
    child = make.member(household, name="王小宝", relation="之子", id_number=number, born_on=born_on, position=1)
    Member.objects.filter(pk=child.pk).update(id_number="", id_digest="", id_tail_digest="", id_type="not_yet")
    rows = family("3799000001", place, people=2)
    rows[0].update({"姓名": "王大海", "证件号码": household.head.id_number})
    rows[1].update({"姓名": "王小宝", "证件号码": number, "与户主关系": "之子"})
    write(batch_of(workbook(rows), place.zone))
    child.refresh_from_db()
    assert child.id_number == number
    assert household.members.count() == 2


def test_a_marked_household_is_told_once_as_stock(place, staff):
    told = []

    def listen(**found):
        told.append(found)

    signals.stock_found.connect(listen)
    try:
        content = workbook(family("3799000001", place, **MARKED) + family("3799000002", place))
        batch = write(batch_of(content, place.zone, staff.officer), staff.officer)
        batch_of(content, place.zone, staff.officer)
    finally:
        signals.stock_found.disconnect(listen)
    assert batch.counts["stock"] == 1
    assert len(told) == 1
    assert told[0]["household"].number == "3799000001"
    assert told[0]["monitor_class"] == codes.MonitorClass.EDGE
    assert str(told[0]["decided_on"]) == "2020-01-15"
    assert (told[0]["first_cause"], told[0]["user"], told[0]["batch"]) == ("因病", staff.officer, batch)


def test_a_household_whose_risk_is_removed_is_no_stock(place):
    rows = family("3799000001", place, **{**MARKED, "风险是否消除": "是", "风险消除时间": "2020-06-30"})
    batch = write(batch_of(workbook(rows), place.zone))
    assert batch.counts["stock"] == 0
    assert Household.objects.get().roster_risk_removed is True


def test_undo_deletes_what_the_batch_created(place):
    batch = write(batch_of(workbook(family("3799000001", place)), place.zone))
    take_back(batch)
    assert (batch.phase, batch.state) == (BatchPhase.UNDONE, "done")
    assert batch.counts["undone"] == {"deleted": 1}
    assert not Household.objects.exists()
    assert not Member.objects.exists()


def test_undo_restores_what_was_there_before(place):
    rows = family("3799000001", place)
    write(batch_of(workbook(rows), place.zone))
    skip = {"version", "updated_at"}
    households = [{k: v for k, v in row.items() if k not in skip} for row in Household.objects.values()]
    members = list(Member.objects.order_by("number").values())
    rows[0].update({"与户主关系": "配偶", "姓名": "王改名", "健康状况": "患有大病"})
    rows[1].update({"与户主关系": "户主"})
    changed = [{**row, "人均纯收入": 1, **MARKED, "户类型": "一般农户", "人数": 4} for row in rows]
    newcomer = {**changed[2], "姓名": "王新", "证件号码": invented_id()}
    take_back(write(batch_of(workbook([*changed, newcomer]), place.zone)))
    assert [{k: v for k, v in row.items() if k not in skip} for row in Household.objects.values()] == households
    assert list(Member.objects.order_by("number").values()) == members


def test_undo_keeps_a_household_that_was_used_since_and_says_so(place, staff):
    batch = write(batch_of(workbook(family("3799000001", place) + family("3799000002", place)), place.zone))
    used = Household.objects.get(number="3799000001")
    change_household(household=used, by=staff.cadre, fields={"address": "石桥 3 号"})
    take_back(batch)
    assert batch.counts["undone"] == {"kept": 1, "deleted": 1}
    assert list(Household.objects.all()) == [used]
    assert "撤销时保留" in batch.rows.filter(household=used).first().reasons[-1]


def test_confirming_twice_acts_once(place, staff):
    batch = batch_of(workbook(family("3799000001", place)), place.zone, staff.officer)
    assert confirm_batch(batch=batch, by=staff.officer)
    assert not confirm_batch(batch=ImportBatch.objects.get(pk=batch.pk), by=staff.officer)
    for _ring in range(3):
        work_on_batch(str(batch.pk))
    assert Household.objects.count() == 1
    assert AuditEvent.objects.filter(action="import.confirm").count() == 1


def test_a_form_sent_twice_gives_one_batch(place, staff):
    content = workbook(family("3799000001", place))
    sent = {"content": content, "file_name": "a.xlsx", "region": place.zone, "kind": "roster", "by": staff.officer}
    key = "5f5e0d0a-58d5-4f43-9e8a-0d9b6a1f6c11"
    assert open_batch(**sent, idempotency_key=key) == open_batch(**sent, idempotency_key=key)
    assert ImportBatch.objects.count() == 1


def test_a_discarded_preview_leaves_no_rows(place, staff):
    batch = batch_of(workbook(family("3799000001", place)), place.zone, staff.officer)
    assert discard_batch(batch=batch, by=staff.officer)
    assert not ImportRow.objects.exists()
    with pytest.raises(ValidationError):
        confirm_batch(batch=batch, by=staff.officer)


def test_a_preview_cannot_be_undone(place):
    assert not undo_batch(batch=batch_of(workbook(family("3799000001", place)), place.zone), by=None)


def test_the_register_that_moved_since_the_preview_is_compared_anew(place, make):
    rows = family("3799000001", place)
    batch = batch_of(workbook(rows), place.zone)
    elsewhere = make.household(place.neighbour, members=1)
    make.member(elsewhere, id_number=rows[1]["证件号码"], relation="其他", position=1)
    write(batch)
    assert batch.counts["written"]["households.refused"] == 1
    assert "已登记在另一户" in reasons(batch)[3]
    assert not Household.objects.filter(number="3799000001").exists()


def test_what_is_kept_of_a_row_is_encrypted(place):
    rows = family("3799000001", place)
    write(batch_of(workbook(rows), place.zone))
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload, before, reasons FROM households_importrow")
        stored = str(cursor.fetchall())
    assert rows[0]["证件号码"] not in stored
    assert "王" not in stored
    said = str(list(AuditEvent.objects.values_list("detail", flat=True)))
    assert rows[0]["证件号码"] not in said
