"""Screenings of a region on a date, and what they suggest for each household."""

import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.jobs import BackgroundJob, JobState
from accounts.models import Region
from accounts.scoping import RegionScopedQuerySet
from households.models import Facts, Household, Survey
from monitoring.policy.columns import FIGURES
from monitoring.policy.rulesets import named_bits, ruleset


class Outcome(models.TextChoices):
    """The class axis: what the rules suggest; people decide. The codes are those of the worked cases."""

    RELAPSE = "RELAPSE", "脱贫监测户"
    EDGE = "EDGE", "边缘户"
    SUDDEN = "SUDDEN", "突发严重困难户"
    WATCH = "WATCH", "预警关注"
    REVIEW_RISK = "REVIEW_RISK", "补核风险"
    BORDER = "BORDER", "临界"
    KEYGROUP = "KEYGROUP", "重点群体已排查"
    CHECK = "CHECK", "应核查"
    INCOMPLETE = "INCOMPLETE", "数据不全"
    NO_LINE = "NO_LINE", "未设线"
    NONE = "NONE", "不纳入"
    NA = "NA", "不适用"


class RiskLevel(models.TextChoices):
    """The 红/黄/蓝 axis, beside the class; blank where the rule set grades nobody, or not this type."""

    RED = "RED", "一级·红"
    YELLOW = "YELLOW", "二级·黄"
    BLUE = "BLUE", "三级·蓝"


# The classes that make a household 监测对象 once they are recognised.
CLASSES = (Outcome.RELAPSE, Outcome.EDGE, Outcome.SUDDEN)


class ScreeningQuerySet(RegionScopedQuerySet):
    """Screenings, scoped by the region they were made for."""

    region_lookup = "region"


class ScreeningMode(models.TextChoices):
    """How much a run looks at, and how much it writes."""

    FULL = "full", "全部重写"
    CHANGED = "changed", "全部研判，只写变化"
    DIRTY = "dirty", "只研判有变动的户"


class Screening(BackgroundJob):
    """One run of the rule sets in force over a region on a date (批量研判)."""

    task_name = "monitoring.tasks.run_screening"
    page_name = "monitoring:screening-detail"

    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="范围")
    on = models.DateField("基准日期")
    mode = models.CharField("方式", max_length=8, choices=ScreeningMode, default=ScreeningMode.CHANGED)
    ruleset = models.CharField("规则集", max_length=30)  # of the region itself; ``policies`` has those of its parts
    policies = models.JSONField("政策版本", default=dict)  # district code -> rule set, edition, numbers; see parts
    counts_before = models.JSONField("原来", default=dict)
    counts = models.JSONField("结果", default=dict)  # code (level or outcome) -> households; NOT_VISITED apart
    moves = models.JSONField("变化", default=dict)  # "NONE>EDGE" -> households; without a conclusion before: ">EDGE"
    changed_count = models.PositiveIntegerField("结论有变化", default=0)

    objects = ScreeningQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "批量研判"
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["region", "on", "mode"],
                condition=models.Q(state__in=(JobState.QUEUED, JobState.RUNNING)),
                name="one_screening_of_a_region_date_and_mode_at_a_time",
                violation_error_message="这个区域这一天的研判正在进行。",
            ),
        ]


class ScreeningPart(models.Model):
    """Some neighbouring villages of a screening, done in one transaction by whichever worker takes them."""

    screening = models.ForeignKey(Screening, models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    # Whose policy holds here; of several, the first.
    district = models.ForeignKey(Region, models.PROTECT, related_name="+")
    first_path = models.CharField(max_length=60)
    last_path = models.CharField(max_length=60)
    households = models.PositiveIntegerField()  # as expected, until the part is done
    done_at = models.DateTimeField(null=True)
    counts_before = models.JSONField(default=dict)
    moves = models.JSONField(default=dict)
    changed_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["screening", "number"], name="screening_part_is_numbered_once"),
        ]


class AssessmentQuerySet(RegionScopedQuerySet):
    """Assessments, scoped by village."""

    def standing_on(self, day: datetime.date) -> "AssessmentQuerySet":
        """Each household's assessment that holds on the day."""
        if day >= timezone.localdate():  # nothing is written for a day to come: what is open holds
            return self.filter(replaced_on=None)
        return self.filter(Q(replaced_on=None) | Q(replaced_on__gt=day), on__lte=day)

    def with_facts(self) -> "AssessmentQuerySet":
        """With what a reason prints, so that a list asks no more."""
        return self.select_related("facts__survey", "village")


class Assessment(models.Model):
    """What the rules say of a household from ``on`` until ``replaced_on``; a run adds only what changed.

    A narrow row of derived numbers, written by ``INSERT … SELECT`` over the facts; those rows exist, so the database does
    not look each key up again (docs/decisions/0003). An assessment replaced on its own day held on no day.
    """

    household = models.ForeignKey(
        Household, models.PROTECT, related_name="assessments", db_constraint=False, db_index=False
    )
    village = models.ForeignKey(Region, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    facts = models.ForeignKey(Facts, models.PROTECT, related_name="assessments", db_constraint=False, db_index=False)
    screening = models.ForeignKey(
        Screening, models.PROTECT, null=True, related_name="assessments", db_constraint=False, db_index=False
    )
    previous = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    on = models.DateField("基准日期")
    replaced_on = models.DateField(null=True)
    visited_on = models.DateField()  # of the facts: how long the conclusion may be relied on
    policy_date = models.DateField("政策日期")
    ruleset = models.CharField("规则集", max_length=30)
    outcome = models.CharField("结论", max_length=12, choices=Outcome)
    level = models.CharField("风险等级", max_length=6, choices=RiskLevel, blank=True, default="")
    rule_bits = models.IntegerField()  # place in the rule set's list -> met
    flag_bits = models.IntegerField()
    decision = models.SmallIntegerField()  # row of the decision table
    near_bits = models.IntegerField(default=0)  # numeric rules not met, within 10 % of their line
    lacks_one = models.BooleanField(default=False)  # one condition short of a class
    margin = models.IntegerField(null=True)  # per mille to the nearest numeric line not met
    made_at = models.DateTimeField(default=timezone.now)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "研判结论"
        indexes: ClassVar = [
            models.Index(fields=["household", "on"], name="assessment_of_household"),
            models.Index(
                fields=["village", "outcome", "level", "visited_on"],
                condition=Q(replaced_on=None),
                name="assessment_standing",
            ),
        ]

    @property
    def survey(self) -> Survey:
        """The visit that the figures come from."""
        return self.facts.survey

    @property
    def rules_met(self) -> list[str]:
        """The codes of the rules that are met, in the rule set's order."""
        return named_bits(ruleset(self.ruleset).rules, self.rule_bits)

    @property
    def near(self) -> list[str]:
        """The codes of the numeric rules that are not met, by 10 % of their line or less (临界)."""
        return named_bits(ruleset(self.ruleset).rules, self.near_bits)

    @property
    def flags(self) -> list[str]:
        """The codes of the flags beside the class, in the rule set's order."""
        return named_bits([flag.code for flag in ruleset(self.ruleset).flags], self.flag_bits)

    @property
    def figures(self) -> dict[str, Any]:
        """What the query saw of the household: the columns of its facts, and the row of the table that held."""
        return {"decision": self.decision, **{name: getattr(self.facts, name) for name in FIGURES}}

    @property
    def code(self) -> str:
        """The one word of the two axes: the level where there is one, else the class."""
        return self.level or self.outcome

    def get_code_display(self) -> str:
        """The code in Chinese."""
        return self.get_level_display() if self.level else self.get_outcome_display()
