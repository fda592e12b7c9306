"""The October round of a town, from start to filed: each desk in its own browser, on the phone and in the office."""

import re

from django.utils import timezone
from playwright.sync_api import Page, expect

from monitoring.grading_proof import grading_faults
from monitoring.models import Grade, Grading, GradingRound, GradingStage
from tests.browser.test_axe import grave_findings
from tests.factories import Make, add_place, add_staff
from tests.monitoring.graded import RED, lifted, take_luan, visited


class Stations:
    """Each place that was reached: looked at by axe, and kept as a picture."""

    def __init__(self, folder) -> None:
        self.folder, self.faults, self.number = folder, [], 0

    def at(self, page: Page, name: str) -> None:
        """Look at the page as it stands."""
        self.number += 1
        page.wait_for_load_state()
        page.screenshot(path=self.folder / f"{self.number:02}-{name}.png", full_page=True)
        self.faults += grave_findings(page)


def press(page: Page, words: str) -> None:
    """Press the first button that begins with these words."""
    page.get_by_role("button", name=re.compile(f"^{words}")).first.click()


def test_an_october_round_of_a_town_from_start_to_filed(desk, tmp_path):
    place, make = add_place(), Make()
    staff = add_staff(place)
    take_luan(place, staff)
    stations = Stations(tmp_path)
    homes = [visited(lifted(make, place.village, name), staff.cadre) for name in ("王大海", "孙立柱", "田守义")]
    homes.append(visited(lifted(make, place.village, "唐金生"), staff.cadre, **RED))
    far = lifted(make, place.village, "周德福")
    phone, town, county = desk(staff.team, phone=True), desk(staff.reviewer), desk(staff.officer)

    open_the_round(county, stations)
    propose_on_the_phone(phone, homes, far, staff, stations)
    review_in_the_town(town, stations)
    mend_what_was_returned(phone, town, stations)
    file_in_the_county(county, place, stations)

    assert {one.stage for one in Grading.objects.all()} == {GradingStage.FILED}
    levels = dict(Grade.objects.filter(replaced_on=None).values_list("household__head_name", "level"))
    assert levels == {"王大海": 3, "孙立柱": 3, "田守义": 2, "唐金生": 1, "周德福": 3}
    assert list(grading_faults()) == []
    assert stations.faults == []
    assert stations.number == 16


def open_the_round(county: Page, stations: Stations) -> None:
    """The county begins the round of the month."""
    county.goto("/grading/")
    county.get_by_role("link", name="开始一轮").click()
    county.fill("[name=begins_on]", f"{timezone.localdate():%Y-%m-%d}")
    county.fill("[name=due_on]", f"{timezone.localdate():%Y-%m-%d}")
    stations.at(county, "county-open")
    press(county, "确认开始 1 轮")
    expect(county.locator("main")).to_contain_text("分级已经开始")
    assert GradingRound.objects.get().opened_by.username == "officer"


def propose_on_the_phone(phone: Page, homes: list, far, staff, stations: Stations) -> None:
    """Who was not visited is visited; one level is another than suggested; the others go together."""
    phone.goto("/")
    expect(phone.locator("main")).to_contain_text("1 户要先入户再评定")
    stations.at(phone, "phone-home")
    phone.goto("/grading/?tab=visit")
    phone.get_by_role("link", name="周德福").click()
    expect(phone.get_by_role("link", name="去入户调查")).to_be_visible()
    stations.at(phone, "phone-visit-first")
    visited(far, staff.cadre, days_ago=0)
    phone.goto(f"/grading/households/{homes[2].pk}/")
    phone.locator("label", has_text="黄 二级").click()
    press(phone, "提出等级 1 户")
    expect(phone.locator("main")).to_contain_text("和系统建议不同，要写原因")
    stations.at(phone, "phone-reason-missing")
    phone.fill("[name=reason]", "儿子上月停工，家里只有老人种地")
    press(phone, "提出等级 1 户")
    expect(phone.locator("main")).to_contain_text("报镇（街）审核")
    phone.goto("/grading/?tab=ready")
    stations.at(phone, "phone-ready")
    press(phone, "同意系统等级 4 户")
    stations.at(phone, "phone-batch")
    press(phone, "确认同意系统等级 4 户")
    expect(phone.locator("main")).to_contain_text("已按系统等级提出 4 户")


def review_in_the_town(town: Page, stations: Stations) -> None:
    """One is sent back with a reason; the rest of those as suggested are agreed to at once."""
    town.goto("/grading/")
    stations.at(town, "town-list")
    town.get_by_role("link", name="田守义", exact=True).click()
    stations.at(town, "town-household")
    town.get_by_role("link", name="退回村里").click()
    town.fill("[name=note]", "停工多久了，写清楚")
    stations.at(town, "town-return")
    press(town, "确认退回村里 1 户")
    town.goto("/grading/?tab=town")
    town.locator("[data-select-all]").check()
    press(town, "审核同意 4 户")
    stations.at(town, "town-batch")
    press(town, "确认审核同意 4 户")
    expect(town.locator("main")).to_contain_text("已审核同意 4 户")


def mend_what_was_returned(phone: Page, town: Page, stations: Stations) -> None:
    """The village reads why, mends the reason, and the town agrees to that one alone."""
    phone.goto("/grading/?tab=returned")
    expect(phone.locator("main")).to_contain_text("停工多久了")
    phone.get_by_role("link", name="田守义").click()
    stations.at(phone, "phone-returned")
    phone.fill("[name=reason]", "儿子八月起停工，家里只有老人种地")
    press(phone, "提出等级 1 户")
    expect(phone.locator("main")).to_contain_text("报镇（街）审核")
    town.goto("/grading/?tab=town")
    town.get_by_role("link", name="田守义", exact=True).click()
    town.get_by_role("link", name="审核同意，报县备案").click()
    press(town, "确认审核同意")
    expect(town.locator("main")).to_contain_text("待报县备案")


def file_in_the_county(county: Page, place, stations: Stations) -> None:
    """By village from the progress page; then the sheet, the list of names, and the mark on the household."""
    county.goto("/grading/")
    county.get_by_role("link", name="各村进度").click()
    stations.at(county, "county-progress")
    county.get_by_role("link", name="青石镇", exact=True).click()
    stations.at(county, "county-town")
    press(county, "备案北石桥村委会 5 户")
    press(county, "确认备案 5 户")
    expect(county.locator("main")).to_contain_text("已备案 5 户")
    county.get_by_role("link", name="各村进度").click()
    county.get_by_role("link", name="打印备案表").click()
    expect(county.locator("main")).to_contain_text("扶贫开发领导小组备案")
    stations.at(county, "county-sheet")
    county.goto(f"/grading/paper/?village={place.village.code}")
    expect(county.locator("main")).to_contain_text("二级·黄")
    stations.at(county, "village-list")
    county.goto("/households/?risk=1")
    expect(county.locator("tbody")).to_contain_text("唐金生")
    stations.at(county, "households-red")
