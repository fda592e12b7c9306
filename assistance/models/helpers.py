"""帮扶联系人 of a household, the team beside him (一户一专班), and the handover of a whole caseload."""

import datetime
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.encryption import EncryptedField
from accounts.models import Region
from accounts.scoping import RegionScopedQuerySet
from households.models import Household, ImportBatch


class HelperQuerySet(RegionScopedQuerySet):
    """Helpers, scoped by their household's village."""

    region_lookup = "household__village"

    def in_force(self, day: datetime.date) -> "HelperQuerySet":
        """Begun and not ended on the day."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=day), begun_on__lte=day)


class Helper(models.Model):
    """帮扶联系人: who keeps in touch with a household, from which unit, from when to when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="helpers", verbose_name="农户")
    name = models.CharField("帮扶联系人姓名", max_length=30)
    unit = models.CharField("帮扶联系人的单位", max_length=60)
    phone = EncryptedField("电话", blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="联系人的账号"
    )  # null: he has none
    begun_on = models.DateField("开始日期")
    ended_on = models.DateField("结束日期", null=True, blank=True)
    batch = models.ForeignKey(ImportBatch, models.PROTECT, null=True, blank=True, related_name="+")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField(auto_now_add=True)
    handover = models.ForeignKey(
        "assistance.Handover", models.PROTECT, null=True, blank=True, related_name="helpers_begun"
    )

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


class TeamPart(models.TextChoices):
    """From where somebody comes to the team of a household (001 四: 一户一专班)."""

    VILLAGE = "village", "村两委"
    STATIONED = "stationed", "驻村工作队"
    PAIRED = "paired", "结对帮扶干部"


class TeamMemberQuerySet(RegionScopedQuerySet):
    """Team members, scoped by their household's village."""

    region_lookup = "household__village"

    def in_force(self, day: datetime.date) -> "TeamMemberQuerySet":
        """Begun and not ended on the day."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=day), begun_on__lte=day)


class TeamMember(models.Model):
    """One person of a household's team, from when to when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="team", verbose_name="农户")
    part = models.CharField("来自", max_length=10, choices=TeamPart)
    name = models.CharField("姓名", max_length=30)
    unit = models.CharField("单位", max_length=60)
    begun_on = models.DateField("开始日期")
    ended_on = models.DateField("结束日期", null=True, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField(auto_now_add=True)

    objects = TeamMemberQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "专班成员"
        ordering: ClassVar = ["part", "begun_on", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household", "name", "unit"], condition=Q(ended_on=None), name="person_stands_once_in_a_team"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("begun_on")), name="team_member_ends_after_he_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.unit}）"


class HandoverStage(models.TextChoices):
    """Where a handover stands."""

    PROPOSED = "proposed", "等接手人确认"
    TAKEN = "taken", "已接手"
    REFUSED = "refused", "未接手"
    WITHDRAWN = "withdrawn", "已撤回"


class HandoverQuerySet(RegionScopedQuerySet):
    """Handovers, scoped by the region whose households change hands."""

    region_lookup = "region"


class Handover(models.Model):
    """One 联系人 gives his households to another; who gives (or the town for him) and who takes both confirm."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="范围")
    from_name = models.CharField("原联系人", max_length=30)
    from_unit = models.CharField("原联系人单位", max_length=60)
    to_user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="接手人")
    to_name = models.CharField("接手人姓名", max_length=30)
    to_unit = models.CharField("接手人单位", max_length=60)
    begins_on = models.DateField("从哪天起")
    reason = models.CharField("原因", max_length=200)
    stage = models.CharField("状态", max_length=10, choices=HandoverStage, default=HandoverStage.PROPOSED)
    answer = models.CharField("接手人的话", max_length=200, blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True)
    households = models.ManyToManyField(Household, related_name="+", verbose_name="农户")

    objects = HandoverQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "联系人交接"
        ordering: ClassVar = ["-proposed_at"]

    def __str__(self) -> str:
        return f"{self.from_name} 交给 {self.to_name}"
