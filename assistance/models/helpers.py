"""帮扶联系人 of a household with his unit, and the visits paid to it."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.encryption import EncryptedField
from accounts.scoping import RegionScopedQuerySet
from households.models import Household, ImportBatch


class HelperQuerySet(RegionScopedQuerySet):
    """Helpers, scoped by their household's village."""

    region_lookup = "household__village"

    def in_force(self, day: "models.DateField") -> "HelperQuerySet":
        """Begun and not ended on the day."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=day), begun_on__lte=day)


class Helper(models.Model):
    """帮扶联系人: who keeps in touch with a household, from which unit, from when to when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="helpers", verbose_name="农户")
    name = models.CharField("帮扶联系人姓名", max_length=30)
    unit = models.CharField("帮扶联系人的单位", max_length=60)
    phone = EncryptedField("电话", blank=True)
    begun_on = models.DateField("开始日期")
    ended_on = models.DateField("结束日期", null=True, blank=True)
    batch = models.ForeignKey(ImportBatch, models.PROTECT, null=True, blank=True, related_name="+")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField(auto_now_add=True)

    objects = HelperQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "帮扶联系人"
        ordering: ClassVar = ["-begun_on", "-entered_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household"], condition=Q(ended_on=None), name="household_has_one_helper_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("begun_on")), name="helper_ends_after_he_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.unit}）"


class VisitMood(models.TextChoices):
    """How things stand, in one tap."""

    SAME = "same", "没变化"
    BETTER = "better", "在好转"
    WORSE = "worse", "有新困难"


class VisitQuerySet(RegionScopedQuerySet):
    """Visits, scoped by their household's village."""

    region_lookup = "household__village"


class Visit(models.Model):
    """走访: three chips, one sentence, save."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="visits", verbose_name="农户")
    visited_on = models.DateField("走访日期")
    mood = models.CharField("情况", max_length=10, choices=VisitMood)
    sentence = models.CharField("一句话", max_length=200, blank=True)
    visitor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="走访人")
    visitor_name = models.CharField("代谁录入", max_length=60, blank=True)
    entered_at = models.DateTimeField(auto_now_add=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "走访"
        ordering: ClassVar = ["-visited_on", "-entered_at"]

    def __str__(self) -> str:
        return f"{self.visited_on} {self.get_mood_display()}"
