"""The form of document 002 as offices have kept it by hand: its two parts, their headers, and a row as typed values."""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

from households import codes
from households import roster_cells as cells
from households.identity import NOT_YET
from households.roster import normal_header
from households.workbook_reader import Cell, WorkbookRefused

HEADER_DEPTH = 12
MARKERS = ("身份证号", "证件号码")
PARTS = (
    ("一般农户中存在致贫风险的人口", codes.MonitorClass.EDGE),
    ("脱贫享受政策人口中存在返贫风险的人口", codes.MonitorClass.RELAPSE),
)
HEADING = re.compile(r"^[一二][、.]?")
# The ten policies in the order of the form; the values are those of assistance's LedgerColumn.
POLICIES = {
    "education": "教育扶贫政策",
    "medical": "医疗保障扶贫政策",
    "commercial_medical": "医疗商业补充保险",
    "family_doctor": "家庭医生签约服务",
    "housing": "危房改造",
    "water": "饮水安全",
    "temporary_relief": "临时救助",
    "social_relief": "社会救助",
    "dibao": "低保",
    "public_post": "公益岗位",
}
HEADERS = {
    "区": "county",
    "镇": "town",
    "村": "village",
    "户主姓名": "head_name",
    "与户主关系": "relation",
    "身份证号码": "identity",
    "身份证号": "identity",
    "证件号码": "identity",
    "家庭人口数": "member_count",
    **{label: key for key, label in POLICIES.items()},
    "主要返贫风险": "main_risk",
    "主要致贫风险": "main_risk",
    "主要致贫返贫风险": "main_risk",
    "帮扶联系人姓名": "helper_name",
    "帮扶联系人": "helper_name",
    "帮扶联系人的单位": "helper_unit",
    "帮扶联系人单位": "helper_unit",
    "认定时间": "decided_on",
}
NEEDED = {"identity": "身份证号码", "main_risk": "主要返贫风险", "decided_on": "认定时间"}
LEAST_HEADERS = 3  # as many header texts in one row make it a header
TICKS = {"√": True, "✓": True, "✔": True, "是": True, "有": True, "1": True,
         "×": False, "✗": False, "否": False, "无": False, "0": False, "/": False, "-": False}  # fmt: skip
RISK_WORDS = {
    "因自然灾害": "因灾",
    "因意外事故": "因意外",
    "因产业项目失败": "因产业失败",
    "因务工不稳": "因务工就业不稳",
    "缺劳力": "缺劳动力",
    "其他": "其他(备注)",
}
_RISKS = cells.labelled([(label, label) for label in codes.RiskCause.labels], RISK_WORDS)


def read_tick(cell: Cell) -> bool:
    """√ or nothing."""
    said = cells.plain(cell)
    if said and said not in TICKS:
        raise ValidationError("已落实的画“√”，没有的空着，不要写别的。")
    return TICKS.get(said, False)


def read_risk(cell: Cell) -> str:
    """The label of a risk cause, or empty."""
    return cells.read_choice(_RISKS)(cell) or ""


READERS: dict[str, cells.Reader] = {
    "village": cells.read_text(60),
    "head_name": cells.read_text(60),
    "identity": cells.read_person,
    **dict.fromkeys(POLICIES, read_tick),
    "main_risk": read_risk,
    "helper_name": cells.read_text(30),
    "helper_unit": cells.read_text(60),
    "decided_on": cells.read_date,
}
LABELS = {
    "village": "村",
    "head_name": "户主姓名",
    "identity": "身份证号码",
    **POLICIES,
    "main_risk": "主要返贫风险",
    "helper_name": "帮扶联系人姓名",
    "helper_unit": "帮扶联系人的单位",
    "decided_on": "认定时间",
}


@dataclass
class LedgerRow:
    """One person of the ledger, in the part where he stands, with everything that is wrong with his row."""

    row_no: int
    monitor_class: codes.MonitorClass
    cells: list[Cell] = field(repr=False)
    values: dict[str, Any] = field(default_factory=dict, repr=False)
    errors: list[str] = field(default_factory=list)

    @property
    def measures(self) -> list[str]:
        """The policies whose column is ticked, in the order of the form."""
        return [key for key in POLICIES if self.values.get(key)]

    @property
    def decided_on(self) -> datetime.date | None:
        """认定时间; the first of the month where no day is named."""
        return self.values.get("decided_on")


class LedgerForm:
    """Walks down the sheet: headings begin a part, header rows tell its columns, 注 ends it, the rest are people."""

    def __init__(self) -> None:
        self.monitor_class: codes.MonitorClass | None = None
        self.places: dict[str, int] = {}
        self.headers: list[str] = []
        self.header_row = 0
        self.parts_seen = 0

    def read(self, rows: Iterator[tuple[int, list[Cell]]]) -> Iterator[LedgerRow]:
        """The people of both parts; raises WorkbookRefused when this is not the form."""
        for row_no, row in rows:
            texts = [normal_header(cell) if isinstance(cell, str) else "" for cell in row]
            if self._is_heading(texts) or self._is_header(row_no, row, texts):
                continue
            if any(text.startswith("注") for text in texts):
                self.monitor_class = None
            if self.monitor_class is not None:
                self._need_columns()
                if any(place < len(row) and row[place] is not None for place in self.places.values()):
                    yield self._person(row_no, row)
        if not self.parts_seen:
            names = "”和“".join(name for name, _class in PARTS)
            raise WorkbookRefused(f"表里找不到“{names}”这两个标题。请用文件附件的台账原表。")

    def _is_heading(self, texts: list[str]) -> bool:
        for name, monitor_class in PARTS:
            if any(HEADING.sub("", text).startswith(name) for text in texts):
                self.monitor_class, self.places = monitor_class, {}
                self.parts_seen += 1
                return True
        return False

    def _is_header(self, row_no: int, row: list[Cell], texts: list[str]) -> bool:
        found = {
            key: place
            for place, text in enumerate(texts)
            if (key := HEADERS.get(re.sub(r"\(.*", "", text))) is not None
        }
        if len(found) < LEAST_HEADERS:
            return False
        self.places.update(found)
        if len(self.headers) < len(row):
            self.headers += [""] * (len(row) - len(self.headers))
        for place in found.values():
            self.headers[place] = cells.text_of(row[place])[:60]
        self.header_row = self.header_row or row_no
        return True

    def _need_columns(self) -> None:
        missing = [label for key, label in NEEDED.items() if key not in self.places]
        missing += [label for key, label in POLICIES.items() if key not in self.places]
        if missing:
            raise WorkbookRefused(f"台账缺少 {len(missing)} 列：{'、'.join(missing)}。请用文件附件的台账原表。")

    def _person(self, row_no: int, row: list[Cell]) -> LedgerRow:
        assert self.monitor_class is not None
        person = LedgerRow(row_no, self.monitor_class, row)
        for key, read in READERS.items():
            place = self.places.get(key, len(row))
            try:
                person.values[key] = read(row[place] if place < len(row) else None)
            except ValidationError as fault:
                sentence = fault.messages[0]
                person.errors.append(sentence if sentence.startswith("证件号码") else f"{LABELS[key]}：{sentence}")
        if "identity" in person.values and person.values["identity"] in (None, NOT_YET):
            person.errors.append("身份证号码：没有填。台账按证件号码对应到人，请补上。")
        return person
