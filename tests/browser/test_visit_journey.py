"""A visit on the phone from the inbox in few taps, without and with a sentence; a photo that is none; no network; a task closed."""

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from assistance.models import GuaranteeTask, Visit, VisitDraft
from assistance.task_work import note_step
from households.models import Attachment
from monitoring.models import Lead
from tests.assistance.test_visit_plan import case
from tests.assistance.test_visits import late_by
from tests.browser.test_grading_round import Stations
from tests.factories import Make, add_place, add_staff
from tests.households.sent_files import PDF
from tests.households.visits import submit
from tests.support.processes import wait_until

MOST_TAPS = 6


class Taps:
    """Counts what a thumb does on a page."""

    def __init__(self, page: Page) -> None:
        self.page, self.count = page, 0

    def tap(self, selector: str) -> None:
        """One tap on the first thing that fits."""
        self.count += 1
        self.page.locator(selector).first.tap()


def family(place, staff, head, late):
    household = Make().household(place.village, head)
    case(household, staff)
    late_by(household, staff, late)
    return household


def test_a_visit_is_written_down_in_few_taps_from_the_inbox(transactional_db, desk, tmp_path):
    place = add_place()
    staff = add_staff(place)
    first, second = family(place, staff, "王大海", 4), family(place, staff, "马秀英", 2)
    page, stations = desk(staff.cadre, phone=True), Stations(tmp_path)
    page.goto("/")
    stations.at(page, "inbox")

    taps = Taps(page)  # 有新困难, two chips, a sentence, save
    taps.tap("text=走访王大海户")
    page.wait_for_url("**/visits/new/")
    stations.at(page, "visit")
    taps.tap("label:has-text('有新困难')")
    taps.tap("label:has-text('有人生病')")
    taps.tap("[name=sentence]")
    page.keyboard.type("老人摔伤住院，自付两万")
    taps.tap("text=保存 1 次走访")
    expect(page.locator("main")).to_contain_text("刚记：王大海户，有新困难")
    assert taps.count <= MOST_TAPS
    stations.at(page, "saved")
    visit = Visit.objects.latest("entered_at")
    assert (visit.household, visit.mood, visit.chips) == (first, "worse", ["ill"])

    page.goto("/")
    taps = Taps(page)  # 没变化
    taps.tap("text=走访马秀英户")
    taps.tap("label:has-text('没变化')")
    taps.tap("text=保存 1 次走访")
    expect(page.locator("main")).to_contain_text("刚记：马秀英户，没变化")
    assert taps.count == 3
    assert Visit.objects.filter(household=second, visitor=staff.cadre).count() == 2
    assert stations.faults == []


def test_nothing_new_is_one_tap_in_the_list_and_is_taken_back_by_another(transactional_db, desk, tmp_path):
    place = add_place()
    staff = add_staff(place)
    household = family(place, staff, "王大海", 4)
    page, stations = desk(staff.cadre, phone=True), Stations(tmp_path)
    page.goto("/visits/")
    stations.at(page, "list")
    page.locator("button:has-text('没变化')").first.dblclick()
    expect(page.locator("main")).to_contain_text("刚记：王大海户，没变化")
    wait_until(lambda: Visit.objects.filter(household=household).count() == 2)
    stations.at(page, "one-tap")
    page.click("text=撤回这一次")
    expect(page.locator("main")).to_contain_text("已撤回 王大海户 1 次走访")
    assert Visit.objects.filter(household=household).count() == 1
    assert stations.faults == []


