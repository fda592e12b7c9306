"""A screening in parts: some neighbouring villages of one district in one short transaction, taken by whichever worker is free."""

import datetime
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from accounts.jobs import JobState
from accounts.models import Level, Region
from households.models import ChangedHousehold, Household
from households.models.households import HouseholdQuerySet
from monitoring.digests import gather
from monitoring.models import Assessment, Screening, ScreeningMode, ScreeningPart
from monitoring.policy.rulesets import DatedValue, ruleset
from monitoring.policy.scopes import Scope
from monitoring.policy.values import Policy, policy_as_shipped, policy_in_force
from monitoring.writing import FEW, Write, Written

NOT_VISITED = "NOT_VISITED"


@dataclass(frozen=True)
class Village:
    """A village with its place in the tree, and the households of it that a run looks at."""

    path: str
    households: int


@transaction.atomic
def lay_out(screening: Screening) -> None:
    """Cut the run into parts, once; notes the rule set and numbers of each district, which the run keeps to its end."""
    policies, number = {}, 0
    for district in districts_of(screening.region):
        policy = policy_in_force(district, screening.on, known_by=screening.created_at)
        policies[district.code] = _noted(policy, _last_policy(screening, district))
        for villages in grouped(villages_with(_looked_at(screening), district)):
            number += 1
            ScreeningPart.objects.create(
                screening=screening,
                number=number,
                district=district,
                first_path=villages[0].path,
                last_path=villages[-1].path,
                households=sum(village.households for village in villages),
            )
    total = screening.parts.aggregate(households=Sum("households"))["households"] or 0
    screening.checkpoint(policies=policies, total_count=total)


def _last_policy(screening: Screening, district: Region) -> dict[str, Any]:
    """What was noted of the district's policy when all of it was judged last; nothing where it never was."""
    earlier = Screening.objects.filter(
        region__path__in=district.ancestor_paths, state=JobState.DONE, on__lte=screening.on
    )
    for last in earlier.exclude(mode=ScreeningMode.DIRTY).order_by("-finished_at")[:10]:
        if district.code in last.policies:
            return last.policies[district.code]
    return {}


def _noted(policy: Policy, last: dict[str, Any]) -> dict[str, Any]:
    """The policy as the run keeps it; ``as_before`` when it says what it said last, edition of the rule set included."""
    return {
        "ruleset": policy.ruleset.code,
        "version": policy.ruleset.version,
        "fingerprint": policy.fingerprint,
        "values": {key: str(value.value) for key, value in policy.values.items()},
        "as_before": last.get("fingerprint") == policy.fingerprint,
    }


def _kept(screening: Screening, district: Region) -> Policy:
    """The policy of a district as it was noted when the run was laid out: a confirmation meanwhile does not split it."""
    noted = screening.policies[district.code]
    shipped = policy_as_shipped(ruleset(noted["ruleset"]), screening.on)
    numbers = noted["values"].items()
    return shipped.with_values({key: DatedValue(key, Decimal(value), screening.on, "") for key, value in numbers})


def do_next_part(screening_pk: uuid.UUID, *, wait: bool, checkpoint: Any = None) -> bool:
    """Take a part that nobody is doing, and do it; False when there is none left.

    With ``wait`` also one that another worker has in hand, once that worker is through or gone. ``checkpoint`` is called in
    the part's transaction: when it raises, nothing of the part is kept.
    """
    with transaction.atomic():
        part = _take(screening_pk, skip=True) or (_take(screening_pk, skip=False) if wait else None)
        if part is None:
            return False
        _do(part)
        if checkpoint:
            done = part.screening.parts.exclude(done_at=None).aggregate(households=Sum("households"))
            checkpoint(done_count=done["households"] or 0)
    return True


def result(screening: Screening) -> dict[str, Any]:
    """What the parts, which are all done, add up to, and how many households there are of each class and level."""
    moves: Counter[str] = Counter()
    changed, households = 0, 0
    for part in screening.parts.all():
        moves.update(part.moves)
        changed, households = changed + part.changed_count, households + part.households
    added = {"done_count": households, "changed_count": changed, "moves": dict(moves)}
    if screening.mode == ScreeningMode.DIRTY:
        return added
    counts = _counts(screening)
    counts[NOT_VISITED] = max(0, households - sum(counts.values()))
    return {**added, "counts": counts, "counts_before": _before(counts, moves)}


def hold(villages: QuerySet[Region]) -> None:
    """Wait for whoever else is writing conclusions in these villages, and keep others waiting until the transaction ends."""
    list(villages.order_by("path").select_for_update(no_key=True).values_list("pk"))


def districts_of(region: Region) -> list[Region]:
    """Where one policy holds: a city is screened county by county, because each may have set its own numbers."""
    return list(region.children.order_by("path")) if region.level == Level.CITY else [region]


def _looked_at(screening: Screening) -> QuerySet:
    if screening.mode == ScreeningMode.DIRTY:
        return ChangedHousehold.objects.all()
    return present_on(screening.on)


