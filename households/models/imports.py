"""Workbooks that come in: a batch is parsed, previewed, confirmed, and can be undone."""

import uuid
from typing import ClassVar

from django.db import models

from accounts.encryption import EncryptedField
from accounts.jobs import BackgroundJob
from accounts.models import Region
from accounts.scoping import RegionScopedQuerySet
from households.models.households import Household


class BatchKind(models.TextChoices):
    """What the workbook is."""

    ROSTER = "roster", "农户名册"
    LEDGER = "ledger", "手工台账"


class BatchPhase(models.TextChoices):
    """How far the batch is; nothing is written to the register before it is confirmed."""

    PARSING = "parsing", "正在读表"
    PREVIEW = "preview", "待确认"
    APPLYING = "applying", "正在写入"
    APPLIED = "applied", "已写入"
    UNDOING = "undoing", "正在撤销"
    UNDONE = "undone", "已撤销"
    REJECTED = "rejected", "读不了"


class RowStatus(models.TextChoices):
    """What will become of a row (of a household's rows together)."""

    NEW = "new", "新增"
    CHANGED = "changed", "有变化"
    UNCHANGED = "unchanged", "没有变化"
    REFUSED = "refused", "没有通过"


class ImportBatchQuerySet(RegionScopedQuerySet):
    """Batches, scoped by the region they were made for."""

    region_lookup = "region"


class ImportBatch(BackgroundJob):
    """One uploaded workbook: a job that parses it, and, once confirmed, one that writes it."""

    task_name = "households.tasks.work_on_batch"
    page_name = "households:import-detail"

    kind = models.CharField("种类", max_length=10, choices=BatchKind)
    phase = models.CharField("进度", max_length=10, choices=BatchPhase, default=BatchPhase.PARSING)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="导入范围")
    file_name = models.CharField("文件名", max_length=120)
    stored_name = models.CharField(max_length=120, editable=False)  # under MEDIA_ROOT, until its rows are kept
    sha256 = models.CharField(max_length=64, editable=False)
    data_date = models.DateField("数据日期", null=True, blank=True)
    counts = models.JSONField("结果", default=dict)
    confirmed_at = models.DateTimeField("确认时间", null=True, editable=False)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导入批次"
        ordering: ClassVar = ["-created_at"]


class ImportRow(models.Model):
    """One row of the workbook with what is wrong with it, and what was there before it was written."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    row_no = models.PositiveIntegerField("行号")  # as the workbook shows it
    household_key = models.CharField(max_length=60, blank=True, db_index=True)  # 户编号 in the file
    status = models.CharField("结论", max_length=10, choices=RowStatus)
    reasons = models.JSONField("错在哪", default=list)
    payload = EncryptedField("内容")  # JSON of the cells
    before = EncryptedField(blank=True)  # JSON of what the row replaced, for undoing
    household = models.ForeignKey(Household, models.SET_NULL, null=True, related_name="+")
    applied_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "导入行"
        ordering: ClassVar = ["row_no"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["batch", "row_no"], name="row_of_a_batch_stands_once")]
