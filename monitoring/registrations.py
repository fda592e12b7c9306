"""返贫、新致贫: the path into 建档立卡, for every household that is found so; and 绿色通道, help before the procedure."""

import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.idempotency import spend_on
from accounts.models import Region, User
from accounts.roles import CASEWORK_ROLES
from households.codes import HouseholdType
from households.models import Household
from monitoring.models import OPEN_STAGES, Assessment, Case, CaseKind
from monitoring.policy.rulesets import RuleSet
from monitoring.policy.values import policy_in_force
from monitoring.removal_conditions import POOR
from monitoring.steps import AT_VILLAGE_OR_TOWN
from monitoring.workflow import AlreadyMoved, begin_case, class_of, note_event


def path_missing(village: Region, on: datetime.date | None = None) -> str:
    """Why nobody can be registered as poor there, in a sentence; empty where the rule set in force has the path."""
    rules = policy_in_force(village, on or timezone.localdate()).ruleset
    return "" if rules.procedure.path(CaseKind.REGISTRATION) else _no_path(rules)


def _no_path(rules: RuleSet) -> str:
    return f"现行规则集“{rules.title}”没有返贫、新致贫纳入建档立卡的程序，发现困难的请列为预警关注，按监测对象办理。"


def is_suspected(household: Household, on: datetime.date | None = None) -> bool:
    """Whether the rules mark the household as possibly poor again, or newly poor."""
    standing = Assessment.objects.filter(household=household).standing_on(on or timezone.localdate()).first()
    return standing is not None and POOR in standing.flags


def open_registration(
    *, household: Household, by: User, note: str, idempotency_key: str = "", at: datetime.datetime | None = None
) -> Case:
    """Begin the path into 建档立卡 for one household; there is no limit on how many (004 二（一）3 不搞规模控制).

    A reason is required where the rules do not suspect it. Raises PermissionDenied, or ValidationError with a sentence.
    """
    posting = by.posting_over(household.village, *AT_VILLAGE_OR_TOWN)
    if posting is None:
        raise PermissionDenied("只有村和镇（街）可以发起返贫、新致贫核实。")
    at = at or timezone.now()
    day = timezone.localdate(at)
    policy = policy_in_force(household.village, day)
    if not policy.ruleset.procedure.path(CaseKind.REGISTRATION):
        raise ValidationError(_no_path(policy.ruleset))
    with transaction.atomic():
        if idempotency_key and not spend_on(idempotency_key, by, f"registration:{household.pk}"):
            return household.cases.filter(kind=CaseKind.REGISTRATION).latest("opened_at")
        current = Household.objects.select_related("village").get(pk=household.pk)
        if current.closed_on:
            raise ValidationError("这户已经注销，不能办理。")
        if current.household_type == HouseholdType.REGISTERED_POOR:
            raise ValidationError("这户已经是未脱贫建档立卡户，不用再办。")
        if not note.strip() and not is_suspected(current, day):
            raise ValidationError("系统没有提示这一户疑似返贫或新致贫，请写明是怎么发现的。")
        return begin_case(
            household=current, kind=CaseKind.REGISTRATION, by=by, posting=posting, step="open_registration", note=note,
            at=at, policy=policy, monitor_class=class_of(current),
        )  # fmt: skip


@transaction.atomic
def mark_urgent(*, case: Case, by: User, reason: str, version: int | None = None, idempotency_key: str = "") -> Case:
    """绿色通道: measures begin at once, the procedure stays to be done. Raises ValidationError, PermissionDenied."""
    if by.posting_over(case.village, *CASEWORK_ROLES) is None:
        raise PermissionDenied("您的岗位不能开绿色通道。")
    if idempotency_key and not spend_on(idempotency_key, by, f"urgent:{case.pk}"):
        return Case.objects.get(pk=case.pk)
    if case.kind == CaseKind.REMOVAL:
        raise ValidationError("这是风险消除的办理，帮扶没有停，不用开绿色通道。")
    if case.household.closed_on:
        raise ValidationError("这户已经注销，不用开绿色通道。")
    if not reason.strip():
        raise ValidationError("请写明为什么要先行帮扶。")
    seen = case.version if version is None else version
    mine = Case.objects.filter(pk=case.pk, version=seen, urgent_on=None, stage__in=OPEN_STAGES)
    if not mine.update(urgent_on=timezone.localdate(), version=F("version") + 1):
        raise AlreadyMoved("这一户刚有人办过，或已经不在办理中，没有重复提交，请刷新再看。")
    note_event(case=case, step="mark_urgent", by=by, note=reason.strip()[:500])
    return case
