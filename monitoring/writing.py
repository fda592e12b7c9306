"""Keep what the rules say: one INSERT … SELECT adds the conclusions that differ, and ends those that stood."""

import datetime
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from households.models.surveys import FactsQuerySet
from monitoring.models import Assessment
from monitoring.policy.engine import judged
from monitoring.policy.values import Policy

TABLE = Assessment._meta.db_table
ON = '"on"'  # a word of SQL
# What makes a conclusion another one, beside the facts that it rests on.
CONCLUSION = ("rule_bits", "flag_bits", "decision", "outcome", "level")
KEPT = ("household_id", "village_id", "visited_on", *CONCLUSION, "near_bits", "lacks_one", "margin")
GIVEN = ("screening_id", ON, "policy_date", "ruleset", "made_at")
ONE_DAY = datetime.timedelta(days=1)


@dataclass
class Written:
    """What one writing did: ``moves`` counts households by "code before>code now", ``changed`` those with a new conclusion."""

    rows: int = 0
    changed: int = 0
    moves: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Write:
    """Facts rows to be judged by one policy, as part of a screening, or of one household alone."""

    facts: FactsQuerySet
    policy: Policy
    screening: uuid.UUID | None = None
    household: uuid.UUID | None = None  # when it is no part of a screening
    everything: bool = False  # also what has not changed
    villages: Sequence[int] | None = None  # where all of the facts lie, so that what stands there is found together

    def run(self) -> Written:
        """Write inside the caller's transaction, which keeps others out of these households."""
        before = Assessment.objects.aggregate(last=Max("pk"))["last"] or 0
        if not self._insert():
            return Written()
        new, params = self._just_written(before)
        written = self._counted(new, params)
        if self._is_past:
            self._stand_again(new, params)
        self._end_those_before(new, params)
        return written

    @property
    def _is_past(self) -> bool:
        return self.policy.on < timezone.localdate()

    def _insert(self) -> int:
        """Add the conclusions that differ from what stands on the day; returns how many."""
        statement = judged(self.facts, self.policy)
        standing, standing_params = self._standing()
        end, end_params = self._end()
        given = (self.screening, self.policy.on, self.policy.on, self.policy.ruleset.code, timezone.now())
        differs = " OR ".join(f"stands.{name} <> judged.{name}" for name in CONCLUSION)
        changed = f"stands.id IS NULL OR stands.facts_id <> judged.id OR stands.ruleset <> %s OR {differs}"
        sql = f"""
            INSERT INTO {TABLE} ({", ".join(GIVEN)}, replaced_on, previous_id, facts_id, {", ".join(KEPT)})
            SELECT %s, %s, %s, %s, %s, {end}, stands.id, judged.id, {", ".join(f"judged.{name}" for name in KEPT)}
            FROM ({statement.sql}) AS judged
            LEFT JOIN {TABLE} AS stands ON stands.household_id = judged.household_id AND {standing}
            WHERE {"1 = 1" if self.everything else changed}
            """  # noqa: S608  names of our own, values as parameters
        compared = () if self.everything else (self.policy.ruleset.code,)
        return _execute(sql, (*given, *end_params), statement.params, (*standing_params, *compared))

    def _standing(self) -> tuple[str, tuple[Any, ...]]:
        """Which rows stand on the day, and where they lie."""
        where = "" if self.villages is None else f" AND stands.village_id IN ({', '.join(map(str, self.villages))})"
        if not self._is_past:
            return f"stands.replaced_on IS NULL{where}", ()
        day = self.policy.on
        return f"(stands.replaced_on IS NULL OR stands.replaced_on > %s) AND stands.{ON} <= %s{where}", (day, day)

    def _end(self) -> tuple[str, tuple[Any, ...]]:
        """Until when a new row holds: open; a past day's for that day, or until the next row where nothing stood."""
        if not self._is_past:
            return "NULL", ()
        later = f"SELECT MIN(later.{ON}) FROM {TABLE} AS later WHERE later.household_id = judged.household_id AND later.{ON} > %s"  # noqa: S608
        return f"CASE WHEN stands.id IS NULL THEN ({later}) ELSE %s END", (self.policy.on, self.policy.on + ONE_DAY)

    def _just_written(self, before: int) -> tuple[str, tuple[Any, ...]]:
        """What tells the rows just written from those that others write meanwhile."""
        if self.screening:
            return "new.id > %s AND new.screening_id = %s", (before, self.screening)
        return "new.id > %s AND new.household_id = %s", (before, self.household)

    def _counted(self, new: str, params: tuple[Any, ...]) -> Written:
        differs = " OR ".join(f"new.{name} <> old.{name}" for name in CONCLUSION)
        sql = f"""
            SELECT {_code("old")}, {_code("new")}, CASE WHEN old.id IS NULL OR {differs} THEN 1 ELSE 0 END, COUNT(*)
            FROM {TABLE} AS new LEFT JOIN {TABLE} AS old ON old.id = new.previous_id WHERE {new} GROUP BY 1, 2, 3
            """  # noqa: S608
        written = Written()
        with connection.cursor() as cursor:
            cursor.execute(sql, _prepared(params))
            for old, now, changed, households in cursor.fetchall():
                written.rows += households
                written.changed += households if changed else 0
                if old != now:
                    written.moves[f"{old or ''}>{now}"] += households
        return written

    def _stand_again(self, new: str, params: tuple[Any, ...]) -> None:
        """A run for a past day says something of that day alone: what stood goes on standing on the day after."""
        same = ("screening_id", "policy_date", "ruleset", "made_at", "facts_id", *KEPT)
        sql = f"""
            INSERT INTO {TABLE} ({ON}, replaced_on, previous_id, {", ".join(same)})
            SELECT %s, old.replaced_on, new.id, {", ".join(f"old.{name}" for name in same)}
            FROM {TABLE} AS new JOIN {TABLE} AS old ON old.id = new.previous_id
            WHERE {new} AND (old.replaced_on IS NULL OR old.replaced_on > %s)
            """  # noqa: S608
        _execute(sql, (self.policy.on + ONE_DAY,), params, (self.policy.on + ONE_DAY,))

    def _end_those_before(self, new: str, params: tuple[Any, ...]) -> None:
        sql = f"""
            UPDATE {TABLE} SET replaced_on = %s
            WHERE id IN (SELECT new.previous_id FROM {TABLE} AS new WHERE {new} AND new.{ON} = %s)
            """  # noqa: S608
        _execute(sql, (self.policy.on,), params, (self.policy.on,))


def _code(table: str) -> str:
    """The one word of the two axes."""
    return f"CASE WHEN {table}.level = '' THEN {table}.outcome ELSE {table}.level END"


def _execute(sql: str, *params: tuple[Any, ...]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, _prepared(tuple(value for part in params for value in part)))
        return cursor.rowcount


def _prepared(params: tuple[Any, ...]) -> list[Any]:
    """Values as the database's driver takes them: SQLite keeps keys, days and times as text."""
    return [_as_kept(value) for value in params]


def _as_kept(value: Any) -> Any:
    if connection.vendor != "sqlite":
        return value
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, datetime.datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value.isoformat() if isinstance(value, datetime.date) else value
