"""What may be said otherwise than at the last run: where a policy asks what it asked then, only that is judged again.

A conclusion follows from three things: the facts row, the question that the policy puts to it, and what is told by neither
(OUTSIDE). Where none of the three is another one, the conclusion is the same, and rules need not be asked a second time.
"""

import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from accounts.jobs import JobState
from accounts.models import Region
from monitoring.models import PolicyValue, Screening, ScreeningMode
from monitoring.policy.engine import question
from monitoring.policy.facts import OUTSIDE
from monitoring.policy.scopes import MOST_KEPT
from monitoring.policy.values import Policy

WHOLE_EVERY = datetime.timedelta(days=7)  # so often the rules are asked of everybody again, whatever has changed
LOOKED_BACK = 10  # runs
_asked: dict[tuple[Any, ...], str] = {}


@dataclass(frozen=True)
class Since:
    """The last run that judged a district by the same question: when it was asked for, and for which day."""

    at: datetime.datetime
    on: datetime.date

    @classmethod
    def of(cls, noted: Mapping[str, str] | None) -> "Since | None":
        """From what a run keeps of it."""
        if not noted:
            return None
        return cls(datetime.datetime.fromisoformat(noted["at"]), datetime.date.fromisoformat(noted["on"]))


def noted(policy: Policy, screening: Screening, district: Region) -> dict[str, Any]:
    """The policy of a district as a run keeps it, with the last run that it can build on, if there is one."""
    asked = _digest(policy)
    last = _last_run(screening, district)
    before = last.policies[district.code] if last else {}
    builds_on = last and before.get("question") == asked and not _other_between(last, screening, district)
    whole_on = before.get("whole_on") if builds_on and screening.mode != ScreeningMode.FULL else None
    if whole_on and datetime.date.fromisoformat(whole_on) + WHOLE_EVERY <= screening.on:
        whole_on = None
    return {
        "ruleset": policy.ruleset.code,
        "version": policy.ruleset.version,
        "values": {key: str(value.value) for key, value in policy.values.items()},
        "question": asked,
        "whole_on": whole_on or screening.on.isoformat(),
        "since": {"at": last.created_at.isoformat(), "on": last.on.isoformat()} if last and whole_on else None,
    }


def _digest(policy: Policy) -> str:
    key = (connection.vendor, policy.fingerprint, policy.on)
    if key not in _asked:
        if len(_asked) >= MOST_KEPT:
            _asked.clear()
        _asked[key] = hashlib.sha256(question(policy).encode()).hexdigest()
    return _asked[key]


def _last_run(screening: Screening, district: Region) -> Screening | None:
    """The last run that looked at all of the district."""
    earlier = Screening.objects.filter(
        region__path__in=district.ancestor_paths, state=JobState.DONE, on__lte=screening.on
    )
    found = earlier.exclude(mode=ScreeningMode.DIRTY).order_by("-finished_at")[:LOOKED_BACK]
    return next((last for last in found if district.code in last.policies), None)


def _other_between(last: Screening, screening: Screening, district: Region) -> bool:
    """Whether somebody judged singly between the two runs may have met another policy than theirs."""
    values = PolicyValue.objects.in_force().filter(region__path__in=district.ancestor_paths)
    begun = Q(starts_on__gt=last.on, starts_on__lte=screening.on)
    return values.filter(begun | Q(confirmed_at__gt=last.created_at)).exists()


def moved_since(since: Since, villages: QuerySet[Region]) -> set[str]:
    """The keys of the households of whom something outside of the facts may be another than then."""
    moved = (outside(since.at, since.on).filter(village__in=villages.values("pk")) for outside in OUTSIDE.values())
    return {str(key) for rows in moved for key in rows.values_list("household", flat=True)}
