"""What statements written by hand need, so that PostgreSQL and SQLite both take them."""

import datetime
import uuid
from typing import Any

from django.db import connection, models


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


def fence() -> str:
    """The end of a subquery whose columns are to be worked out once, however often they are asked for outside."""
    return "OFFSET 0" if on_postgres() else "LIMIT -1 OFFSET 0"
