"""A screening in parts: some neighbouring villages of one district in one short transaction, taken by whichever worker is free."""

import datetime
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone

from accounts.jobs import JobState
from accounts.models import Level, Region
from households.models import Facts, Household
from monitoring.models import Assessment, Screening, ScreeningMode, ScreeningPart
from monitoring.policy.facts import facts_in_force
from monitoring.policy.values import Policy, policy_in_force
from monitoring.writing import Write

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
        policies[district.code] = {
            "ruleset": policy.ruleset.code,
            "values": {key: str(value.value) for key, value in policy.values.items()},
        }
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


def do_next_part(screening_pk: uuid.UUID, *, wait: bool, checkpoint: Any = None) -> bool:
    """Take a part that nobody is doing, and do it; False when there is none left.

    With ``wait`` also one that another worker has in hand, once that worker is through or gone. ``checkpoint`` is called in
    the part's transaction: when it raises, nothing of the part is kept.
    """
    with transaction.atomic():
        part = _take(screening_pk, wait=wait)
        if part is None:
            return False
        _do(part)
        if checkpoint:
            checkpoint(**progress(part.screening))
    return True


def progress(screening: Screening) -> dict[str, Any]:
    """What the parts done so far add up to."""
    done = list(screening.parts.exclude(done_at=None))
    added: dict[str, Counter[str]] = {"counts_before": Counter(), "counts": Counter(), "moves": Counter()}
    for part in done:
        for name, counter in added.items():
            counter.update(getattr(part, name))
    return {
        "done_count": sum(part.households for part in done),
        "changed_count": sum(part.changed_count for part in done),
        **{name: dict(counter) for name, counter in added.items()},
    }


def hold_villages(villages: list[int]) -> None:
    """Wait for whoever else is writing conclusions in these villages, and keep others waiting until the transaction ends."""
    list(Region.objects.filter(pk__in=villages).order_by("path").select_for_update(no_key=True).values_list("pk"))


def districts_of(region: Region) -> list[Region]:
    """Where one policy holds: a city is screened county by county, because each may have set its own numbers."""
    return list(region.children.order_by("path")) if region.level == Level.CITY else [region]


def _looked_at(screening: Screening) -> QuerySet:
    if screening.mode == ScreeningMode.DIRTY:
        return Facts.objects.filter(dirty=True, replaced_on=None)
    return present_on(screening.on)


def present_on(day: datetime.date) -> QuerySet:
    """The households that had not been closed by the day."""
    return Household.objects.filter(Q(closed_on=None) | Q(closed_on__gt=day))


def villages_with(looked_at: QuerySet, district: Region) -> Iterator[Village]:
    """The villages of a district with something to look at, in the order of the tree."""
    found = looked_at.values("village").order_by().annotate(households=Count("pk"))
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


def _take(screening_pk: uuid.UUID, *, wait: bool) -> ScreeningPart | None:
    waiting = ScreeningPart.objects.filter(
        screening=screening_pk, screening__state=JobState.RUNNING, done_at=None
    ).select_related("screening", "district")
    skip = not wait and connection.features.has_select_for_update_skip_locked
    return waiting.select_for_update(of=("self",), skip_locked=skip).first()


def _do(part: ScreeningPart) -> None:
    """Judge the villages of a part and keep what differs; each statement works on the part as a whole."""
    screening = part.screening
    villages = list(
        Region.objects.filter(path__gte=part.first_path, path__lte=part.last_path, level=Level.VILLAGE).values_list(
            "pk", flat=True
        )
    )
    hold_villages(villages)
    policy = policy_in_force(part.district, screening.on, known_by=screening.created_at)
    is_today = screening.on >= timezone.localdate()
    dirty = _take_dirty(villages) if is_today else []
    facts = facts_in_force(policy).filter(village__in=villages)
    if screening.mode == ScreeningMode.DIRTY:
        facts = facts.filter(pk__in=dirty)
    written = Write(
        facts,
        policy,
        screening=screening.pk,
        everything=screening.mode == ScreeningMode.FULL,
        villages=villages if is_today else None,
    ).run()
    if is_today:
        _end_lapsed(villages, policy)
        Facts.objects.filter(pk__in=dirty).update(dirty=False)
    part.moves, part.changed_count, part.done_at = dict(written.moves), written.changed, timezone.now()
    if screening.mode != ScreeningMode.DIRTY:
        part.counts = _counts(villages, policy)
        part.counts[NOT_VISITED] = max(0, part.households - sum(part.counts.values()))
        part.counts_before = _before(part.counts, written.moves)
    part.save()


def _take_dirty(villages: list[int]) -> list[int]:
    """The facts that changed and were not judged; locked, so that one changed once more meanwhile stays dirty."""
    dirty = Facts.objects.filter(village__in=villages, dirty=True, replaced_on=None)
    keys = list(dirty.select_for_update(of=("self",)).values_list("pk", flat=True))
    if keys:  # what was said of a household that has moved since is looked for where it lives now
        lives = Facts.objects.filter(household=OuterRef("household"), replaced_on=None).values("village")
        moved = Assessment.objects.filter(replaced_on=None, household__in=dirty.values("household"))
        moved.exclude(village__in=villages).update(village=Subquery(lives[:1]))
    return keys


def _end_lapsed(villages: list[int], policy: Policy) -> None:
    """A conclusion ends with the validity of the visit that it rests on."""
    standing = Assessment.objects.filter(village__in=villages, replaced_on=None)
    standing.filter(visited_on__lte=policy.surveyed_after).update(replaced_on=policy.on)


def _counts(villages: list[int], policy: Policy) -> dict[str, int]:
    standing = Assessment.objects.standing_on(policy.on).filter(
        village__in=villages, visited_on__gt=policy.surveyed_after
    )
    counted: Counter[str] = Counter()
    for row in standing.order_by().values("outcome", "level").annotate(households=Count("pk")):
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
