"""Keep what the rules say: one INSERT … SELECT adds the conclusions that differ, and ends those that stood."""

import datetime
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from accounts.prepared import Prepared
from accounts.sql import as_kept, in_one_text, on_postgres
from households.models import Facts
from monitoring.models import Assessment
from monitoring.policy.engine import Statement, concluded
from monitoring.policy.scopes import ANYBODY, MOST_KEPT, PATTERNS, Scope
from monitoring.policy.since import Since, moved_since
from monitoring.policy.values import Policy

TABLE = Assessment._meta.db_table
ON = '"on"'  # a word of SQL
# What makes a conclusion another one, beside the facts that it rests on.
CONCLUSION = ("rule_bits", "flag_bits", "decision", "outcome", "level")
KEPT = ("household_id", "village_id", "visited_on", *CONCLUSION, "near_bits", "lacks_one", "margin")
TOLD = ("id", "previous_id", "facts_id", "village_id", "visited_on", *CONCLUSION, "near_bits", "lacks_one", "margin")
GIVEN = ("screening_id", ON, "policy_date", "ruleset", "made_at")
ONE_DAY = datetime.timedelta(days=1)
MADE_AT = datetime.datetime(1, 1, 1, tzinfo=datetime.UTC)  # stands in for the moment of each writing
Params = tuple[Any, ...]
# Measured: where one in five is marked, looking at all takes two and a half times as long as looking up the marked by
# themselves; where two in five are, it takes a quarter longer.
WORTH_ALONE = 2  # one in so many households at the most is looked up by itself; of more, all are looked at
_planned: dict[tuple[Any, ...], Prepared] = {}  # fingerprint and day of a policy -> how one household is written


@dataclass
class Written:
    """What one writing did: ``moves`` counts households by "code before>code now", ``changed`` those with a new conclusion.

    ``told`` are the keys of the rows that may be news, and ``told_in`` those of their villages, with commas: a new
    conclusion, and in a run that writes everything only where another was said before. The rows written have larger keys
    than ``after``.
    """

    after: int = 0
    rows: int = 0
    changed: int = 0
    replaced: int = 0  # of the rows, those before which another stood
    moves: Counter[str] = field(default_factory=Counter)
    told: str = ""
    told_in: str = ""
    added: Assessment | None = None  # of one household alone


