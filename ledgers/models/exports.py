"""Exports: a ledger workbook for a region on a date, made by a worker and fetched by whoever asked."""

from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.jobs import BackgroundJob
from accounts.models import Region, User
from accounts.roles import OFFICE_ROLES, VILLAGE_ROLES, Role
from accounts.scoping import RegionScopedQuerySet

# Who may take a ledger out, and who may take one with whole identity numbers.
EXPORT_ROLES = (*VILLAGE_ROLES, *OFFICE_ROLES, Role.INSPECTOR)
FULL_ID_ROLES = OFFICE_ROLES


class RowMode(models.TextChoices):
    """How the ledger lists a household (reading A4)."""

    MEMBER = "member", "一人一行"
    HOUSEHOLD = "household", "一户一行"


class ExportKind(models.TextChoices):
    """What the file is."""

    LEDGER = "ledger", "即时帮扶台账"
    NATIONAL = "national", "国家系统录入清单"


class ExportQuerySet(RegionScopedQuerySet):
    """Exports, scoped by the region they show; a person sees his own."""

    region_lookup = "region"
    reader_roles = EXPORT_ROLES

    def asked_by(self, user: User) -> "ExportQuerySet":
        """The person's own, as far as the regions are still his."""
        return self.visible_to(user).filter(requested_by=user)


class Export(BackgroundJob):
    """One ledger file: scope, date, modes, and what is in it."""

    task_name = "ledgers.tasks.produce_export"
    page_name = "ledgers:export-detail"

    kind = models.CharField("种类", max_length=10, choices=ExportKind, default=ExportKind.LEDGER)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="范围")
    on = models.DateField("台账日期")
    row_mode = models.CharField("行式", max_length=10, choices=RowMode, default=RowMode.MEMBER)
    full_ids = models.BooleanField("含完整证件号（上报版）", default=False)
    purpose = models.CharField("用途", max_length=200, blank=True)
    ruleset = models.CharField("执行政策", max_length=60, blank=True)
    household_count = models.PositiveIntegerField("户数", default=0)
    row_count = models.PositiveIntegerField("行数", default=0)
    sha256 = models.CharField("文件校验码", max_length=64, blank=True)
    file_name = models.CharField("文件名", max_length=120, blank=True)
    # Under MEDIA_ROOT/exports. Each attempt writes a file of its own; the row says which one counts.
    stored_name = models.CharField(max_length=60, blank=True, editable=False)
    size = models.PositiveBigIntegerField("文件大小", default=0)  # bytes
    expires_at = models.DateTimeField("过期时间", null=True, blank=True)
    fetched_at = models.DateTimeField("最近下载", null=True, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "台账导出"
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(full_ids=False) | ~models.Q(purpose=""),
                name="full_identity_numbers_need_a_purpose",
                violation_error_message="含完整证件号的台账要写明用途。",
            ),
        ]

    @property
    def what(self) -> str:
        """What pages call the file."""
        return "台账" if self.kind == ExportKind.LEDGER else str(self.get_kind_display())

    @property
    def path(self) -> Path:
        """Where the file lies; only an export that has a file has a path."""
        return Path(settings.MEDIA_ROOT) / "exports" / self.stored_name
