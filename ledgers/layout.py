"""How the form looks: fonts, borders, widths, merges, drop-downs and print set-up, by row number."""

import datetime
from dataclasses import dataclass, field

from openpyxl import Workbook
from openpyxl.packaging.custom import IntProperty, StringProperty
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from households.codes import RiskCause
from ledgers.columns import COLUMNS, HEADINGS, NOTES, OFFICE, POLICIES, SEAL, SHEET, TICK, Part

CHOICES_SHEET = "选项"
CREATOR = "fangpin"
FIRST_BODY_ROW = 7
BODY_HEIGHT = 20
SONG = "宋体"
LAST = COLUMNS[-1].letter
MOST_FOOTER = 200  # the format allows 255 characters for the whole foot
A3 = 8  # paper size, as the format numbers them

NAME_PLACE = next(place for place, column in enumerate(COLUMNS) if column.letter == "D")
# Risk level -> ground and ink of the cell with the head's name.
LEVEL_COLOURS = {1: ("FFC4232F", "FFFFFFFF"), 2: ("FFF5B81C", "FF3D2A00"), 3: ("FF2460B8", "FFFFFFFF")}

_THIN = Side(style="thin", color="FF000000")
BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True)


@dataclass(frozen=True)
class Heading:
    """What stands above the tables and at the foot of each page, and what the file's properties say of it.

    The properties hold no person's name.
    """

    title: str
    office: str
    region_code: str
    on: datetime.date
    policy: str
    duty: str = ""  # who answers, for the foot of every printed page


@dataclass
class Layout:
    """Row numbers of one ledger; an empty part keeps one empty row."""

    rows_one: int
    rows_two: int
    households: int = 0
    styles: list[tuple[int, int]] = field(default_factory=list)
    coloured: dict[int, tuple[int, int]] = field(default_factory=dict)  # of column D, by risk level

    @property
    def second_heading(self) -> int:
        """Row of the heading of part two."""
        return FIRST_BODY_ROW + max(1, self.rows_one)

    @property
    def second_body(self) -> int:
        """First row of the body of part two."""
        return self.second_heading + 3

    @property
    def notes(self) -> int:
        """Row of 注:."""
        return self.second_body + max(1, self.rows_two)


def lay_out(book: Workbook, heading: Heading, layout: Layout) -> list[tuple[int, int]]:
    """Fill the workbook with all but the body's rows; returns each column's style, plain and with quotePrefix."""
    sheet = book.worksheets[0]
    sheet.title = SHEET
    for column in COLUMNS:
        sheet.column_dimensions[column.letter].width = column.width
    _line(sheet, 1, "A", LAST, heading.title, Font(name="方正小标宋简体", size=18), CENTRE, height=36)
    right = Alignment(horizontal="right", vertical="center", indent=4)
    _line(sheet, 2, "L", LAST, SEAL, Font(name=SONG, size=12), right, height=22)
    _line(sheet, 3, "A", "K", f"{OFFICE}{heading.office}", Font(name=SONG, size=12), LEFT, height=22)
    _table_head(sheet, 4, HEADINGS[Part.EDGE])
    _table_head(sheet, layout.second_heading, HEADINGS[Part.RELAPSE])
    for number, words in enumerate(NOTES):
        _line(sheet, layout.notes + number, "A", LAST, words, Font(name=SONG, size=10), LEFT, height=18)
    styles = _body_styles(sheet, layout.notes + len(NOTES))
    layout.coloured = _coloured_styles(sheet, layout.notes + len(NOTES))
    _set_up_print(sheet)
    # At the foot of the page, not in a cell: the form of document 002 has no such row.
    sheet.oddFooter.left.text = heading.duty.replace("&", "&&")[:MOST_FOOTER]
    sheet.oddFooter.right.text = "第 &P 页，共 &N 页"
    _offer_choices(book, sheet, layout)
    _describe(book, heading, layout)
    return styles


def _line(
    sheet: Worksheet, row: int, first: str, last: str, words: str, font: Font, how: Alignment, *, height: float
) -> None:
    """One merged line of text."""
    sheet.merge_cells(f"{first}{row}:{last}{row}")
    cell = sheet[f"{first}{row}"]
    cell.value, cell.data_type = words, "s"
    cell.font, cell.alignment, cell.number_format = font, how, "@"
    sheet.row_dimensions[row].height = height


