"""A snapshot as a workbook: one table, in administrative order, as it is read out."""

from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from assistance.catalogue import Group
from assistance.models import Snapshot
from assistance.snapshots import Figures, Line, causes_in, prose
from households.codes import MonitorClass

THIN = Side(style="thin")
BOX = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
FIXED = ("区域", "在册（户）", "在册（人）")
CHANGES = (
    "新增（户）",
    "新增（人）",
    "移出（户）",
    "移出（人）",
    "其中整户自然减少（户）",
    "自然增加（人）",
    "自然减少（人）",
)


def workbook(snapshot: Snapshot) -> bytes:
    """The file; formulas cannot arise, because places and classes are names of ours and the rest are numbers."""
    found = Figures.of(snapshot)
    book = Workbook()
    sheet = book.active
    sheet.title = "调度"
    headers = [
        *FIXED,
        *_class_heads(),
        *CHANGES,
        "已落实措施（户）",
        "没有措施（户）",
        *(group.label for group in Group),
    ]
    headers += [f"{label}（{unit}）" for _code, label in causes_in(found) for unit in ("户", "人")]
    sheet.append([f"{snapshot.region.name}防止返贫致贫监测帮扶调度表"])
    since = f"，与 {found.since} 比较" if found.since else "，第一次调度，没有比较"
    sheet.append([f"截至 {snapshot.on}{since}"])
    sheet.append(headers)
    for line in [*found.lines, found.total]:
        sheet.append(_cells(line, bool(found.since), [code for code, _label in causes_in(found)]))
    sheet.append([])
    sheet.append([prose(snapshot)])
    _set_out(sheet, len(headers), 3 + len(found.lines) + 1)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _class_heads() -> list[str]:
    return [f"{label}（{unit}）" for label in MonitorClass.labels for unit in ("户", "人")]


def _cells(line: Line, compared: bool, causes: list[str]) -> list[str | int | None]:
    classes = [
        number
        for code in MonitorClass.values
        for number in (line.classes.get(code, 0), line.class_persons.get(code, 0))
    ]
    counted = [line.added, line.added_persons, line.removed, line.removed_persons, line.closed, line.came, line.went]
    changes = counted if compared else [None] * len(CHANGES)  # not asked, which is not nothing
    groups = [line.groups.get(group, 0) for group in Group]
    risks = [number for code in causes for number in (line.causes.get(code, 0), line.cause_persons.get(code, 0))]
    head: list[str | int | None] = [line.name, line.households, line.persons]
    return [*head, *classes, *changes, line.helped, line.households - line.helped, *groups, *risks]


def _set_out(sheet, width: int, last_row: int) -> None:  # type: ignore[no-untyped-def]  # openpyxl has no types
    for row in (1, 2, last_row + 2):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=width)
    sheet["A1"].font, sheet["A1"].alignment = Font(size=16, bold=True), Alignment(horizontal="center")
    sheet.cell(last_row + 2, 1).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.row_dimensions[last_row + 2].height = 60
    for row in sheet.iter_rows(min_row=3, max_row=last_row, max_col=width):
        for cell in row:
            cell.border, cell.alignment = BOX, Alignment(wrap_text=True, horizontal="center", vertical="center")
    sheet.column_dimensions["A"].width = 16
    for column in range(2, width + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 8
    sheet.freeze_panes = "B4"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A3
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "3:3"
