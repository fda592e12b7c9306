"""What somebody is told once: a returned case, a finished job, an objection, a limit that was passed."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models.people import User
from accounts.models.regions import Region


class NotificationKind(models.TextChoices):
    """What happened."""

    RETURNED = "returned", "退回"
    JOB = "job", "后台任务"
    OBJECTION = "objection", "异议"
    ESCALATION = "escalation", "超期提醒"


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Notifications; everybody sees his own, as long as he works in the region that they tell of."""

    def visible_to(self, user: User) -> "NotificationQuerySet":
        """The person's own, without those of a region that he has left since."""
        here = Q(region=None)
        for start, end in {posting.region.path_range for posting in user.postings_in_force()}:
            here |= Q(region__path__gte=start, region__path__lt=end)
        return self.filter(here, person=user)

    def unread(self) -> "NotificationQuerySet":
        """Those that nobody has opened or ticked off."""
        return self.filter(read_at=None)


class Notification(models.Model):
    """A sentence for one person with the way to where it is done; told once for each ``key``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="给谁")
    kind = models.CharField("种类", max_length=12, choices=NotificationKind)
    text = models.CharField("内容", max_length=200)
    link = models.CharField("去办的地方", max_length=200)
    key = models.CharField(max_length=120, editable=False)
    region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+", verbose_name="区域")
    created_at = models.DateTimeField("时间", auto_now_add=True, db_index=True)
    read_at = models.DateTimeField("看过的时间", null=True, editable=False)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "消息"
        ordering: ClassVar = ["-created_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "key"], name="person_is_told_a_thing_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person", "-created_at"], name="notifications_of_a_person"),
            models.Index(fields=["person"], condition=Q(read_at=None), name="unread_notifications"),
        ]
