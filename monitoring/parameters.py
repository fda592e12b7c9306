"""A district's rule set and numbers: proposed with a document and a start date, in force once a second person agrees."""

import datetime
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.idempotency import EXPIRED, spend_on
from accounts.models import Region, User
from accounts.roles import Role
from monitoring.models import PolicyValue
from monitoring.policy.rulesets import DatedValue, RuleSet, ruleset
from monitoring.policy.shapes import RULESET_KEY
from monitoring.policy.values import SETTING_LEVELS, Policy, policy_in_force, read_value, ruleset_in_force

SETTERS = (Role.DISTRICT_OFFICER, Role.SYSTEM_ADMIN)


@dataclass(frozen=True)
class Line:
    """One parameter as it stands in a district, with what is proposed or will come; ``value`` None: nobody has set it."""

    key: str
    title: str
    unit: str
    note: str
    value: DatedValue | None
    coming: list[PolicyValue]
    waiting: list[PolicyValue]


def lines(region: Region, on: datetime.date) -> tuple[Policy, list[Line]]:
    """Every parameter of the rule set that the region has taken, as it stands there on a day."""
    policy = policy_in_force(region, on)
    rows = list(
        PolicyValue.objects.filter(region__path__in=region.ancestor_paths, ruleset=policy.ruleset.code)
        .select_related("region", "proposed_by", "confirmed_by")
        .order_by("starts_on", "proposed_at")
    )
    shown = [
        Line(
            key=key,
            title=parameter.title,
            unit=parameter.unit,
            note=parameter.note,
            value=policy.values.get(key),
            coming=[row for row in rows if row.key == key and row.confirmed_by_id and row.starts_on > on],
            waiting=[row for row in rows if row.key == key and not row.confirmed_by_id],
        )
        for key, parameter in policy.ruleset.parameters.items()
    ]
    return policy, shown


@dataclass(frozen=True)
class RuleSetLine:
    """The rule set that a district has taken, since when and by which document, and what is proposed or will come."""

    ruleset: RuleSet
    since: PolicyValue | None  # None: nobody has chosen, the default holds
    coming: list[PolicyValue]
    waiting: list[PolicyValue]


def ruleset_line(region: Region, on: datetime.date) -> RuleSetLine:
    """Which rule set a region has taken on a day, from itself or from the nearest region above."""
    rows = list(
        PolicyValue.objects.filter(
            region__path__in=region.ancestor_paths, region__level__in=SETTING_LEVELS, key=RULESET_KEY
        )
        .select_related("region", "proposed_by", "confirmed_by")
        .order_by("region__path", "starts_on", "confirmed_at")
    )
    confirmed = [row for row in rows if row.confirmed_by_id]
    begun = [row for row in confirmed if row.starts_on <= on]
    return RuleSetLine(
        ruleset=ruleset_in_force(region, on),
        since=begun[-1] if begun else None,
        coming=[row for row in confirmed if row.starts_on > on],
        waiting=[row for row in rows if not row.confirmed_by_id],
    )


@transaction.atomic
def propose_value(
    *,
    region: Region,
    by: User,
    key: str,
    value: str,
    starts_on: datetime.date,
    source: str,
    idempotency_key: str = "",
    ruleset_code: str = "",
) -> PolicyValue:
    """Propose a number for a district from a day on; it holds only when a second person has confirmed it.

    It is a number of the rule set that the region will have on that day (today's for a day that is over), or of
    ``ruleset_code``, for one that is to be taken later. Raises PermissionDenied, or ValidationError: not a number, no
    document, a day before the rule set begins.
    """
    _may_set(by, region)
    day = max(starts_on, timezone.localdate())
    rules = ruleset(ruleset_code) if ruleset_code else ruleset_in_force(region, day)
    number = f"{read_value(key, value, rules.code):f}"
    _check_proposal(region, rules, starts_on, source)
    if idempotency_key and not spend_on(idempotency_key, by, f"propose:{region.pk}:{key}"):
        return _proposed_before(region, key, by)
    return _propose("parameter.propose", region, by, rules, key, number, starts_on, source)


