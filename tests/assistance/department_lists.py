"""Department lists for tests: workbooks with invented people, read and written as the worker does."""

import datetime
import io
import uuid
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from accounts.models import User
from accounts.roles import Role
from assistance.lists import confirm_list, open_list, undo_list
from assistance.models import Delivery, DepartmentList
from assistance.services import add_delivery
from assistance.tasks import work_on_list
from tests.factories import Place, add_user

HEADERS = ("姓名", "证件号码", "金额（元）", "开始日期", "到期日期")
MARCH, APRIL = datetime.date(2026, 3, 1), datetime.date(2026, 4, 1)


def sheet(lines: list[tuple[Any, ...]], headers: tuple[str, ...] = HEADERS) -> bytes:
    """A list with these lines; texts stay texts, numbers numbers."""
    book = Workbook(write_only=True)
    page = book.create_sheet()
    page.append(list(headers))
    for line in lines:
        cells = [WriteOnlyCell(page, value) for value in line]
        for cell in cells:
            if isinstance(cell.value, str):
                cell.data_type = "s"
        page.append(cells)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def line_of(member: Any, *more: Any) -> tuple[Any, ...]:
    """A line about somebody of the register."""
    return (member.name, member.id_number, *more)


def upload(by: User, region: Any, lines: list[tuple[Any, ...]], **more: Any) -> DepartmentList:
    """A list, read as the worker reads it."""
    content = more.pop("content", None) or sheet(lines, more.pop("headers", HEADERS))
    values = {
        "measure": "dibao",
        "month": MARCH,
        "file_name": "低保.xlsx",
        "idempotency_key": str(uuid.uuid4()),
        **more,
    }
    batch = open_list(content=content, region=region, by=by, **values)
    return worked(batch)


def worked(batch: DepartmentList) -> DepartmentList:
    """The list after the worker had it."""
    work_on_list(str(batch.pk))
    return DepartmentList.objects.get(pk=batch.pk)


def written(batch: DepartmentList, by: User) -> DepartmentList:
    """The list, confirmed and written."""
    assert confirm_list(batch=batch, by=by)
    return worked(batch)


def undone(batch: DepartmentList, by: User) -> DepartmentList:
    """The list, taken back."""
    assert undo_list(batch=batch, by=by)
    return worked(batch)


def answers(batch: DepartmentList) -> list[str]:
    """What each line comes to, in the order of the file."""
    return list(batch.rows.values_list("status", flat=True))


def reasons(batch: DepartmentList) -> list[str]:
    """Why, in the order of the file."""
    return list(batch.rows.values_list("reason", flat=True))


def state() -> list[tuple[Any, ...]]:
    """Everything that a list may change of deliveries, to be compared before and after."""
    fields = (
        "pk", "household", "member", "measure", "promised_on", "begun_on", "runs_until", "ended_on", "dropped_on", "amount",
        "every", "fund", "list_row",
    )  # fmt: skip
    return sorted(Delivery.objects.values_list(*fields), key=str)


def given(
    member: Any, measure: str = "dibao", begun_on: datetime.date = datetime.date(2026, 1, 5), **more: Any
) -> Delivery:
    """A measure that the village has entered."""
    return add_delivery(household=member.household, by=None, measure=measure, member=member, begun_on=begun_on, **more)


@pytest.fixture
def civil_affairs(place: Place) -> User:
    """The clerk of 民政局."""
    return add_user("minzheng", "秦朗", Role.DEPARTMENT_CLERK, place.zone, unit="云山高新区民政局")
