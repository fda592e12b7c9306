"""调度: a dated snapshot of a region's figures; and the job that prints the dossiers of a whole village."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from accounts.jobs import BackgroundJob
from accounts.models import Region, User
from accounts.scoping import RegionScopedQuerySet


class SnapshotQuerySet(RegionScopedQuerySet):
    """Snapshots, scoped by their region."""

    region_lookup = "region"


class Snapshot(models.Model):
    """The figures of a region on a day, as they were counted then (002 四: 定期调度); never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="范围")
    on = models.DateField("截止日期")
    figures = models.JSONField("数字")
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(auto_now_add=True)

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "调度"
        ordering: ClassVar = ["-on", "-taken_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["region", "on"], name="region_has_one_snapshot_of_a_day"),
        ]


class DossierForm(models.TextChoices):
    """How the dossiers of many households come out."""

    PRINT = "print", "一份可打印的文件"
    ZIP = "zip", "按档案顺序的压缩包"


class DossierWhose(models.TextChoices):
    """Of which households of the village."""

    ON_FILE = "on_file", "在册和曾经在册的户"
    EVERYBODY = "everybody", "全村在档的户"


class DossierJobQuerySet(RegionScopedQuerySet):
    """Dossier jobs, scoped by their region; a person sees his own."""

    region_lookup = "region"

    def asked_by(self, user: User) -> "DossierJobQuerySet":
        """The person's own, as far as the villages are still his."""
        return self.visible_to(user).filter(requested_by=user)


class DossierJob(BackgroundJob):
    """一户一档 of a whole village (002 五), as one file under MEDIA_ROOT, encrypted; gone after a day."""

    task_name = "assistance.tasks.make_dossiers"
    page_name = "assistance:dossier-job"

    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="村")
    form = models.CharField("形式", max_length=10, choices=DossierForm)
    whose = models.CharField("哪些户", max_length=10, choices=DossierWhose, default=DossierWhose.ON_FILE)
    stored_name = models.CharField(max_length=120, blank=True, editable=False)
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    size = models.PositiveBigIntegerField(default=0, editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)

    objects = DossierJobQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "一户一档打印"
        ordering: ClassVar = ["-created_at"]
