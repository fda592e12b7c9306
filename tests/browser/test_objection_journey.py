"""An objection from a villager's phone to its written answer: found right, its household stops, the others go on."""

import datetime
import re
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import Page, expect

from monitoring import notices
from monitoring.clock_work import move_due
from monitoring.models import Case, Notice, NoticeKind, Objection, Stage
from tests.factories import Make, add_place, add_staff
from tests.monitoring.casework import bring, surveyed
from tests.monitoring.noticed import after, enable, set_number

OFFICE, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 800}
HEADS = ("王大海", "赵玉梅", "钱永福", "冯桂香")


def picture(page: Page, folder: Path, name: str) -> None:
    """The page as it is on a phone and on a desk; on the one that it is made for, without sideways scrolling."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, name
    picture_without_script(page, folder, name)


def test_an_objection_found_right_stops_its_household_and_is_answered(desk, transactional_db, tmp_path):
    place = add_place()
    staff = add_staff(place)
    enable(place, staff)
    set_number(place, staff, "objection_days", "5")
    cases = [
        bring(surveyed(Make().household(place.village, head, group_no=group), staff.cadre), Stage.NOTICE_DUE,
              village=staff.cadre, town=staff.reviewer, district=staff.officer)
        for group, head in enumerate(HEADS, 1)
    ]  # fmt: skip

    # the village posts it on the phone
    cadre = desk(staff.cadre, phone=True)
    cadre.goto("/notices/")
    picture(cadre, tmp_path, "1-due")
    cadre.get_by_role("link", name="发起拟纳入公示").click()
    cadre.fill("[name=village_phone]", "0000-0000001")
    cadre.fill("[name=town_phone]", "0000-0000002")
    cadre.fill("[name=remark]", "联系人手机 138 0000 1234")
    cadre.get_by_role("button", name="下一步：核对名单").click()
    expect(cadre.locator("main")).to_contain_text("补充说明里不能写电话号码")
    cadre.fill("[name=remark]", "")
    cadre.get_by_role("button", name="下一步：核对名单").click()
    expect(cadre.get_by_role("button", name="确认发起公示 4 户")).to_be_visible()
    picture(cadre, tmp_path, "2-preview")
    cadre.get_by_role("button", name="确认发起公示 4 户").click()
    notice = Notice.objects.get()
    assert notice.number == f"青石公示〔{timezone.localdate().year}〕1 号"
    picture(cadre, tmp_path, "3-notice")
    cadre.goto(f"/notices/{notice.pk}/print/")
    expect(cadre.locator("svg.code")).to_be_visible()
    picture(cadre, tmp_path, "4-paper")

    # a villager reads the code and objects, without a login and without a script
    villager = desk(phone=True, java_script_enabled=False)
    villager.goto(f"/gs/{notice.token}/")
    expect(villager.locator("body")).to_contain_text("王*海")
    expect(villager.locator("body")).not_to_contain_text("王大海")
    picture_without_script(villager, tmp_path, "5-public")
    villager.get_by_role("link", name="提异议").click()
    villager.locator("label", has_text="王*海").click()
    villager.fill("[name=content]", "这一户的儿子有一辆货车跑运输，没有报。")
    villager.fill("[name=contact]", "13900005678")
    picture_without_script(villager, tmp_path, "6-form")
    villager.get_by_role("button", name="提交异议 1 条").click()
    receipt = re.search(r"\d{4} \d{4} \d{4}", villager.locator("main").inner_text())
    assert receipt
    picture_without_script(villager, tmp_path, "7-receipt")

    # the town names who looks into it: not who submitted the case
    assert move_due().objections == 1
    ticket = Objection.objects.get()
    assert ticket.receipt == receipt.group().replace(" ", "")
    town = desk(staff.reviewer)
    town.goto("/")
    expect(town.locator("main")).to_contain_text("异议还没有人核查")
    town.goto(f"/objections/{ticket.pk}/")
    names = town.locator("[name=investigator]").inner_text()
    assert "周建设" in names
    assert "张桂英" not in names
    town.select_option("[name=investigator]", label="周建设")
    picture(town, tmp_path, "8-assign")
    town.get_by_role("button", name="指定核查人 1 人").click()
    expect(town.locator("main")).to_contain_text("这条异议由周建设核查")

    # he looks into it and finds it right
    team = desk(staff.team, phone=True)
    team.goto(f"/objections/{ticket.pk}/")
    team.get_by_role("button", name=re.compile("看提出人")).click()
    expect(team.locator("main")).to_contain_text("13900005678")
    team.go_back()
    team.fill("[name=finding]", "车管所查到货车登记在户主儿子名下，跑运输属实。")
    team.locator("label", has_text="异议成立").click()
    team.fill("[name=reply]", "经核查，您反映的情况属实，这一户停止公示，重新评议。")
    picture(team, tmp_path, "9-finding")
    team.get_by_role("button", name="登记核查结论 1 条").click()
    expect(team.locator("main")).to_contain_text("成立")
    team.goto(f"/objections/{ticket.pk}/paper/")
    picture(team, tmp_path, "10-answer")
    stages = dict(Case.objects.values_list("household__head_name", "stage"))
    assert stages == {"王大海": Stage.MEETING, **dict.fromkeys(HEADS[1:], Stage.NOTICE)}

    # the village corrects what hangs, with one click
    cadre.goto("/notices/")
    cadre.get_by_role("link", name="发更正公告").click()
    expect(cadre.get_by_role("button", name="发更正公告 1 张")).to_be_visible()
    picture(cadre, tmp_path, "11-correction")
    cadre.get_by_role("button", name="发更正公告 1 张").click()
    correction = Notice.objects.get(kind=NoticeKind.CORRECTION)
    cadre.goto(f"/notices/{correction.pk}/print/")
    expect(cadre.locator("h1")).to_contain_text("更正公告")
    picture(cadre, tmp_path, "12-corrected")

    # the others go on by themselves when the days are over, and the page is gone
    moved = move_due(after(notice))
    assert moved.cases == len(cases) - 1
    villager.goto(f"/gs/{notice.token}/")
    expect(villager.locator("body")).to_contain_text("公示已期满")
    picture_without_script(villager, tmp_path, "13-over")
    cadre.goto("/notices/?tab=over")
    expect(cadre.locator("main")).to_contain_text("已结束")
    assert set(Case.objects.exclude(household__head_name="王大海").values_list("stage", flat=True)) == {Stage.TOWN}
    assert notices.countdown(notice, notice.ends_on + datetime.timedelta(days=1)).over


def picture_without_script(page: Page, folder: Path, name: str) -> None:
    """The same where no script runs to be asked how wide the page is."""
    was = page.viewport_size
    for kind, size in (("phone", PHONE), ("desk", OFFICE)):
        page.set_viewport_size(size)
        page.screenshot(path=str(folder / f"objection-{name}-{kind}.png"), full_page=True)
    if was:
        page.set_viewport_size(was)
