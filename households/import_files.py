"""Workbooks that go out for an import: the blank roster, and the refused rows with a column that says why."""

import io
import json
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from households import codes
from households.models import ImportBatch, RowStatus
from households.roster import COLUMNS, HEADERS
from households.roster_cells import CONTROL
from households.workbook_reader import Cell

TEXT_FORMAT = "@"
LAST_TEMPLATE_ROW = 5000
WRONG = "错在哪"
ROW_IN_FILE = "原行号"
RISKY_STARTS = ("=", "+", "-", "@")
BODY = Font(name="宋体", size=11)
BOLD = Font(name="宋体", size=11, bold=True)
HEAD_FILL = PatternFill("solid", fgColor="DCE9E7")
THIN = Side(style="thin", color="9AA8A7")
GRID = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
WRAPPED = Alignment(wrap_text=True, vertical="center")
WIDE = {"姓名": 12, "证件号码": 24, "户编号": 16, "人编号": 18, "行政村": 18, "易返贫致贫户(监测对象)类型": 20}
USUAL_WIDTH = 13
CHOICES = {
    "与户主关系": [label for _value, label in codes.RELATIONS],
    "文化程度": [label for _value, label in codes.EDUCATIONS],
    "劳动技能": codes.LabourSkill.labels,
    "是否参加大病保险": ["是", "否"],
    "危房户": ["是", "否"],
    "是否解决安全饮用水": ["是", "否"],
    "户类型": codes.HouseholdType.labels,
    "易返贫致贫户(监测对象)类型": ["脱贫不稳定户", "边缘易致贫户", "突发严重困难户"],
    "风险是否消除": ["是", "否"],
}
DATES = "2019-12-31、2019/12/31、20191231 或 201912"
HINTS = {
    "序号": "不读取，可以空着。",
    "数据日期": f"名单导出的日期，写成{DATES}。",
    "县(市、区、旗)": "功能区可以写功能区的名称，也可以写街道区划代码所属的区；可以空着。",
    "乡(镇)": "镇或街道的名称。",
    "行政村": "写不写“村委会”“居委会”“社区”都可以，须在导入范围内。",
    "户编号": "全国系统里的户编号。同一户各行一样，系统按它认户。",
    "证件号码": "18 位身份证号码，或 20、22 位残疾人证号。必须是文本，不能是数字；空的和错的都不会替您改。",
    "人数": "本户在表里的行数。",
    "与户主关系": f"从 {len(codes.RELATIONS)} 项里选：{'、'.join(label for _value, label in codes.RELATIONS)}。每户只有一个户主。",
    "在校生状况": f"不在校的空着。在校的从这里选：{'、'.join(label for _value, label in codes.STUDENT_STATUSES)}。",
    "健康状况": "健康、长期慢性病、患有大病、残疾；有几样的用逗号隔开。",
    "务工时间(月)": "0 到 12 的整数。",
    "人均纯收入": "元，可以有两位小数。",
    "户类型": "一般农户、脱贫户或未脱贫建档立卡户。",
    "易返贫致贫户(监测对象)类型": "不是监测对象的空着。填了的，后面“风险是否消除”也要填。",
    "风险是否消除": "填“否”的，导入后按存量直接进入在册监测对象。",
    "风险识别时间": "风险未消除的要填，台账的认定时间从这里来。",
}


