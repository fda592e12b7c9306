"""A villager's declaration by QR code: no login, a receipt, the village looks into it, the meeting says no, an answer on paper."""

from playwright.sync_api import Page, expect

from accounts.models import Region
from monitoring import leads_intake
from monitoring.models import Case, Lead, LeadState, Stage
from tests.browser.test_grading_round import Stations, press
from tests.browser.test_journey import step
from tests.factories import Make, add_place, add_staff
from tests.monitoring.casework import surveyed
from tests.monitoring.declared import PHONE, TAIL, switch_on

TOLD = "老伴住院花了三万多，地里没人种"
REASON = "儿子在镇上有固定工作，医药费已经报销"


def test_a_declaration_by_qr_code_ends_with_a_printed_answer(desk, tmp_path):
    place = add_place()
    Region.objects.filter(pk=place.village.pk).update(office_phone="0632-1234567")
    Region.objects.filter(pk=place.town.pk).update(office_phone="0632-7654321")
    staff, household = add_staff(place), Make().household(place.village)
    token = switch_on(place, staff).token
    stations = Stations(tmp_path)
    villager, phone, town = desk(phone=True), desk(staff.cadre, phone=True), desk(staff.reviewer)

    receipt = declare(villager, token, household, stations)
    leads_intake.exchange()
    ask(villager, receipt, "已收到", stations)
    assign_and_visit(phone, staff, stations)
    case = Case.objects.get(household=household)
    leads_intake.exchange()
    ask(villager, receipt, "已经列为预警关注", stations)
    step(phone, case, "start_survey", "启动入户调查")
    surveyed(household, staff.cadre, days_ago=0)
    step(phone, case, "complete_survey", "入户调查已办")
    refuse_in_the_meeting(phone, case, stations)
    read_the_answer_on_paper(phone, town, case, stations)
    leads_intake.exchange()
    ask(villager, receipt, REASON, stations)

    assert Lead.objects.get().state == LeadState.TAKEN_UP
    assert stations.faults == []
    assert stations.number == 15


def declare(villager: Page, token: str, household, stations: Stations) -> str:
    """Four texts and two choices; a wrong number is told in a sentence; the receipt without its spaces."""
    villager.goto(f"/sb/{token}/")
    stations.at(villager, "villager-form")
    villager.fill("[name=name]", household.head_name)
    villager.fill("[name=phone]", PHONE[:-1])
    villager.fill("[name=id_number]", household.head.id_number)
    villager.locator("label", has_text="家里有人生大病").click()
    villager.fill("[name=difficulty]", TOLD)
    press(villager, "提交申报 1 份")
    expect(villager.locator("main")).to_contain_text("请填 11 位手机号码")
    stations.at(villager, "villager-wrong-phone")
    villager.fill("[name=phone]", PHONE)
    press(villager, "提交申报 1 份")
    expect(villager.locator("h1")).to_contain_text("申报已收到")
    stations.at(villager, "villager-receipt")
    return villager.locator("main .figure").inner_text().replace(" ", "")


def ask(villager: Page, receipt: str, words: str, stations: Stations) -> None:
    """By the receipt and the telephone's last four digits."""
    villager.goto("/sb/")
    villager.fill("[name=receipt]", receipt)
    villager.fill("[name=phone_tail]", TAIL)
    press(villager, "查结果")
    expect(villager.locator("main")).to_contain_text(words)
    stations.at(villager, "villager-answer")


def assign_and_visit(phone: Page, staff, stations: Stations) -> None:
    """The village finds it among the clues, says who goes, writes down what was found, and takes it up."""
    phone.goto("/")
    stations.at(phone, "phone-home")
    phone.goto("/clues/")
    stations.at(phone, "phone-clues")
    phone.get_by_role("link", name="王大海").first.click()
    expect(phone.locator("main")).to_contain_text(TOLD)
    expect(phone.locator("main")).not_to_contain_text(PHONE)
    stations.at(phone, "phone-lead")
    phone.select_option("[name=to]", value=str(staff.cadre.pk))
    press(phone, "分派 1 条")
    expect(phone.locator("main")).to_contain_text("谁去看")
    phone.get_by_role("link", name="登记入户情况").click()
    phone.fill("[name=found]", "老伴在家养病，地租给了邻居")
    stations.at(phone, "phone-visit")
    phone.locator("main form button.btn-primary").click()
    expect(phone.locator("main")).to_contain_text("老伴在家养病")
    stations.at(phone, "phone-visited")
    press(phone, "列为预警关注 1 户")
    expect(phone.locator("h1")).to_contain_text("王大海")
    stations.at(phone, "phone-case")


def refuse_in_the_meeting(phone: Page, case: Case, stations: Stations) -> None:
    """Most of those present are against it, and the record says why."""
    phone.goto("/cases/meeting/")
    for name, value in (("present", "21"), ("chair", "石主任"), ("minute_taker", "石会计"), ("minutes", "逐户评议。")):
        phone.fill(f"[name={name}]", value)
    phone.fill(f"[name=case-{case.pk}-in_favour]", "3")
    phone.fill(f"[name=case-{case.pk}-against]", "18")
    phone.locator(f"label[for^=id_case-{case.pk}-recognised]").last.click()
    phone.fill(f"[name=case-{case.pk}-reason]", REASON)
    stations.at(phone, "phone-meeting")
    press(phone, "保存评议结果")
    expect(phone.locator("h1")).not_to_contain_text("登记民主评议")
    case.refresh_from_db()
    assert case.stage == Stage.REFUSED


def read_the_answer_on_paper(phone: Page, town: Page, case: Case, stations: Stations) -> None:
    """告知书 is printed from the household's case: why, how to object, whom to call."""
    phone.goto(f"/cases/{case.pk}/")
    expect(phone.locator("main")).to_contain_text("这一户已办结：不予认定")
    stations.at(phone, "phone-refused")
    phone.get_by_role("link", name="告知书").click()
    for words in ("经民主评议，多数没有同意", REASON, "0632-1234567", "0632-7654321"):
        expect(phone.locator("main")).to_contain_text(words)
    town.goto(f"/cases/{case.pk}/answer/")
    stations.at(town, "town-paper")
