"""保障任务 at the desk of the department that leads them: whose they are, the days of a house, closing on evidence."""

import datetime
from collections.abc import Sequence

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.idempotency import spend_on
from accounts.models import User
from accounts.roles import HOUSEHOLD_READERS, Role
from assistance.catalogue import LedgerColumn
from assistance.lead_units import desk_over, desks, leads_of
from assistance.models import Delivery, GuaranteeTask, TaskKind
from assistance.tasks_found import trace
from households.attachments import store_all
from households.incoming_files import IncomingFile
from households.models import AttachmentKind

# 003 二（四）16, 三个必须: 危房必须拆除、改造必须合格、建好必须入住; in this order.
HOUSE_STEPS = (("demolished", "危房拆除"), ("rebuilt", "改造合格"), ("moved_in", "建好入住"))
CHANGED = "这件任务刚有人办过，请刷新再看。"
NO_EVIDENCE = "请上传佐证：照片、证明或者登记表。"


def tasks_of(user: User) -> QuerySet[GuaranteeTask]:
    """The tasks that somebody reads: those of his region; of a department only what it leads."""
    mine = Q(pk__in=GuaranteeTask.objects.visible_to(user, *HOUSEHOLD_READERS).values("pk"))
    for desk in desks(user):
        if desk.unit:
            led = GuaranteeTask.objects.in_regions([desk.region]).filter(lead__in=leads_of(desk.unit))
            mine |= Q(pk__in=led.values("pk"))
    return GuaranteeTask.objects.filter(mine).select_related("household__village__parent", "member", "closed_by")


def may_work_on(user: User, task: GuaranteeTask) -> bool:
    """The town, the district, and the department that leads it."""
    village = task.household.village
    return bool(user.posting_over(village, Role.TOWN_REVIEWER) or desk_over(user, village, task.lead))


def next_step(task: GuaranteeTask) -> tuple[str, str] | None:
    """The day of a house that is still missing, its code and its words; None when all three are known."""
    if task.kind != TaskKind.UNSAFE_HOUSE:
        return None
    return next((step for step in HOUSE_STEPS if step[0] not in task.steps), None)


@transaction.atomic
def note_step(*, task: GuaranteeTask, by: User, step: str, on: datetime.date, version: int) -> None:
    """Write down the next day of a house: 拆除, then 改造合格, then 入住.

    Raises PermissionDenied, or ValidationError for a step out of its order, a day before the last one, or a day to come.
    """
    _check_may(by, task)
    wanted = next_step(task)
    if wanted is None or wanted[0] != step:
        raise ValidationError("三步要按次序登记：先拆除，再改造合格，最后入住。")
    last = max((datetime.date.fromisoformat(day) for day in task.steps.values()), default=None)
    if on > timezone.localdate():
        raise ValidationError("日期不能晚于今天。")
    if last and on < last:
        raise ValidationError(f"{wanted[1]}不能早于上一步的 {last:%Y-%m-%d}。")
    steps = {**task.steps, step: on.isoformat()}
    _change(task, version, steps=steps)
    trace("task.step", task, by, title=wanted[1], on=on)


@transaction.atomic
def close(
    *,
    task: GuaranteeTask,
    by: User,
    outcome: str,
    closed_on: datetime.date,
    files: Sequence[IncomingFile],
    version: int,
    idempotency_key: str,
) -> bool:
    """Close a task on its evidence; False when this very form was sent before.

    It may have been solved before somebody found it unsolved. Raises PermissionDenied, or ValidationError: nothing proves
    it, a house whose three days are not all known, a day to come or before the family moved in, or somebody who was faster.
    """
    _check_may(by, task)
    if not spend_on(idempotency_key, by, f"task:{task.pk}"):
        return False
    missing = next_step(task)
    if missing:
        raise ValidationError(f"还没有登记{missing[1]}日期：拆除、改造合格、入住三步都有了才能办结。")
    if not files and not known_solved(task):
        raise ValidationError({"files": NO_EVIDENCE})
    if closed_on > timezone.localdate():
        raise ValidationError({"closed_on": "解决日期不能晚于今天。"})
    if closed_on.isoformat() < (last := max(task.steps.values(), default="")):
        raise ValidationError({"closed_on": f"解决日期不能早于入住的 {last}。"})
    evidence = store_all(
        files, kind=AttachmentKind.EVIDENCE, village=task.household.village, household=task.household, by=by
    )
    _change(task, version, closed_on=closed_on, closed_by=by, outcome=outcome.strip())
    task.evidence.add(*evidence)
    trace("task.close", task, by, closed_on=closed_on)
    return True


def known_solved(task: GuaranteeTask) -> str:
    """What the register or a department says by now that solves it, in words; empty where nothing does."""
    member = task.member
    if task.kind == TaskKind.DROPOUT and member and member.student_status:
        return f"名册登记在校：{member.student_status}"
    if task.kind == TaskKind.UNINSURED and member and member.medical_insured:
        return "名册登记已参加基本医保"
    if task.kind == TaskKind.NO_DOCTOR:
        signed = Delivery.objects.filter(household=task.household_id, column=LedgerColumn.FAMILY_DOCTOR)
        found = signed.in_place_on(timezone.localdate()).first()
        return f"{found.begun_on:%Y-%m-%d} 起有{found.name}" if found else ""
    return ""


def _check_may(by: User, task: GuaranteeTask) -> None:
    if not may_work_on(by, task):
        raise PermissionDenied(f"这件任务由{task.lead}牵头，您的岗位不能办。")


def _change(task: GuaranteeTask, version: int, **values: object) -> None:
    mine = GuaranteeTask.objects.filter(pk=task.pk, closed_on=None, version=version)
    if not mine.update(version=F("version") + 1, **values):
        raise ValidationError(CHANGED)
    task.refresh_from_db()