def blank_template() -> bytes:
    """The roster with its 32 headers, cells set to text, drop-downs, and a second sheet that explains each column."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "名册"
    for place, header in enumerate(HEADERS, start=1):
        letter = get_column_letter(place)
        _put(sheet, place, 1, header, bold=True)
        sheet.column_dimensions[letter].width = WIDE.get(header, USUAL_WIDTH)
        sheet.column_dimensions[letter].number_format = TEXT_FORMAT
        if header in CHOICES:
            _offer(sheet, letter, CHOICES[header])
    sheet.row_dimensions[1].height = 32
    sheet.freeze_panes = "A2"
    _explain(book.create_sheet("填表说明"))
    return book_bytes(book)


def _offer(sheet: Worksheet, letter: str, labels: list[str]) -> None:
    validation = DataValidation(type="list", formula1=f'"{",".join(labels)}"', allow_blank=True, showErrorMessage=False)
    validation.add(f"{letter}2:{letter}{LAST_TEMPLATE_ROW}")
    sheet.add_data_validation(validation)


def _explain(sheet: Worksheet) -> None:
    needed = {column.header for column in COLUMNS if column.needed}
    for place, header in enumerate(("列", "要不要填", "怎么填"), start=1):
        _put(sheet, place, 1, header, bold=True)
    for row, header in enumerate(HEADERS, start=2):
        _put(sheet, 1, row, header)
        _put(sheet, 2, row, "必填" if header in needed else "选填")
        _put(
            sheet,
            3,
            row,
            HINTS.get(header, f"日期，写成{DATES}。" if header.endswith("时间") else "按全国系统的写法。"),
        )
    notes = (
        "每人一行。一户有一行不对，整户不导入；改好后只导入没有通过的户就行。",
        "空着的格子不会抹掉系统里已有的内容；表里没有的人不会被删除，只提醒核对。",
        "列的顺序随意，多出来的列不读取。表头可以在第 1 到第 3 行。",
    )
    for row, note in enumerate(notes, start=len(HEADERS) + 3):
        _put(sheet, 1, row, note)
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=3)
        sheet.row_dimensions[row].height = 32
    for letter, width in (("A", 28), ("B", 12), ("C", 90)):
        sheet.column_dimensions[letter].width = width


def _put(sheet: Worksheet, column: int, row: int, words: str, *, bold: bool = False) -> None:
    cell = sheet.cell(row, column)
    cell.value, cell.data_type, cell.number_format = words, "s", TEXT_FORMAT
    cell.font, cell.alignment, cell.border = BOLD if bold else BODY, WRAPPED, GRID
    if bold:
        cell.fill = HEAD_FILL


def refused_workbook(batch: ImportBatch) -> bytes:
    """The refused rows as the file had them, with their row number in it and what is wrong; texts stay texts."""
    headers = batch.counts["layout"]["headers"]
    book = Workbook(write_only=True)
    sheet = book.create_sheet("没有通过的行")
    sheet.freeze_panes = "A2"
    for place in range(len(headers)):
        sheet.column_dimensions[get_column_letter(place + 1)].width = WIDE.get(headers[place], USUAL_WIDTH)
    sheet.column_dimensions[get_column_letter(len(headers) + 1)].width = 9
    sheet.column_dimensions[get_column_letter(len(headers) + 2)].width = 80
    sheet.append([text_cell(sheet, header, BOLD) for header in (*headers, ROW_IN_FILE, WRONG)])
    for row in batch.rows.filter(status=RowStatus.REFUSED).order_by("row_no").iterator(chunk_size=500):
        cells: list[Cell] = json.loads(row.payload)["cells"]
        cells += [None] * (len(headers) - len(cells))
        printed: list[Any] = [_as_it_was(sheet, cell) for cell in cells[: len(headers)]]
        sheet.append([*printed, row.row_no, text_cell(sheet, "\n".join(row.reasons), BODY)])
    return book_bytes(book)


def _as_it_was(sheet: Any, cell: Cell) -> Any:
    """A number stays a number, so that an identity number that was one is still seen to be one; all else is text."""
    if cell is None:
        return None
    if isinstance(cell, str):
        return text_cell(sheet, cell, BODY)
    kind, value = cell
    if kind == "n":
        return float(value) if "." in value or "e" in value else int(value)
    return text_cell(sheet, value[:10], BODY)


def text_cell(sheet: Any, words: str, font: Font = BODY) -> WriteOnlyCell:
    """A cell that is text whatever it says: no formula, no number, nothing that cannot be seen."""
    cell = WriteOnlyCell(sheet, CONTROL.sub("", words))
    cell.data_type, cell.number_format, cell.font = "s", TEXT_FORMAT, font
    cell.alignment = WRAPPED
    cell.quotePrefix = words.startswith(RISKY_STARTS)
    return cell


def book_bytes(book: Workbook) -> bytes:
    """The workbook as a file's content."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
