"""Visits in the inbox: those that are due first to the helper and the village, later to the town."""

import datetime
from collections.abc import Iterator

from django.db.models import Case, DateField, Q, QuerySet, Value, When
from django.utils import timezone

from accounts.models import User
from accounts.roles import CASEWORK_ROLES, VILLAGE_ROLES, Role
from assistance import visit_lists, visit_plan
from assistance.models import Helper
from households.models import Household

Line = tuple[str, str, str, str, datetime.date | None]  # kind, title, detail, address, due
SHOWN = 3  # so many households by name; the others are one line


def waiting_lines(user: User) -> Iterator[Line]:
    """For the village and for helpers the households that are due, by name, then one line; for the town one line."""
    today = timezone.localdate()
    mine = list(_mine(user, today)[: SHOWN + 1])
    for row in visit_plan.rows(mine[:SHOWN]):
        last = f"上次 {row.last:%m-%d}" if row.last else "还没走访过"
        where = f"{row.household.group_no} 组 · " if row.household.group_no else ""
        name = row.household.head_name or row.household.number
        yield "visit", f"走访{name}户", f"{where}{row.why} · {last}", _visit(row.household), row.due_on
    if len(mine) > SHOWN:
        more = _mine(user, today).count() - SHOWN
        due = mine[SHOWN].due_on  # type: ignore[attr-defined]
        yield "visit", f"还有 {more} 户要走访", "到期和超期的", visit_lists.address(), due
    if user.holds(Role.TOWN_REVIEWER) and (count := _for_town(user, today).count()):
        late = visit_lists.address(tab=visit_lists.LATE)
        yield "visit", f"{count} 户走访超期", "村里和联系人还没去，请催一催", late, today


def waiting_count(user: User) -> int:
    """How many lines that is. Asked on every page."""
    today = timezone.localdate()
    found = 0
    if _asked_first(user):
        found += min(_mine(user, today).count(), SHOWN + 1)
    if user.holds(Role.TOWN_REVIEWER):
        found += _for_town(user, today).exists()
    return found


def _visit(household: Household) -> str:
    return visit_lists.visit_address(household.pk)


def _asked_first(user: User) -> bool:
    """Whether visits can be this person's at all: of a village, or a helper with an account."""
    return user.holds(*VILLAGE_ROLES) or (
        user.holds(*CASEWORK_ROLES) and Helper.objects.in_force(timezone.localdate()).filter(user=user).exists()
    )


def _mine(user: User, today: datetime.date) -> QuerySet[Household]:
    """Due today or late: of a helper his own; of the village all late ones, and those due today that have no such helper."""
    if not _asked_first(user):
        return Household.objects.none()
    due = visit_plan.planned(user, today).filter(due_on__lte=today)
    if not user.holds(*VILLAGE_ROLES):
        return visit_plan.of_helper(due, user)
    return due.filter(Q(due_on__lt=today) | Q(helper_user=None) | Q(helper_user=user.pk))


def _for_town(user: User, today: datetime.date) -> QuerySet[Household]:
    """Late for longer than the district allows the village."""
    rows = visit_plan.planned(user, today, Role.TOWN_REVIEWER)
    return rows.filter(due_on__lt=_patience(user, today))


def _patience(user: User, today: datetime.date) -> Case | Value:
    """Before which day a visit must have been due for the town to hear of it; by district."""
    regions = [posting.region for posting in user.postings_in_force() if posting.role == Role.TOWN_REVIEWER]
    branches = [
        When(
            visit_plan.within([place], "village"),
            then=Value(today - datetime.timedelta(days=policy.whole(visit_plan.TOWN_DAYS))),
        )
        for place, policy in visit_plan.policies_over(regions, today)
    ]
    return Case(*branches, default=Value(today), output_field=DateField())
