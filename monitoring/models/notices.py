"""公示: notices of a village with their numbers, and objections to what stands on them as tickets with a clock."""

import datetime
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.encryption import EncryptedField
from accounts.models import Region
from accounts.scoping import RegionScopedQuerySet
from households.models import Attachment
from monitoring.models.cases import Case, notice_token

CALENDAR_DAYS = "天"


class NoticeKind(models.TextChoices):
    """What a notice tells; one template prints them all."""

    INTAKE = "intake", "拟纳入公示"
    RESULT = "result", "结果公告"
    REMOVAL = "removal", "拟消除风险公示"
    CORRECTION = "correction", "撤销更正公告"
    REGISTRATION = "registration", "拟纳入建档立卡公示"


# Households wait on these until they are over, and anybody may object; the others only tell what was decided.
WAITING_KINDS = (NoticeKind.INTAKE, NoticeKind.REMOVAL, NoticeKind.REGISTRATION)


class NoticeQuerySet(RegionScopedQuerySet):
    """Notices, scoped by village."""

    def running_on(self, day: datetime.date) -> "NoticeQuerySet":
        """Begun and not over on the day; the last day counts."""
        return self.filter(starts_on__lte=day, ends_on__gte=day)

    def not_closed(self) -> "NoticeQuerySet":
        """Those that still hang, or whose households still wait on them."""
        return self.filter(closed_on=None)

    def disputed(self) -> "NoticeQuerySet":
        """Those with an objection that has not been settled."""
        return self.filter(pk__in=Objection.objects.filter(upheld=None).values("notice"))


class Notice(models.Model):
    """公示 of a village for a time; what the public sees is the snapshot taken when it was posted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token = models.CharField(max_length=32, unique=True, default=notice_token, editable=False)
    kind = models.CharField("种类", max_length=12, choices=NoticeKind, default=NoticeKind.INTAKE)
    village = models.ForeignKey(Region, models.PROTECT, related_name="notices", verbose_name="村")
    # 青石公示〔2026〕117 号: counted by town and year without gaps; null for what was posted before notices had numbers.
    town = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="镇（街）")
    year = models.PositiveSmallIntegerField("编号年份", null=True, blank=True)
    serial = models.PositiveIntegerField("编号", null=True, blank=True)
    number = models.CharField("公示编号", max_length=60, blank=True)
    cases = models.ManyToManyField(Case, related_name="notices")
    starts_on = models.DateField("公示开始")
    ends_on = models.DateField("公示结束")  # the last day counts
    # How the days are counted, as the rules were when it was posted.
    days = models.PositiveSmallIntegerField("公示天数", null=True, blank=True)  # null: before they were kept
    unit = models.CharField("天数单位", max_length=6, default=CALENDAR_DAYS)
    counts_first_day = models.BooleanField("开始这天算不算", default=True)
    counted_days = models.JSONField("计入的日子", default=list)  # ISO dates, so that the public host needs no calendar
    village_phone = models.CharField("村监督电话", max_length=30, blank=True)
    town_phone = models.CharField("镇监督电话", max_length=30, blank=True)
    remark = models.CharField("补充说明", max_length=200, blank=True)
    # Allow-listed columns only: group, head's name, persons, class.
    snapshot = models.JSONField(default=list)
    row_cases = models.JSONField(default=list)  # keys of the cases in the order of the snapshot's rows
    met_on = models.DateField("评议日期", null=True, blank=True)
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrections", verbose_name="所更正的公示"
    )
    photo_due_on = models.DateField("张贴照片限期", null=True, blank=True)  # null: none is asked for
    photos = models.ManyToManyField(Attachment, related_name="+", blank=True, verbose_name="张贴照片")
    posted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    posted_at = models.DateTimeField(auto_now_add=True)
    closed_on = models.DateField("结束登记", null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "村内公示"
        ordering: ClassVar = ["-starts_on", "-posted_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="notice_ends_after_it_starts"),
            models.UniqueConstraint(fields=["town", "year", "serial"], name="notice_number_is_given_once"),
            models.CheckConstraint(
                condition=Q(kind=NoticeKind.CORRECTION, corrects__isnull=False)
                | ~Q(kind=NoticeKind.CORRECTION) & Q(corrects=None),
                name="only_a_correction_corrects_a_notice",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["ends_on"], condition=Q(closed_on=None), name="notice_still_hangs"),
        ]

    @property
    def waits(self) -> bool:
        """Whether its households wait on it, and anybody may object."""
        return self.kind in WAITING_KINDS

    @property
    def length(self) -> int:
        """How many days it hangs, in its own unit."""
        return self.days or (self.ends_on - self.starts_on).days + 1


class NoticeCounter(models.Model):
    """The last number given in a town in a year; raised in the transaction of the posting, so that none is left out."""

    town = models.ForeignKey(Region, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["town", "year"], name="town_counts_once_a_year")]


class ObjectionChannel(models.TextChoices):
    """How an objection came."""

    PAPER = "paper", "书面"
    PHONE = "phone", "电话"
    VISIT = "visit", "当面"
    PUBLIC = "public", "网上"


class ObjectionQuerySet(RegionScopedQuerySet):
    """Objections, scoped by the village of their notice."""

    region_lookup = "notice__village"

    def unsettled(self) -> "ObjectionQuerySet":
        """Those about which nothing has been found yet."""
        return self.filter(upheld=None)


class Objection(models.Model):
    """异议 to a case on a notice: a ticket with a receipt, a clock, an investigator, a finding and a reply."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="objections")
    case = models.ForeignKey(Case, models.PROTECT, related_name="objections")
    receipt = models.CharField("回执号", max_length=12, unique=True, null=True, blank=True)
    channel = models.CharField("渠道", max_length=8, choices=ObjectionChannel, default=ObjectionChannel.PAPER)
    raised_on = models.DateField("提出日期")
    raised_by = EncryptedField("提出人", blank=True)
    contact = EncryptedField("联系电话", blank=True)
    content = models.TextField("异议内容", max_length=500)
    due_on = models.DateField("核查限期", null=True, blank=True)
    investigator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核查人"
    )
    finding = models.TextField("核查情况", max_length=500, blank=True)
    upheld = models.BooleanField("异议成立", null=True, blank=True)
    reply = models.TextField("书面答复", max_length=500, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField("核查结论时间", null=True, blank=True)
    # Null where it came by the public page; ``sealed_id`` then is the row it was sent in, so that it is taken in once.
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    sealed_id = models.UUIDField(unique=True, null=True, blank=True, editable=False)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "异议"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(channel=ObjectionChannel.PUBLIC) | Q(recorded_by__isnull=False),
                name="objection_has_a_recorder_unless_it_came_by_the_public_page",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_on"], condition=Q(upheld=None), name="objection_due"),
        ]
