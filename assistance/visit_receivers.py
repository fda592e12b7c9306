"""What visits and tasks do when the apps below tell, or ask, something: surveys, changed families, inbox, cards, timeline."""

from collections.abc import Iterable
from typing import Any

from django.dispatch import receiver

from accounts.models import User
from assistance import task_todo, tasks_found, visit_todo
from assistance.task_page import card_of, timeline_of
from households.cards import Card
from households.models import Household, Member, Survey
from households.signals import assistance_asked, household_changed, member_moved, survey_submitted, timeline_asked
from households.timeline import Entry
from monitoring.signals import InboxLine, work_asked, work_counted


@receiver(survey_submitted)
def follow_the_survey(sender: Any, survey: Survey, user: User, **more: Any) -> None:
    """What a survey found unsolved becomes a task; what a correction says is none is withdrawn."""
    tasks_found.follow(survey=survey, by=user)


@receiver(household_changed)
def follow_the_family(sender: Any, household: Household, **more: Any) -> None:
    """Tasks of who has left are withdrawn."""
    tasks_found.leave_with(household=household, by=more.get("user"))


@receiver(member_moved)
def carry_tasks_over(sender: Any, old: Member, new: Member, **more: Any) -> None:
    """Tasks go with the person to a family of his own."""
    tasks_found.carry_over(old=old, new=new)


@receiver(work_asked)
def tell_what_waits(sender: Any, user: User, **more: Any) -> Iterable[InboxLine]:
    """Visits that are due, and tasks."""
    return [*visit_todo.waiting_lines(user), *task_todo.waiting_lines(user)]


@receiver(work_counted)
def count_what_waits(sender: Any, user: User, **more: Any) -> int:
    """How many lines that is."""
    return visit_todo.waiting_count(user) + task_todo.waiting_count(user)


@receiver(assistance_asked)
def show_tasks(sender: Any, household: Household, user: User, **more: Any) -> list[Card]:
    """The tasks of a household, on its 帮扶 tab; without any, nothing."""
    return card_of(household)


@receiver(timeline_asked)
def tell_of_tasks(sender: Any, household: Household, **more: Any) -> list[Entry]:
    """Tasks opened, the days of a house, and how they ended."""
    return timeline_of(household)
