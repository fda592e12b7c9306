"""民主评议: one meeting of a village, and what it said of each household."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Region
from accounts.scoping import RegionScopedQuerySet
from households.models import Attachment
from monitoring.models.cases import Case


class MeetingQuerySet(RegionScopedQuerySet):
    """Meetings, scoped by village."""


class Meeting(models.Model):
    """One meeting: when and where, who was there, who led it and who took the minutes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    village = models.ForeignKey(Region, models.PROTECT, related_name="meetings", verbose_name="村")
    held_on = models.DateField("评议日期")
    place = models.CharField("地点", max_length=60, blank=True)
    due = models.PositiveSmallIntegerField("应到人数", null=True, blank=True)
    present = models.PositiveSmallIntegerField("实到人数")
    chair = models.CharField("主持人", max_length=30, blank=True)
    minute_taker = models.CharField("记录人", max_length=30, blank=True)
    minutes = models.TextField("评议记录", max_length=2000)
    papers = models.ManyToManyField(Attachment, related_name="+", verbose_name="签到表、会议记录、照片")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "民主评议"
        ordering: ClassVar = ["-held_on", "-recorded_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(due=None) | Q(due__gte=F("present")),
                name="meeting_has_no_more_present_than_due",
                violation_error_message="实到人数不能多于应到人数。",
            ),
        ]


class Ballot(models.Model):
    """What a meeting said of one household; ``present`` is how many of it voted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="ballots")
    case = models.ForeignKey(Case, models.PROTECT, related_name="ballots")
    present = models.PositiveSmallIntegerField("参加表决")
    in_favour = models.PositiveSmallIntegerField("同意")
    against = models.PositiveSmallIntegerField("不同意")
    abstained = models.PositiveSmallIntegerField("弃权", default=0)
    recognised = models.BooleanField("结论：同意")
    reason = models.CharField("不同意的原因", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "评议表决"
        ordering: ClassVar = ["-meeting__held_on", "-meeting__recorded_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(present=F("in_favour") + F("against") + F("abstained")),
                name="votes_add_up_to_those_present",
                violation_error_message="同意、不同意、弃权加起来要等于实到人数。",
            ),
            models.UniqueConstraint(fields=["meeting", "case"], name="meeting_votes_once_on_a_case"),
        ]
