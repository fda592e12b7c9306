"""What statements written by hand need, so that PostgreSQL and SQLite both take them."""

import datetime
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.db.models.expressions import RawSQL


def on_postgres() -> bool:
    """Whether this is PostgreSQL and not SQLite."""
    return connection.vendor == "postgresql"


def as_kept(value: Any) -> Any:
    """A value as the database's driver takes it: SQLite keeps keys, days and times as text."""
    if isinstance(value, models.Choices):
        value = value.value
    if on_postgres():
        return value
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, datetime.datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value.isoformat() if isinstance(value, datetime.date) else value


def new_key() -> str:
    """An expression for the key of a new row."""
    return "gen_random_uuid()" if on_postgres() else "lower(hex(randomblob(16)))"


def in_one_text(column: str) -> str:
    """An aggregate: the values of a column, or its DISTINCT ones, in one text with commas between them."""
    return f"string_agg({column}::text, ',')" if on_postgres() else f"group_concat({column})"


def one_of(numbers: str) -> RawSQL:
    """What ``__in`` takes for keys in one text with commas: one parameter, however many they are."""
    return _one_of_array(f"{{{numbers}}}", "bigint") if on_postgres() else _one_of_list(f"[{numbers}]")


def keys_in_one_text(keys: Sequence[str]) -> str:
    """Keys that are UUIDs in one text, for ``one_of_keys``."""
    return f"{{{','.join(keys)}}}" if on_postgres() else json.dumps([key.replace("-", "") for key in keys])


def one_of_keys(keys: str) -> RawSQL:
    """What ``__in`` takes for keys that are UUIDs, in the one text of ``keys_in_one_text``."""
    return _one_of_array(keys, "uuid") if on_postgres() else _one_of_list(keys)


def _one_of_array(keys: str, kind: str) -> RawSQL:
    """In their order, so that neighbours in an index are found one after the other: with thousands of keys in a large table
    that is a fifth of the time."""
    return RawSQL(f"SELECT DISTINCT key FROM unnest(%s::{kind}[]) AS key ORDER BY 1", [keys])  # noqa: S608, S611  a type's name


def _one_of_list(keys: str) -> RawSQL:
    return RawSQL("SELECT value FROM json_each(%s)", [keys])


def fence() -> str:
    """The end of a subquery whose columns are to be worked out once, however often they are asked for outside."""
    return "OFFSET 0" if on_postgres() else "LIMIT -1 OFFSET 0"


@dataclass(frozen=True)
class Compiled:
    """A query that is put together once and asked again and again: for a short one, Django takes longer than the database."""

    sql: str
    params: tuple[Any, ...]
    columns: tuple[Any, ...]

    @classmethod
    def of(cls, rows: models.QuerySet) -> "Compiled":
        """From rows as ``values_list`` gives them, with stand-ins for what each call gives."""
        compiler = rows.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        return cls(sql, tuple(params), tuple(column for column, *_rest in compiler.select))

    def ask(self, given: Mapping[Any, Any]) -> list[tuple[Any, ...]]:
        """The rows, with what is given in place of each stand-in."""
        kept = {as_kept(stand_in): as_kept(value) for stand_in, value in given.items()}
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [kept.get(value, value) for value in self.params])
            return [tuple(map(_as_read, row, self.columns)) for row in cursor.fetchall()]


def _as_read(value: Any, column: Any) -> Any:
    """A value of a column as Django gives it."""
    for convert in (*connection.ops.get_db_converters(column), *column.get_db_converters(connection)):
        value = convert(value, column, connection)
    return value
