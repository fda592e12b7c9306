"""Cases: from 预警关注 to 在册, and from there to 风险消除, with each step on record, and corrections."""

import datetime
import secrets
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.models import Region
from accounts.scoping import RegionScopedQuerySet
from households import codes
from households.models import Attachment, Household, ImportBatch, Survey
from monitoring.models.procedures import PinnedProcedure


class Stage(models.TextChoices):
    """Where a case stands; which of them a case passes through is pinned when it begins. Only monitoring.workflow assigns it."""

    WATCH = "watch", "预警关注"
    AUTHORISE = "authorise", "承诺授权"
    SURVEY = "survey", "入户调查"
    COMPARE = "compare", "信息比对"
    MEETING = "meeting", "民主评议"
    NOTICE_DUE = "notice_due", "待公示"
    NOTICE = "notice", "村内公示"
    TOWN = "town", "镇（街）认定"
    DISTRICT = "district", "报区（市）"
    ANNOUNCE = "announce", "待公告"
    REGISTERED = "registered", "在册"
    REFUSED = "refused", "不予认定"
    CLOSED = "closed", "解除关注"
    REMOVED = "removed", "已移出"
    DONE = "done", "已办结"


OPEN_STAGES = (
    Stage.WATCH, Stage.AUTHORISE, Stage.SURVEY, Stage.COMPARE, Stage.MEETING, Stage.NOTICE_DUE, Stage.NOTICE, Stage.TOWN,
    Stage.DISTRICT, Stage.ANNOUNCE,
)  # fmt: skip
LIVE_STAGES = (*OPEN_STAGES, Stage.REGISTERED)


# The step whose note only the offices that handle the case read (reading A17).
EXPLAIN_HOLD = "explain_hold"


class CaseSource(models.TextChoices):
    """How a household came to be a case."""

    PROCEDURE = "procedure", "按程序认定"
    STOCK = "stock", "存量（国扶系统内已标注）"
    HAND_LEDGER = "hand_ledger", "手工台账"


class CaseKind(models.TextChoices):
    """What a case is about; each kind has its own path in the rule set's procedure."""

    DESIGNATION = "designation", "纳入"
    REMOVAL = "removal", "风险消除"
    REGISTRATION = "registration", "建档立卡"


class CaseQuerySet(RegionScopedQuerySet):
    """Cases, scoped by village."""

    def designations(self) -> "CaseQuerySet":
        """Only those that make a household 监测对象."""
        return self.filter(kind=CaseKind.DESIGNATION)

    def live(self) -> "CaseQuerySet":
        """Cases under way or on the register."""
        return self.filter(stage__in=LIVE_STAGES)

    def designated_on(self, day: datetime.date) -> "CaseQuerySet":
        """Households that were designated on a day: recognised by then, and not removed by then.

        A removal that was taken back since (回退) still was one on the days between.
        """
        decided = self.designations().filter(Q(removed_on=None) | Q(removed_on__gt=day), decided_on__lte=day)
        away = Reinstatement.objects.filter(case=OuterRef("pk"), removed_on__lte=day, reinstated_on__gt=day)
        return decided.exclude(stage__in=(Stage.REFUSED, Stage.CLOSED)).exclude(Exists(away))


class Case(models.Model):
    """One procedure for one household: being designated (and then on the register), having its risk removed, or being
    registered as poor again. A removal goes on beside the designation that it is ``about``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="cases", verbose_name="农户")
    village = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在村")
    kind = models.CharField("事项", max_length=12, choices=CaseKind, default=CaseKind.DESIGNATION)
    about = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="removals", verbose_name="所消除的认定"
    )
    # The steps as they were when the case began; null where it did not pass our procedure.
    procedure = models.ForeignKey(PinnedProcedure, models.PROTECT, null=True, blank=True, related_name="+")
    monitor_class = models.CharField("监测对象类别", max_length=10, choices=codes.MonitorClass)
    stage = models.CharField("环节", max_length=12, choices=Stage, db_index=True)
    stage_since = models.DateTimeField("进入本环节时间")
    due_on = models.DateField("本环节限期", null=True, blank=True)  # the last day; null: no limit is set
    total_due_on = models.DateField("全程限期", null=True, blank=True)
    urgent_on = models.DateField("先行帮扶", null=True, blank=True)  # 绿色通道: help first, the procedure after
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
                fields=["household", "kind"],
                condition=Q(stage__in=[*OPEN_STAGES, Stage.REGISTERED]),
                name="household_has_one_live_case_of_a_kind",
                violation_error_message="这户已经在办或在册。",
            ),
            models.CheckConstraint(
                condition=~Q(stage=Stage.REGISTERED) | Q(decided_on__isnull=False), name="registered_case_was_decided"
            ),
            models.CheckConstraint(
                condition=Q(kind=CaseKind.REMOVAL, about__isnull=False) | ~Q(kind=CaseKind.REMOVAL) & Q(about=None),
                name="only_a_removal_is_about_another_case",
            ),
            models.CheckConstraint(
                condition=~Q(stage__in=[Stage.REGISTERED, Stage.REMOVED]) | Q(kind=CaseKind.DESIGNATION),
                name="only_a_designation_is_on_the_register",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["village", "stage"], name="case_village_stage"),
            models.Index(fields=["due_on"], condition=Q(due_on__isnull=False), name="case_due"),
        ]

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


class ReinstatementQuerySet(RegionScopedQuerySet):
    """Reinstatements, scoped by the village of the case."""

    region_lookup = "case__village"


class Reinstatement(models.Model):
    """回退: a household whose risk came back is on the register again, by the same designation."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="reinstatements")
    removed_on = models.DateField("原移出日期")
    reinstated_on = models.DateField("回退日期")
    reason = models.CharField("原因", max_length=500)
    survey = models.ForeignKey(Survey, models.PROTECT, null=True, related_name="+", verbose_name="移出后的调查")
    evidence = models.ManyToManyField(Attachment, related_name="+", verbose_name="佐证材料")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = ReinstatementQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "风险消除回退"
        ordering: ClassVar = ["at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(reinstated_on__gte=F("removed_on")), name="reinstated_after_it_was_removed"
            ),
        ]


def notice_token() -> str:
    """An unguessable address for the public page of a notice; it stands here because a released migration names it so."""
    return secrets.token_urlsafe(16)
