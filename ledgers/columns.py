"""The form of document 002, attachment: its words, and its 21 columns from A to U."""

import datetime
from enum import IntEnum
from typing import NamedTuple

from accounts.models import Level, Region
from assistance.catalogue import HOUSEHOLD_COLUMNS, LedgerColumn

SHEET = "台账"
TITLE = "存在致贫、返贫风险人口即时帮扶情况台账"
SEAL = "(盖章)"
OFFICE = "单位:"
POLICIES = "享受帮扶政策(在已落实政策栏画“√”)"
TICK = "√"
NOTES = (
    "注:",
    "1. “一般农户中存在致贫风险的人口”是指边缘户;“脱贫享受政策人口中存在返贫风险的人口”是指脱贫监测户。",
    "2. “享受帮扶政策”要在已落实政策栏画“√”,同一人可享受多项帮扶政策。",
    "3. “医疗保障扶贫”是指基本医疗保险、大病保险和医疗救助政策。",
)


class Part(IntEnum):
    """The two tables of the form."""

    EDGE = 1
    RELAPSE = 2


HEADINGS = {
    Part.EDGE: "一、一般农户中存在致贫风险的人口",
    Part.RELAPSE: "二、脱贫享受政策人口中存在返贫风险的人口",
}


class Column(NamedTuple):
    """A column of the form; ``policy`` is set where its cells are ticks."""

    letter: str
    header: str
    width: float  # in characters, as a spreadsheet counts
    policy: LedgerColumn | None = None


def _policy(letter: str, policy: LedgerColumn) -> Column:
    whose = "户" if policy in HOUSEHOLD_COLUMNS else "人"
    return Column(letter, f"{policy.label}({whose})", 6.5, policy)


COLUMNS = (
    Column("A", "区(市)", 12),
    Column("B", "镇(街)", 12),
    Column("C", "村", 14),
    Column("D", "户主姓名", 10),
    Column("E", "与户主关系", 9),
    Column("F", "身份证号码", 21),
    Column("G", "家庭人口数", 6.5),
    *(_policy(letter, policy) for letter, policy in zip("HIJKLMNOPQ", LedgerColumn, strict=True)),
    Column("R", "主要返贫风险(下拉菜单选择)", 14),
    Column("S", "帮扶联系人姓名", 10),
    Column("T", "帮扶联系人的单位", 24),
    Column("U", "认定时间", 12),
)


def title(region: Region) -> str:
    """The title of the region's edition: 薛城区陶庄镇前西仓村存在…; a city's is our own, the form has none."""
    lineage = region.lineage()
    parts = [lineage[level].paper_name() for level in (Level.COUNTY, Level.TOWN, Level.VILLAGE) if level in lineage]
    return ("".join(parts) or region.name) + TITLE


def month_words(day: datetime.date) -> str:
    """认定时间 as the form has it: 2020年3月."""
    return f"{day.year}年{day.month}月"
