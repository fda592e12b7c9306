"""Load official divisions from a CSV into the tree of regions."""

import csv
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction
from django.db.models import Max

from accounts.models import Level, Region
from accounts.models.regions import SEGMENT

SHIPPED = Path(__file__).parent / "data" / "zaozhuang.csv"
COLUMNS = {"code", "name", "level", "parent_code"}
BELOW = {
    Level.CITY: ("",),
    Level.COUNTY: (Level.CITY,),
    Level.ZONE: (Level.CITY,),
    Level.TOWN: (Level.COUNTY, Level.ZONE),
    Level.VILLAGE: (Level.TOWN,),
}


class DivisionsRefused(Exception):
    """The file cannot be loaded; the sentence says which line and why."""


@dataclass
class Loaded:
    """What came of a load, by level: regions new, renamed, unchanged, and towns that stay with their zone."""

    new: Counter[str] = field(default_factory=Counter)
    renamed: int = 0
    unchanged: int = 0
    kept_in_zone: int = 0


@transaction.atomic
def load_divisions(path: Path) -> Loaded:
    """Load a CSV (UTF-8; columns code, name, level, parent_code; parents before children); all or nothing.

    A region is matched by code. Official lists know no functional zones, so a town that already stands
    under a zone stays there. Raises DivisionsRefused with a sentence that names the line.
    """
    known = {region.code: region for region in Region.objects.select_related("parent")}
    loaded = Loaded()
    for line, row in _read(path):
        _load_row(line, row, known, loaded)
    return loaded


def _read(path: Path) -> list[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if missing := COLUMNS - set(reader.fieldnames or ()):
                raise DivisionsRefused(f"缺少列 {'、'.join(sorted(missing))}；第一行应是 code,name,level,parent_code。")
            return [(reader.line_num, {key: (row[key] or "").strip() for key in COLUMNS}) for row in reader]
    except FileNotFoundError as fault:
        raise DivisionsRefused(f"找不到文件 {path.name}。") from fault
    except UnicodeDecodeError as fault:
        raise DivisionsRefused("文件不是 UTF-8 编码，请另存为“CSV UTF-8”。") from fault


def _load_row(line: int, row: dict[str, str], known: dict[str, Region], loaded: Loaded) -> None:
    code, name, level = row["code"], row["name"], row["level"]
    if not (len(code) == 12 and code.isdecimal() and code.isascii()):
        raise DivisionsRefused(f"第 {line} 行：区划代码应是12位数字。")
    if level not in Level.values or not name:
        raise DivisionsRefused(f"第 {line} 行：名称不能空，级别只能是 {'、'.join(Level.values)}。")
    parent = known.get(row["parent_code"])
    if (parent.level if parent else "") not in BELOW[Level(level)]:
        raise DivisionsRefused(
            f"第 {line} 行：{name}的上级 {row['parent_code'] or '（空）'} 不在前面各行，或级别不对。"
        )
    region = known.get(code)
    if region is None:
        known[code] = _add(code, name, level, parent)
        loaded.new[level] += 1
        return
    if region.level != level:
        raise DivisionsRefused(f"第 {line} 行：{name}的级别与已有的{region.get_level_display()}不同。")
    if region.parent_id != (parent.pk if parent else None):
        if not (region.parent and region.parent.level == Level.ZONE):
            raise DivisionsRefused(f"第 {line} 行：{name}已在{region.parent}下，换上级请在区划页面办理。")
        loaded.kept_in_zone += 1
    if region.name != name:
        Region.objects.filter(pk=region.pk).update(name=name)
        region.name = name
        loaded.renamed += 1
    else:
        loaded.unchanged += 1


def _add(code: str, name: str, level: str, parent: Region | None) -> Region:
    last = Region.objects.filter(parent=parent).aggregate(last=Max("path"))["last"]
    number = int(last[-SEGMENT:]) + 1 if last else 1
    if number >= 10**SEGMENT - 1:
        raise DivisionsRefused(f"{parent}下的区划太多。")
    path = f"{parent.path if parent else ''}{number:0{SEGMENT}d}"
    return Region.objects.create(code=code, name=name, level=level, parent=parent, path=path)
