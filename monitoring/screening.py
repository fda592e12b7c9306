"""Ask the rules about one household or a whole region on a date, and keep what has changed."""

import datetime
import time
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.audit import record
from accounts.idempotency import made, spend
from accounts.jobs import JobState
from accounts.models import Level, Region, User
from households.models import Household
from households.models.households import HouseholdQuerySet
from monitoring.models import Assessment, Screening
from monitoring.policy.engine import Verdict, verdicts
from monitoring.policy.facts import facts_in_force
from monitoring.policy.values import Policy, policy_in_force

# Households in one transaction: short enough that a cadre who saves meanwhile does not notice.
CHUNK = 200
PAUSE = 0.03  # seconds
NOT_VISITED = "NOT_VISITED"
CONCLUSION = ("outcome", "flags", "rules_met")
KEPT = ("survey_id", "ruleset", *CONCLUSION, "figures")


@transaction.atomic
def assess_household(household: Household, on: datetime.date, by: User | None = None) -> Assessment | None:
    """What the rules say of one household on a day, kept if it has changed; None when no visit is in force.

    The caller's transaction is used, so that a survey and its conclusion are saved together. Raises
    PolicyNotInForce for a day before the rule set begins.
    """
    policy = policy_in_force(household.village, on)
    verdict = next(verdicts(facts_in_force(policy).filter(household=household), policy), None)
    if verdict is None:
        return None
    if keep_changes([verdict], policy):
        record(
            action="assessment.change",
            actor=by,
            target=household,
            region=household.village,
            on=on,
            outcome=verdict.outcome,
            rules=verdict.rules_met,
        )
    return Assessment.objects.standing_on(on).select_related("survey", "village").get(household=household)


@transaction.atomic
def request_screening(
    *, region: Region, on: datetime.date, by: User | None, idempotency_key: str = "", ring: bool = True
) -> Screening:
    """Queue a screening of a region on a date, or join the one that is under way there.

    Raises ValidationError with a sentence for a day that has not come, or before the rule set begins.
    """
    if on > timezone.localdate():
        raise ValidationError(f"基准日期 {on:%Y-%m-%d} 还没有到，不能研判。")
    policy = policy_in_force(region, on)
    if idempotency_key and by and (earlier := made(idempotency_key, by, Screening.objects.all())):
        return earlier
    screening = _queue(region, on, policy.ruleset.code, by)
    if idempotency_key and by and not spend(idempotency_key, by, str(screening.pk)):
        return made(idempotency_key, by, Screening.objects.all()) or screening
    record(action="screening.request", actor=by, target=screening, region=region, on=on, ruleset=screening.ruleset)
    if ring:
        screening.ring_on_commit()
    return screening


def _queue(region: Region, on: datetime.date, ruleset: str, by: User | None) -> Screening:
    """A new row, or the row that is already queued or running for this region and date."""
    try:
        with transaction.atomic():
            return Screening.objects.create(region=region, on=on, ruleset=ruleset, requested_by=by)
    except IntegrityError:
        active = Screening.objects.filter(region=region, on=on, state__in=(JobState.QUEUED, JobState.RUNNING))
        return active.get()


@transaction.atomic
def cancel_screening(*, screening: Screening, by: User) -> bool:
    """Stop a screening that is not over; what it has written stays. False when it was over already."""
    cancelled = screening.cancel()
    if cancelled:
        record(action="screening.cancel", actor=by, target=screening, region=screening.region)
    return cancelled


def screen_everywhere(today: datetime.date) -> list[Screening]:
    """The nightly run: one screening for each county or zone with households, at most one a day."""
    begun = []
    for region in Region.objects.filter(level__in=(Level.COUNTY, Level.ZONE)):
        done = Screening.objects.filter(region=region, on=today, requested_by=None).exists()
        if not done and present_households(region, today).exists():
            begun.append(request_screening(region=region, on=today, by=None))
    return begun


def present_households(region: Region, on: datetime.date) -> HouseholdQuerySet:
    """The households of a region that had not been closed by the day."""
    return Household.objects.in_regions([region]).filter(Q(closed_on=None) | Q(closed_on__gt=on))


