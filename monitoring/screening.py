"""Ask the rules about one household or a whole region on a date, and keep what has changed."""

import datetime
import time
import uuid

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.audit import record
from accounts.idempotency import made, spend
from accounts.jobs import JobState, ring_for
from accounts.models import Level, Region, User
from households.models import ChangedHousehold, Facts, Household
from monitoring.marks import take_mark
from monitoring.models import Assessment, Screening, ScreeningMode
from monitoring.parts import do_next_part, hold, lay_out, present_on, result
from monitoring.policy.rules import RULES
from monitoring.policy.scopes import Scope
from monitoring.policy.values import Policy, policy_in_force
from monitoring.writing import Write

PAUSE = 0.03  # seconds


@transaction.atomic(savepoint=False)
def assess_household(household: Household, on: datetime.date, by: User | None = None) -> Assessment | None:
    """What the rules say of one household on a day, kept if it has changed; None when no visit is in force.

    The caller's transaction is used, so that a survey and its conclusion are saved together. Raises
    PolicyNotInForce for a day before the rule set begins.
    """
    policy = policy_in_force(household.village, on)
    hold(Region.objects.filter(pk=household.village_id))
    written = Write(Scope(household=household.pk), policy).run()
    take_mark(household)
    if not written.rows:
        return _standing(household, on, policy)
    added = written.added or Assessment.objects.get(household=household, pk__gt=written.after, on=on)
    record(
        action="assessment.change",
        actor=by,
        target=household,
        region=household.village,
        on=on,
        outcome=added.outcome,
        level=added.level,
        rules=[code for code in added.rules_met if not RULES[code].office_only],  # inspectors read the trace too
    )
    return added


def _standing(household: Household, on: datetime.date, policy: Policy) -> Assessment | None:
    """What goes on standing; it ends today where its visit is not in force any more."""
    standing = Assessment.objects.standing_on(on).select_related("facts").filter(household=household).first()
    if standing is None or not (_is_over(standing.facts, on) or standing.visited_on <= policy.surveyed_after):
        return standing
    if on >= timezone.localdate():
        Assessment.objects.filter(pk=standing.pk).update(replaced_on=on)
    return None


def _is_over(facts: Facts, on: datetime.date) -> bool:
    return facts.replaced_on is not None and facts.replaced_on <= on


@transaction.atomic
def request_screening(
    *,
    region: Region,
    on: datetime.date,
    by: User | None,
    mode: str = ScreeningMode.CHANGED,
    idempotency_key: str = "",
    ring: bool = True,
) -> Screening:
    """Queue a screening of a region on a date, or join the one that is under way there.

    Raises ValidationError with a sentence for a day that has not come, or before the rule set begins.
    """
    if on > timezone.localdate():
        raise ValidationError(f"基准日期 {on:%Y-%m-%d} 还没有到，不能研判。")
    policy = policy_in_force(region, on)
    if idempotency_key and by and (earlier := made(idempotency_key, by, Screening.objects.all())):
        return earlier
    screening = _queue(region, on, policy.ruleset.code, mode, by)
    if idempotency_key and by and not spend(idempotency_key, by, str(screening.pk)):
        return made(idempotency_key, by, Screening.objects.all()) or screening
    record(
        action="screening.request",
        actor=by,
        target=screening,
        region=region,
        on=on,
        ruleset=screening.ruleset,
        mode=mode,
    )
    if ring:
        screening.ring_on_commit()
    return screening


def _queue(region: Region, on: datetime.date, ruleset: str, mode: str, by: User | None) -> Screening:
    """A new row, or the row that is already queued or running for this region, date and mode."""
    active = Screening.objects.filter(region=region, on=on, mode=mode, state__in=(JobState.QUEUED, JobState.RUNNING))
    new = {"region": region, "on": on, "ruleset": ruleset, "mode": mode, "requested_by": by}
    try:
        with transaction.atomic():
            return Screening.objects.create(**new)
    except IntegrityError:  # where none is active any more, it ended in between
        return active.first() or Screening.objects.create(**new)


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
        done = Screening.objects.filter(region=region, on=today, requested_by=None, mode=ScreeningMode.CHANGED).exists()
        if not done and present_on(today).in_regions([region]).exists():
            begun.append(request_screening(region=region, on=today, by=None))
    return begun


def screen_changed_facts(today: datetime.date) -> list[Screening]:
    """Minutes after facts changed without being judged: one screening of just those, for each district with any."""
    begun = []
    for region in Region.objects.filter(level__in=(Level.COUNTY, Level.ZONE)):
        if ChangedHousehold.objects.in_regions([region]).exists():
            begun.append(request_screening(region=region, on=today, by=None, mode=ScreeningMode.DIRTY))
    return begun


def run(screening: Screening) -> None:
    """Do a claimed screening to the end, part by part; raises LeaseLost when it is not ours any more.

    The numbers are those confirmed before the run was asked for: a change meanwhile does not split it. Parts that a worker
    before us has finished stay; other workers may take parts at the same time.
    """
    if not screening.policies:
        lay_out(screening)
        _call_for_help(screening)
    while do_next_part(screening.pk, wait=True, checkpoint=screening.checkpoint):
        _give_way()
    screening.finish(**result(screening))


def _call_for_help(screening: Screening) -> None:
    """Another worker that is free may take parts; where the database has one writer there is nothing to be won."""
    if connection.features.has_select_for_update_skip_locked and screening.parts.count() > 1:
        transaction.on_commit(lambda: ring_for("monitoring.tasks.help_screening", screening.pk))


def help_with(screening_pk: uuid.UUID) -> int:
    """Take parts of a screening that another worker leads until none is free; returns how many."""
    parts = 0
    while do_next_part(screening_pk, wait=False):
        parts += 1
    return parts


def _give_way() -> None:
    """SQLite has one writer and no queue: without a pause, whoever wants to save meanwhile may wait for the whole run."""
    if connection.vendor == "sqlite":
        time.sleep(PAUSE)
