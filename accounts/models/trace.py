"""The trace: who did what, written in the same transaction as the change, and sealed into a chain."""

from typing import Any, ClassVar, Never

from django.conf import settings
from django.db import models

from accounts.models.regions import Region
from accounts.roles import Role
from accounts.scoping import RegionScopedQuerySet


class AuditQuerySet(RegionScopedQuerySet):
    """Audit events: appended, never changed."""

    region_lookup = "region"
    reader_roles = (Role.SYSTEM_ADMIN, Role.DISTRICT_OFFICER, Role.INSPECTOR)

    def unplaced(self) -> "AuditQuerySet":
        """Events that belong to no region: logins, accounts, the system's own work."""
        return self.filter(region=None)

    def unsealed(self) -> "AuditQuerySet":
        """Events that are not in the chain yet."""
        return self.filter(seal=None)

    def update(self, **kwargs: Any) -> Never:
        """Refused: an event is never changed."""
        raise TypeError("操作日志只能追加，不能修改。")

    def delete(self) -> Never:
        """Refused: an event is never deleted."""
        raise TypeError("操作日志只能追加，不能删除。")


class AuditEvent(models.Model):
    """One thing that somebody did. ``mac`` reveals an edited row; AuditSeal reveals a missing one."""

    at = models.DateTimeField("时间", db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="操作人"
    )  # null: the system itself, at night
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="代谁"
    )
    action = models.CharField("动作", max_length=40, db_index=True)
    region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+", verbose_name="区域")
    target = models.CharField("对象", max_length=80, blank=True, db_index=True)
    detail = models.JSONField("内容", default=dict)
    mac = models.CharField(max_length=64)

    objects = AuditQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "操作日志"
        ordering: ClassVar = ["-at", "-pk"]


class AuditSeal(models.Model):
    """A link of the chain over audit events; numbers have no gap, each hash covers the one before."""

    number = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(AuditEvent, models.PROTECT, related_name="seal")
    chain_hash = models.CharField(max_length=64)

    class Meta:
        ordering: ClassVar = ["number"]


class UsedKey(models.Model):
    """An idempotency key that was spent, and what came of it: a form sent twice acts once."""

    key = models.UUIDField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    outcome = models.CharField(max_length=200)
    used_at = models.DateTimeField(auto_now_add=True)
