"""The national system's person list: its 32 columns, the header that names them, and a row of it as typed values."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import Region
from households import codes
from households import roster_cells as cells
from households.villages import Villages
from households.workbook_reader import Cell, WorkbookRefused

HEADER_DEPTH = 3
MARKERS = ("证件号码", "户编号")
SKIPPED = ("序号",)  # printed in the file, of no meaning to us


@dataclass(frozen=True)
class Column:
    """A column of the list: its header, how a cell of it is read, and whether the list is of no use without it."""

    key: str
    header: str
    read: cells.Reader
    needed: bool = False
    of_household: bool = False  # must say the same in every row of a household
    aliases: tuple[str, ...] = ()


def _place(cell: Cell) -> str:
    return cells.plain(cell)[:60]


COLUMNS = (
    Column("data_date", "数据日期", cells.read_date),
    Column("county", "县(市、区、旗)", _place, aliases=("县", "区县", "县(区)", "区(市)", "县(市、区)")),
    Column("town", "乡(镇)", _place, needed=True, aliases=("乡镇", "镇(街)", "乡镇(街道)", "镇")),
    Column("village", "行政村", _place, needed=True, of_household=True, aliases=("村",)),
    Column("natural_village", "自然村", cells.read_text(60), of_household=True),
    Column("household_number", "户编号", cells.read_code, needed=True),
    Column("number", "人编号", cells.read_code, aliases=("人口编号",)),
    Column("name", "姓名", cells.read_text(60), needed=True),
    Column("identity", "证件号码", cells.read_person, needed=True, aliases=("身份证号码", "身份证号")),
    Column("member_count", "人数", cells.read_count(60, "人"), needed=True, of_household=True),
    Column("relation", "与户主关系", cells.read_choice(cells.RELATIONS), needed=True),
    Column("ethnic_group", "民族", cells.read_choice(cells.ETHNIC_GROUPS)),
    Column("education", "文化程度", cells.read_choice(cells.labelled(codes.EDUCATIONS))),
    Column(
        "student_status", "在校生状况", cells.read_choice({**cells.labelled(codes.STUDENT_STATUSES), "非在校生": ""})
    ),
    Column("health", "健康状况", cells.read_health),
    Column(
        "labour_skill", "劳动技能", cells.read_choice(cells.labelled(codes.LabourSkill.choices, cells.LABOUR_WORDS))
    ),
    Column("work_months", "务工时间(月)", cells.read_count(cells.MONTHS_OF_A_YEAR, "个月"), aliases=("务工时间",)),
    Column("serious_illness_insured", "是否参加大病保险", cells.read_choice(cells.YES_NO)),
    Column("first_cause", "致贫原因1", cells.read_text(30), aliases=("致贫原因", "主要致贫原因")),
    Column("unsafe_house", "危房户", cells.read_choice(cells.YES_NO), of_household=True, aliases=("是否危房户",)),
    Column("safe_water", "是否解决安全饮用水", cells.read_choice(cells.YES_NO), of_household=True),
    Column("roster_per_capita_income", "人均纯收入", cells.read_income, of_household=True, aliases=("人均纯收入(元)",)),
    Column("household_phone", "户联系电话", cells.read_phone, of_household=True),
    Column("phone", "人联系电话", cells.read_phone),
    Column("first_identified_on", "首次识别时间", cells.read_date, of_household=True),
    Column("identified_on", "人员识别时间", cells.read_date),
    Column("household_type", "户类型", cells.read_choice(cells.HOUSEHOLD_TYPES), needed=True, of_household=True),
    Column(
        "monitor_class",
        "易返贫致贫户(监测对象)类型",
        cells.read_choice(cells.MONITOR_CLASSES),
        of_household=True,
        aliases=("监测对象类型", "监测对象类别", "易返贫致贫户类型"),
    ),
    Column(
        "risk_removed", "风险是否消除", cells.read_choice(cells.REMOVED), of_household=True, aliases=("风险是否已消除",)
    ),
    Column("risk_found_on", "风险识别时间", cells.read_date, of_household=True),
    Column("risk_removed_on", "风险消除时间", cells.read_date, of_household=True),
)
BY_KEY = {column.key: column for column in COLUMNS}
HEADERS = (SKIPPED[0], *(column.header for column in COLUMNS))
# What must not be left blank in a row, and what to do then.
NEEDED_IN_A_ROW = {
    "village": "没有填，请填行政村的名称。",
    "household_number": "没有填，请填全国系统里的户编号。",
    "name": "没有填，请填姓名。",
    "identity": "没有填，请填 18 位身份证号码或残疾人证号；新生儿没有证件的，填“暂无证件”。",
    "member_count": "没有填，请填本户人数。",
    "relation": "没有填，请填与户主关系；户主填“户主”。",
    "household_type": "没有填，请填一般农户、脱贫户或未脱贫建档立卡户。",
}


def normal_header(text: str) -> str:
    """A header without spaces, with half-width brackets and commas, however it was typed."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).replace(",", "、").strip("*")


_HEADERS_TO_KEYS = {
    normal_header(header): column.key for column in COLUMNS for header in (column.header, *column.aliases)
}


