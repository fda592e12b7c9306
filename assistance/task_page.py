"""What pages show of 保障任务: the list by tab, the card of a household, the entries of its timeline."""

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.roles import HOUSEHOLD_READERS
from accounts.templatetags.ui import masked_name
from assistance.models import GuaranteeTask, TaskKind
from assistance.task_work import HOUSE_STEPS
from households.cards import Card
from households.models import Household
from households.timeline import Entry

LATE, OPEN, SOLVED, WITHDRAWN = "late", "open", "solved", "withdrawn"
TABS = ((LATE, "超期"), (OPEN, "待解决"), (SOLVED, "已解决"), (WITHDRAWN, "已撤回"))
CARD_PLACE = 40


@dataclass(frozen=True)
class Line:
    """One task as a list shows it."""

    task: GuaranteeTask
    steps: list[tuple[str, datetime.date]]
    reads_household: bool = True

    @property
    def family(self) -> str:
        """Whose task it is: a department, which reads no family, knows it by its number."""
        household = self.task.household
        return str(household) if self.reads_household else f"{masked_name(household.head_name)}户（{household.number}）"

    @property
    def person(self) -> str:
        """The member it is about, or nothing."""
        name = self.task.member.name if self.task.member else ""
        return name if self.reads_household or not name else masked_name(name)

    @property
    def days_left(self) -> int | None:
        """Days until it is due; None when it is over."""
        return None if self.task.closed_on else (self.task.due_on - timezone.localdate()).days


def of_tab(tab: str, today: datetime.date) -> Q:
    """The tasks of a tab; 待解决 are all that are open, late ones too."""
    return {
        LATE: Q(closed_on=None, due_on__lt=today),
        OPEN: Q(closed_on=None),
        SOLVED: Q(closed_on__isnull=False, withdrawn=False),
        WITHDRAWN: Q(withdrawn=True),
    }[tab]


def listed(tasks: QuerySet[GuaranteeTask], tab: str, today: datetime.date) -> QuerySet[GuaranteeTask]:
    """The tasks of a tab: what is due first stands first, of what is over the latest."""
    return tasks.filter(of_tab(tab, today)).order_by("-closed_on" if tab in (SOLVED, WITHDRAWN) else "due_on", "pk")


def counts(tasks: QuerySet[GuaranteeTask], today: datetime.date) -> dict[str, int]:
    """How many tasks each tab has; one query."""
    return tasks.order_by().aggregate(**{name: Count("pk", filter=of_tab(name, today)) for name, _label in TABS})


def lines(tasks: Iterable[GuaranteeTask], reader: User) -> list[Line]:
    """What a list shows of each to somebody who reads the family, or only leads the task."""
    return [Line(task, list(steps_of(task)), _reads(reader, task.household)) for task in tasks]


def _reads(reader: User, household: Household) -> bool:
    return reader.posting_over(household.village, *HOUSEHOLD_READERS) is not None


def steps_of(task: GuaranteeTask) -> Iterator[tuple[str, datetime.date]]:
    """The days of a house that are known, in words."""
    for step, words in HOUSE_STEPS:
        if step in task.steps:
            yield words, datetime.date.fromisoformat(task.steps[step])


def card_of(household: Household) -> list[Card]:
    """The tasks of a household on its 帮扶 tab, unsolved ones first; no card where there never was one."""
    tasks = list(household.guarantee_tasks.select_related("member"))
    tasks.sort(key=lambda task: (task.closed_on is not None, task.due_on))
    shown = [Line(task, list(steps_of(task))) for task in tasks]
    return [Card(CARD_PLACE, "assistance/_household_tasks.html", {"lines": shown})] if shown else []


def timeline_of(household: Household) -> list[Entry]:
    """Opened, the days of a house, solved or withdrawn."""
    return [entry for task in household.guarantee_tasks.select_related("member", "closed_by") for entry in _told(task)]


def _told(task: GuaranteeTask) -> Iterator[Entry]:
    about = f"{TaskKind(task.kind).label}（{task.member}）" if task.member else str(TaskKind(task.kind).label)
    at = timezone.make_aware(datetime.datetime.combine(task.opened_on, datetime.time.min))
    words = f"由{task.lead}牵头，{task.due_on:%Y-%m-%d} 前解决"
    yield Entry(task.opened_on, at, f"保障任务：{about}", text=words)
    for title, day in steps_of(task):
        yield Entry(day, at, f"{title}：{about}")
    if task.closed_on:
        title = "保障任务撤回" if task.withdrawn else "保障任务已解决"
        yield Entry(task.closed_on, at, f"{title}：{about}", str(task.closed_by or ""), task.outcome)
