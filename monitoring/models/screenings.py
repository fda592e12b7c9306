"""Screenings of a region on a date, and what they suggest for each household."""

import datetime
import uuid
from typing import ClassVar

from django.db import models

from accounts.jobs import BackgroundJob, JobState
from accounts.models import Region
from accounts.scoping import RegionScopedQuerySet
from households.models import Household, Survey


class Outcome(models.TextChoices):
    """What the rules suggest; people decide. The codes are those of the worked cases."""

    RELAPSE = "RELAPSE", "脱贫监测户"
    EDGE = "EDGE", "边缘户"
    SUDDEN = "SUDDEN", "突发严重困难户"
    WATCH = "WATCH", "预警关注"
    REVIEW_RISK = "REVIEW_RISK", "补核风险"
    BORDER = "BORDER", "临界"
    KEYGROUP = "KEYGROUP", "重点群体已排查"
    RED = "RED", "一级·红"
    YELLOW = "YELLOW", "二级·黄"
    BLUE = "BLUE", "三级·蓝"
    CHECK = "CHECK", "应核查"
    INCOMPLETE = "INCOMPLETE", "数据不全"
    NONE = "NONE", "不纳入"
    NA = "NA", "不适用"


class ScreeningQuerySet(RegionScopedQuerySet):
    """Screenings, scoped by the region they were made for."""

    region_lookup = "region"


class Screening(BackgroundJob):
    """One run of a rule set over a region on a date (批量研判)."""

    task_name = "monitoring.tasks.run_screening"

    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="范围")
    on = models.DateField("基准日期")
    ruleset = models.CharField("规则集", max_length=30)
    counts = models.JSONField("结果", default=dict)  # outcome code -> households; NOT_VISITED apart
    changed_count = models.PositiveIntegerField("结论有变化", default=0)

    objects = ScreeningQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "批量研判"
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["region", "on"],
                condition=models.Q(state__in=(JobState.QUEUED, JobState.RUNNING)),
                name="one_screening_of_a_region_and_date_at_a_time",
                violation_error_message="这个区域这一天的研判正在进行。",
            ),
        ]


class AssessmentQuerySet(RegionScopedQuerySet):
    """Assessments, scoped by village."""

    def standing_on(self, day: datetime.date) -> "AssessmentQuerySet":
        """Each household's last assessment on or before the day."""
        later = self.model.objects.filter(
            household=models.OuterRef("household"), on__gt=models.OuterRef("on"), on__lte=day
        )
        return self.filter(~models.Exists(later), on__lte=day)


class Assessment(models.Model):
    """What the rules say of a household from a day on, until the next assessment; a run writes only what changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="assessments")
    village = models.ForeignKey(Region, models.PROTECT, related_name="+")
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="assessments")
    screening = models.ForeignKey(Screening, models.PROTECT, null=True, related_name="assessments")
    on = models.DateField("基准日期")
    ruleset = models.CharField("规则集", max_length=30)
    outcome = models.CharField("结论", max_length=12, choices=Outcome)
    flags = models.JSONField(default=list)
    rules_met = models.JSONField(default=list)  # codes of rules
    figures = models.JSONField(default=dict)  # the query's own columns: what the reasons print
    policy_date = models.DateField("政策日期")
    made_at = models.DateTimeField(auto_now=True)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "研判结论"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["household", "on"], name="household_is_assessed_once_a_day"),
        ]
