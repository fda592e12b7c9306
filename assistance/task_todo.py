"""保障任务 in the inbox: to the department all that it leads, to town and district what is late."""

import datetime
from collections.abc import Iterator

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import OFFICE_ROLES, VILLAGE_ROLES, Role
from assistance.models import GuaranteeTask
from assistance.task_work import tasks_of

Line = tuple[str, str, str, str, datetime.date | None]  # kind, title, detail, address, due


def waiting_lines(user: User) -> Iterator[Line]:
    """One line for what is late, and for a department one for what is to be solved in time."""
    today = timezone.localdate()
    if late := _late(user, today):
        first = late.order_by("due_on").values_list("due_on", flat=True)[0]
        url = f"{reverse('assistance:tasks')}?tab=late"
        yield "task", f"{late.count()} 件保障任务超期", _words(user), url, first
    if in_time := _in_time(user, today):
        first = in_time.order_by("due_on").values_list("due_on", flat=True)[0]
        url = f"{reverse('assistance:tasks')}?tab=open"
        yield "task", f"{in_time.count()} 件保障任务要解决", "由您的单位牵头", url, first


def waiting_count(user: User) -> int:
    """How many lines that is. Asked on every page."""
    today = timezone.localdate()
    return sum(1 for rows in (_late(user, today), _in_time(user, today)) if rows)


def _late(user: User, today: datetime.date) -> QuerySet[GuaranteeTask] | None:
    """What is late, for those who solve it or see to it."""
    if not user.holds(*VILLAGE_ROLES, *OFFICE_ROLES, Role.DEPARTMENT_CLERK):
        return None
    rows = tasks_of(user).filter(closed_on=None, due_on__lt=today)
    return rows if rows.exists() else None


def _in_time(user: User, today: datetime.date) -> QuerySet[GuaranteeTask] | None:
    """What the department has still time for; the offices see it in the list."""
    if not user.holds(Role.DEPARTMENT_CLERK):
        return None
    rows = tasks_of(user).filter(closed_on=None, due_on__gte=today)
    return rows if rows.exists() else None


def _words(user: User) -> str:
    if user.holds(*OFFICE_ROLES):
        return "请催牵头单位"
    return "由您的单位牵头" if user.holds(Role.DEPARTMENT_CLERK) else "请配合牵头单位办好"
