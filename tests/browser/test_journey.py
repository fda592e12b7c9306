"""The main job, end to end, in real browsers with a real worker: from a roster to the ledger, one person at each desk."""

import datetime
import re
import subprocess

from django.utils import timezone
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from accounts.models import AuditEvent
from households.models import Household
from ledgers.columns import COLUMNS
from monitoring.models import Case, Notice, Stage
from tests.factories import add_place, add_staff
from tests.households.rosters import MARKED, family, workbook

PATIENCE = 60_000  # a worker on a busy machine; milliseconds
POOR = "3799000002"


def bring_in(page: Page, file: str, region: str) -> None:
    """Upload a roster, read the preview, confirm, and wait until it is written."""
    page.goto("/imports/new/")
    page.set_input_files("[name=workbook]", file)
    page.select_option("[name=region]", label=region)
    page.get_by_role("button", name="上传 1 个文件").click()
    page.get_by_role("link", name="导入 2 户").first.click(timeout=PATIENCE)
    page.get_by_role("button", name="确认导入 2 户").click()
    expect(page.locator("main")).to_contain_text("已写入", timeout=PATIENCE)


def forward(page: Page) -> None:
    """To the next section of the survey."""
    page.locator("a[data-goto]:visible", has_text="下一步").click()


def visit(page: Page, household: Household) -> None:
    """Fill in the six sections on the phone."""
    page.goto(f"/households/{household.pk}/survey/")
    page.locator("label", has_text="没有").locator("visible=true").first.click()
    forward(page)
    for name, amount in (
        ("wage", "1.2万"), ("operating_gross", "3000"), ("operating_cost", "１０００"), ("property_income", "0"),
        ("transfer", "1,600"), ("transfer_expense", "900"),
    ):  # fmt: skip
        page.fill(f"[name={name}]", amount)
    expect(page.locator("[data-per-capita]")).to_have_text("5,200")
    page.fill("[name=wage]", "9000")
    expect(page.locator("[data-per-capita]")).to_have_text("4,200")
    forward(page)
    page.fill("[name=rigid_medical]", "18000")
    for name in ("rigid_education", "rigid_housing", "rigid_disability", "rigid_disaster", "rigid_other"):
        page.fill(f"[name={name}]", "0")
    forward(page)
    page.locator("label", has_text="都有保障").click()
    forward(page)
    page.locator("label.chip:visible", has_text="因病").click()
    forward(page)
    page.get_by_role("button", name="提交到青石镇").click()


def step(page: Page, case: Case, name: str, button: str, **fields: str) -> None:
    """Open a step's confirmation page, fill in what it asks, and confirm."""
    page.goto(f"/cases/{case.pk}/{name}/")
    for field, value in fields.items():
        box = page.locator(f"main [name={field}]")
        if box.evaluate("node => node.tagName") == "SELECT":
            box.select_option(value)
        else:
            box.fill(value)
    page.get_by_role("button", name=re.compile(button)).click()
    expect(page.locator("main")).not_to_contain_text("没有办成")


