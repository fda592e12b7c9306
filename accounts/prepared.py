"""Long statements that are asked for one household after the other: PostgreSQL plans each once in a session."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection
from psycopg2.extensions import AsIs
from psycopg2.extensions import connection as Session

MOST_KEPT = 20  # in one session: each takes up to a megabyte of the server's memory
_planned: WeakKeyDictionary[Session, set[str]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Prepared:
    """A statement whose parameters stand in it, but for those that each call gives anew."""

    name: str
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

    def ask(self, *given: Any) -> list[tuple[Any, ...]]:
        """Do it with these values, and return its rows."""
        with connection.cursor() as cursor:
            self._plan(connection.connection)
            cursor.execute(f"EXECUTE {self.name} ({', '.join(['%s'] * len(given))})", given)
            return cursor.fetchall()

    def _plan(self, session: Session) -> None:
        """Have it planned where this session has not seen it; what the session keeps outlives a rollback."""
        planned = _planned.setdefault(session, set())
        if self.name in planned:
            return
        with connection.wrap_database_errors, session.cursor() as cursor:
            if len(planned) >= MOST_KEPT:
                cursor.execute("DEALLOCATE ALL")
                planned.clear()
            cursor.execute(f"PREPARE {self.name} AS {self.text}")
        planned.add(self.name)
