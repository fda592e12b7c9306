"""Whose facts a statement asks about, compiled once for a policy and filled in for each household or part of a region."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Level, Region
from households.models import Facts
from households.models.surveys import FactsQuerySet
from monitoring.policy.engine import Statement, met
from monitoring.policy.facts import facts_in_force
from monitoring.policy.values import Policy

MOST_KEPT = 200
_compiled: dict[tuple[Any, ...], Statement] = {}


@dataclass(frozen=True)
class Scope:
    """The facts in force of one household, or of the villages between two places of the tree; or these rows of the facts."""

    household: uuid.UUID | None = None
    first_path: str = ""
    last_path: str = ""
    rows: tuple[int, ...] = ()

    @property
    def kind(self) -> str:
        """Which of the three."""
        return "household" if self.household else "rows" if self.rows else "villages"

    @property
    def villages(self) -> QuerySet[Region]:
        """The villages between the two places, both included."""
        between = Region.objects.filter(path__gte=self.first_path, path__lte=self.last_path, level=Level.VILLAGE)
        return between.order_by()

    def facts_in_force(self, policy: Policy) -> FactsQuerySet:
        """The facts rows themselves."""
        if self.kind == "rows":
            return Facts.objects.filter(pk__in=self.rows)
        found = facts_in_force(policy)
        if self.kind == "household":
            return found.filter(household=self.household)
        return found.filter(village__in=self.villages.values("pk"))

    def met(self, policy: Policy, *, near: bool) -> Statement:
        """The rules that each of them meets; see engine.met."""
        is_today = policy.on >= timezone.localdate()
        key = (connection.vendor, policy.fingerprint, policy.on, is_today, self.kind, near)
        if key not in _compiled:
            if len(_compiled) >= MOST_KEPT:
                _compiled.clear()
            _compiled[key] = met(PATTERNS[self.kind].facts_in_force(policy), policy, near=near)
        pattern = _compiled[key]
        if self.kind == "rows":
            return self._with_rows(pattern)
        mine: dict[Any, Any] = {FIRST: self.first_path, LAST: self.last_path}
        if self.household:
            mine = {ANYBODY: self.household, ANYBODY.hex: self.household.hex}
        return Statement(pattern.sql, tuple(mine.get(value, value) for value in pattern.params), pattern.columns)

    def _with_rows(self, pattern: Statement) -> Statement:
        """As many places for keys as there are rows, where the pattern has one."""
        place = pattern.params.index(ANY_ROW)
        before, after = pattern.params[:place], pattern.params[place + 1 :]
        one = Facts._meta.db_table
        sql = pattern.sql.replace(f'"{one}"."id" IN (%s)', f'"{one}"."id" IN ({", ".join(["%s"] * len(self.rows))})')
        return Statement(sql, (*before, *self.rows, *after), pattern.columns)


ANYBODY, FIRST, LAST, ANY_ROW = uuid.UUID("d5f1b0a8-3c54-4d0e-9d39-5f6f2f7c1a11"), "<first>", "<last>", -5_471_023
PATTERNS = {
    "household": Scope(household=ANYBODY),
    "villages": Scope(first_path=FIRST, last_path=LAST),
    "rows": Scope(rows=(ANY_ROW,)),
}
