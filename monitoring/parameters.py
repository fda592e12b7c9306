"""Dated policy values of a district: proposed with a document and a start date, in force once a second person agrees."""

import datetime
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.idempotency import spend_on
from accounts.models import Region, User
from accounts.roles import Role
from monitoring.models import PolicyValue
from monitoring.policy.rulesets import DatedValue
from monitoring.policy.values import RULESET_IN_USE, SETTING_LEVELS, Policy, policy_in_force, read_value

SETTERS = (Role.DISTRICT_OFFICER, Role.SYSTEM_ADMIN)


@dataclass(frozen=True)
class Line:
    """One parameter as it stands in a district, with what is proposed or will come."""

    key: str
    title: str
    unit: str
    note: str
    value: DatedValue
    coming: list[PolicyValue]
    waiting: list[PolicyValue]


def lines(region: Region, on: datetime.date) -> tuple[Policy, list[Line]]:
    """Every parameter of the rule set in use, as it stands in a region on a day."""
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
            value=policy.value(key),
            coming=[row for row in rows if row.key == key and row.confirmed_by_id and row.starts_on > on],
            waiting=[row for row in rows if row.key == key and not row.confirmed_by_id],
        )
        for key, parameter in policy.ruleset.parameters.items()
    ]
    return policy, shown


@transaction.atomic
def propose_value(
    *, region: Region, by: User, key: str, value: str, starts_on: datetime.date, source: str, idempotency_key: str = ""
) -> PolicyValue:
    """Propose a number for a district from a day on; it holds only when a second person has confirmed it.

    Raises PermissionDenied, or ValidationError: not a number, no document, a day before the rule set begins.
    """
    _may_set(by, region)
    rules = policy_in_force(None, timezone.localdate()).ruleset
    number = read_value(key, value, rules.code)
    if region.level not in SETTING_LEVELS:
        raise ValidationError("参数由区（市）一级设定，镇（街）和村照用。")
    if not source.strip():
        raise ValidationError("请写明依据哪份文件、第几条。")
    if starts_on < rules.begins_on:
        raise ValidationError(f"起始日期不能早于规则集开始的 {rules.begins_on:%Y-%m-%d}。")
    if idempotency_key and not spend_on(idempotency_key, by, f"propose:{region.pk}:{key}"):
        return PolicyValue.objects.filter(region=region, key=key, proposed_by=by).latest("proposed_at")
    proposed = PolicyValue.objects.create(
        region=region,
        ruleset=RULESET_IN_USE,
        key=key,
        value=f"{number:f}",
        starts_on=starts_on,
        source=source.strip()[:200],
        proposed_by=by,
    )
    audit.record(
        action="parameter.propose",
        actor=by,
        target=proposed,
        region=region,
        key=key,
        value=f"{number:f}",
        from_day=starts_on,
    )
    return proposed


@transaction.atomic
def confirm_value(*, proposed: PolicyValue, by: User) -> PolicyValue:
    """Put a proposed number in force; the second person is not the one who proposed it.

    Raises PermissionDenied, or ValidationError when it was confirmed meanwhile.
    """
    _may_set(by, proposed.region)
    if proposed.proposed_by_id in by.capacities(proposed.region):
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
