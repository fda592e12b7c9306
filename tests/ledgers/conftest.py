"""Designated households, and a ledger opened again as a person would."""

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from accounts.models import Region
from assistance.catalogue import MEASURES
from assistance.models import Delivery, Helper
from assistance.services import told_by
from households.codes import MonitorClass, RiskCause
from households.models import Household, Member
from ledgers.services import Made, make_ledger
from monitoring.models import Case, Stage

ON = datetime.date(2020, 6, 30)
DECIDED = datetime.date(2020, 3, 20)


def designate(household: Household, monitor_class: str = MonitorClass.EDGE, **fields: Any) -> Case:
    """Put a household on the register."""
    values = {
        "stage": Stage.REGISTERED,
        "stage_since": timezone.now(),
        "ruleset": "zaozhuang_2020",
        "main_risk": RiskCause.ILLNESS,
        "decided_on": DECIDED,
        **fields,
    }
    return Case.objects.create(household=household, village=household.village, monitor_class=monitor_class, **values)


def give(household: Household, measure: str, member: Member | None = None, **fields: Any) -> Delivery:
    """A measure delivered since March."""
    values = {"begun_on": datetime.date(2020, 3, 25), **fields}
    return Delivery.objects.create(household=household, member=member, **told_by(MEASURES[measure]), **values)


def appoint(household: Household, name: str = "李敏", **fields: Any) -> Helper:
    """Somebody who keeps in touch since April."""
    values = {"unit": "青石镇社会事务办公室", "begun_on": datetime.date(2020, 4, 1), **fields}
    return Helper.objects.create(household=household, name=name, **values)


Opened = Callable[..., tuple[Workbook, Made]]


@pytest.fixture
def ledger(tmp_path: Path) -> Opened:
    """``ledger(region)`` makes the region's ledger of 2020-06-30 and opens it again."""

    def make(region: Region, *, on: datetime.date = ON, row_mode: str = "member", full_ids: bool = True) -> Any:
        path = tmp_path / "ledger.xlsx"
        made = make_ledger(
            path, region=region, on=on, row_mode=row_mode, full_ids=full_ids, after_chunk=lambda counts: None
        )
        return load_workbook(path), made

    return make


def body(book: Workbook, first: int, count: int) -> list[tuple[Any, ...]]:
    """The 21 cells of some rows; an empty cell is None."""
    return [
        tuple(cell.value for cell in row) for row in book["台账"].iter_rows(min_row=first, max_row=first + count - 1)
    ]