def present_on(day: datetime.date) -> HouseholdQuerySet:
    """The households that had not been closed by the day."""
    if day >= timezone.localdate():
        return Household.objects.filter(closed_on=None)
    return Household.objects.filter(Q(closed_on=None) | Q(closed_on__gt=day))


def villages_with(looked_at: QuerySet, district: Region) -> Iterator[Village]:
    """The villages of a district with something to look at, in the order of the tree."""
    found = looked_at.values("village").order_by().annotate(households=Count("*"))
    counted = {row["village"]: row["households"] for row in found.filter(_under(district))}
    for pk, path in Region.objects.filter(pk__in=counted).order_by("path").values_list("pk", "path"):
        yield Village(path, counted[pk])


def _under(district: Region) -> Q:
    start, end = district.path_range
    return Q(village__path__gte=start, village__path__lt=end)


def grouped(villages: Iterator[Village]) -> Iterator[list[Village]]:
    """Neighbours together, up to the size of a part; a village is never divided."""
    group: list[Village] = []
    for village in villages:
        if group and sum(one.households for one in group) + village.households > settings.SCREENING_PART_SIZE:
            yield group
            group = []
        group.append(village)
    if group:
        yield group


def _take(screening_pk: uuid.UUID, *, skip: bool) -> ScreeningPart | None:
    """The next part; with ``skip`` none that another worker has in hand."""
    waiting = ScreeningPart.objects.filter(
        screening=screening_pk, screening__state=JobState.RUNNING, done_at=None
    ).select_related("screening", "district")
    skip = skip and connection.features.has_select_for_update_skip_locked
    return waiting.select_for_update(of=("self",), skip_locked=skip).first()


def _do(part: ScreeningPart) -> None:
    """Judge the villages of a part and keep what differs; each statement works on the part as a whole."""
    screening = part.screening
    scope = Scope(first_path=part.first_path, last_path=part.last_path)
    villages = scope.villages
    hold(villages)
    policy = _kept(screening, part.district)
    is_today = screening.on >= timezone.localdate()
    marked = _marked(villages) if is_today else []
    written = _judge(part, policy, scope, marked)
    if is_today:
        _end_lapsed(villages, policy)
        _end_closed(villages, policy)
        _unmark(marked)
        firsts = screening.mode != ScreeningMode.FULL
        if written.changed if firsts else written.altered:
            gather(screening=screening.pk, after=written.after, villages=villages, policy=policy, firsts=firsts)
    part.moves, part.changed_count, part.done_at = dict(written.moves), written.changed, timezone.now()
    part.save(update_fields=["moves", "changed_count", "done_at"])


def _judge(part: ScreeningPart, policy: Policy, scope: Scope, marked: list[uuid.UUID]) -> Written:
    screening, noted = part.screening, part.screening.policies[part.district.code]
    return Write(
        scope,
        policy,
        screening.pk,
        marked,
        only_marked=screening.mode == ScreeningMode.DIRTY,
        everything=screening.mode == ScreeningMode.FULL,
        as_before=noted["as_before"],
    ).run()


def _marked(villages: QuerySet[Region]) -> list[uuid.UUID]:
    """The households whose facts changed; one that changes once more from here on is marked anew when this is over."""
    marked = ChangedHousehold.objects.filter(village__in=villages.values("pk"))
    return list(marked.select_for_update(of=("self",)).values_list("pk", flat=True))


def _unmark(marked: list[uuid.UUID]) -> None:
    for start in range(0, len(marked), FEW):
        ChangedHousehold.objects.filter(pk__in=marked[start : start + FEW]).delete()


def _end_lapsed(villages: QuerySet[Region], policy: Policy) -> None:
    """A conclusion ends with the validity of the visit that it rests on."""
    standing = Assessment.objects.filter(village__in=villages.values("pk"), replaced_on=None)
    standing.filter(visited_on__lte=policy.surveyed_after).update(replaced_on=policy.on)


def _end_closed(villages: QuerySet[Region], policy: Policy) -> None:
    """The conclusion of a household that was closed ends with its facts."""
    closed = ChangedHousehold.objects.filter(village__in=villages.values("pk"), household__closed_on__lte=policy.on)
    standing = Assessment.objects.filter(household__in=list(closed.values_list("pk", flat=True)), replaced_on=None)
    standing.update(replaced_on=policy.on)


def _counts(screening: Screening) -> dict[str, int]:
    """Households of each class or level, of the visits that are in force in their district."""
    counted: Counter[str] = Counter()
    for district in districts_of(screening.region):
        policy = _kept(screening, district)
        standing = Assessment.objects.in_regions([district]).standing_on(screening.on)
        valid = standing.filter(visited_on__gt=policy.surveyed_after)
        for row in valid.order_by().values("outcome", "level").annotate(households=Count("*")):
            counted[row["level"] or row["outcome"]] += row["households"]
    return dict(counted)


def _before(counts: dict[str, int], moves: Counter[str]) -> dict[str, int]:
    """The counts as they were: every move taken back."""
    before = Counter(counts)
    for move, households in moves.items():
        old, now = move.split(">")
        before[now] -= households
        before[old or NOT_VISITED] += households
    return {code: number for code, number in before.items() if number > 0}
