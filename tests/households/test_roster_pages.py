"""The pages of an import: who reaches them, what they show, what a second click does, and what they give to download."""

import io
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import AuditEvent
from households.models import Household, ImportBatch
from households.models.imports import BatchPhase
from households.roster import HEADERS
from households.tasks import work_on_batch
from tests.households.rosters import MARKED, batch_of, family, reasons, workbook, write


@pytest.fixture
def sit():
    """Logs somebody in."""

    def down(user):
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return down


def upload(client, content, region, name="名册.xlsx", **changes):
    """Send the form of a new import."""
    file = SimpleUploadedFile(name, content)
    sent = {"kind": "roster", "region": region.pk, "workbook": file, "idempotency_key": str(uuid.uuid4())}
    return client.post(reverse("households:import-new"), {**sent, **changes})


def page(batch, name="import-detail"):
    """The address of a batch's page."""
    return reverse(f"households:{name}", args=[batch.pk])


def test_a_reviewer_uploads_looks_confirms_and_undoes(sit, staff, place):
    client = sit(staff.reviewer)
    rows = family("3799000001", place) + family("3799000002", place, 人数=9) + family("3799000003", place, **MARKED)
    answer = upload(client, workbook(rows), place.town)
    batch = ImportBatch.objects.get()
    assert answer.url == page(batch)
    assert "正在读表" in client.get(page(batch)).content.decode()
    work_on_batch(str(batch.pk))
    shown = client.get(page(batch)).content.decode()
    assert "导入 2 户" in shown
    assert "填的是 9 人" in shown
    assert rows[0]["证件号码"] not in shown
    assert "存量" in client.get(page(batch, "import-confirm")).content.decode()
    assert client.post(page(batch, "import-confirm")).url == page(batch)
    client.post(page(batch, "import-confirm"))  # a second click
    work_on_batch(str(batch.pk))
    assert Household.objects.count() == 2
    assert "新增 2 户" in client.get(page(batch)).content.decode()
    assert "不能再反悔" in client.get(page(batch, "import-undo")).content.decode()
    client.post(page(batch, "import-undo"))
    work_on_batch(str(batch.pk))
    assert "删除 2 户" in client.get(page(batch)).content.decode()
    assert not Household.objects.exists()


def test_rows_are_filtered_by_conclusion(sit, staff, place):
    batch = batch_of(workbook(family("3799000001", place) + family("3799000002", place, 人数=9)), place.town)
    client = sit(staff.reviewer)
    assert len(client.get(page(batch)).context["page_obj"]) == 6
    refused = client.get(page(batch), {"status": "refused"}).context
    assert [row.row_no for row in refused["page_obj"]] == [5, 6, 7]
    assert len(client.get(page(batch), {"status": "nonsense"}).context["page_obj"]) == 6


def test_many_rows_cost_as_many_queries_as_few(sit, staff, place, django_assert_max_num_queries):
    client = sit(staff.reviewer)
    few = write(batch_of(workbook(family("3799000001", place)), place.town))
    many = write(batch_of(workbook([r for n in range(12) for r in family(f"37990001{n:02d}", place)]), place.town))
    with django_assert_max_num_queries(60) as asked:
        client.get(page(few))
    with django_assert_max_num_queries(len(asked)):
        client.get(page(many))


@pytest.mark.parametrize("name", ["import-detail", "import-confirm", "import-undo", "import-refused"])
def test_another_town_cannot_even_find_it(sit, staff, place, name):
    batch = batch_of(workbook(family("3799000001", place, 人数=9)), place.town)
    assert sit(staff.other_reviewer).get(page(batch, name)).status_code == 404
    assert sit(staff.foreign_officer).get(page(batch, name)).status_code == 404
    assert sit(staff.cadre).get(page(batch, name)).status_code == 403


def test_the_region_is_one_of_ones_own(sit, staff, place):
    answer = upload(sit(staff.reviewer), workbook(family("3799000001", place)), place.other_town)
    assert "导入范围" in answer.content.decode()
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"a,b", "不是 Excel 工作簿"), (b"", "空"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..", "旧版 .xls")],
)
def test_what_is_no_workbook_is_refused_at_the_form(sit, staff, place, content, said):
    answer = upload(sit(staff.reviewer), content, place.town)
    assert said in answer.content.decode()
    assert not ImportBatch.objects.exists()


