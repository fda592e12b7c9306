"""The rows of a roster put together as households, and what is wrong among the rows of the file itself."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from accounts.models import Region
from households import codes
from households.roster import COLUMNS, RosterRow

MOST_ROWS_NAMED = 6


@dataclass
class Family:
    """The rows of one 户编号; refused as a whole when one of its rows is wrong."""

    key: str
    rows: list[RosterRow] = field(default_factory=list)

    @property
    def is_wrong(self) -> bool:
        """Whether any of its rows has an error."""
        return any(row.errors for row in self.rows)

    @property
    def head(self) -> RosterRow:
        """The head's row; the first one where no head is told."""
        return next((row for row in self.rows if row.values.get("relation") == codes.HEAD), self.rows[0])

    @property
    def village(self) -> Region | None:
        """The village that its rows agree on."""
        return self.rows[0].village

    def said(self, key: str) -> Any:
        """What the household's rows say in one column: the first cell that is not blank, else None."""
        for row in self.rows:
            if (value := row.values.get(key)) not in (None, ""):
                return value
        return next((row.values[key] for row in self.rows if row.values.get(key) == ""), None)


def put_together(rows: Iterable[RosterRow]) -> list[Family]:
    """Households in the order of the file. A row without a legible 户编号 stands alone, refused by its own error."""
    families: dict[str, Family] = {}
    for row in rows:
        key = row.household_key or f"?{row.row_no}"
        families.setdefault(key, Family(key)).rows.append(row)
    _check_persons(families.values())
    for family in families.values():
        _check_heads(family)
        _check_count(family)
        _check_agreement(family)
        if len(family.rows) > 1 and family.is_wrong:
            tell_the_others(family)
    return list(families.values())


def tell_the_others(family: Family) -> None:
    """Rows that are right themselves learn why they are refused with their household."""
    wrong = row_numbers(row for row in family.rows if row.errors)
    for row in family.rows:
        if not row.errors:
            row.errors.append(f"同户{wrong}没有通过，整户不导入。")


def row_numbers(rows: Iterable[RosterRow]) -> str:
    """第 3、4 行; the first few of many."""
    numbers = [str(row.row_no) for row in rows]
    more = "等" if len(numbers) > MOST_ROWS_NAMED else ""
    return f"第 {'、'.join(numbers[:MOST_ROWS_NAMED])}{more} 行"


def _check_persons(families: Iterable[Family]) -> None:
    places: dict[str, list[tuple[Family, RosterRow]]] = defaultdict(list)
    for family in families:
        for row in family.rows:
            if row.person_digits:
                places[row.person_digits].append((family, row))
    for found in places.values():
        for family, row in found:
            for other, other_row in _others(found, row):
                where = "本户" if other is family else "另一户"
                row.errors.append(
                    f"证件号码：同一个号码在{where}第 {other_row.row_no} 行也有，请核对是谁的，只留一处。"
                )
                break


def _others(found: list[tuple[Family, RosterRow]], row: RosterRow) -> Iterator[tuple[Family, RosterRow]]:
    return ((family, other) for family, other in found if other is not row)


def _check_heads(family: Family) -> None:
    if any("relation" not in row.values or not row.values["relation"] for row in family.rows):
        return  # a relation that cannot be read might be the head's
    heads = [row for row in family.rows if row.values["relation"] == codes.HEAD]
    if not heads:
        family.rows[0].errors.append("与户主关系：本户没有户主，请把户主那一行填成“户主”；漏了户主那一行的，补上。")
    if len(heads) > 1:
        for row in heads:
            row.errors.append(
                f"与户主关系：本户有 {len(heads)} 个户主（{row_numbers(heads)}），只能留一个，请改其余的。"
            )


def _check_count(family: Family) -> None:
    count = family.said("member_count")
    if count is not None and count != len(family.rows):
        family.rows[0].errors.append(f"人数：填的是 {count} 人，表里本户有 {len(family.rows)} 行，请补齐人员或改人数。")


def _check_agreement(family: Family) -> None:
    """What is said of the household must be the same in all its rows where it is said at all."""
    for column in COLUMNS:
        if not column.of_household:
            continue
        told: dict[Any, RosterRow] = {}
        for row in family.rows:
            value = row.village if column.key == "village" else row.values.get(column.key)
            if value not in (None, ""):
                told.setdefault(value, row)
        if len(told) > 1:
            first = next(iter(told.values()))
            first.errors.append(f"{column.header}：同一户各行填得不一样（{row_numbers(told.values())}），请改成一样。")
