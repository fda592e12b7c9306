"""Households that were designated elsewhere come in with a workbook, and go again when it is undone."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import User
from households.codes import RiskCause
from households.models import Household, ImportBatch
from monitoring.corrections import Field, propose_correction
from monitoring.models import Case, CaseSource, Correction, Stage
from monitoring.workflow import enter_designated, forget_designated

# 致贫原因 of 2014 as rosters write it; it is the cause of long ago and only proposed as main risk.
CAUSES = {
    "因病": RiskCause.ILLNESS,
    "因学": RiskCause.EDUCATION,
    "因残": RiskCause.DISABILITY,
    "因灾": RiskCause.DISASTER,
    "因自然灾害": RiskCause.DISASTER,
    "因意外": RiskCause.ACCIDENT,
    "因意外事故": RiskCause.ACCIDENT,
    "因疫情": RiskCause.EPIDEMIC,
    "因务工就业不稳": RiskCause.UNSTABLE_JOB,
    "因产业失败": RiskCause.FAILED_VENTURE,
    "因产业项目失败": RiskCause.FAILED_VENTURE,
    "缺劳动力": RiskCause.NO_LABOUR,
    "缺劳力": RiskCause.NO_LABOUR,
}


def cause_of(label: str) -> RiskCause:
    """The risk cause that a roster's 致贫原因 stands for; 其他 where the list has no such cause."""
    return CAUSES.get(label.strip(), RiskCause.OTHER)


def enter_stock(
    *,
    household: Household,
    monitor_class: str,
    decided_on: datetime.date | None,
    first_cause: str,
    batch: ImportBatch | None,
    user: User | None,
    **_rest: Any,
) -> str:
    """Enter a household already tagged in the national system (002 二); answers in a sentence what came of it."""
    if live := _live(household):
        return _already(live)
    if decided_on is None:
        return "名册没有风险识别时间，没有登记为存量监测对象。"
    cause = cause_of(first_cause)
    note = f"致贫原因：{first_cause}" if first_cause else "名册没有写致贫原因"
    try:
        enter_designated(
            household=household,
            by=user,
            source=CaseSource.STOCK,
            monitor_class=monitor_class,
            decided_on=decided_on,
            main_risk=cause,
            unverified=True,
            batch=batch,
            note=f"{note}，主要风险待核",
        )
    except ValidationError as fault:
        return fault.messages[0]
    return "已登记为存量监测对象，主要风险待核。"


def enter_from_ledger(
    *,
    household: Household,
    monitor_class: str,
    decided_on: datetime.date | None,
    main_risk: str,
    batch: ImportBatch,
    user: User,
    **_rest: Any,
) -> str:
    """Enter a household of a ledger kept by hand; where it is on the register already, what differs is proposed.

    Comes once for each person's row of a household: the second changes nothing.
    """
    if live := _live(household):
        return _propose_differences(live, monitor_class, decided_on, main_risk, batch, user)
    if decided_on is None:
        return "台账没有认定时间，没有登记。"
    try:
        enter_designated(
            household=household,
            by=user,
            source=CaseSource.HAND_LEDGER,
            monitor_class=monitor_class,
            decided_on=decided_on,
            main_risk=cause_of(main_risk) if main_risk else "",
            unverified=not main_risk,
            batch=batch,
            note="",
        )
    except ValidationError as fault:
        return fault.messages[0]
    return "已按手工台账登记。"


def undo_batch(*, batch: ImportBatch, user: User | None, **_rest: Any) -> str:
    """Take back what a batch entered and nobody has touched, and what it proposed and nobody has settled."""
    proposals = Correction.objects.filter(batch=batch, accepted=None)
    withdrawn = proposals.update(accepted=False, settled_at=timezone.now())
    forgotten = forget_designated(batch=batch, by=user)
    kept = Case.objects.filter(stock_batch=batch).count()
    words = f"撤销存量登记 {forgotten} 户，撤回更正 {withdrawn} 条。"
    return words + (f"{kept} 户登记以后又有办理，保留。" if kept else "")


def _propose_differences(
    case: Case, monitor_class: str, decided_on: datetime.date | None, main_risk: str, batch: ImportBatch, user: User
) -> str:
    if case.stage != Stage.REGISTERED or case.stock_batch_id == batch.pk:
        return _already(case)
    wanted: dict[str, Any] = {}
    if main_risk and (case.main_risk_unverified or cause_of(main_risk) != case.main_risk):
        wanted[Field.MAIN_RISK] = cause_of(main_risk)
    if monitor_class and monitor_class != case.monitor_class:
        wanted[Field.MONITOR_CLASS] = monitor_class
    if decided_on and case.decided_on and _month(decided_on) != _month(case.decided_on):
        wanted[Field.DECIDED_ON] = decided_on
    proposed = 0
    for field, new in wanted.items():
        if case.corrections.filter(field=field, accepted=None).exists():
            continue
        propose_correction(case=case, by=user, field=field, new=new, reason="与手工台账不一致", batch=batch)
        proposed += 1
    return f"已在册，有 {proposed} 项与台账不一致，已提出更正等复核。" if proposed else _already(case)


def _month(day: datetime.date) -> tuple[int, int]:
    return day.year, day.month


def _live(household: Household) -> Case | None:
    return Case.objects.designations().live().filter(household=household).first()


def _already(case: Case) -> str:
    return f"这户已经在“{case.get_stage_display()}”，没有重复登记。"
