"""Long statements that are asked for one household after the other: PostgreSQL plans each once in a session."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DatabaseError, connection
from psycopg2.extensions import AsIs
from psycopg2.extensions import connection as Session

MOST_KEPT = 20  # in one session: each takes up to a megabyte of the server's memory
_numbers = count(1)
_planned: WeakKeyDictionary[Session, dict[str, str]] = WeakKeyDictionary()  # text -> name, the oldest first


@dataclass(frozen=True)
class Prepared:
    """A statement whose parameters stand in it, but for those that each call gives anew."""

    text: str

    @classmethod
    def of(cls, sql: str, params: Sequence[Any], left_open: Mapping[Any, str]) -> "Prepared":
        """From a statement in the form that a cursor takes; ``left_open``: stand-ins among its parameters, and their types.

        Calls give the values of the stand-ins in this order.
        """
        places = {stand_in: AsIs(f"${place}::{kind}") for place, (stand_in, kind) in enumerate(left_open.items(), 1)}
        with connection.cursor() as cursor:
            return cls(cursor.mogrify(sql, [places.get(value, value) for value in params]).decode())

    def run(self, *given: Any) -> list[tuple[Any, ...]]:
        """Do it with these values, and return its rows."""
        with connection.cursor() as cursor:
            planned = _planned.setdefault(connection.connection, {})
            name = planned.get(self.text) or self._plan(planned)
            try:
                cursor.execute(f"EXECUTE {name} ({', '.join(['%s'] * len(given))})", given)
            except DatabaseError:  # a table may have changed since: next time it is planned anew
                planned.pop(self.text, None)
                raise
            return cursor.fetchall()

    def _plan(self, planned: dict[str, str]) -> str:
        """Have it planned in this session, which keeps it when a transaction is undone; its name there.

        Past Django's cursor, for which each statement is one that somebody asked.
        """
        name = f"fangpin_{next(_numbers)}"
        with connection.wrap_database_errors, connection.connection.cursor() as cursor:
            while len(planned) >= MOST_KEPT:
                cursor.execute(f"DEALLOCATE {planned.pop(next(iter(planned)))}")
            cursor.execute(f"PREPARE {name} AS {self.text}")
        planned[self.text] = name
        return name
