"""Mending the register: what stands of a designated household is changed with a reason and a second person."""

import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from accounts.idempotency import spend_on
from accounts.models import Region, User
from accounts.models.people import same_people
from accounts.roles import CASEWORK_ROLES, OFFICE_ROLES
from households.codes import MonitorClass, RiskCause
from households.models import ImportBatch
from monitoring.models import Case, Correction
from monitoring.signals import contact_asked, correction_accepted
from monitoring.workflow import note_event


class Field(models.TextChoices):
    """What can be corrected."""

    MONITOR_CLASS = "monitor_class", "监测对象类别"
    MAIN_RISK = "main_risk", "主要返贫风险"
    DECIDED_ON = "decided_on", "认定时间"
    CONTACT = "contact", "帮扶联系人"


CHOICES = {Field.MONITOR_CLASS: MonitorClass, Field.MAIN_RISK: RiskCause}


def current_value(case: Case, field: str) -> Any:
    """What stands now, as it is kept in a correction: a code, an ISO date, or {"name", "unit"}; None for nothing."""
    if field == Field.CONTACT:
        answers = [answer for _receiver, answer in contact_asked.send(sender=Case, household=case.household) if answer]
        return {"name": answers[0]["name"], "unit": answers[0]["unit"]} if answers else None
    value = getattr(case, Field(field).value)
    return value.isoformat() if isinstance(value, datetime.date) else value or None


def in_words(field: str, value: Any) -> str:
    """A kept value as people read it."""
    if not value:
        return "（空）"
    if field == Field.CONTACT:
        return f"{value['name']}（{value['unit']}）"
    if field == Field.DECIDED_ON:
        return f"{datetime.date.fromisoformat(value):%Y 年 %m 月 %d 日}"
    return str(CHOICES[Field(field)](value).label)


@transaction.atomic
def propose_correction(
    *,
    case: Case,
    by: User,
    field: str,
    new: Any,
    reason: str,
    batch: ImportBatch | None = None,
    idempotency_key: str = "",
) -> Correction:
    """Ask for a correction; nothing changes before a second person of town or district agrees.

    Raises PermissionDenied, or ValidationError: not designated, no reason, nothing new, already asked for.
    """
    if by.posting_over(case.village, *CASEWORK_ROLES) is None and batch is None:
        raise PermissionDenied("您的岗位不能提出更正。")
    if case.decided_on is None or case.removed_on is not None:
        raise ValidationError("只有已经认定的户才要更正，还在办的请退回补正。")
    if not reason.strip():
        raise ValidationError("请写明更正原因。")
    value = _checked(field, new)
    old = current_value(case, field)
    unverified = field == Field.MAIN_RISK and case.main_risk_unverified
    if value == old and not unverified:
        raise ValidationError("和原来一样，没有要更正的。")
    if idempotency_key and not spend_on(idempotency_key, by, f"correct:{case.pk}"):
        return case.corrections.latest("proposed_at")
    try:
        with transaction.atomic():
            return Correction.objects.create(
                case=case, field=field, old=old, new=value, reason=reason.strip()[:300], proposed_by=by, batch=batch
            )
    except IntegrityError as fault:
        raise ValidationError("这一项已有一条更正在等复核。") from fault


@transaction.atomic
def settle_correction(*, correction: Correction, by: User, accept: bool) -> Correction:
    """Agree to a correction, or not; the second person belongs to town or district and did not propose it.

    Raises PermissionDenied, or ValidationError when it was settled meanwhile or the value has changed since.
    """
    case = Case.objects.select_related("household", "village").get(pk=correction.case_id)
    if by.posting_over(case.village, *OFFICE_ROLES) is None:
        raise PermissionDenied("更正由镇（街）或区（市）复核。")
    if _proposers(correction, case.village) & by.capacities(case.village):
        raise ValidationError("自己提出的更正要请另一位同事复核。")
    now = timezone.now()
    open_one = Correction.objects.filter(pk=correction.pk, accepted=None)
    if not open_one.update(accepted=accept, settled_by=by, settled_at=now):
        raise ValidationError("这条更正已经有人复核过，没有重复办理。")
    if accept:
        _apply(correction, case, by)
    verdict = "同意" if accept else "不同意"
    words = f"{Field(correction.field).label}：{in_words(correction.field, correction.old)} → "
    words += f"{in_words(correction.field, correction.new)}（{verdict}）。原因：{correction.reason}"
    note_event(case=case, step="correct", by=by, note=words[:500])
    correction.refresh_from_db()
    return correction


def _proposers(correction: Correction, village: Region) -> set[int]:
    """In whose names it was proposed: who stood in for a colleague that day and has no desk of his own there did it for him."""
    by, day = correction.proposed_by, timezone.localdate(correction.proposed_at)
    desks = [one for one in by.postings_in_force(day) if one.role in CASEWORK_ROLES and one.region.contains(village)]
    if any(one.on_behalf_of_id is None for one in desks):
        return same_people({by.pk})
    return same_people({by.pk, *(one.on_behalf_of_id for one in desks if one.on_behalf_of_id)})


def _apply(correction: Correction, case: Case, by: User) -> None:
    field, new = Field(correction.field), correction.new
    if current_value(case, field) != correction.old:
        raise ValidationError("提出以后这一项又变了，请重新提出更正。")
    if field == Field.CONTACT:
        correction_accepted.send(sender=Case, household=case.household, new=new, begun_on=timezone.localdate(), user=by)
        return
    columns: dict[str, Any] = {field.value: datetime.date.fromisoformat(new) if field == Field.DECIDED_ON else new}
    if field == Field.MAIN_RISK:
        columns["main_risk_unverified"] = False
    Case.objects.filter(pk=case.pk).update(**columns)


def _checked(field: str, new: Any) -> Any:
    if field not in Field.values:
        raise ValidationError("这一项不能这样更正。")
    if field == Field.CONTACT:
        name, unit = str(new.get("name", "")).strip(), str(new.get("unit", "")).strip()
        if not name or not unit:
            raise ValidationError("帮扶联系人要填姓名和单位。")
        return {"name": name[:30], "unit": unit[:60]}
    if field == Field.DECIDED_ON:
        return _checked_day(new)
    if new not in CHOICES[Field(field)].values:
        raise ValidationError("请从下拉菜单里选。")
    return str(new)


def _checked_day(new: Any) -> str:
    try:
        day = new if isinstance(new, datetime.date) else datetime.date.fromisoformat(str(new))
    except ValueError as fault:
        raise ValidationError("认定时间要填日期，如 2020-03-01。") from fault
    if not datetime.date(2014, 1, 1) <= day <= timezone.localdate():
        raise ValidationError("认定时间不能早于 2014 年，也不能晚于今天。")
    return day.isoformat()
