"""A screening in parts: some neighbouring villages in one short transaction, taken by whichever worker is free."""

import datetime
import uuid
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate, groupby
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.expressions import RawSQL
from django.utils import timezone

from accounts.jobs import JobState
from accounts.models import Level, Region
from accounts.sql import on_postgres
from households.models import ChangedHousehold, Household
from households.models.households import HouseholdQuerySet
from monitoring.digests import gather
from monitoring.marks import take_marks
from monitoring.models import Assessment, Screening, ScreeningMode, ScreeningPart
from monitoring.policy.rulesets import DatedValue, ruleset
from monitoring.policy.scopes import Scope
from monitoring.policy.since import Since, noted
from monitoring.policy.values import Policy, policy_as_shipped
from monitoring.writing import Write, Written

NOT_VISITED = "NOT_VISITED"
FEWER_JUDGED = 5  # so many times the households are in a part where only a few of them are judged
WRITTEN = 10  # a household of which something new is written costs as much as so many others


@dataclass(frozen=True)
class Village:
    """A village with its place in the tree, and the households of it that a run looks at, counted or as expected."""

    path: str
    households: int


@transaction.atomic
def lay_out(screening: Screening) -> None:
    """Cut the run into parts, once; notes the rule set and numbers of each district, which the run keeps to its end.

    Neighbouring districts of whom the same is asked are cut together.
    """
    districts = districts_of(screening.region)
    policies = noted(screening, districts)
    builds_on_any = screening.mode != ScreeningMode.DIRTY and any(kept["since"] for kept in policies.values())
    counted = _counted_before(screening) if builds_on_any else []
    parts: list[ScreeningPart] = []
    for asked, alike in groupby(districts, key=lambda district: policies[district.code]):
        together, builds_on = list(alike), bool(asked["since"])
        found = _villages(screening, together, counted, builds_on=builds_on)
        for villages in grouped(found, _part_size(screening, found, builds_on=builds_on)):
            parts.append(
                ScreeningPart(
                    screening=screening,
                    number=len(parts) + 1,
                    district=together[0],
                    first_path=villages[0].path,
                    last_path=villages[-1].path,
                    households=sum(village.households for village in villages),
                )
            )
    ScreeningPart.objects.bulk_create(parts)
    screening.checkpoint(policies=policies, total_count=sum(part.households for part in parts))


def _villages(
    screening: Screening, districts: Sequence[Region], counted: Sequence[ScreeningPart], *, builds_on: bool
) -> list[Village]:
    """The villages of neighbouring districts with what a run looks at there; ``counted`` are the parts of the run before.

    A run that builds on another takes over what that one counted: to count all once more would be a tenth of it.
    """
    if screening.mode == ScreeningMode.DIRTY:
        looked_at: QuerySet = ChangedHousehold.objects.all()
    else:
        looked_at = present_on(screening.on)
        expected = _as_counted(districts, counted) if builds_on else []
        if any(village.households for village in expected):
            return expected
    return [village for district in districts for village in villages_with(looked_at, district)]


def _as_counted(districts: Sequence[Region], counted: Sequence[ScreeningPart]) -> list[Village]:
    """Every village of neighbouring districts, with an equal share of the households of the part that it lay in."""
    begin = [part.first_path for part in counted]
    villages = _villages_between(districts[0].path_range[0], districts[-1].path_range[1]).values_list("path", flat=True)
    found = []
    for place, neighbours in groupby(villages, key=lambda path: bisect_right(begin, path)):
        paths = list(neighbours)
        households = counted[place - 1].households if place else 0
        share, rest = divmod(households, len(paths))
        found += [Village(path, share + (number < rest)) for number, path in enumerate(paths)]
    return found


def _counted_before(screening: Screening) -> list[ScreeningPart]:
    """The parts of the last run over all households of the same region."""
    runs = Screening.objects.filter(region=screening.region, state=JobState.DONE).exclude(mode=ScreeningMode.DIRTY)
    last = runs.order_by("-finished_at").first()
    return list(last.parts.order_by("first_path")) if last else []


