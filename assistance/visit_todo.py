"""Visits in the inbox: those that are due first to the helper and the village, later to the town."""

import datetime
from collections.abc import Iterator

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.roles import CASEWORK_ROLES, VILLAGE_ROLES, Role
from assistance import visit_lists, visit_plan
from assistance.models import Helper
from monitoring.signals import InboxLine

SHOWN = 3  # so many households by name; the others are one line


def waiting_lines(user: User) -> Iterator[InboxLine]:
    """For the village and for helpers the households that are due, by name, then one line; for the town one line."""
    today = timezone.localdate()
    for_town, helps = _in_office(user, today)
    due = _mine(user, today, helps=helps)
    mine = [] if due is None else list(due[: SHOWN + 1])
    for row in visit_plan.rows(mine[:SHOWN]):
        last = f"{row.last:%m-%d} 去过" if row.last else "还没走访过"
        where = f"{row.household.group_no} 组 · " if row.household.group_no else ""
        name = row.household.head_name or row.household.number
        address = visit_lists.visit_address(row.household.pk)
        yield "visit", f"走访{name}户", f"{where}{row.why} · {last}", address, row.due_on
    if due is not None and len(mine) > SHOWN:
        more = due.count() - SHOWN
        yield "visit", f"还有 {more} 户要走访", "到期和超期的", visit_lists.address(), mine[SHOWN].due_on
    if for_town:
        late = visit_lists.address(tab=visit_lists.URGE)
        yield "visit", f"{for_town} 户走访超期", "村里和联系人还没去，请催一催", late, today


def waiting_count(user: User) -> int:
    """How many lines that is. Asked on every page."""
    today = timezone.localdate()
    for_town, helps = _in_office(user, today)
    due = _mine(user, today, helps=helps)
    return bool(for_town) + (0 if due is None else min(due.count(), SHOWN + 1))


def _mine(user: User, today: datetime.date, *, helps: bool) -> QuerySet | None:
    """Due today or late: of a helper his own; of the village all late ones, and those due today that have no such helper.

    None for who is neither.
    """
    in_village = user.holds(*VILLAGE_ROLES)
    if not in_village and not helps:
        return None
    due = visit_plan.planned(user, today).filter(due_on__lte=today)
    if not in_village:
        return visit_plan.of_helper(due, user)
    return due.filter(Q(due_on__lt=today) | Q(helper_user=None) | Q(helper_user=user.pk))


def _in_office(user: User, today: datetime.date) -> tuple[int, bool]:
    """How many visits are late for longer than the district allows the village, and whether any is the person's own."""
    if not user.holds(Role.TOWN_REVIEWER):
        return 0, user.holds(*CASEWORK_ROLES) and Helper.objects.in_force(today).filter(user=user).exists()
    rows, patience = visit_plan.of_town(user, today)
    found = rows.order_by().aggregate(
        late=Count("pk", filter=Q(due_on__lt=patience)),
        own=Count("pk", filter=Q(due_on__lte=today, helper_user=user.pk)),
    )
    return found["late"], found["own"] > 0
