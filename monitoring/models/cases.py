"""Cases: from 预警关注 to 在册, with the meeting, the notice and each step on record."""

import datetime
import secrets
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.encryption import EncryptedField
from accounts.models import Region
from accounts.scoping import RegionScopedQuerySet
from households import codes
from households.models import Household, ImportBatch, Survey


class Stage(models.TextChoices):
    """Where a case stands (document 002, three (一)(二)); only monitoring.workflow assigns it."""

    WATCH = "watch", "预警关注"
    SURVEY = "survey", "入户调查"
    MEETING = "meeting", "民主评议"
    NOTICE_DUE = "notice_due", "待公示"
    NOTICE = "notice", "村内公示"
    TOWN = "town", "镇（街）认定"
    DISTRICT = "district", "报区（市）"
    REGISTERED = "registered", "在册"
    REFUSED = "refused", "不予认定"
    CLOSED = "closed", "解除关注"
    REMOVED = "removed", "已移出"


OPEN_STAGES = (Stage.WATCH, Stage.SURVEY, Stage.MEETING, Stage.NOTICE_DUE, Stage.NOTICE, Stage.TOWN, Stage.DISTRICT)
LIVE_STAGES = (*OPEN_STAGES, Stage.REGISTERED)


# The step whose note only the offices that handle the case read (reading A17).
EXPLAIN_HOLD = "explain_hold"


class CaseSource(models.TextChoices):
    """How a household came to be a case."""

    PROCEDURE = "procedure", "按程序认定"
    STOCK = "stock", "存量（国扶系统内已标注）"
    HAND_LEDGER = "hand_ledger", "手工台账"


class CaseQuerySet(RegionScopedQuerySet):
    """Cases, scoped by village."""

    def live(self) -> "CaseQuerySet":
        """Cases under way or on the register."""
        return self.filter(stage__in=LIVE_STAGES)

    def designated_on(self, day: datetime.date) -> "CaseQuerySet":
        """Households that were designated on a day: recognised by then, and not removed by then."""
        return self.filter(Q(removed_on=None) | Q(removed_on__gt=day), decided_on__lte=day).exclude(
            stage__in=(Stage.REFUSED, Stage.CLOSED)
        )


class Case(models.Model):
    """A household that is watched, being examined, or on the register (监测对象)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="cases", verbose_name="农户")
    village = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在村")
    monitor_class = models.CharField("监测对象类别", max_length=10, choices=codes.MonitorClass)
    stage = models.CharField("环节", max_length=12, choices=Stage, db_index=True)
    stage_since = models.DateTimeField("进入本环节时间")
    source = models.CharField("来源", max_length=12, choices=CaseSource, default=CaseSource.PROCEDURE)
    ruleset = models.CharField("规则集", max_length=30)
    survey = models.ForeignKey(Survey, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="入户调查")
    risk_causes = models.JSONField("风险原因", default=list)  # values of codes.RiskCause
    main_risk = models.CharField("主要返贫风险", max_length=20, choices=codes.RiskCause, blank=True)
    main_risk_unverified = models.BooleanField("主要风险待核", default=False)
    # 红黄蓝 is for 脱贫户 only (document 004): 1 red, 2 yellow, 3 blue; null: not graded.
    risk_level = models.PositiveSmallIntegerField("风险等级", null=True, blank=True)
    filed_on = models.DateField("报镇备案日期", null=True, blank=True)
    decided_on = models.DateField("认定时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="认定人"
    )
    acknowledged_on = models.DateField("区（市）签收日期", null=True, blank=True)
    removed_on = models.DateField("移出日期", null=True, blank=True)
    stock_batch = models.ForeignKey(ImportBatch, models.PROTECT, null=True, blank=True, related_name="+")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "监测对象"
        ordering: ClassVar = ["stage_since"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(stage__in=[*OPEN_STAGES, Stage.REGISTERED]),
                name="household_has_one_live_case",
                violation_error_message="这户已经在办或在册。",
            ),
            models.CheckConstraint(
                condition=~Q(stage=Stage.REGISTERED) | Q(decided_on__isnull=False), name="registered_case_was_decided"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["village", "stage"], name="case_village_stage")]

    def __str__(self) -> str:
        return f"{self.household} {self.get_stage_display()}"

    @property
    def days_here(self) -> int:
        """Whole days since the case came to its stage; 0 on the day itself."""
        return (timezone.localdate() - timezone.localdate(self.stage_since)).days


class CaseEventQuerySet(RegionScopedQuerySet):
    """Steps taken, scoped by the case's village."""

    region_lookup = "case__village"


