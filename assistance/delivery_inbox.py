"""Lines of the inbox about measures: what runs out within 30 days, and what a department has not done in time."""

from typing import Any

from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import VILLAGE_ROLES, Role
from assistance import department_work
from assistance.models.measures import DeliveryQuerySet
from monitoring.signals import work_asked, work_counted


@receiver(work_asked)
def lines(sender: Any, user: User, **more: Any) -> list[tuple[Any, ...]]:
    """One line for each kind of work, with the day on which the first of it is due."""
    today, found = timezone.localdate(), []
    for rows, title, detail, url in _work(user):
        if count := rows.count():
            day = rows.first()
            due = None if day is None else day.runs_until if "到期" in title else day.due_on
            found.append(("delivery", title.format(count), detail, url, due or today))
    return found


@receiver(work_counted)
def count(sender: Any, user: User, **more: Any) -> int:
    """How many lines there are."""
    return sum(rows.exists() for rows, *_words in _work(user))


def _work(user: User) -> list[tuple[DeliveryQuerySet, str, str, str]]:
    today, found = timezone.localdate(), []
    if user.holds(*VILLAGE_ROLES):
        rows = department_work.running_out_near(user, today)
        found.append(
            (rows, "{} 项帮扶 30 天内到期", "问清续不续，没有到账、到岗的告诉镇里", reverse("assistance:running-out"))
        )
    if user.holds(Role.DEPARTMENT_CLERK):
        mine, url = department_work.led_by(user), reverse("assistance:desk")
        late = department_work.view_of(mine, department_work.LATE, today)
        soon = department_work.view_of(mine, department_work.RUNNING_OUT, today)
        found.append((late, "{} 项帮扶超期没有落实", "本部门牵头的", f"{url}?view={department_work.LATE}"))
        found.append((soon, "{} 项帮扶 30 天内到期", "续期，或者结束", f"{url}?view={department_work.RUNNING_OUT}"))
    return found
