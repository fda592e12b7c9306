"""三色分级 (document 004): half-yearly rounds, one grading on its way, each step of it, and the grade that is in force."""

import datetime
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Region
from accounts.scoping import RegionScopedQuerySet
from households.models import Household, Survey
from monitoring.models.screenings import Assessment, RiskLevel


class GradeLevel(models.IntegerChoices):
    """一级红、二级黄、三级蓝 (004 二（一）1), as marks and Case.risk_level number them."""

    RED = 1, "一级·红"
    YELLOW = 2, "二级·黄"
    BLUE = 3, "三级·蓝"


# What a conclusion of the rules suggests.
SUGGESTS = {RiskLevel.RED: GradeLevel.RED, RiskLevel.YELLOW: GradeLevel.YELLOW, RiskLevel.BLUE: GradeLevel.BLUE}


class Half(models.IntegerChoices):
    """The two rounds of a year (004 四（三）: 每年4月、10月)."""

    FIRST = 1, "上半年"
    SECOND = 2, "下半年"


class GradingStage(models.TextChoices):
    """Where a grading stands; only monitoring.grading assigns it."""

    PROPOSED = "proposed", "待镇（街）审核"
    TOWN_REVIEWED = "town_reviewed", "待报县备案"
    FILED = "filed", "已备案"
    RETURNED = "returned", "退回村里"
    WITHDRAWN = "withdrawn", "已撤回"


OPEN_GRADINGS = (GradingStage.PROPOSED, GradingStage.TOWN_REVIEWED, GradingStage.RETURNED)


class GradingRoundQuerySet(RegionScopedQuerySet):
    """Rounds: who works in a district reads its rounds, and so does whoever works below it."""

    region_lookup = "district"

    def of_districts(self, districts: "models.QuerySet[Region] | list[Region]") -> "GradingRoundQuerySet":
        """The rounds of these districts, the latest first."""
        return self.filter(district__in=districts).select_related("district").order_by("-begins_on")


class GradingRound(models.Model):
    """One half-yearly round of a district: from when, until when, opened by whom (None: by the clock)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    district = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="区（县）")
    year = models.PositiveSmallIntegerField("年度")
    half = models.PositiveSmallIntegerField("半年", choices=Half)
    begins_on = models.DateField("开始")
    due_on = models.DateField("截止")  # the last day that is in time
    visited_from = models.DateField("入户从哪天起算")  # a visit before it is too old to grade by
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)

    objects = GradingRoundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "分级轮次"
        ordering: ClassVar = ["-begins_on"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["district", "year", "half"],
                name="district_has_one_grading_round_in_a_half_year",
                violation_error_message="这半年的分级已经开始，没有重复开。",
            ),
            models.CheckConstraint(
                condition=Q(due_on__gte=F("begins_on")), name="grading_round_is_due_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(visited_from__lte=F("begins_on")), name="visits_count_from_the_round_or_before"
            ),
            models.CheckConstraint(condition=Q(half__in=Half.values), name="grading_round_is_of_a_half_year"),
        ]

    def __str__(self) -> str:
        return f"{self.year} 年{self.get_half_display()}"

    @property
    def days_left(self) -> int:
        """Days until it is due; negative when it is over."""
        return (self.due_on - timezone.localdate()).days

    @property
    def is_over(self) -> bool:
        """Whether its last day has passed: who has not proposed is late."""
        return self.days_left < 0


class GradingQuerySet(RegionScopedQuerySet):
    """Gradings, scoped by village."""

    def open(self) -> "GradingQuerySet":
        """Those on their way, of households that are still there and still in that village."""
        return self.filter(stage__in=OPEN_GRADINGS, household__closed_on=None, household__village=F("village"))


class Grading(models.Model):
    """A grade on its way: what the rules suggest, what the village proposes and why, and how far it has come.

    Without ``round`` it was begun because the family's state had changed (004 二（一）2: 随时调整).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="gradings", verbose_name="农户")
    village = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在村")
    round = models.ForeignKey(GradingRound, models.PROTECT, null=True, blank=True, related_name="gradings")
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="+", verbose_name="依据哪次入户")
    # The conclusions have no constraint in the database, as those have none among themselves.
    assessment = models.ForeignKey(
        Assessment, models.PROTECT, null=True, related_name="+", db_constraint=False, verbose_name="系统建议"
    )
    suggested = models.PositiveSmallIntegerField("系统建议", choices=GradeLevel, null=True, blank=True)
    level = models.PositiveSmallIntegerField("村提出的等级", choices=GradeLevel)
    reason = models.CharField("与建议不同的原因", max_length=300, blank=True)
    stage = models.CharField("环节", max_length=14, choices=GradingStage)
    stage_since = models.DateTimeField("进入本环节时间")
    filed_on = models.DateField("备案日期", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = GradingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "风险分级"
        ordering: ClassVar = ["-stage_since"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(stage__in=OPEN_GRADINGS),
                name="household_has_one_open_grading",
                violation_error_message="这户的等级已经提出，正在办，没有重复提出。",
            ),
            models.UniqueConstraint(
                fields=["household", "round"],
                condition=~Q(stage=GradingStage.WITHDRAWN),
                name="household_is_graded_once_in_a_round",
                violation_error_message="这户这一轮已经评定。",
            ),
            models.CheckConstraint(condition=Q(level__in=GradeLevel.values), name="proposed_level_is_one_of_three"),
            models.CheckConstraint(
                condition=Q(suggested__isnull=False, level=F("suggested")) | ~Q(reason=""),
                name="level_other_than_suggested_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(stage=GradingStage.FILED, filed_on__isnull=False)
                | ~Q(stage=GradingStage.FILED) & Q(filed_on=None),
                name="grading_has_a_filing_date_when_it_is_filed",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["village", "stage"], name="grading_village_stage"),
            models.Index(fields=["round", "village", "stage"], name="grading_round_village_stage"),
        ]

    @property
    def differs(self) -> bool:
        """Whether the village proposes something else than the rules suggest."""
        return self.level != self.suggested

    @property
    def days_here(self) -> int:
        """Whole days since it came to its stage; 0 on the day itself."""
        return (timezone.localdate() - timezone.localdate(self.stage_since)).days


