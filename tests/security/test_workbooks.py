"""A workbook that is small in the file and enormous outside, or that wants to read ours, is refused and costs little."""

import io
import zipfile

import pytest
from openpyxl import Workbook

from households.roster import HEADERS, MARKERS
from households.workbook_reader import WorkbookRefused, open_sheet

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHARED = (
    '<Override PartName="/xl/sharedStrings.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
)


def rebuilt(parts):
    """A workbook of openpyxl's with some of its parts replaced; texts may be shared strings."""
    plain, target = io.BytesIO(), io.BytesIO()
    Workbook().save(plain)
    with zipfile.ZipFile(plain) as whole, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as other:
        for name in whole.namelist():
            content = parts.get(name, whole.read(name).decode())
            if "xl/sharedStrings.xml" in parts:
                content = content.replace("</Types>", f"{SHARED}</Types>")
            other.writestr(name, content)
        for name in parts.keys() - set(whole.namelist()):
            other.writestr(name, parts[name])
    return target.getvalue()


def sheet_of(rows):
    return f'<?xml version="1.0"?><worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>'


def strings(texts, head=""):
    return f'<?xml version="1.0"?>{head}<sst {MAIN}>{"".join(f"<si><t>{text}</t></si>" for text in texts)}</sst>'


def read(content):
    with open_sheet(content, header_depth=3, markers=MARKERS) as sheet:
        return sum(len(str(cell)) for _number, cells in sheet.rows for cell in cells)


def test_one_long_text_in_a_hundred_thousand_cells_is_refused():
    head = "<row>" + "".join(f'<c t="s"><v>{at}</v></c>' for at in range(len(HEADERS))) + "</row>"
    full = "<row>" + f'<c t="s"><v>{len(HEADERS)}</v></c>' * 80 + "</row>"
    content = rebuilt(
        {
            "xl/worksheets/sheet1.xml": sheet_of(head + full * 400),
            "xl/sharedStrings.xml": strings([*HEADERS, "某" * 2000]),
        },
    )
    assert len(content) < 50_000
    with pytest.raises(WorkbookRefused, match="太大"):
        read(content)


def test_a_workbook_rebuilt_like_this_can_be_read():
    cells = "".join(f'<c t="s"><v>{at}</v></c>' for at in range(len(HEADERS)))
    parts = {"xl/worksheets/sheet1.xml": sheet_of(f"<row>{cells}</row>"), "xl/sharedStrings.xml": strings(HEADERS)}
    assert read(rebuilt(parts)) == len("".join(HEADERS))


@pytest.mark.parametrize(
    "entities",
    [
        '<!ENTITY e SYSTEM "file:///etc/passwd">',
        '<!ENTITY e SYSTEM "http://127.0.0.1:9/">',
        '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY e "&b;&b;&b;&b;&b;&b;&b;&b;">',
    ],
)
def test_entities_are_not_resolved(entities):
    head = "<row>" + "".join(f'<c t="s"><v>{at}</v></c>' for at in range(len(HEADERS) + 1)) + "</row>"
    content = rebuilt(
        {
            "xl/worksheets/sheet1.xml": sheet_of(head),
            "xl/sharedStrings.xml": strings([*HEADERS, "&e;"], f"<!DOCTYPE x [{entities}]>"),
        },
    )
    with pytest.raises(WorkbookRefused, match="损坏"):
        read(content)


def test_ten_thousand_merged_cells_cost_nothing():
    merged = "".join(f'<mergeCell ref="A{row}:XFD{row}"/>' for row in range(2, 10_002))
    sheet = sheet_of("").replace("</worksheet>", f'<mergeCells count="10000">{merged}</mergeCells></worksheet>')
    assert read(rebuilt({"xl/worksheets/sheet1.xml": sheet})) == 0


@pytest.mark.parametrize("name", ["../outside.xml", "/etc/outside.xml", "xl\\..\\..\\outside.xml"])
def test_a_part_with_a_way_out_is_refused(name):
    with pytest.raises(WorkbookRefused, match="内部结构"):
        read(rebuilt({name: "x"}))
