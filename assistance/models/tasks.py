"""What a visit found unsolved in the guarantees: a task of the department that leads it, closed only on evidence."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.scoping import RegionScopedQuerySet
from households.models import Attachment, Household, Member, Survey


class TaskKind(models.TextChoices):
    """What is to be solved."""

    DROPOUT = "dropout", "失学辍学"
    UNSAFE_HOUSE = "unsafe_house", "住房不安全"
    UNSAFE_WATER = "unsafe_water", "饮水不安全"
    UNINSURED = "uninsured", "没有参加医保"
    NO_DOCTOR = "no_doctor", "没有签约家庭医生"


class GuaranteeTaskQuerySet(RegionScopedQuerySet):
    """Tasks, scoped by their household's village."""

    region_lookup = "household__village"

    def unsolved(self) -> "GuaranteeTaskQuerySet":
        """Those still open."""
        return self.filter(closed_on=None)


class GuaranteeTask(models.Model):
    """One unsolved thing of a household or one of its members (003 二（四）14–16).

    ``steps`` holds the days of 拆除、改造、入住 (003 二（四）16: 三个必须).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="guarantee_tasks", verbose_name="农户")
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="谁")
    kind = models.CharField("什么事", max_length=20, choices=TaskKind)
    survey = models.ForeignKey(Survey, models.PROTECT, null=True, related_name="+")  # that found it
    lead = models.CharField("牵头单位", max_length=60)
    opened_on = models.DateField("提出日期")
    due_on = models.DateField("应解决日期")
    steps = models.JSONField("各步日期", default=dict)
    closed_on = models.DateField("解决日期", null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField("怎样解决的", max_length=200, blank=True)
    withdrawn = models.BooleanField("撤回", default=False)  # closed because it was none, not because it was solved
    evidence = models.ManyToManyField(Attachment, related_name="+", verbose_name="佐证")
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = GuaranteeTaskQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "保障任务"
        ordering: ClassVar = ["due_on", "opened_on"]
        constraints: ClassVar = [
            # Two, because nothing is unlike nothing: SQLite knows no NULLS NOT DISTINCT.
            models.UniqueConstraint(
                fields=["household", "member", "kind"],
                condition=Q(closed_on=None),
                name="unsolved_thing_stands_once",
            ),
            models.UniqueConstraint(
                fields=["household", "kind"],
                condition=Q(closed_on=None, member=None),
                name="unsolved_thing_of_a_household_stands_once",
            ),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(withdrawn=True) | Q(closed_by__isnull=False),
                name="somebody_answers_for_what_is_solved",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["lead", "due_on"], condition=Q(closed_on=None), name="task_by_lead")]

    def __str__(self) -> str:
        return self.get_kind_display()
