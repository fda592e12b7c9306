"""A case that the town returns with a reason: the bell and the list say so, the village mends it on the phone, and it goes on to the register."""

from playwright.sync_api import Page, expect

from monitoring.models import Case, Notice, Stage
from tests.browser.test_grading_round import Stations, press
from tests.browser.test_journey import step, visit
from tests.factories import Make, add_place, add_staff
from tests.monitoring.casework import bring, let_it_run_out, surveyed

REASON = "打工收入和儿子说的不一样，再去问一次"


def test_a_returned_case_is_mended_and_approved(desk, tmp_path):
    place = add_place()
    staff = add_staff(place)
    household = surveyed(Make().household(place.village), staff.cadre)
    people = {"village": staff.cadre, "town": staff.reviewer, "district": staff.officer}
    case = bring(household, Stage.TOWN, **people)
    stations = Stations(tmp_path)
    phone, town, district = desk(staff.cadre, phone=True), desk(staff.reviewer), desk(staff.officer)

    send_back(town, case, stations)
    read_why(phone, case, stations)
    mend(phone, case, stations)
    approve(town, district, case, stations)

    case.refresh_from_db()
    assert (case.stage, case.decided_by, case.main_risk) == (Stage.REGISTERED, staff.reviewer, "illness")
    assert list(case.events.filter(step="return_to_survey").values_list("note", flat=True)) == [REASON]
    assert stations.faults == []
    assert stations.number == 14


def send_back(town: Page, case: Case, stations: Stations) -> None:
    """From the review pane; without a reason it does not go."""
    town.goto("/cases/?stage=town")
    stations.at(town, "town-review")
    town.goto(f"/cases/{case.pk}/return_to_survey/")
    press(town, "确认退回村里补正 1 户")
    expect(town.locator("main")).to_contain_text("请写明原因")
    stations.at(town, "town-reason-missing")
    town.fill("[name=note]", REASON)
    press(town, "确认退回村里补正 1 户")
    expect(town.locator("main")).to_contain_text("已办")
    stations.at(town, "town-returned")


def read_why(phone: Page, case: Case, stations: Stations) -> None:
    """The bell and 待办 lead to the case, which shows the reason above everything else."""
    phone.goto("/")
    expect(phone.locator("main")).to_contain_text("退回")
    stations.at(phone, "phone-home")
    phone.goto("/notifications/")
    expect(phone.locator("main")).to_contain_text("王大海户退回村里补正")
    stations.at(phone, "phone-bell")
    phone.goto(f"/cases/{case.pk}/")
    expect(phone.locator("main")).to_contain_text(REASON)
    stations.at(phone, "phone-returned")


def mend(phone: Page, case: Case, stations: Stations) -> None:
    """A new visit, another meeting, another notice."""
    visit(phone, case.household)
    step(phone, case, "complete_survey", "入户调查已办")
    phone.goto("/cases/meeting/")
    for name, value in (("present", "21"), ("chair", "石主任"), ("minute_taker", "石会计"), ("minutes", "逐户评议。")):
        phone.fill(f"[name={name}]", value)
    phone.fill(f"[name=case-{case.pk}-in_favour]", "21")
    phone.locator(f"label[for^=id_case-{case.pk}-recognised]").first.click()
    stations.at(phone, "phone-meeting")
    press(phone, "保存评议结果")
    phone.goto("/notices/new/")
    stations.at(phone, "phone-notice")
    press(phone, "下一步：核对名单")
    stations.at(phone, "phone-notice-check")
    press(phone, "确认发起公示 1 户")
    stations.at(phone, "phone-notice-posted")
    let_it_run_out(Notice.objects.filter(cases=case).latest("posted_at"))
    step(phone, case, "close_notice", "公示期满")


def approve(town: Page, district: Page, case: Case, stations: Stations) -> None:
    """The town sees what changed and endorses; the district puts the household on the register."""
    town.goto(f"/cases/?stage=town&case={case.pk}")
    stations.at(town, "town-review-again")
    step(town, case, "endorse", "认定", main_risk="illness")
    district.goto("/cases/?stage=district")
    stations.at(district, "district-review")
    step(district, case, "acknowledge", "签收")
    district.goto(f"/cases/{case.pk}/")
    stations.at(district, "district-registered")
    district.goto(f"/cases/{case.pk}/course/")
    expect(district.locator("main")).to_contain_text(REASON)
    stations.at(district, "course-paper")
