"""待办: what somebody must do, soonest deadline first; each item leads to where it is done."""

import datetime
from dataclasses import dataclass

from django.utils import timezone

from accounts.models import User
from monitoring.models import Case


@dataclass(frozen=True)
class Todo:
    """One piece of work."""

    kind: str
    title: str
    detail: str
    url: str
    due: datetime.date | None = None

    @property
    def days_left(self) -> int | None:
        """Days until it is due; negative when it is late."""
        return None if self.due is None else (self.due - timezone.localdate()).days

    @property
    def overdue(self) -> bool:
        """Whether the day has passed."""
        return self.days_left is not None and self.days_left < 0


def todo(user: User) -> list[Todo]:
    """The work of somebody's desks."""
    return [
        Todo(kind=case.stage, title=str(case.household), detail=case.get_stage_display(), url=f"/cases/{case.pk}/")
        for case in Case.objects.visible_to(user).live().select_related("household")
    ]
