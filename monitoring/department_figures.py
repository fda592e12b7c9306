"""部门数据: enter a department's figure, and decide what does not agree with the visit before anybody signs."""

import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import audit
from accounts.departments import acting_for
from accounts.idempotency import spend_on
from accounts.models import User
from accounts.roles import OFFICE_ROLES
from households.models import Household
from monitoring.models import OPEN_STAGES, Case, DepartmentFigure, FigureDecision
from monitoring.workflow import note_event


@transaction.atomic
def enter_figure(
    *,
    household: Household,
    by: User,
    item: str,
    department: str,
    as_of: datetime.date,
    amount: int | None = None,
    grade: str = "",
    idempotency_key: str = "",
) -> DepartmentFigure | None:
    """Write down what a department has sent for a household; None when the form came a second time.

    ``amount`` in fen. Raises PermissionDenied, or ValidationError with a sentence.
    """
    office = by.posting_over(household.village, *OFFICE_ROLES)
    if office is None and acting_for(by, department.strip(), household.village) is None:
        raise PermissionDenied("部门数据由镇（街）、区（市）或者这个部门的经办登记。")
    if idempotency_key and not spend_on(idempotency_key, by, f"figure:{household.pk}"):
        return None
    if as_of > timezone.localdate():
        raise ValidationError("数据日期不能晚于今天。")
    figure = DepartmentFigure(
        household=household, village=household.village, item=item, amount=amount, grade=grade,
        department=department.strip(), as_of=as_of, entered_by=by,
    )  # fmt: skip
    figure.full_clean()
    figure.save()
    audit.record(action="figure.enter", actor=by, target=household, region=household.village, item=item)
    return figure


@transaction.atomic
def decide(
    *, case: Case, figure: DepartmentFigure, by: User, side: str, reason: str, idempotency_key: str = ""
) -> None:
    """Decide a difference, with a reason; whoever wants the visit corrected sends the case back instead.

    Raises PermissionDenied, or ValidationError with a sentence.
    """
    if by.posting_over(case.village, *OFFICE_ROLES) is None:
        raise PermissionDenied("不一致的由镇（街）、区（市）处理。")
    if idempotency_key and not spend_on(idempotency_key, by, f"decide:{case.pk}"):
        return
    if case.stage not in OPEN_STAGES:
        raise ValidationError("这一户没有在办，不用再处理。")
    if not reason.strip():
        raise ValidationError("请写明理由。")
    try:
        with transaction.atomic():
            FigureDecision.objects.create(
                case=case, figure=figure, side=FigureDecision.Side(side), reason=reason.strip()[:300], decided_by=by
            )
    except IntegrityError as fault:
        raise ValidationError("这一项已经有人处理过，没有重复登记。") from fault
    label = FigureDecision.Side(side).label
    note_event(
        case=case, step="decide_figure", by=by, note=f"{figure.get_item_display()}：{label}。{reason.strip()[:280]}"
    )
