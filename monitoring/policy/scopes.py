"""Whose facts a statement asks about, compiled once for a policy and filled in for each household or part of a region."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Level, Region
from accounts.sql import keys_in_one_text, one_of_keys
from households.models.surveys import FactsQuerySet
from monitoring.policy.engine import Statement, met
from monitoring.policy.facts import facts_in_force
from monitoring.policy.values import Policy

MOST_KEPT = 200
_compiled: dict[tuple[Any, ...], Statement] = {}


@dataclass(frozen=True)
class Scope:
    """The facts in force of one household, of some by their keys, or of the villages between two places of the tree."""

    household: uuid.UUID | None = None
    first_path: str = ""
    last_path: str = ""
    named: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """Which of the three."""
        return "household" if self.household else "named" if self.named else "villages"

    @property
    def villages(self) -> QuerySet[Region]:
        """The villages between the two places, both included."""
        between = Region.objects.filter(path__gte=self.first_path, path__lte=self.last_path, level=Level.VILLAGE)
        return between.order_by()

    def facts_in_force(self, policy: Policy) -> FactsQuerySet:
        """The facts rows themselves."""
        found = facts_in_force(policy)
        if self.kind == "household":
            return found.filter(household=self.household)
        if self.kind == "named":
            return found.filter(household__in=one_of_keys(keys_in_one_text(self.named)))
        return found.filter(village__in=self.villages.values("pk"))

    def met(self, policy: Policy) -> Statement:
        """The rules that each of them meets; see engine.met."""
        is_today = policy.on >= timezone.localdate()
        key = (connection.vendor, policy.fingerprint, policy.on, is_today, self.kind)
        if key not in _compiled:
            if len(_compiled) >= MOST_KEPT:
                _compiled.clear()
            _compiled[key] = met(PATTERNS[self.kind].facts_in_force(policy), policy)
        pattern = _compiled[key]
        mine: dict[Any, Any] = {FIRST: self.first_path, LAST: self.last_path}
        if self.household:
            mine = {ANYBODY: self.household, ANYBODY.hex: self.household.hex}
        if self.named:
            mine = {keys_in_one_text(PATTERNS["named"].named): keys_in_one_text(self.named)}
        return Statement(pattern.sql, tuple(mine.get(value, value) for value in pattern.params), pattern.columns)


ANYBODY, FIRST, LAST = uuid.UUID("d5f1b0a8-3c54-4d0e-9d39-5f6f2f7c1a11"), "<first>", "<last>"
PATTERNS = {
    "household": Scope(household=ANYBODY),
    "villages": Scope(first_path=FIRST, last_path=LAST),
    "named": Scope(named=(str(ANYBODY),)),
}
