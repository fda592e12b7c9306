"""一户一策: what is to be done for a household, by whom, until when; each version proposed, confirmed, and kept."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.scoping import RegionScopedQuerySet
from assistance.models.measures import Delivery, Every, FundSource
from households.models import Household, Member


class PlanStage(models.TextChoices):
    """Where a version of a plan stands."""

    DRAFT = "draft", "起草中"
    PROPOSED = "proposed", "等镇（街）确认"
    RETURNED = "returned", "已退回"
    CONFIRMED = "confirmed", "已确认"
    REPLACED = "replaced", "已被新的代替"


OPEN_PLAN = (PlanStage.DRAFT, PlanStage.PROPOSED, PlanStage.RETURNED)


class PlanQuerySet(RegionScopedQuerySet):
    """Plans, scoped by their household's village."""

    region_lookup = "household__village"


class Plan(models.Model):
    """One version of a household's plan (004 二（一）4: 一户一计划、一人一措施).

    A household has at most one version under way and one confirmed; what is confirmed is never changed, only replaced.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="plans", verbose_name="农户")
    number = models.PositiveSmallIntegerField("第几版")
    stage = models.CharField("状态", max_length=10, choices=PlanStage, default=PlanStage.DRAFT)
    goal = models.CharField("总目标", max_length=200, blank=True)
    reason = models.CharField("为什么改", max_length=200, blank=True)  # from the second version on
    # Why a member who can work has no measure of his own (004 二（一）4), by the key of the member.
    unhelped = models.JSONField("有劳动力没有措施的原因", default=dict)
    returned_because = models.CharField("退回原因", max_length=200, blank=True)
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(auto_now_add=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1, editable=False)  # of the row: who saw what

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "一户一策"
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["household", "number"], name="plan_of_a_number_stands_once"),
            models.UniqueConstraint(
                fields=["household"], condition=Q(stage__in=OPEN_PLAN), name="household_has_one_plan_under_way"
            ),
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(stage=PlanStage.CONFIRMED),
                name="household_has_one_confirmed_plan",
            ),
        ]

    def __str__(self) -> str:
        return f"第 {self.number} 版"


class PlanItem(models.Model):
    """One measure of a plan: for whom, with which goal, by whom, until when, from whose money."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="享受人"
    )  # null: the household
    measure = models.CharField("措施", max_length=40)
    name = models.CharField("措施名称", max_length=60)
    needs = models.JSONField("针对什么", default=list)  # causes and guarantees
    goal = models.CharField("目标", max_length=120)
    unit = models.CharField("责任单位", max_length=60)
    person = models.CharField("责任人", max_length=30)
    due_on = models.DateField("应落实日期")
    runs_until = models.DateField("到期日期", null=True, blank=True)  # of a loan, a post, a contract: as agreed
    amount = models.BigIntegerField("金额", null=True, blank=True)  # fen
    every = models.CharField("多久一次", max_length=10, choices=Every, default=Every.ONCE)
    fund = models.CharField("资金来源", max_length=10, choices=FundSource, blank=True)
    delivery = models.ForeignKey(Delivery, models.SET_NULL, null=True, related_name="plan_items")

    class Meta:
        verbose_name = verbose_name_plural = "计划措施"
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "position"], name="position_of_a_plan_stands_once"),
            models.CheckConstraint(
                condition=Q(runs_until=None) | Q(runs_until__gte=F("due_on")), name="planned_term_ends_after_it_begins"
            ),
            # Two, because nothing is unlike nothing: SQLite knows no NULLS NOT DISTINCT.
            models.UniqueConstraint(fields=["plan", "measure", "member"], name="measure_stands_once_in_a_plan"),
            models.UniqueConstraint(
                fields=["plan", "measure"],
                condition=Q(member=None),
                name="measure_of_a_household_stands_once_in_a_plan",
            ),
        ]

    def __str__(self) -> str:
        return self.name
