"""What-if (试算): ask what a draft would change, count it part by part, turn it into proposals, and let it expire."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.idempotency import made, spend
from accounts.jobs import JobState
from accounts.models import Level, Region, User
from accounts.roles import Role
from monitoring.models import PolicyTrial, PolicyValue
from monitoring.parameters import propose_ruleset, propose_value
from monitoring.parts import districts_of, grouped, present_on, villages_with
from monitoring.policy.rulesets import RuleSet, ruleset
from monitoring.policy.values import SETTING_LEVELS, policy_in_force, read_value
from monitoring.whatif_moves import count_moves, policies

KEPT = datetime.timedelta(days=30)
MOST_AT_ONCE = 3  # of one person, so that nobody keeps the workers from everybody's screenings


@transaction.atomic
def request_trial(
    *,
    region: Region,
    by: User,
    ruleset_code: str,
    values: Mapping[str, str],
    starts_on: datetime.date,
    idempotency_key: str = "",
    ring: bool = True,
) -> PolicyTrial:
    """Queue a trial of other numbers, or of another rule set, from a day on, over today's households of a region.

    Numbers that the region would have anyway are left out. Raises PermissionDenied, or ValidationError: not a number, a
    day before the rule set begins, a draft that says nothing new, too many trials that are not over.
    """
    _may_try(by, region)
    if idempotency_key and (earlier := made(idempotency_key, by, PolicyTrial.objects.all())):
        return earlier
    _has_not_too_many(by)
    rules = ruleset(ruleset_code)
    trial = PolicyTrial(
        region=region, requested_by=by, on=timezone.localdate(), starts_on=starts_on, ruleset=rules.code
    )
    _keep_what_differs(trial, rules, values)
    fresh = not idempotency_key or spend(idempotency_key, by, str(trial.pk))
    if not fresh and (first := made(idempotency_key, by, PolicyTrial.objects.all())):
        return first  # of two clicks at once this is the second
    trial.save(force_insert=True)
    record(
        action="whatif.request",
        actor=by,
        target=trial,
        region=region,
        ruleset=rules.title,
        values={rules.parameter(key).title: value for key, value in trial.values.items()},
        from_day=starts_on,
    )
    if ring:
        trial.ring_on_commit()
    return trial


def _may_try(by: User, region: Region) -> None:
    if by.posting_over(region, Role.DISTRICT_OFFICER) is None:
        raise PermissionDenied("只有本区（市）的业务员可以试算。")
    if region.level not in SETTING_LEVELS:
        raise ValidationError("试算按区（市）做，镇（街）和村照用区里的参数。")


def _has_not_too_many(by: User) -> None:
    waiting = PolicyTrial.objects.filter(requested_by=by, state__in=(JobState.QUEUED, JobState.RUNNING))
    if waiting.count() >= MOST_AT_ONCE:
        raise ValidationError(f"您有 {MOST_AT_ONCE} 次试算还没有算完，请等一等，或者先取消一次。")


def _keep_what_differs(trial: PolicyTrial, rules: RuleSet, values: Mapping[str, str]) -> None:
    if trial.starts_on < rules.begins_on:
        raise ValidationError(f"起始日期不能早于规则集开始的 {rules.begins_on:%Y-%m-%d}。")
    numbers = {key: read_value(key, text, rules.code) for key, text in values.items()}
    without = policy_in_force(trial.region, trial.drafted_for)
    trial.takes_ruleset = without.ruleset.code != rules.code
    there = policy_in_force(trial.region, trial.drafted_for, rules.code) if trial.takes_ruleset else without
    new = {key: number for key, number in numbers.items() if not there.is_set(key) or there.value(key).value != number}
    trial.values = {key: f"{number:f}" for key, number in new.items()}
    if not trial.takes_ruleset and not new:
        raise ValidationError("草案和现在的一样，没有可试算的。请至少改一个数，或者换一个规则集。")


def run(trial: PolicyTrial) -> None:
    """Do a claimed trial to the end, part by part; raises LeaseLost when it is not ours any more.

    Each part is one transaction that adds its counts and moves the cursor, so that a run that was cut goes on where it stopped.
    """
    while do_next_part(trial):
        continue
    trial.finish()


@transaction.atomic
def do_next_part(trial: PolicyTrial) -> bool:
    """Count some neighbouring villages of a claimed trial; False when none is left."""
    if not trial.cursor:
        _lay_out(trial)
    done = int(trial.cursor)
    if done == len(trial.parts):
        return False
    district, first, last, households = trial.parts[done]
    count_moves(trial, policies(trial, Region.objects.get(pk=district)), _villages_between(first, last))
    trial.checkpoint(cursor=str(done + 1), done_count=trial.done_count + households)
    return True


def _lay_out(trial: PolicyTrial) -> None:
    parts = [
        [district.pk, villages[0].path, villages[-1].path, sum(village.households for village in villages)]
        for district in districts_of(trial.region)
        for villages in grouped(list(villages_with(present_on(trial.on), district)), settings.SCREENING_PART_SIZE)
    ]
    trial.checkpoint(parts=parts, cursor="0", total_count=sum(part[-1] for part in parts))


def _villages_between(first: str, last: str) -> list[int]:
    between = Region.objects.filter(path__gte=first, path__lte=last, level=Level.VILLAGE)
    return list(between.values_list("pk", flat=True))


@transaction.atomic
def cancel_trial(*, trial: PolicyTrial, by: User) -> bool:
    """Stop a trial that is not over; False when it was."""
    cancelled = trial.cancel()
    if cancelled:
        record(action="whatif.cancel", actor=by, target=trial, region=trial.region)
    return cancelled


@transaction.atomic
def propose_trial(*, trial: PolicyTrial, by: User, source: str, starts_on: datetime.date) -> list[PolicyValue]:
    """Turn the draft into proposals with their document, which a second person puts in force; once.

    Raises PermissionDenied, or ValidationError: no document, a trial that is not done or was proposed before.
    """
    done = PolicyTrial.objects.filter(pk=trial.pk, state=JobState.DONE, proposed_at=None)
    if not done.update(proposed_at=timezone.now()):
        raise ValidationError("这次试算还没有办完，或者已经转过，没有重复办理。")
    given: dict[str, Any] = {"region": trial.region, "by": by, "starts_on": starts_on, "source": source}
    proposed = [propose_ruleset(code=trial.ruleset, **given)] if trial.takes_ruleset else []
    for key, value in trial.values.items():
        proposed.append(propose_value(key=key, value=value, ruleset_code=trial.ruleset, **given))
    record(action="whatif.propose", actor=by, target=trial, region=trial.region, rows=len(proposed))
    trial.refresh_from_db()
    return proposed


def forget_trials(now: datetime.datetime) -> int:
    """Delete trials that are older than thirty days, with their counts; returns how many."""
    old = PolicyTrial.objects.filter(created_at__lt=now - KEPT)
    _rows, kinds = old.delete()
    return kinds.get(PolicyTrial._meta.label, 0)
