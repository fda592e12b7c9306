"""What the statements over a department's list have in common: tables, values for both databases, what is remembered."""

import datetime
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, models

from accounts.models import Region
from assistance.models import Delivery, DepartmentList, DepartmentListRow
from households.models import Household, Member

LINES, LISTS, DELIVERIES = (model._meta.db_table for model in (DepartmentListRow, DepartmentList, Delivery))
MEMBERS, HOUSEHOLDS, REGIONS = (model._meta.db_table for model in (Member, Household, Region))
# A temporary table: what each line of a range comes to. It is worked out once, and written from.
MATCHED = "matched_lines"
# What a line changes of a delivery that stands, and so what undoing puts back; with the type of each on PostgreSQL.
CHANGED = {
    "begun_on": "date", "ended_on": "date", "runs_until": "date", "amount": "bigint", "every": "text", "fund": "text",
    "list_row_id": "bigint",
}  # fmt: skip


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


def _kept(params: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: as_kept(value) for name, value in (params or {}).items()}


def as_kept(value: Any) -> Any:
    """A value as the database's driver takes it: SQLite keeps keys, days and times as text."""
    if isinstance(value, models.Choices):
        value = value.value
    if not on_postgres() and isinstance(value, uuid.UUID):
        return value.hex
    if not on_postgres() and isinstance(value, datetime.datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value.isoformat() if not on_postgres() and isinstance(value, datetime.date) else value


def on_postgres() -> bool:
    """Whether this is PostgreSQL and not SQLite."""
    return connection.vendor == "postgresql"


def quoted(words: Iterable[str]) -> str:
    """Words of our own (codes, answers) for an IN."""
    return ", ".join(f"'{word}'" for word in words)


def remembered(table: str) -> str:
    """What a delivery is before it is changed, as JSON."""
    function = "jsonb_build_object" if on_postgres() else "json_object"
    pairs = ", ".join(f"'{name}', {table}.{name}" for name in CHANGED)
    return f"{function}({pairs})"


def recalled(name: str) -> str:
    """A value out of what was remembered with a line."""
    return f"(line.before->>'{name}')::{CHANGED[name]}" if on_postgres() else f"json_extract(line.before, '$.{name}')"


def new_key() -> str:
    """An expression for the key of a new row."""
    return "gen_random_uuid()" if on_postgres() else "lower(hex(randomblob(16)))"


def typed(name: str, kind: str) -> str:
    """A named value whose type PostgreSQL cannot know by itself."""
    return f"CAST(%({name})s AS {kind})" if on_postgres() else f"%({name})s"
