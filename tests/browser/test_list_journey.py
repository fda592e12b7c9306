"""A department's list of 5,000 lines: uploaded, looked at, written, seen as locked at the village, and taken back."""

import datetime
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Region
from accounts.roles import Role
from assistance.models import Delivery, DepartmentList, LineStatus
from households.codes import HEAD, HouseholdType
from households.identity import read_identity
from households.models import Household, Member
from tests.assistance.department_lists import line_of, sheet
from tests.browser.test_grading_round import Stations, press
from tests.factories import Make, add_place, add_staff, add_user, invented_id
from tests.support.processes import WorkerProcess, wait_until

LINES = 5_000
STRANGERS = 40
READ_SECONDS = 120_000  # milliseconds


def test_a_list_of_five_thousand_lines(desk, worker: WorkerProcess, tmp_path: Path) -> None:
    place = add_place()
    staff = add_staff(place)
    clerk = add_user("minzheng", "秦朗", Role.DEPARTMENT_CLERK, place.zone, unit="云山高新区民政局")
    people = fill(place.village)
    named = Make().household(place.village, "周有福")
    elsewhere = Make().household(place.foreign_village, "吴外山").head
    lines = [line_of(one, 380) for one in (named.head, *people)]
    lines += [line_of(elsewhere, 380), line_of(named.head, 380)]
    lines += [
        ("某某", invented_id(datetime.date(1933, 3, 3), serial=number), 380) for number in range(LINES - len(lines))
    ]
    assert len(lines) == LINES
    file = tmp_path / "低保.xlsx"
    file.write_bytes(sheet(lines))
    stations, page = Stations(tmp_path), desk(clerk)

    uploaded(page, file, stations)
    batch = DepartmentList.objects.get()
    assert batch.counts["lines"] == {
        LineStatus.NEW: len(people) + 1, LineStatus.FOREIGN: 1, LineStatus.DOUBLE: 1, LineStatus.UNKNOWN: LINES - len(people) - 3,
    }  # fmt: skip
    assert Delivery.objects.count() == 0
    written(page, stations, len(people) + 1)
    assert Delivery.objects.count() == len(people) + 1

    phone = desk(staff.cadre, phone=True)
    phone.goto(f"/households/{named.pk}/assistance/")
    expect(phone.locator("main")).to_contain_text("部门已核")
    assert phone.get_by_role("link", name="改低保").count() == 0
    stations.at(phone, "phone-locked")

    taken_back(page, stations)
    assert Delivery.objects.count() == 0
    page.goto("/department/")
    stations.at(page, "desk")
    assert stations.faults == []


def fill(village: Region) -> list[Member]:
    """Households with one person each, all of whom stand on the list."""
    households = [
        Household(village=village, number=f"{number:08d}", household_type=HouseholdType.ORDINARY, head_name="李某某")
        for number in range(LINES - STRANGERS - 3)
    ]
    Household.objects.bulk_create(households)
    members = []
    for number, household in enumerate(households):
        born = timezone.localdate().replace(year=1950 + number // 400, month=1 + number % 12, day=1 + number % 28)
        member = Member(household=household, name="李某某", relation=HEAD)
        member.take_identity(read_identity(invented_id(born, serial=number)))
        members.append(member)
    Member.objects.bulk_create(members)
    return members


def uploaded(page: Page, file: Path, stations: Stations) -> None:
    page.goto("/department/lists/")
    stations.at(page, "no-list")
    page.get_by_role("link", name="上传 1 份名单").first.click()
    page.select_option("[name=measure]", "dibao")
    page.set_input_files("[name=workbook]", file)
    stations.at(page, "upload")
    press(page, "上传 1 份名单，看预览")
    expect(page.get_by_text("这是预览，还没有写入")).to_be_visible(timeout=READ_SECONDS)
    stations.at(page, "preview")
    page.get_by_role("link", name="名册里没有").click()
    expect(page.locator("main")).to_contain_text("请核对，或告诉镇（街）")


def written(page: Page, stations: Stations, many: int) -> None:
    page.get_by_role("link", name=f"写入 {many} 行").click()
    stations.at(page, "confirm")
    press(page, f"确认写入 {many} 行")
    expect(page.get_by_text("已写入：新登记")).to_be_visible(timeout=READ_SECONDS)
    stations.at(page, "written")


def taken_back(page: Page, stations: Stations) -> None:
    page.get_by_role("link", name="撤销这份名单").click()
    stations.at(page, "undo")
    press(page, "确认撤销 1 份名单")
    expect(page.get_by_text("已撤销：恢复")).to_be_visible(timeout=READ_SECONDS)
    stations.at(page, "undone")
    wait_until(lambda: DepartmentList.objects.get().state == "done")