def test_a_rejected_workbook_says_why(sit, staff, place):
    batch = batch_of(workbook([], ("甲", "乙", "丙")), place.town)
    shown = sit(staff.reviewer).get(page(batch)).content.decode()
    assert "这个文件读不了" in shown
    assert "找不到表头" in shown


def test_the_progress_asks_again_until_it_is_over(sit, staff, place):
    client = sit(staff.reviewer)
    upload(client, workbook(family("3799000001", place)), place.town)
    batch = ImportBatch.objects.get()
    asked = client.get(page(batch), headers={"HX-Request": "true"})
    assert "every 2s" in asked.content.decode()
    assert "HX-Refresh" not in asked.headers
    work_on_batch(str(batch.pk))
    assert client.get(page(batch), headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


def test_a_preview_can_be_thrown_away(sit, staff, place):
    batch = batch_of(workbook(family("3799000001", place)), place.town)
    client = sit(staff.reviewer)
    client.post(page(batch, "import-discard"))
    batch.refresh_from_db()
    assert batch.state == "cancelled"
    assert "已经丢掉" in client.get(page(batch)).content.decode()
    client.post(page(batch, "import-confirm"))
    assert not Household.objects.exists()


def test_the_refused_rows_come_back_mended(sit, staff, place):
    rows = family("3799000001", place) + family("3799000002", place)
    rows[1].update({"姓名": "=cmd|'/c calc'!A0", "证件号码": 370499196405170018, "自然村": "石\x07桥"[0:1]})
    batch = batch_of(workbook(rows, ("备注", *HEADERS)), place.town)
    answer = sit(staff.reviewer).get(page(batch, "import-refused"))
    assert answer["Content-Disposition"].endswith('.xlsx"')
    sheet = load_workbook(io.BytesIO(answer.content)).active
    header = [cell.value for cell in sheet[1]]
    assert header == ["备注", *HEADERS, "原行号", "错在哪"]
    assert sheet.max_row == 4
    name = sheet.cell(3, header.index("姓名") + 1)
    assert (name.value, name.data_type, name.quotePrefix) == ("=cmd|'/c calc'!A0", "s", True)
    assert sheet.cell(3, header.index("证件号码") + 1).data_type == "n"
    assert "数字格式" in sheet.cell(3, len(header)).value
    assert AuditEvent.objects.filter(action="import.refused_rows", actor=staff.reviewer).exists()
    again = batch_of(answer.content, place.town)
    assert "数字格式" in reasons(again)[3]


def test_the_blank_template_is_a_roster_that_can_be_filled(sit, staff, place):
    answer = sit(staff.officer).get(reverse("households:import-template"))
    book = load_workbook(io.BytesIO(answer.content))
    sheet = book["名册"]
    assert tuple(cell.value for cell in sheet[1]) == HEADERS
    assert book["填表说明"].cell(2, 1).value == HEADERS[0]
    for place_in_sheet, value in enumerate(family("3799000001", place, people=1)[0].values(), start=1):
        sheet.cell(2, place_in_sheet).value = value
    file = io.BytesIO()
    book.save(file)
    assert batch_of(file.getvalue(), place.town).counts["households"]["new"] == 1


def test_a_roster_goes_in_by_mouse_with_the_real_worker(worker, desk, staff, place, tmp_path):
    file = tmp_path / "名册.xlsx"
    file.write_bytes(workbook(family("3799000001", place) + family("3799000002", place, 人数=9)))
    office = desk(staff.reviewer)
    office.goto(reverse("households:import-list"))
    office.get_by_role("link", name="导入 1 个文件").first.click()
    office.get_by_label("Excel 文件").set_input_files(file)
    office.get_by_role("button", name="上传 1 个文件").click()
    office.get_by_role("link", name="导入 1 户").click(timeout=30_000)
    office.get_by_role("button", name="确认导入 1 户").click()
    office.get_by_text("已写入：").wait_for(timeout=30_000)
    assert ImportBatch.objects.get().phase == BatchPhase.APPLIED
    assert Household.objects.count() == 1
