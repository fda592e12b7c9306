"""Department lists in the demonstration: what is written at once, and one that waits for the clerk to look at it."""

import datetime
import io
import uuid
from collections.abc import Collection, Sequence
from typing import Any

from openpyxl import Workbook

from accounts.models import Region, User
from assistance import list_work, lists
from assistance.models import DepartmentList, Every, FundSource
from households.codes import LifeEventKind
from households.models import Household, Member
from monitoring.models import Case

MEASURE = "insurance_subsidy"
FILE_NAMES = {MEASURE: "参保资助", "dibao": "低保", "medical_aid": "医疗救助"}
Line = tuple[str, str, int, datetime.date | None]  # name, identity number, yuan, since when
HEADERS = ("姓名", "证件号码", "金额（元）", "开始日期")
PEOPLE, DROPPED, LATER = 40, 3, 6
AMOUNT, RAISED = 280, 320
STRANGER = ("孙某某", "370499198001010010")


def add_lists(people: dict[str, User], told: Collection[Household], today: datetime.date) -> None:
    """参保资助 of two months by 医保局: the first written, the second in preview, with lines that cannot be taken.

    Of the told households those have it that are on the register.
    """
    clerk = people["bumen1"]
    district = clerk.postings.get().region
    village = people["cun1"].postings.get().region
    helped = Case.objects.designated_on(today).filter(household__in=told).values("household")
    others = [household.pk for household in told]
    here = _members(village)
    members = list((here.filter(household__in=helped) | here.exclude(household__in=others))[: PEOPLE + LATER])
    this_month = today.replace(day=1)
    last_month = (this_month - datetime.timedelta(days=1)).replace(day=1)
    first = [(one.name, one.id_number, AMOUNT, None) for one in members[:PEOPLE]]
    write(clerk, MEASURE, last_month, first, every=Every.YEAR)
    second: list[Line] = [(one.name, one.id_number, AMOUNT, None) for one in members[DROPPED:]]
    second[0] = (*second[0][:2], RAISED, None)
    second += [second[5], (members[0].name, members[1].id_number, AMOUNT, None), (*STRANGER, AMOUNT, None)]
    gone = Member.objects.in_regions([district]).filter(left_reason=LifeEventKind.DEATH).exclude(id_digest="").first()
    if gone is not None:
        second.append((gone.name, gone.id_number, AMOUNT, None))
    _read(clerk, MEASURE, this_month, second, every=Every.YEAR, ends_missing=True)


def write(clerk: User, measure: str, month: datetime.date, lines: Sequence[Line], **told: Any) -> DepartmentList:
    """A list of a month, read, confirmed and written; ``told`` are how often, whose money, and whether it ends who is missing."""
    batch = _read(clerk, measure, month, lines, **told)
    lists.confirm_list(batch=batch, by=clerk, ring=False)
    _work(batch)
    return batch


def _members(village: Region) -> Any:
    here = Member.objects.present().in_regions([village]).exclude(id_digest="").exclude(id_number="")
    return here.filter(household__closed_on=None).order_by("household__number", "position", "pk")


def _read(
    clerk: User,
    measure: str,
    month: datetime.date,
    lines: Sequence[Line],
    *,
    every: str,
    fund: str = FundSource.COUNTY,
    ends_missing: bool = False,
) -> DepartmentList:
    batch = lists.open_list(
        content=_sheet(lines), file_name=f"{FILE_NAMES[measure]}{month:%Y年%m月}.xlsx", region=clerk.postings.get().region,
        measure=measure, month=month, by=clerk, idempotency_key=str(uuid.uuid4()), every=every, fund=fund,
        ends_missing=ends_missing, ring=False,
    )  # fmt: skip
    _work(batch)
    batch.refresh_from_db()
    return batch


def _work(batch: DepartmentList) -> None:
    job = DepartmentList.claim(batch.pk)
    assert job is not None  # nobody else sees it before the demonstration is whole
    list_work.work(job)


def _sheet(lines: Sequence[Line]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("名单")
    for line in (HEADERS, *lines):
        sheet.append(line)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
