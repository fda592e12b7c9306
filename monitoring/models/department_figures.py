"""What departments know of a household, beside what was found on the visit; and how a difference was decided."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.models import Region
from accounts.scoping import RegionScopedQuerySet
from households.models import Household
from monitoring.models.cases import Case


class FigureItem(models.TextChoices):
    """What a department's figure is compared with: a line of the survey."""

    WAGE = "wage", "打工、上班"
    TRANSFER = "transfer", "转移性收入"
    RIGID_MEDICAL = "rigid_medical", "看病自付"
    RIGID_EDUCATION = "rigid_education", "上学支出"
    RIGID_DISASTER = "rigid_disaster", "灾害损失"
    HOUSING_GRADE = "housing_grade", "房屋等级"


class DepartmentFigureQuerySet(RegionScopedQuerySet):
    """Figures, scoped by village."""


class DepartmentFigure(models.Model):
    """One figure of a department for a household, entered by an office or its clerk; the newest of an item counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="department_figures")
    village = models.ForeignKey(Region, models.PROTECT, related_name="+")
    item = models.CharField("指标", max_length=20, choices=FigureItem)
    amount = models.BigIntegerField("金额", null=True, blank=True)  # fen
    grade = models.CharField("等级", max_length=4, blank=True)
    department = models.CharField("部门", max_length=30)
    as_of = models.DateField("数据日期")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(auto_now_add=True)

    objects = DepartmentFigureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "部门数据"
        ordering: ClassVar = ["-as_of", "-entered_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(item=FigureItem.HOUSING_GRADE, amount=None) & ~Q(grade="")
                | ~Q(item=FigureItem.HOUSING_GRADE) & Q(amount__gte=0, grade=""),
                name="figure_is_an_amount_or_a_grade",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["household", "item"], name="figure_of_household")]


class FigureDecision(models.Model):
    """How somebody decided a difference between the visit and a department, in one case."""

    class Side(models.TextChoices):
        """Whose figure counts."""

        SURVEY = "survey", "以入户为准"
        DEPARTMENT = "department", "以部门为准，不影响认定"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="figure_decisions")
    figure = models.ForeignKey(DepartmentFigure, models.PROTECT, related_name="+")
    side = models.CharField("以谁为准", max_length=10, choices=Side)
    reason = models.CharField("理由", max_length=300)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "核对意见"
        ordering: ClassVar = ["-decided_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "figure"],
                name="difference_is_decided_once_in_a_case",
                violation_error_message="这一项已经有人处理过。",
            ),
        ]
