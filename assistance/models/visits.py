"""走访: who was there, how, and what he saw."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.encryption import EncryptedField
from accounts.scoping import RegionScopedQuerySet
from households.models import Attachment, Household


class VisitWay(models.TextChoices):
    """How one kept in touch."""

    VISIT = "visit", "走访"
    PHONE = "phone", "打电话"
    POLICY = "policy", "送政策"


class VisitChip(models.TextChoices):
    """What was seen or done, each in one tap."""

    HOME = "home", "人都在家"
    AWAY = "away", "外出务工"
    ILL = "ill", "有人生病"
    SCHOOL = "school", "孩子上学"
    HOUSE = "house", "看了住房"
    WATER = "water", "看了饮水"
    INCOME = "income", "问了收入"
    MEASURES = "measures", "核对了措施"


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
    way = models.CharField("方式", max_length=10, choices=VisitWay, default=VisitWay.VISIT)
    chips = models.JSONField("看到、做了什么", default=list)
    mood = models.CharField("情况", max_length=10, choices=VisitMood)
    sentence = models.CharField("一句话", max_length=200, blank=True)
    visitor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="走访人")
    contact_phone = EncryptedField("打给谁的电话", blank=True, default="")  # of those who are away
    photo = models.ForeignKey(Attachment, models.PROTECT, null=True, blank=True, related_name="+")
    visitor_name = models.CharField("代谁录入", max_length=60, blank=True)
    entered_at = models.DateTimeField(auto_now_add=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "走访"
        ordering: ClassVar = ["-visited_on", "-entered_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(way__in=VisitWay.values), name="visit_has_a_way"),
        ]

    def __str__(self) -> str:
        return f"{self.visited_on} {self.get_mood_display()}"


class VisitDraft(models.Model):
    """What somebody has typed of a visit and not saved yet; encrypted, because it may hold a telephone number."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    typed = EncryptedField()  # JSON: field name -> what was typed
    updated_at = models.DateTimeField(auto_now=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "走访草稿"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["household", "author"], name="one_visit_draft_for_a_household_and_person"),
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.author_id}"
