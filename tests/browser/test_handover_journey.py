"""Sixty households of somebody who leaves change hands: proposed by the town, taken on the other's phone."""

import datetime

from playwright.sync_api import expect

from assistance.models import Handover, Helper
from tests.factories import Make, add_place, add_staff
from tests.ledgers.conftest import designate

MANY = 60


def test_sixty_households_are_handed_over_in_two_pages(desk, transactional_db, tmp_path):
    place = add_place()
    staff = add_staff(place)
    for number in range(MANY):
        household = Make().household(place.village, f"户{number}", group_no=number % 6 + 1)
        designate(household)
        Helper.objects.create(household=household, name="赵卫东", unit="农业农村局", begun_on=datetime.date(2026, 3, 2))

    town = desk(staff.reviewer)
    town.goto("/assistance/")
    town.get_by_role("link", name="联系人交接").click()
    expect(town.get_by_role("row", name="赵卫东")).to_contain_text(str(MANY))
    town.screenshot(path=tmp_path / "1-contacts.png", full_page=True)
    town.get_by_role("link", name="交接赵卫东的户").click()
    expect(town.locator("h1")).to_contain_text(f"交接赵卫东的 {MANY} 户")
    town.screenshot(path=tmp_path / "2-form.png")
    town.get_by_role("button", name="请他接手").click()
    expect(town.locator(".error-summary")).to_contain_text("请填这一项")
    town.select_option("[name=to]", label=f"{staff.cadre.name}（{staff.cadre.unit or '单位未填'}）")
    town.fill("[name=reason]", "工作调动")
    town.get_by_role("button", name="请他接手").click()
    expect(town.locator("main")).to_contain_text(f"等{staff.cadre.name}确认")
    town.screenshot(path=tmp_path / "3-asked.png")
    assert Helper.objects.filter(name="赵卫东", ended_on=None).count() == MANY

    cadre = desk(staff.cadre, phone=True)
    cadre.goto("/")
    cadre.get_by_role("link", name=f"接手赵卫东的 {MANY} 户").click()
    expect(cadre.get_by_role("button", name=f"接手 {MANY} 户")).to_be_visible()
    cadre.screenshot(path=tmp_path / "4-phone.png")
    cadre.get_by_role("button", name=f"接手 {MANY} 户").click()
    expect(cadre.locator("main")).to_contain_text(f"已接手 {MANY} 户")
    cadre.screenshot(path=tmp_path / "5-taken.png")
    assert Helper.objects.filter(name=staff.cadre.name, ended_on=None, user=staff.cadre).count() == MANY
    assert not Helper.objects.filter(name="赵卫东", ended_on=None).exists()
    assert Handover.objects.get().stage == "taken"
