"""Dated policy values of a region: appended with a second person, never edited."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Region
from accounts.roles import Role
from accounts.scoping import RegionScopedQuerySet


class PolicyValueQuerySet(RegionScopedQuerySet):
    """Policy values, scoped by region; departments and administrators may read them too."""

    region_lookup = "region"
    reader_roles = tuple(Role)

    def in_force(self) -> "PolicyValueQuerySet":
        """Values that a second person has confirmed."""
        return self.exclude(confirmed_by=None)


class PolicyValue(models.Model):
    """A number of the policy for a region from a day on, with the document it comes from."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="适用区域")
    ruleset = models.CharField("规则集", max_length=30)
    key = models.CharField("参数", max_length=40)
    value = models.CharField("取值", max_length=40)
    starts_on = models.DateField("起始日期")
    source = models.CharField("依据文件", max_length=200)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="提出人")
    proposed_at = models.DateTimeField(auto_now_add=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="复核人"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)

    objects = PolicyValueQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "政策参数"
        ordering: ClassVar = ["key", "-starts_on"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("proposed_by")),
                name="policy_value_needs_a_second_person",
            ),
        ]