def _table_head(sheet: Worksheet, row: int, heading: str) -> None:
    """The bold heading of a part, and the header in two rows under it."""
    _line(sheet, row, "A", LAST, heading, Font(name=SONG, size=12, bold=True), LEFT, height=24)
    upper, lower = row + 1, row + 2
    policies = [column.letter for column in COLUMNS if column.policy]
    for column in COLUMNS:
        for number in (upper, lower):
            cell = sheet[f"{column.letter}{number}"]
            cell.font, cell.alignment, cell.border = Font(name=SONG, size=10), CENTRE, BOX
            cell.number_format = "@"
        sheet[f"{column.letter}{lower if column.policy else upper}"].value = column.header
        if not column.policy:
            _merge(sheet, f"{column.letter}{upper}:{column.letter}{lower}")
    sheet[f"{policies[0]}{upper}"].value = POLICIES
    _merge(sheet, f"{policies[0]}{upper}:{policies[-1]}{upper}")
    sheet.row_dimensions[upper].height = 22
    sheet.row_dimensions[lower].height = 68


def _merge(sheet: Worksheet, area: str) -> None:
    """Merge and keep the borders of every cell in it, which openpyxl's own merging would thin out."""
    sheet.merged_cells.add(area)


def _body_styles(sheet: Worksheet, spare_row: int) -> list[tuple[int, int]]:
    """Register the styles of body cells with the workbook, by way of cells that are taken out again."""
    styles = []
    for place, column in enumerate(COLUMNS, start=1):
        pair = []
        for quoted in (False, True):
            cell = sheet.cell(spare_row + quoted, place)
            cell.font, cell.alignment, cell.border = Font(name=SONG, size=10), CENTRE, BOX
            cell.number_format = "0" if column.header == "家庭人口数" else "@"
            cell.quotePrefix = quoted
            pair.append(cell.style_id)
        styles.append((pair[0], pair[1]))
    sheet.delete_rows(spare_row, 2)
    return styles


def _coloured_styles(sheet: Worksheet, spare_row: int) -> dict[int, tuple[int, int]]:
    """The head's name on red, yellow or blue (document 004 二（一）1: 台账用红色、黄色、蓝色标记), registered likewise."""
    styles = {}
    for level, (ground, ink) in LEVEL_COLOURS.items():
        pair = []
        for quoted in (False, True):
            cell = sheet.cell(spare_row + quoted, NAME_PLACE + 1)
            cell.font, cell.alignment, cell.border = Font(name=SONG, size=10, color=ink), CENTRE, BOX
            cell.fill = PatternFill("solid", fgColor=ground)
            cell.number_format, cell.quotePrefix = "@", quoted
            pair.append(cell.style_id)
        styles[level] = (pair[0], pair[1])
        sheet.delete_rows(spare_row, 2)
    return styles


def _set_up_print(sheet: Worksheet) -> None:
    """A3 landscape, one page wide, header repeated on every page."""
    sheet.freeze_panes = f"A{FIRST_BODY_ROW}"
    sheet.print_title_rows = "5:6"
    sheet.page_setup.paperSize = A3
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.4
    margins.top = margins.bottom = 0.6
    margins.header = margins.footer = 0.3


def _offer_choices(book: Workbook, sheet: Worksheet, layout: Layout) -> None:
    """√ in H to Q, and the risk causes in R, from a sheet that only a macro could show."""
    choices = book.create_sheet(CHOICES_SHEET)
    for row, cause in enumerate(RiskCause, start=1):
        choices.cell(row, 1, cause.label)
    choices.sheet_state = "veryHidden"
    ticks = DataValidation(
        "list", formula1=f'"{TICK}"', allow_blank=True, errorTitle="只能画√", error="已落实的画“√”，没有的留空。"
    )
    causes = DataValidation(
        "list",
        formula1=f"{CHOICES_SHEET}!$A$1:$A${len(RiskCause)}",
        allow_blank=True,
        errorTitle="请从下拉菜单选择",
        error="主要返贫风险请从下拉菜单中选一项。",
    )
    policies = [column.letter for column in COLUMNS if column.policy]
    bodies = ((FIRST_BODY_ROW, layout.second_heading - 1), (layout.second_body, layout.notes - 1))
    for first, last in bodies:
        ticks.add(f"{policies[0]}{first}:{policies[-1]}{last}")
        causes.add(f"R{first}:R{last}")
    for validation in (ticks, causes):
        validation.showErrorMessage = True
        sheet.add_data_validation(validation)


def _describe(book: Workbook, heading: Heading, layout: Layout) -> None:
    """The file's properties: what, for when, how much, under which policy."""
    book.properties.creator = CREATOR
    book.properties.title = heading.title
    rows = layout.rows_one + layout.rows_two
    book.properties.description = (
        f"台账日期 {heading.on.isoformat()}；{layout.households} 户 {rows} 行；执行政策：{heading.policy}"
    )
    texts = {"台账日期": heading.on.isoformat(), "区划代码": heading.region_code, "执行政策": heading.policy}
    for name, value in texts.items():
        book.custom_doc_props.append(StringProperty(name=name, value=value))
    for name, value in {"户数": layout.households, "行数": rows}.items():
        book.custom_doc_props.append(IntProperty(name=name, value=value))
