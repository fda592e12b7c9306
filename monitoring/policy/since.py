"""What may be said otherwise than at the last run: where a policy asks what it asked then, only that is judged again.

A conclusion follows from three things: the facts row, the question that the policy puts to it, and what is told by neither
(OUTSIDE). Where none of the three is another one, the conclusion is the same, and rules need not be asked a second time.
"""

import datetime
import hashlib
from collections.abc import Mapping, Sequence
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
from monitoring.policy.values import Policy, policies_in_force

WHOLE_EVERY = datetime.timedelta(days=7)  # so often the rules are asked of everybody again, whatever has changed
LOOKED_BACK = 10  # runs for each district
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


def noted(screening: Screening, districts: Sequence[Region]) -> dict[str, dict[str, Any]]:
    """The policy of each district as a run keeps it, by its code, with the last run that it can build on, if there is one."""
    policies = policies_in_force(districts, screening.on, known_by=screening.created_at)
    last_runs = _last_runs(screening, districts)
    otherwise = {last: _set_between(last, screening, districts) for last in set(last_runs.values())}
    kept = {}
    for district in districts:
        last = last_runs.get(district.code)
        if last and not otherwise[last].isdisjoint(district.ancestor_paths):
            last = None
        kept[district.code] = _noted(policies[district.code], screening, last, district)
    return kept


def _noted(policy: Policy, screening: Screening, last: Screening | None, district: Region) -> dict[str, Any]:
    """What is kept of one district; ``last`` is None where there is no run, or somebody judged since may have met another
    policy than that run and this one."""
    asked = _digest(policy)
    before = last.policies[district.code] if last else {}
    whole_on = before.get("whole_on") if before.get("question") == asked else None
    if screening.mode == ScreeningMode.FULL or _is_due(whole_on, screening.on):
        whole_on = None
    return {
        "ruleset": policy.ruleset.code,
        "version": policy.ruleset.version,
        "values": {key: str(value.value) for key, value in policy.values.items()},
        "question": asked,
        "whole_on": whole_on or screening.on.isoformat(),
        "since": {"at": last.created_at.isoformat(), "on": last.on.isoformat()} if last and whole_on else None,
    }


def _is_due(whole_on: str | None, on: datetime.date) -> bool:
    """Whether everybody is to be asked again."""
    return not whole_on or datetime.date.fromisoformat(whole_on) + WHOLE_EVERY <= on


def _digest(policy: Policy) -> str:
    key = (connection.vendor, policy.fingerprint, policy.on)
    if key not in _asked:
        if len(_asked) >= MOST_KEPT:
            _asked.clear()
        _asked[key] = hashlib.sha256(question(policy).encode()).hexdigest()
    return _asked[key]


def _last_runs(screening: Screening, districts: Sequence[Region]) -> dict[str, Screening]:
    """The last run that looked at all of each district, by its code."""
    earlier = Screening.objects.filter(
        region__path__in=_paths(districts), state=JobState.DONE, on__lte=screening.on
    ).exclude(mode=ScreeningMode.DIRTY)
    found: dict[str, Screening] = {}
    for last in earlier.order_by("-finished_at")[: LOOKED_BACK * len(districts)].iterator():
        found = dict.fromkeys(last.policies, last) | found
        if all(district.code in found for district in districts):
            break
    return {district.code: found[district.code] for district in districts if district.code in found}


def _set_between(last: Screening, screening: Screening, districts: Sequence[Region]) -> set[str]:
    """The paths of regions in which somebody judged singly between the two runs may have met another policy than theirs."""
    values = PolicyValue.objects.in_force().filter(region__path__in=_paths(districts))
    begun = Q(starts_on__gt=last.on, starts_on__lte=screening.on)
    return set(values.filter(begun | Q(confirmed_at__gt=last.created_at)).values_list("region__path", flat=True))


def _paths(districts: Sequence[Region]) -> set[str]:
    """Of these and of all regions above them."""
    return {path for district in districts for path in district.ancestor_paths}


def moved_since(since: Since, villages: QuerySet[Region]) -> set[str]:
    """The keys of the households of whom something outside of the facts may be another than then."""
    moved = (outside(since.at, since.on).filter(village__in=villages.values("pk")) for outside in OUTSIDE.values())
    return {str(key) for rows in moved for key in rows.values_list("household", flat=True)}