def run(screening: Screening) -> None:
    """Do a claimed screening from where its cursor stands to the end; raises LeaseLost when it is not ours any more.

    The numbers are those confirmed before the run was asked for: a change meanwhile does not split it.
    """
    if not screening.total_count:
        screening.checkpoint(total_count=present_households(screening.region, screening.on).count())
    path, _, last = screening.cursor.partition("|")
    for area in _areas(screening.region):
        if area.path < path:
            continue
        policy = policy_in_force(area, screening.on, screening.ruleset, known_by=screening.created_at)
        after = last if area.path == path else ""
        while after := _screen_chunk(screening, area, policy, after):
            _give_way()
    screening.finish()


def _give_way() -> None:
    """SQLite has one writer and no queue: without a pause, whoever wants to save meanwhile may wait for the whole run."""
    if connection.vendor == "sqlite":
        time.sleep(PAUSE)


def _areas(region: Region) -> list[Region]:
    """Where one policy holds: a city is screened county by county, because each may have set its own numbers."""
    return list(region.children.order_by("path")) if region.level == Level.CITY else [region]


@transaction.atomic
def _screen_chunk(screening: Screening, area: Region, policy: Policy, after: str) -> str:
    """Screen the next households in one transaction with the cursor; returns the last one's key, or nothing."""
    waiting = present_households(area, policy.on).order_by("pk")
    if after:
        waiting = waiting.filter(pk__gt=uuid.UUID(after))
    # Locked, so that a survey saved at this moment is not overwritten by a conclusion from older facts.
    locked = waiting.select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True)
    households = list(locked[:CHUNK])
    if not households:
        return ""
    found = list(verdicts(facts_in_force(policy).filter(household__in=households), policy))
    changed = keep_changes(found, policy, screening)
    counts = Counter(screening.counts) + Counter(verdict.outcome for verdict in found)
    counts[NOT_VISITED] += len(households) - len(found)
    screening.checkpoint(
        cursor=f"{area.path}|{households[-1]}",
        done_count=screening.done_count + len(households),
        counts=dict(counts),
        changed_count=screening.changed_count + changed,
    )
    return str(households[-1])


def keep_changes(found: Sequence[Verdict], policy: Policy, screening: Screening | None = None) -> int:
    """Write the verdicts that differ from what stands on the policy's day; returns how many conclusions are new.

    A run for a past day says something of that day alone: what stood on the day after stands again.
    """
    standing = _standing([verdict.household_id for verdict in found], policy.on)
    written, restored, changed = [], [], 0
    for verdict in found:
        old, new = standing.get(verdict.household_id), _assessment(verdict, policy, screening)
        if old is not None and _agree(old, new, KEPT):
            continue
        written.append(new)
        changed += old is None or not _agree(old, new, CONCLUSION)
        if old is not None:
            restored.append(_again(old, policy.on + datetime.timedelta(days=1)))
    _upsert(written)
    if policy.on < timezone.localdate():
        Assessment.objects.bulk_create(restored, ignore_conflicts=True)
    return changed


def _standing(households: list[uuid.UUID], on: datetime.date) -> dict[uuid.UUID, Assessment]:
    rows = Assessment.objects.standing_on(on).filter(household__in=households)
    return {row.household_id: row for row in rows}


def _assessment(verdict: Verdict, policy: Policy, screening: Screening | None) -> Assessment:
    return Assessment(
        household_id=verdict.household_id,
        village_id=verdict.village_id,
        survey_id=verdict.survey_id,
        screening=screening,
        on=policy.on,
        ruleset=policy.ruleset.code,
        outcome=verdict.outcome,
        flags=verdict.flags,
        rules_met=verdict.rules_met,
        figures=verdict.figures,
        policy_date=policy.on,
    )


def _again(old: Assessment, on: datetime.date) -> Assessment:
    """The same conclusion standing from another day."""
    same = {name: getattr(old, name) for name in ("household_id", "village_id", "screening_id", "policy_date", *KEPT)}
    return Assessment(on=on, **same)


def _agree(old: Assessment, new: Assessment, names: Iterable[str]) -> bool:
    return all(getattr(old, name) == getattr(new, name) for name in names)


def _upsert(rows: list[Assessment]) -> None:
    """Insert, or replace what was said of the same day; two at once do not fail, the later one stands."""
    Assessment.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["household", "on"],
        update_fields=[
            "village", "survey", "screening", "ruleset", "outcome", "flags", "rules_met", "figures", "policy_date",
            "made_at",
        ],
    )  # fmt: skip