def _part_size(screening: Screening, found: Sequence[Village], *, builds_on: bool) -> int:
    """How many households a part has: about so many that parts take equally long, whatever is asked of each of them."""
    size = settings.SCREENING_PART_SIZE
    if screening.mode == ScreeningMode.DIRTY:
        return max(size // WRITTEN, 1)
    changed = ChangedHousehold.objects.in_regions([screening.region]).count() if builds_on else 0
    is_few = changed * WRITTEN <= sum(village.households for village in found)
    return size * FEWER_JUDGED if builds_on and is_few else size


def _kept(screening: Screening, district: Region) -> Policy:
    """The policy of a district as it was noted when the run was laid out: a confirmation meanwhile does not split it."""
    kept = screening.policies[district.code]
    shipped = policy_as_shipped(ruleset(kept["ruleset"]), screening.on)
    numbers = kept["values"].items()
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
            done = Sum("households", filter=~Q(done_at=None))
            checkpoint(**part.screening.parts.aggregate(done_count=done, total_count=Sum("households")))
    return True


def result(screening: Screening) -> dict[str, Any]:
    """What the parts, which are all done, add up to, and how many households there are of each class and level."""
    moves: Counter[str] = Counter()
    before: Counter[str] = Counter()
    changed, households = 0, 0
    for part in screening.parts.all():
        moves.update(part.moves)
        before.update(part.counts_before)
        changed, households = changed + part.changed_count, households + part.households
    added = {"done_count": households, "total_count": households, "changed_count": changed, "moves": dict(moves)}
    if screening.mode == ScreeningMode.DIRTY:
        return added
    after = before.copy()
    for move, number in moves.items():
        old, now = move.split(">")
        after[now] += number
        if old:
            after[old] -= number
    for counts in (before, after):
        counts[NOT_VISITED] = households - sum(number for code, number in counts.items() if code != NOT_VISITED)
    return {**added, "counts_before": _without_nobody(before), "counts": _without_nobody(after)}


def _without_nobody(counts: Counter[str]) -> dict[str, int]:
    """Without the codes of nobody; how many were not visited is always said."""
    return {code: number for code, number in counts.items() if number > 0 or code == NOT_VISITED}


def hold(villages: QuerySet[Region]) -> None:
    """Wait for whoever else is writing conclusions in these villages, and keep others waiting until the transaction ends."""
    list(villages.order_by("path").select_for_update(no_key=True).values_list("pk"))


def districts_of(region: Region) -> list[Region]:
    """Where one policy holds: a city is screened county by county, because each may have set its own numbers."""
    return list(region.children.order_by("path")) if region.level == Level.CITY else [region]


def present_on(day: datetime.date) -> HouseholdQuerySet:
    """The households that had not been closed by the day."""
    if day >= timezone.localdate():
        return Household.objects.filter(closed_on=None)
    return Household.objects.filter(Q(closed_on=None) | Q(closed_on__gt=day))


def villages_with(looked_at: QuerySet, district: Region) -> Iterator[Village]:
    """The villages of a district with something to look at, in the order of the tree."""
    villages = _villages_between(*district.path_range)
    for path, households in villages.values_list("path", _in_each(looked_at)):
        if households:
            yield Village(path, households)


def _in_each(looked_at: QuerySet) -> Subquery:
    """How many of these there are in a village; none where there are none.

    Counted village by village along the index: grouping all of them at once takes twice as long.
    """
    here = looked_at.filter(village=OuterRef("pk")).order_by().values("village").annotate(number=Count("*"))
    return Subquery(here.values("number"))


def _villages_between(start: str, end: str) -> QuerySet[Region]:
    """In the order of the tree; the second place is not included."""
    return Region.objects.filter(level=Level.VILLAGE, path__gte=start, path__lt=end).order_by("path")


def grouped(villages: Sequence[Village], size: int) -> Iterator[list[Village]]:
    """Neighbours together, about so many households or fewer, and in each group about as many; no village is divided."""
    total = sum(village.households for village in villages)
    groups = -(-total // size)
    before = accumulate((village.households for village in villages), initial=0)
    placed = zip(villages, before, strict=False)
    for _place, group in groupby(placed, key=lambda pair: pair[1] * groups // total):
        yield [village for village, _households in group]


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
    marked = take_marks(villages) if is_today else []
    if is_today:
        _end_closed(villages, policy)
    # Before anything is written: until the database has tidied up, what was written makes counting several times as dear.
    before, lapsed = {}, True
    if screening.mode != ScreeningMode.DIRTY:
        before, lapsed = _counts(villages, policy)
        part.households = villages.aggregate(number=Sum(_in_each(present_on(screening.on))))["number"] or 0
    if is_today and lapsed:
        _end_lapsed(villages, policy)
    written = _judge(part, policy, scope, marked)
    if is_today and written.told:
        gather(written.told, written.told_in, villages, policy)
    part.counts_before = before
    part.moves, part.changed_count, part.done_at = dict(written.moves), written.changed, timezone.now()
    part.save(update_fields=["households", "counts_before", "moves", "changed_count", "done_at"])


def _judge(part: ScreeningPart, policy: Policy, scope: Scope, marked: list[str]) -> Written:
    screening = part.screening
    return Write(
        scope,
        policy,
        screening.pk,
        households=part.households,
        marked=marked,
        only_marked=screening.mode == ScreeningMode.DIRTY,
        everything=screening.mode == ScreeningMode.FULL,
        since=Since.of(screening.policies[part.district.code].get("since")),
    ).run()


def _end_lapsed(villages: QuerySet[Region], policy: Policy) -> None:
    """A conclusion ends with the validity of the visit that it rests on."""
    standing = Assessment.objects.filter(village__in=villages.values("pk"), replaced_on=None)
    standing.filter(visited_on__lte=policy.surveyed_after).update(replaced_on=policy.on)


def _end_closed(villages: QuerySet[Region], policy: Policy) -> None:
    """The conclusion of a household that was closed ends with its facts."""
    closed = Household.objects.filter(village__in=villages.values("pk"), closed_on__lte=policy.on)
    standing = Assessment.objects.filter(household__in=closed.order_by().values("pk"), replaced_on=None)
    standing.update(replaced_on=policy.on)


def _counts(villages: QuerySet[Region], policy: Policy) -> tuple[dict[str, int], bool]:
    """Households of each class or level, of the visits that are in force; and whether a conclusion outlives its visit."""
    counted: Counter[str] = Counter()
    lapsed = 0
    for outcome, level, households, among_them_lapsed in _standing(villages, policy):
        counted[level or outcome] += households - among_them_lapsed
        lapsed += among_them_lapsed
    return {code: households for code, households in counted.items() if households}, bool(lapsed)


def _standing(villages: QuerySet[Region], policy: Policy) -> list[tuple[str, str, int, int]]:
    """Of each class and level, how many conclusions stand, and how many of them rest on a visit that has lapsed.

    Of columns of the index, so that nothing else is read. What stands today PostgreSQL counts village by village, in the
    order of the index: at once, it looks up the group of each row, which takes half as long again. A past day has no such
    index.
    """
    counts = {
        "households": Count("*"),
        "lapsed": Count("visited_on", filter=Q(visited_on__lte=policy.surveyed_after)),
    }
    standing = Assessment.objects.standing_on(policy.on).order_by().values_list("outcome", "level")
    if not on_postgres() or policy.on < timezone.localdate():
        return list(standing.filter(village__in=villages.values("pk")).annotate(**counts))
    named, named_params = villages.values(key=F("pk")).query.sql_with_params()
    in_one = standing.filter(village=RawSQL("there.key", [])).annotate(**counts)
    counted, params = in_one.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT outcome, level, SUM(households)::bigint, SUM(lapsed)::bigint "  # noqa: S608
            f"FROM ({named}) AS there CROSS JOIN LATERAL ({counted}) AS counted GROUP BY 1, 2",
            [*named_params, *params],
        )
        return cursor.fetchall()