class CaseEvent(models.Model):
    """One step that somebody took in a case."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="events")
    step = models.CharField("办理动作", max_length=30)
    from_stage = models.CharField(max_length=12, choices=Stage, blank=True)
    to_stage = models.CharField(max_length=12, choices=Stage)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    on_behalf_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.CharField("说明", max_length=500, blank=True)
    at = models.DateTimeField("时间")

    objects = CaseEventQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办理记录"
        ordering: ClassVar = ["-at"]

    @property
    def open_note(self) -> str:
        """The note for everybody who reads the household; what was found of a hit on the negative list stays in the office."""
        return "" if self.step == EXPLAIN_HOLD else self.note


class Meeting(models.Model):
    """民主评议 of one case: when, who was there, for and against, minutes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="meetings")
    held_on = models.DateField("评议日期")
    place = models.CharField("地点", max_length=60, blank=True)
    due = models.PositiveSmallIntegerField("应到人数", null=True, blank=True)
    present = models.PositiveSmallIntegerField("实到人数")
    in_favour = models.PositiveSmallIntegerField("同意")
    against = models.PositiveSmallIntegerField("不同意")
    abstained = models.PositiveSmallIntegerField("弃权", default=0)
    recognised = models.BooleanField("结论：同意纳入")
    minutes = models.TextField("评议记录", max_length=2000)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "民主评议"
        ordering: ClassVar = ["-held_on", "-recorded_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(present=F("in_favour") + F("against") + F("abstained")),
                name="votes_add_up_to_those_present",
                violation_error_message="同意、不同意、弃权加起来要等于实到人数。",
            ),
        ]


def notice_token() -> str:
    """An unguessable address for the public page of a notice."""
    return secrets.token_urlsafe(16)


class NoticeQuerySet(RegionScopedQuerySet):
    """Notices, scoped by village."""

    def running_on(self, day: datetime.date) -> "NoticeQuerySet":
        """Begun and not over on the day; the last day counts."""
        return self.filter(starts_on__lte=day, ends_on__gte=day)


class Notice(models.Model):
    """村内公示 of a village for a time; what the public sees is the snapshot taken when it was posted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    token = models.CharField(max_length=32, unique=True, default=notice_token, editable=False)
    village = models.ForeignKey(Region, models.PROTECT, related_name="notices", verbose_name="村")
    cases = models.ManyToManyField(Case, related_name="notices")
    starts_on = models.DateField("公示开始")
    ends_on = models.DateField("公示结束")  # the last day counts
    village_phone = models.CharField("村监督电话", max_length=30, blank=True)
    town_phone = models.CharField("镇监督电话", max_length=30, blank=True)
    # Allow-listed columns only: group, head's name, persons, class.
    snapshot = models.JSONField(default=list)
    posted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    posted_at = models.DateTimeField(auto_now_add=True)
    closed_on = models.DateField("结束登记", null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "村内公示"
        ordering: ClassVar = ["-starts_on", "-posted_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="notice_ends_after_it_starts"),
        ]


class Objection(models.Model):
    """异议 to a case on a notice, with what was found."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="objections")
    case = models.ForeignKey(Case, models.PROTECT, related_name="objections")
    raised_on = models.DateField("提出日期")
    raised_by = EncryptedField("提出人", blank=True)
    content = models.TextField("异议内容", max_length=500)
    finding = models.TextField("核查情况", max_length=500, blank=True)
    upheld = models.BooleanField("异议成立", null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "异议"


class CorrectionQuerySet(RegionScopedQuerySet):
    """Corrections, scoped by the case's village."""

    region_lookup = "case__village"


class Correction(models.Model):
    """A correction to a designated household (class, main risk, 认定时间, contact): a reason and a second person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="corrections")
    field = models.CharField("更正内容", max_length=30)
    old = models.JSONField("原来")
    new = models.JSONField("改为")
    reason = models.CharField("更正原因", max_length=300)
    # Proposed by a ledger kept by hand, whose value differs; undoing the batch withdraws it.
    batch = models.ForeignKey(ImportBatch, models.PROTECT, null=True, blank=True, related_name="+")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    accepted = models.BooleanField(null=True, blank=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "台账更正"
        ordering: ClassVar = ["-proposed_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(settled_by=None) | ~Q(settled_by=F("proposed_by")), name="correction_needs_a_second_person"
            ),
            models.UniqueConstraint(
                fields=["case", "field"],
                condition=Q(accepted=None),
                name="one_open_correction_for_a_field",
                violation_error_message="这一项已有一条更正在等复核。",
            ),
        ]
