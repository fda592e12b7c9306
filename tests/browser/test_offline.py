"""No network: the page stays whatever is pressed, says so at the button, and what was typed is sent later."""

from playwright.sync_api import expect

from assistance.models import Visit, VisitDraft
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


def test_what_is_typed_without_network_is_not_left_and_is_kept_when_there_is_one(
    transactional_db, desk, staff, make, place
):
    household = make.household(place.village)
    page = desk(staff.cadre, phone=True)
    address = f"/households/{household.pk}/visits/new/"
    page.goto(address)
    page.context.set_offline(True)
    page.fill("[name=sentence]", "老伴住院")
    expect(page.locator("#offline")).to_contain_text("还没存上")
    page.click("nav a:has-text('待办')")
    expect(page.locator("[name=sentence]")).to_have_value("老伴住院")
    assert page.url.endswith(address)
    page.context.set_offline(False)
    expect(page.locator("#offline")).to_have_count(0)
    assert "老伴住院" in VisitDraft.objects.get(household=household).typed
    page.click("nav a:has-text('待办')")
    page.wait_for_url("**/")
