"""One line of a department's list: the columns that are read, and what each cell says, or what is wrong with it."""

import datetime
import json
import re
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.encryption import blind_index
from assistance.catalogue import CatalogueMeasure, Kind
from assistance.limits import check_amount, check_term, months_after
from households.identity import person_number
from households.models.households import ID_NUMBER
from households.roster import normal_header
from households.roster_cells import plain, read_date, read_income, read_person, read_text
from households.workbook_reader import Cell, WorkbookRefused

HEADER_DEPTH = 3
MARKERS = ("证件号码", "身份证号", "身份证号码")
# What the day of a line means, by the kind of the measure, as the template's header says it.
DAY_HEADERS = {Kind.RUNNING: "开始日期", Kind.GRANT: "给付日期", Kind.LASTING: "办成日期"}
HEADERS = {
    "name": ("姓名", "享受人", "领取人"),
    "number": ("证件号码", "身份证号", "身份证号码", "公民身份号码"),
    "amount": ("金额(元)", "金额", "发放金额", "补助金额", "月发放金额(元)"),
    "day": (*DAY_HEADERS.values(), "享受开始日期", "发放日期"),
    "until": ("到期日期", "截止日期", "合同到期日期"),
}
NEEDED = ("name", "number")
_KEYS = {normal_header(word): key for key, words in HEADERS.items() for word in words}
LONGEST_REASON = 120


@dataclass(frozen=True)
class Layout:
    """Where the columns stand in this file."""

    header_row: int
    places: dict[str, int]

    def cell(self, row: list[Cell], key: str) -> Cell:
        """The cell of a column; None where the file has no such column or the row is shorter."""
        place = self.places.get(key)
        return row[place] if place is not None and place < len(row) else None

    def is_blank(self, row: list[Cell]) -> bool:
        """Whether no column of ours has anything in this row."""
        return all(self.cell(row, key) is None for key in self.places)


@dataclass
class Line:
    """What a line says; ``reason`` is why it cannot be taken. ``digest`` is empty where the number cannot be read."""

    row_no: int
    digest: str = ""
    name: str = field(default="", repr=False)
    day: datetime.date | None = None
    until: datetime.date | None = None
    amount: int | None = None  # fen
    reason: str = ""
    payload: str = field(default="", repr=False)  # JSON of the cells


def find_layout(first_rows: list[tuple[int, list[Cell]]]) -> Layout:
    """The header among the first rows; raises WorkbookRefused with the columns that are missing or stand twice."""
    layouts = [_layout_of(row_no, row) for row_no, row in first_rows if row_no <= HEADER_DEPTH]
    best = max(layouts, key=lambda layout: len(layout.places), default=None)
    missing = [HEADERS[key][0] for key in NEEDED if best is None or key not in best.places]
    if best is None or missing:
        raise WorkbookRefused(f"前 {HEADER_DEPTH} 行的表头里缺少：{'、'.join(missing)}。请用“下载空白模板”里的表头。")
    return best


def _layout_of(row_no: int, row: list[Cell]) -> Layout:
    places: dict[str, int] = {}
    for place, cell in enumerate(row):
        key = _KEYS.get(normal_header(cell)) if isinstance(cell, str) else None
        if key and key in places:
            raise WorkbookRefused(f"表头“{HEADERS[key][0]}”出现了两次，请删掉一列。")
        if key:
            places[key] = place
    return Layout(row_no, places)


@dataclass(frozen=True)
class LineReader:
    """Reads the lines of one list: of this measure, for the month that begins on this day."""

    measure: CatalogueMeasure
    month: datetime.date
    every: str
    layout: Layout

    def read(self, row_no: int, cells: list[Cell]) -> Line:
        """The line, with everything that is wrong with its cells in one sentence."""
        line, faults = Line(row_no, payload=self._kept(cells)), []
        for key, take in (
            ("number", self._number), ("name", self._name), ("amount", self._amount), ("day", self._day), ("until", self._until),
        ):  # fmt: skip
            try:
                take(line, self.layout.cell(cells, key))
            except ValidationError as fault:
                word = DAY_HEADERS[self.measure.kind] if key == "day" else HEADERS[key][0]
                faults.append(f"{word}：{fault.messages[0]}")
        line.reason = "；".join([*(one.removesuffix("。") for one in faults[:-1]), *faults[-1:]])[:LONGEST_REASON]
        return line

    def _kept(self, cells: list[Cell]) -> str:
        told = {key: self.layout.cell(cells, key) for key in self.layout.places}
        return json.dumps({key: cell for key, cell in told.items() if cell is not None}, ensure_ascii=False)

    def _number(self, line: Line, cell: Cell) -> None:
        identity = read_person(cell)
        if identity is None or not identity.number:
            raise ValidationError("没有填，请填 18 位身份证号码或残疾人证号。")
        line.digest = blind_index(person_number(identity.number), ID_NUMBER)

    def _name(self, line: Line, cell: Cell) -> None:
        line.name = read_text(60)(cell)
        if not line.name:
            raise ValidationError("没有填，请填姓名。")

    def _amount(self, line: Line, cell: Cell) -> None:
        amount = read_income(cell)
        if amount is not None and amount < 0:
            raise ValidationError("不能是负数，请核对。")
        check_amount(self.measure, amount, self.every)
        line.amount = amount

    def _day(self, line: Line, cell: Cell) -> None:
        day = read_date(cell)
        if day is None:
            return
        if day >= months_after(self.month, 1):
            raise ValidationError("在名单的月份以后，请核对。")
        if self.measure.kind == Kind.GRANT and day < self.month:
            raise ValidationError("不在名单的月份里，请放到那个月的名单里。")
        line.day = day

    def _until(self, line: Line, cell: Cell) -> None:
        until = read_day_to_come(cell)
        if until is not None:
            check_term(self.measure, line.day or self.month, until)
        line.until = until


def read_day_to_come(cell: Cell) -> datetime.date | None:
    """A day that may lie ahead, written as 2026-12-31, 2026年12月31日 or 20261231; a blank is None."""
    said = re.sub(r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$", "", plain(cell))
    if not said:
        return None
    found = re.fullmatch(r"(\d{4})(\d{2})(\d{2})", said) or re.fullmatch(
        r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", said
    )
    try:
        if not found:
            raise ValueError
        day = datetime.date(*(int(part) for part in found.groups()))
    except ValueError as fault:
        raise ValidationError("不是有效的日期，请写成 2026-12-31。") from fault
    if not 1990 <= day.year <= timezone.localdate().year + 50:
        raise ValidationError("年份不对，请核对。")
    return day


def shown(payload: str) -> dict[str, Any]:
    """What a page may print of a line's kept cells: the name and the number, for masking there."""
    told = json.loads(payload) if payload else {}

    def text(key: str) -> str:
        cell = told.get(key)
        return cell if isinstance(cell, str) else str(cell[1]) if cell else ""

    return {"name": text("name"), "number": "".join(text("number").split())}
