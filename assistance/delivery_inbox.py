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
    for rows, title, detail, url, day in _work(user):
        if count := rows.count():
            due = rows.values_list(day, flat=True).first()
            found.append(("delivery", title.format(count), detail, url, due or today))
    return found


@receiver(work_counted)
def count(sender: Any, user: User, **more: Any) -> int:
    """How many lines there are."""
    return sum(rows.exists() for rows, *_words in _work(user))


def _work(user: User) -> list[tuple[DeliveryQuerySet, str, str, str, str]]:
    """What there is of each kind, the words and the address of its line, and the column with its day."""
    today, found = timezone.localdate(), []
    if user.holds(*VILLAGE_ROLES):
        rows = department_work.running_out_near(user, today)
        words, url = "问清续不续，没有到账、到岗的告诉镇里", reverse("assistance:running-out")
        found.append((rows, "{} 项帮扶 30 天内到期", words, url, "runs_until"))
    if user.holds(Role.DEPARTMENT_CLERK):
        mine, url = department_work.led_by(user), reverse("assistance:desk")
        late = department_work.view_of(mine, department_work.LATE, today)
        soon = department_work.view_of(mine, department_work.RUNNING_OUT, today)
        found.append((late, "{} 项帮扶超期没有落实", "本部门牵头的", f"{url}?view={department_work.LATE}", "due_on"))
        url_soon = f"{url}?view={department_work.RUNNING_OUT}"
        found.append((soon, "{} 项帮扶 30 天内到期", "续期，或者结束", url_soon, "runs_until"))
    return found