def test_what_is_typed_survives_a_bad_photo_a_closed_page_and_no_network(transactional_db, desk, tmp_path):
    place = add_place()
    staff = add_staff(place)
    household = family(place, staff, "王大海", 4)
    page, stations = desk(staff.cadre, phone=True), Stations(tmp_path)
    address = f"/households/{household.pk}/visits/new/"

    page.goto(address)
    page.click("label:has-text('打电话')")
    expect(page.locator("#contact")).to_be_visible()
    page.click("label:has-text('有新困难')")
    page.fill("[name=sentence]", "孩子说厂里停工了")
    page.fill("[name=contact_phone]", "13900000001")
    expect(page.locator("[data-draft-status]")).to_contain_text("已存好")
    assert VisitDraft.objects.count() == 1

    page.goto(address)  # the page was closed, and is opened anew
    expect(page.locator("[name=sentence]")).to_have_value("孩子说厂里停工了")
    expect(page.locator("[name=contact_phone]")).to_have_value("13900000001")
    stations.at(page, "draft-is-back")

    for name, content, words in (("合影.jpg", PDF, "内容却是 PDF"), ("大.png", _huge(), "像素")):
        page.click("summary:has-text('拍照')") if page.locator("[name=photo]").is_hidden() else None
        page.locator("[name=photo]").set_input_files(_file(tmp_path, name, content))
        page.click("text=保存 1 次走访")
        expect(page.locator("main")).to_contain_text(words)
        expect(page.locator("[name=sentence]")).to_have_value("孩子说厂里停工了")
        stations.at(page, f"refused-{words}")
    assert not Attachment.objects.exists()

    page.context.set_offline(True)
    page.click("text=保存 1 次走访")
    expect(page.locator("#offline")).to_contain_text("没有提交")
    expect(page.locator("[name=sentence]")).to_have_value("孩子说厂里停工了")
    stations.at(page, "offline")
    page.context.set_offline(False)
    page.click("text=保存 1 次走访")
    expect(page.locator("main")).to_contain_text("刚记：王大海户")
    wait_until(lambda: not VisitDraft.objects.exists())
    assert Visit.objects.filter(household=household, contact_phone="").count() == 1  # the old one

    page.click("text=登记线索")
    expect(page.locator("[name=words]")).to_have_value("孩子说厂里停工了")
    stations.at(page, "lead")
    page.click("label:has-text('因务工就业不稳')")
    page.click("text=登记线索 1 条")
    expect(page.locator("main")).to_contain_text("已登记 1 条线索")
    assert Lead.objects.get().household == household
    assert stations.faults == []


def test_an_unsafe_house_is_done_when_it_is_lived_in(transactional_db, desk, tmp_path, today):
    place = add_place()
    staff = add_staff(place)
    household = Make().household(place.village)
    submit(household, staff.cadre, today, housing_ok=False, water_ok=False)
    task = GuaranteeTask.objects.get(kind="unsafe_house")
    page, stations = desk(staff.officer), Stations(tmp_path)
    page.goto("/tasks/")
    stations.at(page, "tasks")
    page.click("text=住房不安全")
    for number, step in enumerate(("危房拆除", "改造合格")):
        page.click(f"button:has-text('登记{step}')")
        expect(page.locator("main")).to_contain_text(f"已登记{step}日期")
        stations.at(page, f"step-{number}")
    task.refresh_from_db()
    note_step(task=task, by=staff.officer, step="moved_in", on=today, version=task.version)
    page.reload()
    page.fill("[name=outcome]", "新房已入住")
    page.click("text=办结 1 件")
    expect(page.locator("main")).to_contain_text("请上传佐证")
    expect(page.locator("[name=outcome]")).to_have_value("新房已入住")
    stations.at(page, "no-evidence")
    page.locator("[name=files]").set_input_files(_file(tmp_path, "验收.pdf", PDF))
    page.click("text=办结 1 件")
    expect(page.locator("main")).to_contain_text("已办结 1 件保障任务")
    stations.at(page, "done")
    page.goto(f"/households/{household.pk}/assistance/")
    expect(page.locator("main")).to_contain_text("保障任务")
    stations.at(page, "household")
    assert stations.faults == []


def _huge() -> bytes:
    """80 megapixels in a file so small that the phone sends it as it is."""
    content = io.BytesIO()
    Image.new("1", (8945, 8945)).save(content, "PNG")
    return content.getvalue()


def _file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path
