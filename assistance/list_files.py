"""Workbooks that go out for a department's list: the blank one, and the lines that were not taken with what is wrong."""

import json

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from assistance.catalogue import CatalogueMeasure
from assistance.list_cells import DAY_HEADERS, HEADERS
from assistance.models import DepartmentList, LineStatus
from households.import_files import BOLD, TEXT_FORMAT, book_bytes, text_cell
from households.workbook_reader import Cell

WIDTHS = {"name": 12, "number": 24, "amount": 14, "day": 14, "until": 14}
EMPTY_LINES = 200
NOT_TAKEN = (LineStatus.FOREIGN, LineStatus.UNKNOWN, LineStatus.GONE, LineStatus.DOUBLE, LineStatus.REFUSED)
HINTS = (
    "每人一行。姓名和证件号码必填，证件号码要是文本，不能是数字；空的和错的都不会替您改。",
    "按户享受的措施，写户里哪一个人都可以，一户只写一行。",
    "金额单位是元，可以有两位小数；空着的格子不会抹掉系统里已有的内容。",
    "日期写成 2026-03-01。没有写日期的，新登记的从名单那个月的 1 日算起。",
    "列的顺序随意，多出来的列不读取，也不保存。表头可以在第 1 到第 3 行。",
)


def headers_of(measure: CatalogueMeasure) -> dict[str, str]:
    """The columns of a measure's list, by their keys; a term only where it has one."""
    words = {key: names[0] for key, names in HEADERS.items()} | {"day": DAY_HEADERS[measure.kind]}
    return words if measure.has_term else {key: word for key, word in words.items() if key != "until"}


def blank_list(measure: CatalogueMeasure) -> bytes:
    """The empty list of a measure, its cells set to text, with a second sheet that says how it is filled."""
    book = Workbook()
    sheet, words = book.active, headers_of(measure)
    assert sheet is not None
    sheet.title = "名单"
    for place, (key, word) in enumerate(words.items(), start=1):
        cell = sheet.cell(1, place, word)
        cell.font, cell.number_format = BOLD, TEXT_FORMAT
        sheet.column_dimensions[get_column_letter(place)].width = WIDTHS[key]
        for row in range(2, EMPTY_LINES + 2):
            sheet.cell(row, place).number_format = TEXT_FORMAT
    sheet.freeze_panes = "A2"
    page = book.create_sheet("填表说明")
    page.column_dimensions["A"].width = 100
    for row, hint in enumerate((f"{measure.name}（{measure.given_to.label}）", *HINTS), start=1):
        page.cell(row, 1, hint).data_type = "s"  # a district may call its measure what looks like a formula
    return book_bytes(book)


def lines_not_taken(batch: DepartmentList) -> bytes:
    """The lines that were not taken, as the file had them, with their number in it, the answer and the reason."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("没有收的行")
    sheet.freeze_panes = "A2"
    words = {key: names[0] for key, names in HEADERS.items()} | {"day": "日期"}
    for place, key in enumerate(words, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = WIDTHS[key]
    sheet.column_dimensions[get_column_letter(len(words) + 3)].width = 70
    sheet.append([text_cell(sheet, word, BOLD) for word in (*words.values(), "原行号", "结论", "说明")])
    for row in batch.rows.filter(status__in=NOT_TAKEN).order_by("row_no").iterator(chunk_size=500):
        told = json.loads(row.payload)
        cells = [text_cell(sheet, _text(told.get(key))) for key in words]
        sheet.append([*cells, row.row_no, *(text_cell(sheet, word) for word in (row.get_status_display(), row.reason))])
    return book_bytes(book)


def _text(cell: Cell) -> str:
    return "" if cell is None else cell if isinstance(cell, str) else cell[1]
