"""What a workbook's preview is made of: each row with its conclusion, and counts; nothing is written for it."""

import datetime
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from accounts.models import Region
from households.models import RowStatus
from households.roster import HEADER_DEPTH, MARKERS, Layout, RosterRow, find_layout, is_blank, read_row
from households.roster_families import Family, put_together
from households.roster_plan import FamilyPlan, plan_families
from households.villages import Villages
from households.workbook_reader import WorkbookRefused, open_sheet

FAMILIES_AT_ONCE = 200
ROWS_BETWEEN_BEATS = 500
# Called now and then while a workbook is read, with the number of rows so far: the worker shows that it lives.
Beat = Callable[[int], None]


def still(_rows: int) -> None:
    """A beat that nobody listens to."""


@dataclass
class RowOutcome:
    """One row of the file: what will become of it, why, and what is kept of it (encrypted)."""

    row_no: int
    household_key: str
    status: RowStatus
    reasons: list[str]
    # ``cells`` as the file has them, ``name`` and ``village`` for the preview; a ledger's row also its ``values``.
    payload: dict[str, Any] = field(repr=False)


@dataclass
class Preview:
    """A workbook that could be read. ``counts`` is complete when ``chunks`` has been consumed."""

    layout: dict[str, Any]
    total: int
    chunks: Iterator[list[RowOutcome]] = field(repr=False)
    counts: "Counts"
    data_date: datetime.date | None = None


@dataclass
class Counts:
    """Households and people by conclusion; people of the register who are not in the file; marked households."""

    households: Counter[str] = field(default_factory=Counter)
    people: Counter[str] = field(default_factory=Counter)
    missing: int = 0
    stock: int = 0

    def add(self, plan: FamilyPlan) -> None:
        """Count one household of a roster."""
        self.households[plan.status.value] += 1
        self.people += plan.count_people()
        self.missing += plan.missing
        self.stock += plan.is_stock

    def as_json(self) -> dict[str, Any]:
        """For keeping with the batch, and for printing."""
        every = [status.value for status in RowStatus]
        return {
            "households": {status: self.households[status] for status in every},
            "people": {status: self.people[status] for status in every},
            "missing": self.missing,
            "stock": self.stock,
        }


def preview_roster(content: bytes, region: Region, beat: Beat = still) -> Preview:
    """Read a roster and compare it with the register; raises WorkbookRefused for the file as a whole."""
    layout, rows = _read(content, region, beat)
    families = put_together(rows)
    counts = Counts()
    return Preview(
        layout=layout.as_json(),
        total=len(rows),
        chunks=_chunks(families, region, counts),
        counts=counts,
        data_date=max((day for row in rows if (day := row.values.get("data_date"))), default=None),
    )


def _read(content: bytes, region: Region, beat: Beat) -> tuple[Layout, list[RosterRow]]:
    villages = Villages.of(region)
    rows: list[RosterRow] = []
    with open_sheet(content, header_depth=HEADER_DEPTH, markers=MARKERS) as sheet:
        first = []
        for one in sheet.rows:
            first.append(one)
            if one[0] >= HEADER_DEPTH:
                break
        layout = find_layout(first)
        for row_no, cells in chain(first, sheet.rows):
            if row_no > layout.header_row and not is_blank(cells, layout):
                rows.append(read_row(row_no, cells, layout, villages))
            if row_no % ROWS_BETWEEN_BEATS == 0:
                beat(len(rows))
    if not rows:
        raise WorkbookRefused("表头下面没有数据，请填好后再导入。")
    return layout, rows


def _chunks(families: list[Family], region: Region, counts: Counts) -> Iterator[list[RowOutcome]]:
    for start in range(0, len(families), FAMILIES_AT_ONCE):
        outcomes = []
        for plan in plan_families(families[start : start + FAMILIES_AT_ONCE], region):
            counts.add(plan)
            outcomes += [_outcome(plan, row) for row in plan.family.rows]
        yield outcomes


def _outcome(plan: FamilyPlan, row: RosterRow) -> RowOutcome:
    payload = {
        "cells": row.cells,
        "name": row.values.get("name") or "",
        "village": row.village.name if row.village else row.values.get("village") or "",
    }
    return RowOutcome(row.row_no, plan.family.key, plan.status, plan.remarks(row), payload)
