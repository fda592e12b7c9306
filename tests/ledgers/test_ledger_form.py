"""The workbook laid over the form of document 002: words, merges, borders, drop-downs, print set-up, properties."""

import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from households.codes import MonitorClass
from tests.factories import Make, Place
from tests.ledgers.conftest import ON, Opened, designate

HEADERS = {
    "A": "区(市)",
    "B": "镇(街)",
    "C": "村",
    "D": "户主姓名",
    "E": "与户主关系",
    "F": "身份证号码",
    "G": "家庭人口数",
    "R": "主要返贫风险(下拉菜单选择)",
    "S": "帮扶联系人姓名",
    "T": "帮扶联系人的单位",
    "U": "认定时间",
}
POLICIES = {
    "H": "教育扶贫政策(人)",
    "I": "医疗保障扶贫政策(人)",
    "J": "医疗商业补充保险(人)",
    "K": "家庭医生签约服务(户)",
    "L": "危房改造(户)",
    "M": "饮水安全(户)",
    "N": "临时救助(户)",
    "O": "社会救助(户)",
    "P": "低保(人)",
    "Q": "公益岗位(人)",
}
NOTES = [
    "注:",
    "1. “一般农户中存在致贫风险的人口”是指边缘户;“脱贫享受政策人口中存在返贫风险的人口”是指脱贫监测户。",
    "2. “享受帮扶政策”要在已落实政策栏画“√”,同一人可享受多项帮扶政策。",
    "3. “医疗保障扶贫”是指基本医疗保险、大病保险和医疗救助政策。",
]


def merged(sheet: Worksheet) -> set[str]:
    return {str(area) for area in sheet.merged_cells.ranges}


def has_box(sheet: Worksheet, cells: str) -> bool:
    boxes = [cell.border for row in sheet[cells] for cell in row]
    return all(side.style == "thin" for box in boxes for side in (box.left, box.right, box.top, box.bottom))


@pytest.fixture
def sheet(place: Place, make: Make, ledger: Opened) -> Worksheet:
    """Three rows in part one (7–9), two in part two (13–14), notes from 15 on."""
    designate(make.household(place.village, members=3))
    designate(make.household(place.village, "李有福", members=2), MonitorClass.RELAPSE)
    book, _made = ledger(place.village)
    return book["台账"]


@pytest.mark.parametrize(
    ("level", "title"),
    [
        ("village", "云山高新区青石镇北石桥村"),
        ("town", "云山高新区青石镇"),
        ("zone", "云山高新区"),
        ("foreign_county", "外区"),
        ("city", "云山市"),
    ],
)
def test_each_level_has_its_edition_of_the_title(place: Place, ledger: Opened, level: str, title: str) -> None:
    book, _made = ledger(getattr(place, level))
    assert book["台账"]["A1"].value == f"{title}存在致贫、返贫风险人口即时帮扶情况台账"


def test_the_head_of_the_sheet_is_the_forms(sheet: Worksheet) -> None:
    assert sheet["L2"].value == "(盖章)"
    assert sheet["A3"].value == "单位:北石桥村委会"
    assert sheet["A4"].value == "一、一般农户中存在致贫风险的人口"
    assert sheet["A4"].font.bold
    assert {"A1:U1", "L2:U2", "A3:K3", "A4:U4"} <= merged(sheet)
    assert (sheet["A1"].font.name, sheet["A1"].font.size) == ("方正小标宋简体", 18)


@pytest.mark.parametrize("first", [5, 11])
def test_both_headers_have_two_rows_in_the_words_of_the_form(sheet: Worksheet, first: int) -> None:
    upper, lower = first, first + 1
    assert {letter: sheet[f"{letter}{upper}"].value for letter in HEADERS} == HEADERS
    assert {letter: sheet[f"{letter}{lower}"].value for letter in POLICIES} == POLICIES
    assert sheet[f"H{upper}"].value == "享受帮扶政策(在已落实政策栏画“√”)"
    vertical = {f"{letter}{upper}:{letter}{lower}" for letter in HEADERS}
    assert {f"H{upper}:Q{upper}", *vertical} <= merged(sheet)


def test_every_header_cell_has_its_border_under_the_merges_too(sheet: Worksheet, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "ledger.xlsx") as package:
        xml = package.read("xl/worksheets/sheet1.xml").decode()
    styles = {row: re.findall(rf'<c r="[A-Z]+{row}" s="(\d+)"', xml) for row in (5, 6, 11, 12)}
    assert {len(found) for found in styles.values()} == {21}
    assert len({style for found in styles.values() for style in found}) == 1
    assert sheet["A5"].border.left.style == "thin"


