"""What a rule is: a clause, the facts it looks at, a database expression, and the words for its reason."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.db.models.expressions import Combinable

if TYPE_CHECKING:
    from monitoring.policy.figures import Figures
    from monitoring.policy.values import Policy

Words = Callable[["Figures"], str]
# What an amount misses until the rule is met (0 or more while it is not), and the line it is compared with, both in the
# same whole unit; null where the rule is not about the household.
Gap = tuple[Combinable, Combinable]


def nothing(figures: "Figures") -> str:
    """No words: the rule counts nothing, or compares with nothing."""
    return ""


@dataclass(frozen=True)
class Rule:
    """One numbered rule. ``when`` is the only place where its condition is written; a code is never used again.

    ``what`` says that the rule is met and ``otherwise`` that it is not, each with the household's own figures;
    ``how``, ``threshold`` and ``next_step`` are the further parts of the reason. An ``office_only`` rule is not
    shown on the phone. ``reading`` names the decision page where the clause is unclear. A rule with a numeric line has a
    ``gap``: how far a household is from it; None where the line is not set. ``only_for`` is the type of household that can
    meet it, where it is one alone.
    """

    code: str
    title: str
    clause: str
    facts: tuple[str, ...]
    when: Callable[["Policy"], Q]
    since: datetime.date
    what: Words
    otherwise: Words
    next_step: str
    how: Words = nothing
    threshold: Words = nothing
    until: datetime.date | None = None
    office_only: bool = False
    reading: str = ""
    gap: Callable[["Policy"], Gap | None] | None = None
    only_for: str = ""

    def in_force_on(self, day: datetime.date) -> bool:
        """Whether the rule counts on a day; the day it ends on is the first without it."""
        return self.since <= day and (self.until is None or day < self.until)