class GradingEvent(models.Model):
    """One step that somebody took with a grading, and the level that stood then."""

    grading = models.ForeignKey(Grading, models.PROTECT, related_name="events")
    step = models.CharField("办理动作", max_length=20)
    from_stage = models.CharField(max_length=14, choices=GradingStage, blank=True)
    to_stage = models.CharField(max_length=14, choices=GradingStage)
    level = models.PositiveSmallIntegerField(choices=GradeLevel)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.CharField("说明", max_length=300, blank=True)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "分级办理记录"
        ordering: ClassVar = ["at", "pk"]


class GradeQuerySet(RegionScopedQuerySet):
    """Grades, scoped by village."""

    def in_force_on(self, day: datetime.date) -> "GradeQuerySet":
        """The grades that hold on a day: of each household one, or none."""
        return self.filter(Q(replaced_on=None) | Q(replaced_on__gt=day), begins_on__lte=day)


class Grade(models.Model):
    """The grade of a household from the day of its filing until the next one; what lists and ledgers are coloured by."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="grades", verbose_name="农户")
    village = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在村")
    grading = models.OneToOneField(Grading, models.PROTECT, related_name="grade")
    level = models.PositiveSmallIntegerField("风险等级", choices=GradeLevel)
    suggested = models.PositiveSmallIntegerField("当时的系统建议", choices=GradeLevel, null=True)
    begins_on = models.DateField("从哪天起")
    replaced_on = models.DateField("到哪天止", null=True, blank=True)  # the first day it no longer holds

    objects = GradeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "风险等级"
        ordering: ClassVar = ["-begins_on", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household"], condition=Q(replaced_on=None), name="household_has_one_grade_in_force"
            ),
            models.CheckConstraint(
                condition=Q(replaced_on=None) | Q(replaced_on__gte=F("begins_on")), name="grade_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=Q(level__in=GradeLevel.values), name="grade_is_one_of_three"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["village", "level"], condition=Q(replaced_on=None), name="grade_in_force"),
        ]
