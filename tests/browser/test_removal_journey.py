"""风险消除: refused with all its reasons; after six months proposed, visited by two, agreed, hung, and decided; and proved."""

from playwright.sync_api import Page, expect

from accounts.roles import Role
from assistance.catalogue import MEASURES
from assistance.models import Delivery
from assistance.services import told_by
from households.models import Household
from monitoring.models import Case, CaseKind, Notice, NoticeKind, Stage
from monitoring.proof import prove
from monitoring.workflow import take
from tests.browser.test_grading_round import Stations, press
from tests.browser.test_journey import forward, step
from tests.factories import Make, Staff, add_place, add_staff, add_user
from tests.households.sent_files import PDF
from tests.monitoring.casework import bring, surveyed
from tests.support.passed_time import days_pass

REASONS = ("不满 6 个月", "还没有一项帮扶措施落实", "低于", "还提示有风险")


def test_a_removal_is_refused_with_its_reasons_and_done_after_six_months(desk, tmp_path):
    place = add_place()
    staff = add_staff(place)
    second = add_user("officer2", "韩东", Role.DISTRICT_OFFICER, place.zone)
    household = surveyed(Make().household(place.village, "周有福"), staff.cadre)
    designation = registered(household, staff)
    stations = Stations(tmp_path)
    phone, town, district = desk(staff.cadre, phone=True), desk(staff.reviewer), desk(staff.officer)

    refused(phone, town, designation, stations)
    Delivery.objects.create(
        household=household,
        member=household.members.first(),
        **told_by(MEASURES["dibao"]),
        begun_on=designation.decided_on,
    )
    days_pass(190)
    case = proposed(phone, designation, stations)
    visited(phone, case, staff, stations)
    agreed_and_hung(phone, case, stations)
    decided(town, district, case, stations)

    designation.refresh_from_db()
    assert designation.stage == Stage.REMOVED
    assert Delivery.objects.get().ended_on is None
    assert prove().faults == []
    back_again(desk(second), designation, stations)
    assert prove().faults == []
    assert stations.faults == []


def registered(household: Household, staff: Staff) -> Case:
    """On the register by the procedure, the days of its notice really gone by."""
    people = {"village": staff.cadre, "town": staff.reviewer, "district": staff.officer}
    case = bring(household, Stage.NOTICE, **people)
    notice = Notice.objects.get(cases=case)
    days_pass((notice.ends_on - notice.starts_on).days + 2)
    case = take("close_notice", case=Case.objects.get(pk=case.pk), by=staff.cadre)
    case = take("endorse", case=case, by=staff.reviewer, main_risk="illness")
    return take("acknowledge", case=case, by=staff.officer)


def refused(phone: Page, town: Page, designation: Case, stations: Stations) -> None:
    """On the phone and in the office: every reason at once, and nothing to press."""
    for page, name in ((phone, "phone-refused"), (town, "town-refused")):
        page.goto(f"/cases/{designation.pk}/")
        page.get_by_role("link", name="风险消除", exact=True).click()
        for reason in REASONS:
            expect(page.locator("main")).to_contain_text(reason)
        assert page.get_by_role("button", name="发起风险消除").count() == 0
        stations.at(page, name)


def proposed(phone: Page, designation: Case, stations: Stations) -> Case:
    """Half a year later, with a measure in place and a new visit, all conditions hold."""
    well(phone, designation.household)
    phone.goto(f"/cases/{designation.pk}/removal/")
    expect(phone.locator("main")).to_contain_text("已满 6 个月")
    expect(phone.locator("main")).to_contain_text("已落实：低保")
    phone.fill("[name=note]", "两口子都在镇上厂里上班")
    stations.at(phone, "phone-all-conditions-hold")
    press(phone, "发起风险消除 1 户")
    expect(phone.locator("main")).to_contain_text("审定以前这一户仍在册")
    stations.at(phone, "phone-proposed")
    return Case.objects.get(kind=CaseKind.REMOVAL)


def visited(phone: Page, case: Case, staff: Staff, stations: Stations) -> None:
    """Two people visit; one person twice does not do."""
    phone.goto(f"/cases/{case.pk}/verify_removal/")
    expect(phone.locator("main")).to_contain_text("还没有新的入户调查")
    stations.at(phone, "phone-no-visit-yet")
    days_pass(3)
    well(phone, case.household, "4.5万", "15,400")
    phone.goto(f"/cases/{case.pk}/verify_removal/")
    phone.select_option("[name=second]", str(staff.cadre.pk))
    press(phone, "两人入户核实已办 1 户")
    expect(phone.locator("main")).to_contain_text("不能是同一个人")
    phone.select_option("[name=second]", str(staff.team.pk))
    stations.at(phone, "phone-two-visitors")
    press(phone, "两人入户核实已办 1 户")
    expect(phone.locator("main")).to_contain_text("接着开民主评议")


