"""A button pressed where there is no network: the page stays, says so, and what was typed is sent later."""

from playwright.sync_api import expect

from assistance.models import Visit
from tests.support.processes import wait_until


def test_a_form_sent_without_network_stays_and_is_sent_when_there_is_one(transactional_db, desk, staff, make, place):
    household = make.household(place.village)
    page = desk(staff.cadre, phone=True)
    page.goto(f"/households/{household.pk}/visits/new/")
    page.click("label:has-text('在好转')")
    page.context.set_offline(True)
    page.click("text=保存 1 次走访")
    expect(page.locator("#offline")).to_contain_text("没有提交")
    assert not Visit.objects.exists()
    page.context.set_offline(False)
    page.click("text=保存 1 次走访")
    wait_until(lambda: Visit.objects.filter(household=household, mood="better").count() == 1)