@dataclass(frozen=True)
class Layout:
    """Where the columns stand in this file. ``headers`` are the file's own, in its order, for the refused rows."""

    header_row: int
    headers: tuple[str, ...]
    places: dict[str, int]

    def as_json(self) -> dict[str, Any]:
        """For keeping with the batch."""
        return {"header_row": self.header_row, "headers": list(self.headers), "places": self.places}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Layout":
        """As kept with the batch."""
        return cls(kept["header_row"], tuple(kept["headers"]), kept["places"])

    def cell(self, row: list[Cell], key: str) -> Cell:
        """The cell of a column; None when the row is shorter."""
        place = self.places[key]
        return row[place] if place < len(row) else None


@dataclass
class RosterRow:
    """One person of the list: typed values by column, and everything that is wrong with the row."""

    row_no: int
    cells: list[Cell] = field(default_factory=list, repr=False)  # as the workbook has them
    values: dict[str, Any] = field(default_factory=dict, repr=False)
    errors: list[str] = field(default_factory=list)
    village: Region | None = None

    @property
    def household_key(self) -> str:
        """户编号; empty where it cannot be read."""
        return self.values.get("household_number") or ""

    @property
    def person_digits(self) -> str:
        """The 18 digits that stand for the person, or empty."""
        identity = self.values.get("identity")
        return identity.number[:18] if identity else ""


def find_layout(first_rows: Iterable[tuple[int, list[Cell]]]) -> Layout:
    """The header among the first three rows; raises WorkbookRefused naming the columns that are missing."""
    best: Layout | None = None
    for row_no, row in first_rows:
        if row_no > HEADER_DEPTH:
            break
        layout = _layout_of(row_no, row)
        if best is None or len(layout.places) > len(best.places):
            best = layout
    if best is None or len(best.places) < 3:
        raise WorkbookRefused("前 3 行里找不到表头。请用“下载空白模板”里的表头，或直接用全国系统导出的名单。")
    missing = [column.header for column in COLUMNS if column.needed and column.key not in best.places]
    if "monitor_class" in best.places:
        wanted = ("risk_removed", "risk_found_on")
        missing += [BY_KEY[key].header for key in wanted if key not in best.places]
    if missing:
        raise WorkbookRefused(f"表里缺少 {len(missing)} 列：{'、'.join(missing)}。请补上后再导入，顺序不限。")
    return best


def is_blank(row: list[Cell], layout: Layout) -> bool:
    """Whether no column of ours has anything in this row, as in rows that were only numbered beforehand."""
    return all(layout.cell(row, key) is None for key in layout.places)


def _layout_of(row_no: int, row: list[Cell]) -> Layout:
    headers = [cell if isinstance(cell, str) else "" for cell in row]
    places: dict[str, int] = {}
    for place, header in enumerate(headers):
        key = _HEADERS_TO_KEYS.get(normal_header(header))
        if key and key in places:
            raise WorkbookRefused(f"表头“{BY_KEY[key].header}”出现了两次，请删掉一列。")
        if key:
            places[key] = place
    return Layout(row_no, tuple(cells.CONTROL.sub("", header).strip()[:60] for header in headers), places)


def read_row(row_no: int, row: list[Cell], layout: Layout, villages: Villages) -> RosterRow:
    """The row as typed values, with all its errors at once, each with the header it belongs to."""
    result = RosterRow(row_no, row)
    for key in layout.places:
        try:
            result.values[key] = BY_KEY[key].read(layout.cell(row, key))
        except ValidationError as fault:
            result.errors.append(_named(key, fault.messages[0]))
            continue
        if key in NEEDED_IN_A_ROW and result.values[key] in (None, ""):
            result.errors.append(_named(key, NEEDED_IN_A_ROW[key]))
    _find_village(result, villages)
    _check_monitoring(result)
    return result


def _named(key: str, sentence: str) -> str:
    header = BY_KEY[key].header
    return sentence if sentence.startswith(header) else f"{header}：{sentence}"


def _find_village(row: RosterRow, villages: Villages) -> None:
    if not row.values.get("village"):
        return
    try:
        row.village = villages.find(
            county=row.values.get("county") or "", town=row.values.get("town") or "", village=row.values["village"]
        )
    except ValidationError as fault:
        row.errors.append(_named("village", fault.messages[0]))


def _check_monitoring(row: RosterRow) -> None:
    """A row of a 监测对象 says whether its risk is removed, since when it is known, and a class that fits 户类型."""
    values = row.values
    monitor_class, household_type = values.get("monitor_class"), values.get("household_type")
    if not monitor_class:
        return
    if "risk_removed" in values and values["risk_removed"] is None:
        row.errors.append("风险是否消除：填了监测对象类型，就要填“是”或“否”。")
    if values.get("risk_removed") is False and "risk_found_on" in values and values["risk_found_on"] is None:
        row.errors.append("风险识别时间：风险未消除的，要填识别时间，台账的认定时间从这里来。")
    if monitor_class == codes.MonitorClass.RELAPSE and household_type == codes.HouseholdType.ORDINARY:
        row.errors.append("易返贫致贫户(监测对象)类型：脱贫监测户的户类型应是脱贫户，请核对这两列。")
    if monitor_class == codes.MonitorClass.EDGE and household_type == codes.HouseholdType.LIFTED:
        row.errors.append("易返贫致贫户(监测对象)类型：边缘户的户类型应是一般农户，请核对这两列。")