def well(phone: Page, household: Household, wage: str = "4.2万", each: str = "14,400") -> None:
    """A visit that finds the family well off."""
    phone.goto(f"/households/{household.pk}/survey/")
    phone.locator("label", has_text="没有").locator("visible=true").first.click()
    forward(phone)
    amounts = {
        "wage": wage,
        "operating_gross": "0",
        "operating_cost": "0",
        "property_income": "0",
        "transfer": "1200",
    }
    for name, amount in {**amounts, "transfer_expense": "0"}.items():
        phone.fill(f"[name={name}]", amount)
    forward(phone)
    for name in ("medical", "education", "housing", "disability", "disaster", "other"):
        phone.fill(f"[name=rigid_{name}]", "0")
    forward(phone)
    phone.locator("label", has_text="都有保障").click()
    forward(phone)
    forward(phone)
    press(phone, "提交到青石镇")
    phone.wait_for_load_state("networkidle")
    if phone.get_by_text("项没动过").count():  # all else is as it was at the last visit, and that is so
        press(phone, "提交到青石镇")
    expect(phone.get_by_text("看办理进度").first).to_be_visible()
    expect(phone.locator("main")).to_contain_text(each)


def agreed_and_hung(phone: Page, case: Case, stations: Stations) -> None:
    """The meeting agrees, the notice hangs for its days, and the village reports."""
    phone.goto("/cases/meeting/")
    for name, value in (("present", "21"), ("chair", "石主任"), ("minute_taker", "石会计"), ("minutes", "逐户评议。")):
        phone.fill(f"[name={name}]", value)
    phone.fill(f"[name=case-{case.pk}-in_favour]", "21")
    phone.locator(f"label[for^=id_case-{case.pk}-recognised]").first.click()
    stations.at(phone, "phone-meeting")
    press(phone, "保存评议结果")
    phone.goto("/notices/new/")
    press(phone, "下一步：核对名单")
    stations.at(phone, "phone-notice-check")
    press(phone, "确认发起公示 1 户")
    notice = Notice.objects.filter(cases=case).latest("posted_at")
    assert notice.kind == NoticeKind.REMOVAL
    phone.goto(f"/notices/{notice.pk}/print/")
    expect(phone.locator("main")).to_contain_text("拟消除")
    stations.at(phone, "notice-paper")
    days_pass((notice.ends_on - notice.starts_on).days + 2)
    step(phone, case, "close_notice", "公示期满")


def decided(town: Page, district: Page, case: Case, stations: Stations) -> None:
    """The town agrees, the district decides, and the papers tell all of it."""
    town.goto(f"/cases/?stage=town&case={case.pk}")
    stations.at(town, "town-review")
    step(town, case, "endorse", "同意消除")
    district.goto(f"/cases/{case.pk}/acknowledge/")
    expect(district.locator("main")).to_contain_text("帮扶措施不因此结束")
    stations.at(district, "district-consequences")
    press(district, "确认审定，移出在册 1 户")
    district.goto(f"/cases/{case.about_id}/")
    expect(district.locator("main")).to_contain_text("已移出")
    stations.at(district, "district-removed")
    district.goto(f"/cases/{case.pk}/removal/paper/")
    expect(district.locator("main")).to_contain_text("风险消除评估表")
    stations.at(district, "evaluation-paper")
    district.goto(f"/cases/{case.pk}/course/")
    expect(district.locator("main")).to_contain_text("入户人：张桂英、周建设")
    stations.at(district, "course-paper")


def back_again(district: Page, designation: Case, stations: Stations) -> None:
    """The risk is back: another officer reinstates it, with a paper."""
    days_pass(40)
    district.goto(f"/cases/{designation.pk}/")
    district.get_by_role("link", name="风险消除回退").first.click()
    district.fill("[name=note]", "户主又住院了，厂里的活丢了")
    stations.at(district, "district-reinstate")
    press(district, "确认回退 1 户")
    expect(district.locator("main")).to_contain_text("要有移出以后的入户调查，或上传佐证材料")
    district.fill("[name=note]", "户主又住院了，厂里的活丢了")
    district.set_input_files("[name=files]", {"name": "证明.pdf", "mimeType": "application/pdf", "buffer": PDF})
    press(district, "确认回退 1 户")
    expect(district.locator("main")).to_contain_text("已回退，重新在册")
    stations.at(district, "district-back-on-the-register")
