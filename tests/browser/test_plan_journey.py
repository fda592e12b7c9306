"""一户一策 in a browser: the village puts measures in from what is missing and proposes, the town confirms, and it is printed."""

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from assistance.models import Delivery, Plan, PlanStage
from households.models import Household
from tests.browser.test_grading_round import Stations, press
from tests.factories import Make, add_place, add_staff
from tests.ledgers.conftest import appoint, designate


def test_a_plan_goes_from_the_phone_to_the_town_and_onto_paper(desk, tmp_path: Path):
    place = add_place()
    staff = add_staff(place)
    household = Make().household(place.village, "周有福")
    designate(household)
    appoint(household)
    stations = Stations(tmp_path)
    phone, town = desk(staff.cadre, phone=True), desk(staff.reviewer)

    put_in(phone, household, stations)
    mended(phone, stations)
    press(phone, "提交青石镇确认")
    expect(phone.get_by_text("已提交镇（街）确认")).to_be_visible()

    town.goto("/")
    town.get_by_role("link", name="1 户一户一策等确认", exact=False).first.click()
    town.get_by_role("link", name="周有福", exact=True).click()
    stations.at(town, "plan_in_town")
    press(town, "确认这 2 项")
    expect(town.get_by_text("已承诺").first).to_be_visible()

    plan = Plan.objects.get()
    assert plan.stage == PlanStage.CONFIRMED
    loan = Delivery.objects.get(measure="temporary_relief")
    assert (loan.amount, loan.unit, loan.begun_on) == (3000_00, "民政局", None)
    printed(town, stations)
    assert stations.faults == []


def put_in(phone: Page, household: Household, stations: Stations) -> None:
    """Two measures from the list of what is missing; the one for a person is his."""
    phone.goto(f"/households/{household.pk}/assistance/")
    expect(phone.get_by_text("1 项还没有措施")).to_be_visible()
    stations.at(phone, "gaps_card")
    phone.get_by_role("link", name="看能补什么").click()
    stations.at(phone, "gaps")
    unfold(phone)
    phone.get_by_role("button", name="加入计划：临时救助").click()
    expect(phone.get_by_text("已加入计划：临时救助")).to_be_visible()
    unfold(phone)
    phone.get_by_label("公益岗位给谁").select_option(label="周有福")
    phone.get_by_role("button", name="加入计划：公益岗位").click()
    expect(phone.get_by_text("已加入计划：公益岗位（周有福）")).to_be_visible()


def unfold(phone: Page) -> None:
    """Every list of further candidates."""
    closed = phone.locator("details:not([open]) > summary")
    while closed.count():
        closed.first.click()


def mended(phone: Page, stations: Stations) -> None:
    """The amount is beyond nothing; the goal, and why the other who can work has no measure."""
    phone.get_by_role("link", name="去看").click()
    expect(phone.get_by_text("还没有写总目标")).to_be_visible()
    stations.at(phone, "plan_draft")
    phone.get_by_role("link", name="改临时救助").click()
    phone.get_by_label("金额（元）").fill("3000")
    press(phone, "保存 1 项")
    phone.get_by_role("link", name="改", exact=True).click()
    phone.get_by_label("总目标").fill("年底前收入稳定，病有人管。")
    phone.get_by_label("没有措施的原因", exact=False).fill("在家照看老人。")
    stations.at(phone, "plan_goal")
    press(phone, "保存")


def printed(town: Page, stations: Stations) -> None:
    """One sheet of A4 with all lines to sign on, nothing beyond its edge."""
    town.get_by_role("link", name="打印").first.click()
    town.emulate_media(media="print")
    for who in ("农户", "帮扶联系人", "村", "镇（街）"):
        expect(
            town.get_by_role("rowheader", name=who, exact=True).or_(town.locator(f"th:text-is('{who}')")).first
        ).to_be_visible()
    assert town.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    pdf = town.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    town.emulate_media(media="screen")