@transaction.atomic
def propose_ruleset(
    *, region: Region, by: User, code: str, starts_on: datetime.date, source: str, idempotency_key: str = ""
) -> PolicyValue:
    """Propose that a district takes a rule set from a day on; towns and villages inherit it once it is confirmed.

    Confirmed and withdrawn as a number is. Raises PermissionDenied, or ValidationError: an unknown rule set, no
    document, a day before the rule set begins, a district that has it on that day already.
    """
    _may_set(by, region)
    rules = ruleset(code)
    _check_proposal(region, rules, starts_on, source)
    if idempotency_key and not spend_on(idempotency_key, by, f"propose:{region.pk}:{RULESET_KEY}"):
        return _proposed_before(region, RULESET_KEY, by)
    if ruleset_in_force(region, starts_on).code == code:
        raise ValidationError(f"{region.name}{starts_on:%Y-%m-%d} 用的已经是“{rules.title}”，不用再选。")
    return _propose("ruleset.propose", region, by, rules, RULESET_KEY, code, starts_on, source)


def _check_proposal(region: Region, rules: RuleSet, starts_on: datetime.date, source: str) -> None:
    if region.level not in SETTING_LEVELS:
        raise ValidationError("参数由区（市）一级设定，镇（街）和村照用。")
    if not source.strip():
        raise ValidationError("请写明依据哪份文件、第几条。")
    if starts_on < rules.begins_on:
        raise ValidationError(f"起始日期不能早于规则集开始的 {rules.begins_on:%Y-%m-%d}。")


def _proposed_before(region: Region, key: str, by: User) -> PolicyValue:
    """What the first click proposed; raises ValidationError when that has been taken back since."""
    found = PolicyValue.objects.filter(region=region, key=key, proposed_by=by).order_by("-proposed_at").first()
    if found is None:
        raise ValidationError(EXPIRED, code="guard")
    return found


def _propose(
    action: str, region: Region, by: User, rules: RuleSet, key: str, value: str, starts_on: datetime.date, source: str
) -> PolicyValue:
    proposed = PolicyValue.objects.create(
        region=region,
        ruleset=rules.code,
        key=key,
        value=value,
        starts_on=starts_on,
        source=source.strip()[:200],
        proposed_by=by,
    )
    audit.record(action=action, actor=by, target=proposed, region=region, key=key, value=value, from_day=starts_on)
    return proposed


@transaction.atomic
def confirm_value(*, proposed: PolicyValue, by: User) -> PolicyValue:
    """Put a proposed number in force; the second person is not the one who proposed it, nor in whose name that was.

    Raises PermissionDenied, or ValidationError when it was confirmed meanwhile.
    """
    _may_set(by, proposed.region)
    if _signed_for(proposed) & by.capacities(proposed.region):
        raise ValidationError("自己提出的参数要请另一位同事复核。")
    waiting = PolicyValue.objects.filter(pk=proposed.pk, confirmed_by=None)
    if not waiting.update(confirmed_by=by, confirmed_at=timezone.now()):
        raise ValidationError("这个参数已经有人复核过，没有重复办理。")
    audit.record(
        action="parameter.confirm",
        actor=by,
        target=proposed,
        region=proposed.region,
        key=proposed.key,
        value=proposed.value,
    )
    proposed.refresh_from_db()
    return proposed


def _signed_for(proposed: PolicyValue) -> set[int]:
    """Who proposed it, and in whose name where he had no right of his own on that day."""
    author, day = proposed.proposed_by, timezone.localdate(proposed.proposed_at)
    rights = [
        one for one in author.postings_in_force(day) if one.role in SETTERS and one.region.contains(proposed.region)
    ]
    if any(one.on_behalf_of_id is None for one in rights):
        return {author.pk}
    return {author.pk, *(one.on_behalf_of_id for one in rights if one.on_behalf_of_id)}


@transaction.atomic
def withdraw_value(*, proposed: PolicyValue, by: User) -> None:
    """Take back a proposal that nobody has confirmed. Raises ValidationError when somebody has."""
    _may_set(by, proposed.region)
    audit.record(
        action="parameter.withdraw",
        actor=by,
        target=proposed,
        region=proposed.region,
        key=proposed.key,
        value=proposed.value,
    )
    deleted, _kinds = PolicyValue.objects.filter(pk=proposed.pk, confirmed_by=None).delete()
    if not deleted:
        raise ValidationError("这个参数已经复核生效，不能撤回。")


def _may_set(by: User, region: Region) -> None:
    if by.posting_over(region, *SETTERS) is None:
        raise PermissionDenied("只有本区（市）的业务员和管理员可以设参数。")
