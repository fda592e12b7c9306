"""保障任务 in the inbox: to the department all that it leads, to town and district what is late."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import OFFICE_ROLES, VILLAGE_ROLES, Role
from assistance.task_work import tasks_of
from monitoring.signals import InboxLine


def waiting_lines(user: User) -> Iterator[InboxLine]:
    """One line for what is late, and for a department one for what is to be solved in time."""
    found = _found(user)
    if found["late"]:
        url = f"{reverse('assistance:tasks')}?tab=late"
        yield "task", f"{found['late']} 件保障任务超期", _words(user), url, found["late_since"]
    if found["in_time"]:
        url = f"{reverse('assistance:tasks')}?tab=open"
        yield "task", f"{found['in_time']} 件保障任务要解决", "由您的单位牵头", url, found["next"]


def waiting_count(user: User) -> int:
    """How many lines that is. Asked on every page."""
    found = _found(user)
    return bool(found["late"]) + bool(found["in_time"])


def _found(user: User) -> dict[str, Any]:
    """What is late, for those who solve it or see to it, and what a department has still time for; one query."""
    if not user.holds(*VILLAGE_ROLES, *OFFICE_ROLES, Role.DEPARTMENT_CLERK):
        return {"late": 0, "in_time": 0}
    today = timezone.localdate()
    late, in_time = Q(due_on__lt=today), Q(due_on__gte=today)
    found = (
        tasks_of(user)
        .filter(closed_on=None)
        .order_by()
        .aggregate(
            late=Count("pk", filter=late),
            late_since=Min("due_on", filter=late),
            in_time=Count("pk", filter=in_time),
            next=Min("due_on", filter=in_time),
        )
    )
    return found if user.holds(Role.DEPARTMENT_CLERK) else {**found, "in_time": 0}


def _words(user: User) -> str:
    if user.holds(*OFFICE_ROLES):
        return "请催牵头单位"
    return "由您的单位牵头" if user.holds(Role.DEPARTMENT_CLERK) else "请配合牵头单位办好"
