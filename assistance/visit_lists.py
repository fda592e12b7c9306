"""The list 待走访 as somebody asked for it: tab, group of the village, and what each row shows."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from assistance import visit_plan
from assistance.listing import NOT_VISITED, lacking, near_to_visit
from households.models import Household
from monitoring.explanations import explain_each
from monitoring.near import Near

LATE, URGE, TODAY, WEEK, ALL, NEAR = "late", "urge", "today", "week", "all", "near"
TABS = ((LATE, "超期"), (URGE, "要催的"), (TODAY, "今天"), (WEEK, "本周"), (ALL, "全部"))
FILTERS = ("tab", "no")
GROUP_DIGITS = 4


@dataclass(frozen=True)
class Tab:
    """One tab with its number of households."""

    name: str
    label: str
    count: int
    url: str
    current: bool


def address(**filters: str) -> str:
    """The list with these filters."""
    query = urlencode(filters)
    return reverse("assistance:visits") + (f"?{query}" if query else "")


def visit_address(household: UUID) -> str:
    """Where a visit to a household is written down."""
    return reverse("assistance:visit-new", args=[household])


class Asked:
    """What was asked for, and what is found; the tab that has something to do opens first."""

    def __init__(self, user: User, today: datetime.date, query: Mapping[str, str]) -> None:
        self.user, self.today = user, today
        self.close_by = query.get("group") == NEAR
        number = query.get("no", "")
        self.group_no = int(number) if number.isdecimal() and len(number) <= GROUP_DIGITS else None
        self.month_start = today.replace(day=1)
        self._tab = query.get("tab", "")

    @cached_property
    def tab(self) -> str:
        """The tab that is open: the one asked for, else the first with something in it."""
        if self._tab in dict(TABS):
            return self._tab
        return next((name for name in (LATE, TODAY, WEEK) if self.counts[name]), ALL)

    @cached_property
    def planned(self) -> QuerySet[Household]:
        """Everything in the plan, of the group that was chosen."""
        rows = visit_plan.planned(self.user, self.today)
        return rows if self.group_no is None else rows.filter(group_no=self.group_no)

    @property
    def to_urge(self) -> QuerySet[Household]:
        """What has been late for longer than the district gives the village: the town sees to it."""
        rows, patience = visit_plan.of_town(self.user, self.today)
        rows = rows.filter(due_on__lt=patience)
        return rows if self.group_no is None else rows.filter(group_no=self.group_no)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many households each tab has; one query, and one for the town's own tab."""
        sunday = visit_plan.week_end(self.today)
        counted = self.planned.order_by().aggregate(
            late=Count("pk", filter=Q(due_on__lt=self.today)),
            today=Count("pk", filter=Q(due_on=self.today)),
            week=Count("pk", filter=Q(due_on__gte=self.today, due_on__lte=sunday)),
            all=Count("pk"),
        )
        return {**counted, URGE: self.to_urge.count() if self.user.holds(Role.TOWN_REVIEWER) else 0}

    @cached_property
    def near(self) -> Any:
        """临界户: nobody has taken them up."""
        return near_to_visit(self.user)

    @cached_property
    def near_count(self) -> int:
        """How many of them."""
        return self.near.count()

    @property
    def near_waiting(self) -> int:
        """How many of them nobody has visited this month."""
        return lacking(self.near, NOT_VISITED, self.today).count()

    @property
    def rows(self) -> Any:
        """The list itself."""
        if self.close_by:
            return self.near
        if self.tab == URGE:
            return self.to_urge
        pick = {LATE: visit_plan.late, TODAY: visit_plan.due_today, WEEK: visit_plan.this_week}.get(self.tab)
        return pick(self.planned, self.today) if pick else self.planned

    def shown(self, page: Iterable[Any]) -> list[Any]:
        """What each row of the page shows."""
        return [Near(*row) for row in explain_each(page, self.user)] if self.close_by else visit_plan.rows(page)

    @property
    def tabs(self) -> list[Tab]:
        """The tabs with their counts."""
        chosen = {"no": str(self.group_no)} if self.group_no is not None else {}
        mine = [one for one in TABS if one[0] != URGE or self.user.holds(Role.TOWN_REVIEWER)]
        return [
            Tab(name, label, self.counts[name], address(tab=name, **chosen), not self.close_by and self.tab == name)
            for name, label in mine
        ]

    @cached_property
    def groups(self) -> list[tuple[int, str, bool]]:
        """The groups of the village that have somebody to visit; none for who works in several villages."""
        if not self.user.works_in_village:
            return []
        rows = visit_plan.planned(self.user, self.today).exclude(group_no=None).order_by()
        numbers = sorted(set(rows.values_list("group_no", flat=True)))
        return [(one, address(tab=self.tab, no=str(one)), one == self.group_no) for one in numbers]

    @property
    def whole_village(self) -> str:
        """The same tab without a group."""
        return address(tab=self.tab)
