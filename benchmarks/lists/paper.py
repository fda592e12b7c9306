"""The list as a department sends it: identity numbers of invented people, and a workbook that names them."""

import datetime
import io
from collections.abc import Iterable

from django.db import connection
from openpyxl import Workbook

from accounts.encryption import blind_index
from households.models.households import ID_NUMBER
from tests.factories import invented_id

HEADERS = ("姓名", "证件号码", "金额（元）")
IN_A_DAY = 500  # as many numbers differ by their last digits alone
BORN, NEVER_REGISTERED = datetime.date(1940, 1, 1), datetime.date(1990, 1, 1)


def number_of(person: int) -> str:
    """The identity number of somebody; below nought are people whom no register knows."""
    begins = BORN if person > 0 else NEVER_REGISTERED
    return invented_id(begins + datetime.timedelta(days=abs(person) // IN_A_DAY), serial=abs(person) % IN_A_DAY)


def keep_numbers(people: int, strangers: list[int]) -> None:
    """A table of everybody's blind index, from which members and lines take theirs."""
    told = "\n".join(f"{one}\t{blind_index(number_of(one), ID_NUMBER)}" for one in (*range(1, people + 1), *strangers))
    with connection.cursor() as cursor:
        cursor.execute("CREATE UNLOGGED TABLE bench_numbers (whose int PRIMARY KEY, digest text)")
        cursor.copy_expert("COPY bench_numbers FROM STDIN", io.StringIO(told))


def workbook(lines: Iterable[tuple[int, int]]) -> bytes:
    """A line for each person with an amount in yuan."""
    book, file = Workbook(write_only=True), io.BytesIO()
    sheet = book.create_sheet("名单")
    sheet.append(HEADERS)
    for person, amount in lines:
        sheet.append((f"成员{person}" if person > 0 else "某某", number_of(person), str(amount)))
    book.save(file)
    return file.getvalue()