def test_from_a_roster_to_the_ledger(desk, worker, tmp_path):
    place = add_place()
    staff = add_staff(place)
    today = timezone.localdate()
    roster = tmp_path / "名册.xlsx"
    roster.write_bytes(workbook(family("3799000001", place, **MARKED) + family(POOR, place, 户类型="一般农户")))
    town, phone, district = desk(staff.reviewer), desk(staff.cadre, phone=True), desk(staff.officer)

    bring_in(town, str(roster), "云山高新区 青石镇")
    stock = Case.objects.get()
    assert (stock.stage, stock.source) == (Stage.REGISTERED, "stock")

    household = Household.objects.get(number=POOR)
    visit(phone, household)
    expect(phone.locator("main")).to_contain_text("4,200", timeout=PATIENCE)
    expect(phone.locator("main")).to_contain_text("边缘户")
    phone.goto(f"/households/{household.pk}/watch/")
    phone.get_by_role("button", name="确认列为预警关注 1 户").click()
    case = Case.objects.get(household=household)
    assert case.stage == Stage.WATCH

    step(phone, case, "start_survey", "启动入户调查")
    step(phone, case, "complete_survey", "入户调查已办")
    phone.goto("/cases/meeting/")
    phone.fill("[name=present]", "21")
    phone.fill("[name=chair]", "石主任")
    phone.fill("[name=minute_taker]", "石会计")
    phone.fill("[name=minutes]", "村民代表逐户评议，逐人表决。")
    phone.fill(f"[name=case-{case.pk}-in_favour]", "20")
    phone.fill(f"[name=case-{case.pk}-against]", "1")
    phone.locator(f"label[for^=id_case-{case.pk}-recognised]").first.click()
    phone.get_by_role("button", name="保存评议结果").click()
    phone.goto("/notices/new/")
    phone.get_by_role("button", name="下一步：核对名单").click()
    phone.get_by_role("button", name="确认发起公示 1 户").click()
    case.refresh_from_db()
    assert case.stage == Stage.NOTICE
    Notice.objects.update(  # the five days go by
        starts_on=today - datetime.timedelta(days=6),
        ends_on=today - datetime.timedelta(days=2),
    )
    step(phone, case, "close_notice", "公示期满")

    step(town, case, "endorse", "认定", main_risk="illness")
    step(district, case, "acknowledge", "签收")
    case.refresh_from_db()
    assert (case.stage, case.decided_on, case.decided_by, case.main_risk) == (
        Stage.REGISTERED, today, staff.reviewer, "illness",
    )  # fmt: skip

    town.goto(f"/households/{household.pk}/helper/")
    town.fill("main [name=name]", "赵卫东")
    town.fill("main [name=unit]", "青石镇农业办")
    town.locator("main form button.btn-primary").click()
    town.goto(f"/households/{household.pk}/measures/new/")
    town.locator("main input[type=checkbox]").first.check(force=True)
    town.locator("main form button.btn-primary").click()

    file = fetch(district, tmp_path)
    check_cells(file, place, household)
    check_print(file, tmp_path)
    assert AuditEvent.objects.filter(action="ledger.fetch", actor=staff.officer).exists()


def fetch(page: Page, folder):
    """Ask for the town's ledger with full numbers, wait for the worker, download."""
    page.goto("/ledgers/?region=379903002000")
    page.locator("main select[name=region]").select_option(label="青石镇")
    page.locator("main [name=full_ids]").check(force=True)
    page.fill("main [name=purpose]", "三月份上报")
    page.get_by_role("button", name="生成 1 份台账").click()
    expect(page.locator("main a[href$='/file/']").first).to_be_visible(timeout=PATIENCE)
    with page.expect_download() as download:
        page.locator("main a[href$='/file/']").first.click()
    assert download.value.suggested_filename == f"青石镇_即时帮扶台账_{timezone.localdate()}.xlsx"
    target = folder / "ledger.xlsx"
    download.value.save_as(target)
    return target


def check_cells(file, place, household) -> None:
    """Cell by cell against the form of document 002."""
    sheet = load_workbook(file)["台账"]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][0] == "云山高新区青石镇存在致贫、返贫风险人口即时帮扶情况台账"
    assert rows[2][0] == "单位:青石镇扶贫办"
    assert rows[3][0] == "一、一般农户中存在致贫风险的人口"
    head = household.head
    body = {row[5]: row for row in rows[6:] if row[5]}
    mine = body[head.id_number]
    assert mine[0:7] == ("云山高新区", "青石镇", "北石桥村", head.name, "户主", head.id_number, 3)
    assert mine[17] == "因病"
    assert mine[18:20] == ("赵卫东", "青石镇农业办")
    assert mine[20] == f"{timezone.localdate():%Y}年{timezone.localdate().month}月"
    assert "√" in mine[7:17]
    assert len([row for row in rows[6:] if row[4] == "户主"]) == 2
    assert len(COLUMNS) == sheet.max_column == 21
    assert {"A1:U1", "H5:Q5"} <= {str(merged) for merged in sheet.merged_cells.ranges}
    assert sheet.page_setup.paperSize == 8


def check_print(file, folder) -> None:
    """LibreOffice opens it and prints it one page wide."""
    profile = f"-env:UserInstallation=file://{folder}/office"
    command = ["soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", str(folder), str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    printed = (folder / "ledger.pdf").read_bytes()
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1
