"""Hostile and broken workbooks: refused with a sentence, or read harmlessly, in a process of its own."""

import io
import time
import zipfile

import pytest
from openpyxl import Workbook

from households.workbook_reader import ENCRYPTED, OLE, WorkbookRefused, check_container, open_sheet
from tests.households.rosters import saved

SHEET = "xl/worksheets/sheet1.xml"


def plain():
    """A small honest workbook."""
    book = Workbook()
    book.active.append(["户编号", "姓名"])
    book.active.append(["1", "王大海"])
    return saved(book)


def rebuilt(*, replace=None, add=None):
    """The honest workbook with parts replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain())) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            change = (replace or {}).get(name)
            new.writestr(name, change(old.read(name)) if change else old.read(name))
        for name, content in (add or {}).items():
            new.writestr(name, content)
    return out.getvalue()


def read(content, **options):
    """All rows."""
    with open_sheet(content, header_depth=3, markers=("户编号",), **options) as sheet:
        return list(sheet.rows)


def test_cells_come_with_their_kind():
    book = Workbook()
    book.active.append(["户编号", 12, 1.5, True, "=1+1", None])
    assert read(saved(book)) == [(1, ["户编号", ["n", "12"], ["n", "1.5"], ["b", "是"], ["f", ""]])]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "文件是空的"),
        (b"x" * (10 * 1024 * 1024 + 1), "超过 10 MB"),
        (b"just text", "不是 Excel 工作簿"),
        (b"PK\x03\x04broken", "不是 Excel 工作簿"),
        (OLE + b"\0" * 600, "旧版 .xls"),
        (OLE + b"\0" * 600 + ENCRYPTED, "打开密码"),
        (rebuilt(add={"xl/vbaProject.bin": b"x"}), "宏"),
        (rebuilt(add={"xl/externalLinks/externalLink1.xml": b"x"}), "链接了别的文件"),
        (rebuilt(add={"xl/embeddings/a.bin": b"x"}), "嵌入了别的文件"),
        (rebuilt(add={"xl/workbook.bin": b"x"}), ".xlsb"),
        (rebuilt(add={"../outside.xml": b"x"}), "内部结构不正常"),
        (rebuilt(add={f"xl/p{number}.xml": b"x" for number in range(400)}), "内部结构不正常"),
        (rebuilt(add={"xl/bomb.xml": b"0" * (3 * 1024 * 1024)}), "压缩比例"),
        (rebuilt(add={"xl/large.xml": bytes(41 * 1024 * 1024)}), "工作表太大"),
    ],
)
def test_a_container_that_is_no_honest_workbook_is_refused_at_once(content, said):
    began = time.monotonic()
    with pytest.raises(WorkbookRefused, match=said):
        check_container(content)
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    "replace",
    [
        {SHEET: lambda old: old[: len(old) // 2]},
        {"xl/workbook.xml": lambda old: b"<nothing/>"},
        {SHEET: lambda old: b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'},
        {"xl/workbook.xml": lambda old: b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>'},
    ],
)
def test_a_damaged_or_poisoned_part_is_refused(replace):
    with pytest.raises(WorkbookRefused, match=r"已损坏|没有工作表"):
        read(rebuilt(replace=replace))


def test_a_far_cell_is_refused_as_too_many_rows():
    def far(old):
        return old.replace(b'<row r="2"', b'<row r="1048576"').replace(b'r="A2"', b'r="XFD1048576"')

    with pytest.raises(WorkbookRefused, match="超过 50,000 行"):
        read(rebuilt(replace={SHEET: far}))


def test_a_hundred_thousand_rows_are_refused_with_a_sentence():
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for number in range(100_000):
        sheet.append([str(number)])
    with pytest.raises(WorkbookRefused, match="超过 50,000 行"):
        read(saved(book))


def test_merged_cells_over_the_whole_sheet_cost_nothing():
    def merge(old):
        return old.replace(b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:XFD20000"/></mergeCells>')

    assert len(read(rebuilt(replace={SHEET: merge}))) == 2


def test_the_sheet_with_the_header_is_found_behind_others():
    book = Workbook()
    book.active.append(["封面"])
    other = book.create_sheet("名单")
    other.append(["序号", "户编号"])
    assert read(saved(book)) == [(1, ["序号", "户编号"])]


def test_the_child_cannot_be_led_by_the_environment(monkeypatch):
    monkeypatch.setenv("PYTHONSTARTUP", "/nonexistent")
    monkeypatch.setenv("PYTHONPATH", "/nonexistent")
    assert len(read(plain())) == 2