@dataclass(frozen=True)
class Write:
    """Facts to be judged by one policy, as part of a screening, or of one household alone.

    ``everything``: also what has not changed. ``since``: a run that asked the same question of all of them, so that only
    what may have changed since is judged. ``households``: how many the scope has. ``marked``: which of them have changed,
    and with ``only_marked`` none but these are judged.
    """

    scope: Scope
    policy: Policy
    screening: uuid.UUID | None = None  # None: one household
    households: int = 0
    marked: Sequence[str] = ()
    only_marked: bool = False
    everything: bool = False
    since: Since | None = None

    def run(self) -> Written:
        """Write inside the caller's transaction, which keeps others out of these households."""
        if self.screening is None and not self._is_past:
            return self._run_alone()
        before = Assessment.objects.aggregate(last=Max("pk"))["last"] or 0
        found = self._found()
        if found is None:
            return Written(before)
        insertion, params = self._insertion(found, timezone.now())
        if on_postgres() and not self._is_past:
            return self._run_at_once(before, insertion, params)
        if not _execute(insertion, params):
            return Written(before)
        new, new_params = self._just_written(before)
        counting = self._counting(TABLE, TABLE, new)
        written = _counted(before, counting, _as_kept(new_params))
        if written.replaced:
            if self._is_past:
                self._stand_again(new, new_params)
            self._end_those_before(new, new_params)
        return written

    def _run_at_once(self, before: int, insertion: str, params: list[Any]) -> Written:
        """The new rows, the end of those before, and the counts in one statement: no row is looked up twice."""
        told = ("id", "village_id", *CONCLUSION, "previous_id")
        sql = f"{self._adding_and_ending(insertion, told)} {self._counting('added', 'ended', '1 = 1')}"
        return _counted(before, sql, [*params, self.policy.on])

    def _adding_and_ending(self, insertion: str, told: Sequence[str]) -> str:
        """The new rows as ``added`` and those before as ``ended``, for the SELECT that follows; its last parameter is the day."""
        return f"""
            WITH added AS ({insertion} RETURNING {", ".join(told)}),
            ended AS (
                UPDATE {TABLE} AS before SET replaced_on = %s FROM added WHERE before.id = added.previous_id
                RETURNING {", ".join(f"before.{name}" for name in ("id", *CONCLUSION))}
            )
            """  # noqa: S608

    @property
    def _is_past(self) -> bool:
        return self.policy.on < timezone.localdate()

    def _run_alone(self) -> Written:
        """One household today: the row before it is known at once."""
        made_at = timezone.now()
        rows = self._alone().run(self.scope.household, made_at) if on_postgres() else self._add_alone(made_at)
        if not rows:
            return Written()
        told = {
            name: Assessment._meta.get_field(name).to_python(value) for name, value in zip(TOLD, rows[0], strict=True)
        }
        added = Assessment(
            household_id=self.scope.household, on=self.policy.on, ruleset=self.policy.ruleset.code, **told
        )
        added.policy_date, added.made_at = self.policy.on, made_at
        return Written(after=added.pk - 1, rows=1, added=added)

    def _alone(self) -> Prepared:
        """The new row and the end of the one before, planned once for a policy: that takes longer than doing it."""
        key = (self.policy.fingerprint, self.policy.on)
        if found := _planned.get(key):
            return found
        anybody = replace(self, scope=PATTERNS["household"])
        insertion, params = anybody._insertion(anybody.scope.met(self.policy), MADE_AT)
        sql = f"{self._adding_and_ending(insertion, TOLD)} SELECT * FROM added"  # noqa: S608
        if len(_planned) >= MOST_KEPT:
            _planned.clear()
        alone = Prepared.of(sql, [*params, self.policy.on], {ANYBODY: "uuid", MADE_AT: "timestamptz"})
        _planned[key] = alone
        return alone

    def _add_alone(self, made_at: datetime.datetime) -> list[tuple[Any, ...]]:
        """The new row as ``TOLD`` has it, and the end of the one before, where one statement cannot do both."""
        sql, params = self._insertion(self.scope.met(self.policy), made_at)
        with connection.cursor() as cursor:
            cursor.execute(f"{sql} RETURNING {', '.join(TOLD)}", params)
            rows = cursor.fetchall()
        if rows and (previous := dict(zip(TOLD, rows[0], strict=True))["previous_id"]):
            end = f"UPDATE {TABLE} SET replaced_on = %s WHERE id = %s"  # noqa: S608
            _execute(end, _as_kept((self.policy.on, previous)))
        return rows

    def _found(self) -> Statement | None:
        """The facts that may lead to another conclusion, with the rules they meet; None when there are none.

        Where they are not most of the scope they are asked for one by one; else all of the scope's are looked at.
        """
        if not self._one_by_one:
            return self.scope.met(self.policy)
        households = set(self.marked)
        if self.since and not self.only_marked:
            households |= moved_since(self.since, self.scope.villages)
        if not households:
            return None
        return Scope(named=tuple(households)).met(self.policy)

    @property
    def _one_by_one(self) -> bool:
        if self.everything or self._is_past or self.scope.household:
            return False
        return self.only_marked or (self.since is not None and len(self.marked) * WORTH_ALONE <= self.households)

    def _insertion(self, found: Statement, made_at: datetime.datetime) -> tuple[str, list[Any]]:
        """The statement that adds the conclusions, without those that say what stands on the same facts; its parameters.

        Of households looked up one by one in the order in which the rows before them lie, which are ended next.
        """
        statement = concluded(found, self.policy)
        previous, joined, params = self._compared()
        end, end_params = self._end()
        given = (self.screening, self.policy.on, self.policy.on, self.policy.ruleset.code, made_at)
        sql = f"""
            INSERT INTO {TABLE} ({", ".join(GIVEN)}, replaced_on, previous_id, facts_id, {", ".join(KEPT)})
            SELECT %s, %s, %s, %s, %s, {end}, previous_id, id, {", ".join(KEPT)} FROM (
                SELECT judged.*, {previous} AS previous_id FROM ({statement.sql}) AS judged {joined}
            ) AS added
            {"ORDER BY previous_id" if self._one_by_one else ""}
            """  # noqa: S608
        before, after = params
        return sql, [*_as_kept((*given, *end_params, *before)), *statement.params, *after]

    def _compared(self) -> tuple[str, str, tuple[list[Any], list[Any]]]:
        """Which row stood before, and what keeps a conclusion from being written again; the parameters of both."""
        stands, days = self._standing("stands")
        looked_up = (
            f"(SELECT stands.id FROM {TABLE} AS stands WHERE stands.household_id = judged.household_id AND {stands})"  # noqa: S608
        )
        if self.everything:
            return looked_up, "WHERE 1 = 1", (_as_kept(days), [])
        names = ("village_id", *CONCLUSION, "near_bits")
        differs = " OR ".join(("stands.ruleset <> %s", *(f"stands.{name} <> judged.{name}" for name in names)))
        where = f"WHERE stands.id IS NULL OR {differs} OR stands.margin IS DISTINCT FROM judged.margin"
        if self._one_by_one or self.scope.household or self._is_past:
            joined = f"LEFT JOIN {TABLE} AS stands ON stands.household_id = judged.household_id AND {stands}"
            return (
                "stands.id",
                f"{joined} {where} OR stands.facts_id <> judged.id",
                ([], [*_as_kept(days), self.policy.ruleset.code]),
            )
        # What stands in the villages on the very same facts is found at once; the row before is looked up for the few that are written.
        villages, params = self.scope.villages.values("pk").query.sql_with_params()
        same = f"stands.facts_id = judged.id AND stands.replaced_on IS NULL AND stands.village_id IN ({villages})"
        return (
            looked_up.replace("stands", "before"),
            f"LEFT JOIN {TABLE} AS stands ON {same} {where}",
            (_as_kept(days), [*params, self.policy.ruleset.code]),
        )

    def _standing(self, table: str) -> tuple[str, Params]:
        """Which of a household's rows stands on the day.

        Worded so that the index by village does not fit: with old statistics the planner would walk through all of it.
        """
        day = self.policy.on
        return f"{table}.{ON} <= %s AND COALESCE({table}.replaced_on, %s) > %s", (day, datetime.date.max, day)

    def _end(self) -> tuple[str, Params]:
        """Until when a new row holds: open; a past day's for that day, or where nothing stood until the next row, or the end
        of its facts."""
        if not self._is_past:
            return "NULL", ()
        later = f"SELECT MIN(later.{ON}) FROM {TABLE} AS later WHERE later.household_id = added.household_id AND later.{ON} > %s"  # noqa: S608
        facts = f"SELECT facts.replaced_on FROM {Facts._meta.db_table} AS facts WHERE facts.id = added.id"  # noqa: S608
        first = f"CASE WHEN ({facts}) <= COALESCE(({later}), %s) THEN ({facts}) ELSE ({later}) END"
        day = self.policy.on
        return f"CASE WHEN previous_id IS NULL THEN {first} ELSE %s END", (day, datetime.date.max, day, day + ONE_DAY)

    def _just_written(self, before: int) -> tuple[str, Params]:
        """What tells the rows just written from those that others write meanwhile, other parts of the run among them."""
        if self.scope.household:
            return "new.id > %s AND new.household_id = %s", (before, self.scope.household)
        # Worded so that no index by village fits: the new rows lie together at the end.
        villages, params = self.scope.villages.values("pk").query.sql_with_params()
        return (
            f"new.id > %s AND new.screening_id = %s AND new.village_id + 0 IN ({villages})",
            (before, self.screening, *params),
        )

    def _counting(self, added: str, ended: str, where: str) -> str:
        """The SELECT that counts the new rows by what was said before and is said now.

        It names those that may be news, and their villages.
        """
        differs = " OR ".join(f"new.{name} <> old.{name}" for name in CONCLUSION)
        news = f"FILTER (WHERE {'1 = 0' if self.everything else 'old.id IS NULL'} OR {differs})"
        return f"""
            SELECT {_code("old")}, {_code("new")}, CASE WHEN old.id IS NULL OR {differs} THEN 1 ELSE 0 END, COUNT(*),
                {in_one_text("new.id")} {news}, {in_one_text("DISTINCT new.village_id")} {news}
            FROM {added} AS new LEFT JOIN {ended} AS old ON old.id = new.previous_id WHERE {where} GROUP BY 1, 2, 3
            """  # noqa: S608

    def _stand_again(self, new: str, params: Params) -> None:
        """A run for a past day says something of that day alone: what stood goes on standing on the day after."""
        same = ("screening_id", "policy_date", "ruleset", "made_at", "facts_id", *KEPT)
        sql = f"""
            INSERT INTO {TABLE} ({ON}, replaced_on, previous_id, {", ".join(same)})
            SELECT %s, old.replaced_on, new.id, {", ".join(f"old.{name}" for name in same)}
            FROM {TABLE} AS new JOIN {TABLE} AS old ON old.id = new.previous_id
            WHERE {new} AND (old.replaced_on IS NULL OR old.replaced_on > %s)
            """  # noqa: S608
        _execute(sql, _as_kept((self.policy.on + ONE_DAY, *params, self.policy.on + ONE_DAY)))

    def _end_those_before(self, new: str, params: Params) -> None:
        sql = f"""
            UPDATE {TABLE} SET replaced_on = %s
            WHERE id IN (SELECT new.previous_id FROM {TABLE} AS new WHERE {new} AND new.{ON} = %s)
            """  # noqa: S608
        _execute(sql, _as_kept((self.policy.on, *params, self.policy.on)))


def _counted(after: int, sql: str, params: Sequence[Any]) -> Written:
    written, told, told_in = Written(after), [], []
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        for old, now, changed, households, news, villages in cursor.fetchall():
            written.rows += households
            written.changed += households if changed else 0
            written.replaced += households if old else 0
            if news:
                told.append(news)
                told_in.append(villages)
            if old != now:
                written.moves[f"{old or ''}>{now}"] += households
        written.told, written.told_in = ",".join(told), ",".join(told_in)
    return written


def _code(table: str) -> str:
    """The one word of the two axes."""
    return f"CASE WHEN {table}.level = '' THEN {table}.outcome ELSE {table}.level END"


def _execute(sql: str, params: Sequence[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount


def _as_kept(params: Params) -> list[Any]:
    return [as_kept(value) for value in params]
