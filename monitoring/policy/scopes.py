"""Whose facts a statement asks about, compiled once for a policy and filled in for each household or part of a region."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Level, Region
from households.models.surveys import FactsQuerySet
from monitoring.policy.engine import Statement, met
from monitoring.policy.facts import facts_in_force
from monitoring.policy.values import Policy

MOST_KEPT = 200
_compiled: dict[tuple[Any, ...], Statement] = {}


@dataclass(frozen=True)
class Scope:
    """The facts in force of one household, or of the villages between two places of the tree."""

    household: uuid.UUID | None = None
    first_path: str = ""
    last_path: str = ""

    @property
    def villages(self) -> QuerySet[Region]:
        """The villages between the two places, both included."""
        return Region.objects.filter(path__gte=self.first_path, path__lte=self.last_path, level=Level.VILLAGE)

    def facts_in_force(self, policy: Policy) -> FactsQuerySet:
        """The facts rows themselves."""
        found = facts_in_force(policy)
        if self.household:
            return found.filter(household=self.household)
        return found.filter(village__in=self.villages.values("pk"))

    def met(self, policy: Policy, *, near: bool) -> Statement:
        """The rules that each of them meets; see engine.met."""
        pattern = _HOUSEHOLD if self.household else _VILLAGES
        key = (
            connection.vendor, policy.fingerprint, policy.on, policy.on >= timezone.localdate(),
            pattern is _HOUSEHOLD, near,
        )  # fmt: skip
        if key not in _compiled:
            if len(_compiled) >= MOST_KEPT:
                _compiled.clear()
            _compiled[key] = met(pattern.facts_in_force(policy), policy, near=near)
        return self._filled(_compiled[key])

    def _filled(self, pattern: Statement) -> Statement:
        if self.household:
            mine = {_ANYBODY: self.household, _ANYBODY.hex: self.household.hex}
        else:
            mine = {_FIRST: self.first_path, _LAST: self.last_path}
        return Statement(pattern.sql, tuple(mine.get(value, value) for value in pattern.params), pattern.columns)


_ANYBODY, _FIRST, _LAST = uuid.UUID("d5f1b0a8-3c54-4d0e-9d39-5f6f2f7c1a11"), "<first>", "<last>"
_HOUSEHOLD, _VILLAGES = Scope(household=_ANYBODY), Scope(first_path=_FIRST, last_path=_LAST)
