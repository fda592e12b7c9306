"""Home visits (入户调查), drafts of them, and the narrow facts rows that rules read."""

import datetime
import uuid
from collections.abc import Iterable
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.keys import key_in_order
from accounts.models import Region
from accounts.scoping import RegionScopedQuerySet
from households import codes
from households.models.households import Household
from households.money import money

INCOME_FIELDS = ("wage", "operating_gross", "operating_cost", "property_income", "transfer", "transfer_expense")
RIGID_FIELDS = (
    "rigid_medical",
    "rigid_education",
    "rigid_housing",
    "rigid_disability",
    "rigid_disaster",
    "rigid_other",
)
GUARANTEE_FIELDS = ("food_clothing_ok", "education_ok", "medical_ok", "housing_ok", "water_ok")


class LastYearSource(models.TextChoices):
    """Where last year's income comes from."""

    SURVEY = "survey", "上次入户调查"
    ROSTER = "roster", "名册人均纯收入 × 人数"
    ENTERED = "entered", "本次询问"


class SurveyQuerySet(RegionScopedQuerySet):
    """Submitted surveys, scoped by village."""

    def newest_first(self) -> "SurveyQuerySet":
        """The last visit first."""
        return self.order_by("-visited_on", "-submitted_at")


class Survey(models.Model):
    """One submitted visit to one household; never edited, a correction is a new survey that supersedes it."""

    id = models.UUIDField(primary_key=True, default=key_in_order, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="surveys", verbose_name="农户")
    village = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在村")
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by", verbose_name="更正哪一次"
    )
    correction_reason = models.CharField("更正原因", max_length=200, blank=True)
    visited_on = models.DateField("入户日期")
    period_start = models.DateField("核算期开始")
    period_end = models.DateField("核算期结束")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="填报人")
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="代谁履职"
    )
    visitor_name = models.CharField("入户人", max_length=60, blank=True)  # a colleague without an account (代录)
    submitted_at = models.DateTimeField("提交时间", auto_now_add=True)

    persons = models.PositiveSmallIntegerField("共同生活人口")
    hukou_persons = models.PositiveSmallIntegerField("户籍人口", null=True, blank=True)
    wage = money("工资性收入")
    operating_gross = money("生产经营性收入")
    operating_cost = money("生产经营性支出")
    property_income = money("财产性收入")
    transfer = money("转移性收入")
    transfer_expense = money("转移性支出")
    rigid_medical = money("医疗自付")
    rigid_education = money("教育支出")
    rigid_housing = money("住房支出")
    rigid_disability = money("残疾康复支出")
    rigid_disaster = money("灾害损失")
    rigid_other = money("其他刚性支出")
    last_year_income = money("上年纯收入")
    last_year_source = models.CharField("上年收入来源", max_length=10, choices=LastYearSource, blank=True)
    rigid_last_year = money("上年刚性支出")
    food_clothing_ok = models.BooleanField("吃穿有保障", null=True, blank=True)
    education_ok = models.BooleanField("义务教育有保障", null=True, blank=True)
    medical_ok = models.BooleanField("基本医疗有保障", null=True, blank=True)
    housing_ok = models.BooleanField("住房安全有保障", null=True, blank=True)
    water_ok = models.BooleanField("饮水安全有保障", null=True, blank=True)
    housing_grade = models.CharField("房屋等级", max_length=4, choices=codes.HOUSING_GRADES, blank=True)
    risk_causes = models.JSONField("风险原因", default=list)  # values of codes.RiskCause
    other_cause = models.CharField("其他原因", max_length=100, blank=True)
    stable_income = models.BooleanField("收入稳定", null=True, blank=True)
    # Values of codes.ASKED_FEATURES and codes.ASKED_GROUPS; null: not asked, or no answer.
    level_two_features = models.JSONField("二级的情形", null=True, blank=True)
    key_groups = models.JSONField("重点群体", null=True, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    change_reasons = models.JSONField("变化原因", default=dict)  # field name -> chip or sentence
    confirmed_fields = models.JSONField("确认和去年一样", default=list)
    untouched_fields = models.JSONField("没有动过", default=list)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "入户调查"
        indexes: ClassVar = [models.Index(fields=["household", "-visited_on"], name="survey_household_newest")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(period_end__gt=F("period_start")), name="accounting_period_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household} {self.visited_on}"

    @property
    def net_income(self) -> int | None:
        """纯收入 = 工资 + 经营收入 − 经营支出 + 财产 + 转移, in fen (a loss is subtracted, reading A15).

        None where an item is missing: blank is never zero. The formula is written once, here; rules read it from Facts.
        """
        parts = (self.wage, self.operating_gross, self.operating_cost, self.property_income, self.transfer)
        if None in parts:
            return None
        return self.wage + self.operating_gross - self.operating_cost + self.property_income + self.transfer

    @property
    def corrected_by(self) -> "Survey | None":
        """The survey that supersedes this one, if it was corrected."""
        return getattr(self, "superseded_by", None)

    @property
    def all_untouched(self) -> bool:
        """全部未改: every amount is last time's, and none of them was confirmed."""
        answered = {name for name in (*INCOME_FIELDS, *RIGID_FIELDS) if getattr(self, name) is not None}
        return bool(answered) and answered <= set(self.untouched_fields)

    @property
    def operating_loss(self) -> int | None:
        """What the operating cost exceeds the gross by, in fen; 0 without a loss, None where either is missing."""
        if self.operating_gross is None or self.operating_cost is None:
            return None
        return max(0, self.operating_cost - self.operating_gross)

    @property
    def medical_expense(self) -> int | None:
        """医疗自付 and 残疾康复 together in fen, of what was answered; None when neither was."""
        return _sum_of_answers(self, ("rigid_medical", "rigid_disability"))

    @property
    def rigid_total(self) -> int | None:
        """Rigid expenses in fen: the sum of the answers; None when nothing was answered."""
        return _sum_of_answers(self, RIGID_FIELDS)


def _sum_of_answers(survey: Survey, names: Iterable[str]) -> int | None:
    answered = [value for name in names if (value := getattr(survey, name)) is not None]
    return sum(answered) if answered else None


# What each amount is called on office pages and in reasons.
MONEY_LABELS: dict[str, str] = {
    name: str(Survey._meta.get_field(name).verbose_name) for name in (*INCOME_FIELDS, *RIGID_FIELDS)
}


class SurveyDraft(models.Model):
    """What a cadre has typed so far, kept by the server: one draft for a household (or correction) and person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="survey_drafts")
    village = models.ForeignKey(Region, models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    corrects = models.ForeignKey(Survey, models.PROTECT, null=True, blank=True, related_name="+")
    typed = models.JSONField(default=dict)  # field name -> text as typed
    # Submitting needs the household to be as it was when the form was opened.
    household_version = models.PositiveIntegerField()
    based_on = models.ForeignKey(Survey, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "入户调查草稿"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household", "author"],
                condition=Q(corrects=None),
                name="one_draft_for_a_household_and_person",
            ),
            models.UniqueConstraint(
                fields=["corrects", "author"],
                condition=Q(corrects__isnull=False),
                name="one_draft_for_a_correction_and_person",
            ),
        ]


class FactsQuerySet(RegionScopedQuerySet):
    """Facts rows, scoped by village."""

    def in_force_on(self, day: datetime.date) -> "FactsQuerySet":
        """The rows that count on a day: of each household one, or none."""
        if day >= timezone.localdate():  # no row begins or ends on a day to come
            return self.filter(replaced_on=None)
        return self.filter(Q(replaced_on=None) | Q(replaced_on__gt=day), begins_on__lte=day)


class Facts(models.Model):
    """What rules read of one household from a day on: whole numbers and bits, copied from its survey and its members.

    A row counts from ``begins_on`` until the day before ``replaced_on``. A visit begins one; so does a change of the
    family or of the household between two visits, for the same survey, so that an older day keeps what was known then.
    The row of a survey that was corrected ends on the day it began: it never counts.
    """

    id = models.BigAutoField(primary_key=True)
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="facts")
    household = models.ForeignKey(Household, models.PROTECT, related_name="facts")
    village = models.ForeignKey(Region, models.PROTECT, related_name="+", db_index=False)
    begins_on = models.DateField()
    replaced_on = models.DateField(null=True)  # the first day it no longer counts; null: it still counts
    visited_on = models.DateField()
    household_type = models.CharField(max_length=20, choices=codes.HouseholdType)
    persons = models.PositiveSmallIntegerField()
    hukou_persons = models.PositiveSmallIntegerField(null=True)
    net_income = models.BigIntegerField(null=True)  # fen; null: an item is missing
    disposable_income = models.BigIntegerField(null=True)  # fen; net less transfer expense
    operating_loss = models.BigIntegerField(null=True)  # fen, never below 0: operating cost beyond the gross (A15)
    last_year_income = models.BigIntegerField(null=True)
    rigid_total = models.BigIntegerField(null=True)
    rigid_last_year = models.BigIntegerField(null=True)
    medical_expense = models.BigIntegerField(null=True)  # fen; 医疗自付 and 残疾康复, of what was answered
    education_expense = models.BigIntegerField(null=True)
    disaster_expense = models.BigIntegerField(null=True)
    risk_bits = models.PositiveIntegerField(default=0)  # codes.RISK_BITS
    guarantee_bits = models.PositiveIntegerField(default=0)  # codes.GUARANTEE_BITS: new difficulties
    guarantees_unanswered = models.PositiveIntegerField(default=0)
    has_labour = models.BooleanField(null=True)
    stable_income = models.BooleanField(null=True)
    yellow_bits = models.PositiveIntegerField(default=0)  # codes.LEVEL_TWO_BITS (六安)
    key_group_bits = models.PositiveIntegerField(default=0)  # codes.KEY_GROUP_BITS (六安)
    negative_bits = models.PositiveIntegerField(default=0)  # hits on the negative list
    on_dibao = models.BooleanField(default=False)

    objects = FactsQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "事实"
        indexes: ClassVar = [
            models.Index(fields=["village", "begins_on"], name="facts_village_begins"),
            models.Index(fields=["village"], condition=Q(replaced_on=None), name="facts_in_force"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(replaced_on=None),
                name="household_has_one_row_of_facts_in_force",
            ),
            models.CheckConstraint(
                condition=Q(replaced_on=None) | Q(replaced_on__gte=F("begins_on")), name="facts_end_after_they_begin"
            ),
        ]


class ChangedHouseholdQuerySet(RegionScopedQuerySet):
    """Households that wait to be judged, scoped by village."""


class ChangedHousehold(models.Model):
    """A household whose facts have changed and whom nobody has judged since: a narrow row, so that taking it off is cheap."""

    household = models.OneToOneField(Household, models.CASCADE, primary_key=True, related_name="changed")
    village = models.ForeignKey(Region, models.PROTECT, related_name="+")

    objects = ChangedHouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待研判的户"