def test_part_two_and_the_notes_follow_the_body(sheet: Worksheet) -> None:
    assert sheet["A10"].value == "二、脱贫享受政策人口中存在返贫风险的人口"
    assert sheet["A10"].font.bold
    assert [sheet[f"A{row}"].value for row in range(15, 19)] == NOTES
    assert {"A10:U10", "A15:U15", "A16:U16", "A17:U17", "A18:U18"} <= merged(sheet)
    assert sheet.max_row == 18
    assert sheet.max_column == 21
    assert has_box(sheet, "A7:U9")
    assert has_box(sheet, "A13:U14")


def test_an_empty_part_keeps_heading_header_and_one_empty_bordered_row(place: Place, ledger: Opened) -> None:
    book, made = ledger(place.village)
    sheet = book["台账"]
    assert sheet["A8"].value == "二、脱贫享受政策人口中存在返贫风险的人口"
    for row in (7, 11):
        assert {cell.value for cell in sheet[row]} == {None}
        assert has_box(sheet, f"A{row}:U{row}")
    assert sheet["A12"].value == "注:"
    assert (made.counts.households, made.counts.rows) == (0, 0)


def test_drop_downs_cover_the_body_of_both_parts(sheet: Worksheet) -> None:
    offered = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    assert set(offered) == {"H7:Q9 H13:Q14", "R7:R9 R13:R14"}
    assert offered["H7:Q9 H13:Q14"].formula1 == '"√"'
    assert offered["R7:R9 R13:R14"].formula1 == "选项!$A$1:$A$10"
    assert all(rule.type == "list" and rule.allowBlank for rule in offered.values())


def test_risk_causes_stand_on_a_very_hidden_sheet(sheet: Worksheet) -> None:
    choices = sheet.parent["选项"]
    assert choices.sheet_state == "veryHidden"
    causes = [row[0] for row in choices.values]
    assert causes[:5] == ["因病", "因学", "因残", "因灾", "因意外"]
    assert len(causes) == 10
    assert sheet.parent.sheetnames == ["台账", "选项"]


def test_it_prints_on_one_a3_page_across_with_the_header_repeated(sheet: Worksheet) -> None:
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (8, "landscape")
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.print_title_rows == "$5:$6"
    assert sheet.freeze_panes == "A7"


def test_widths_and_heights_are_set(sheet: Worksheet) -> None:
    widths = {letter: sheet.column_dimensions[letter].width for letter in (*HEADERS, *POLICIES)}
    assert min(widths.values()) >= 6
    assert widths["F"] >= 20  # eighteen digits in one line
    assert all(sheet.row_dimensions[row].height for row in range(1, sheet.max_row + 1))


def test_body_cells_are_text_in_song_ten_and_persons_a_whole_number(sheet: Worksheet) -> None:
    for cell in sheet[7]:
        assert (cell.font.name, cell.font.size) == ("宋体", 10)
        assert cell.number_format == ("0" if cell.column_letter == "G" else "@")
    assert sheet["F7"].data_type == "s"
    assert sheet["G7"].value == 3
    assert sheet["G7"].data_type == "n"


def test_the_file_has_no_formula_link_or_macro(place: Place, make: Make, ledger: Opened, tmp_path: Path) -> None:
    designate(make.household(place.village, "=1+1"))
    ledger(place.village)
    with zipfile.ZipFile(tmp_path / "ledger.xlsx") as package:
        names = package.namelist()
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
    assert not re.search("vba|external|hyperlink|comment|drawing", " ".join(names))
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert names[0] != "xl/worksheets/sheet1.xml"


def test_the_properties_say_how_much_for_when_under_which_policy_and_no_name(
    place: Place, make: Make, ledger: Opened, tmp_path: Path
) -> None:
    designate(make.household(place.village, "王大海"))
    book, _made = ledger(place.village)
    assert book.properties.creator == "fangpin"
    assert book.properties.lastModifiedBy is None
    custom: dict[str, Any] = {one.name: one.value for one in book.custom_doc_props.props}
    assert custom["户数"] == 1
    assert custom["行数"] == 3
    assert custom["台账日期"] == ON.isoformat()
    assert custom["区划代码"] == place.village.code
    assert "2020" in custom["执行政策"]
    with zipfile.ZipFile(tmp_path / "ledger.xlsx") as package:
        properties = b"".join(package.read(name) for name in package.namelist() if name.startswith("docProps"))
    assert "王大海" not in properties.decode()


def test_a_ledger_of_many_chunks_is_whole(
    place: Place, make: Make, tmp_path: Path, ledger: Opened, settings: Any
) -> None:
    for village in (place.village, place.neighbour, place.other_village):
        for _number in range(4):
            designate(make.household(village, members=2))
    book, made = ledger(place.zone)
    sheet = load_workbook(tmp_path / "ledger.xlsx", read_only=True)["台账"]
    assert (made.counts.households, made.counts.rows) == (12, 24)
    assert len(list(sheet.iter_rows())) == book["台账"].max_row == 6 + 24 + 3 + 1 + 4
