"""What the statements over a department's list have in common: tables, values for both databases, what is remembered."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection

from accounts.models import Region
from accounts.sql import as_kept, on_postgres
from assistance.models import Delivery, DepartmentList, DepartmentListRow, WrittenLine
from households.models import Household, Member

LINES, LISTS, DELIVERIES = (model._meta.db_table for model in (DepartmentListRow, DepartmentList, Delivery))
WRITTEN = WrittenLine._meta.db_table
MEMBERS, HOUSEHOLDS, REGIONS = (model._meta.db_table for model in (Member, Household, Region))
# A temporary table: what each line of a range comes to. It is worked out once, and written from.
MATCHED = "matched_lines"
NULL = "\\N"  # in what is copied in; none of our texts is that
# What a line changes of a delivery that stands, and so what undoing puts back; what it was is remembered as was_….
CHANGED = ("begun_on", "ended_on", "runs_until", "amount", "every", "fund", "list_row_id")


def run(sql: str, params: Mapping[str, Any] | None = None) -> int:
    """Execute a statement with named values; the number of rows that it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, _kept(params))
        return int(cursor.rowcount)


def ask(sql: str, params: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """The rows of a query with named values."""
    with connection.cursor() as cursor:
        cursor.execute(sql, _kept(params))
        return list(cursor.fetchall())


def insert_many(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows of values that are ready for the database: by COPY, or where there is none one statement at a time."""
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if on_postgres():
            file = io.StringIO()
            csv.writer(file).writerows([NULL if value is None else value for value in row] for row in rows)
            file.seek(0)
            cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN WITH (FORMAT csv, NULL '{NULL}')", file)
        else:
            places = ", ".join(["%s"] * len(columns))
            kept = ([as_kept(value) for value in row] for row in rows)
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", kept)  # noqa: S608


def _kept(params: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: as_kept(value) for name, value in (params or {}).items()}


def quoted(words: Iterable[str]) -> str:
    """Words of our own (codes, answers) for an IN."""
    return ", ".join(f"'{word}'" for word in words)


def typed(name: str, kind: str) -> str:
    """A named value whose type PostgreSQL cannot know by itself."""
    return f"CAST(%({name})s AS {kind})" if on_postgres() else f"%({name})s"


def look_around(table: str, *columns: str) -> None:
    """Let PostgreSQL know what a table holds since a moment ago; a few thousand rows of it say enough."""
    if on_postgres():
        run("SET LOCAL default_statistics_target = 10")
        run(f"ANALYZE {table} ({', '.join(columns)})")


def stay_on_one_core() -> None:
    """Until the transaction ends: whoever works at the same time keeps the others, and ranges are too short to share."""
    if on_postgres():
        run("SET LOCAL max_parallel_workers_per_gather = 0")
