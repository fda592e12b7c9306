"""Long statements that are asked for one household after the other: PostgreSQL plans each once in a session."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DatabaseError, connection
from psycopg2.extensions import AsIs
from psycopg2.extensions import connection as Session

MOST_KEPT = 20  # in one session: each takes up to a megabyte of the server's memory
_planned: WeakKeyDictionary[Session, list[str]] = WeakKeyDictionary()  # their names, the oldest first


@dataclass(frozen=True)
class Prepared:
    """A statement whose parameters stand in it, but for those that each call gives anew."""

    name: str  # tells the text: whoever has the session, the same name is the same statement
    text: str

    @classmethod
    def of(cls, sql: str, params: Sequence[Any], left_open: Mapping[Any, str]) -> "Prepared":
        """From a statement in the form that a cursor takes; ``left_open``: stand-ins among its parameters, and their types.

        Calls give the values of the stand-ins in this order.
        """
        places = {stand_in: AsIs(f"${place}::{kind}") for place, (stand_in, kind) in enumerate(left_open.items(), 1)}
        with connection.cursor() as cursor:
            text = cursor.mogrify(sql, [places.get(value, value) for value in params]).decode()
        return cls(f"fangpin_{hashlib.sha256(text.encode()).hexdigest()[:32]}", text)

    def run(self, *given: Any) -> list[tuple[Any, ...]]:
        """Do it with these values, and return its rows."""
        with connection.cursor() as cursor:
            planned = _planned.setdefault(connection.connection, [])
            try:
                if self.name not in planned:
                    self._plan(planned)
                cursor.execute(f"EXECUTE {self.name} ({', '.join(['%s'] * len(given))})", given)
            except DatabaseError:  # a table may have changed, or the session been somebody else's: all is planned anew
                planned.clear()
                raise
            return cursor.fetchall()

    def _plan(self, planned: list[str]) -> None:
        """Have it planned in this session, which keeps it when a transaction is undone.

        Past Django's cursor, for which each statement is one that somebody asked.
        """
        with connection.wrap_database_errors, connection.connection.cursor() as cursor:
            if not planned:
                cursor.execute("DEALLOCATE ALL")
            while len(planned) >= MOST_KEPT:
                cursor.execute(f"DEALLOCATE {planned.pop(0)}")
            cursor.execute(f"PREPARE {self.name} AS {self.text}")
        planned.append(self.name)
