"""A department's monthly list: uploaded, matched by blind index, looked at, written, and taken back."""

from typing import ClassVar

from django.db import models

from accounts.encryption import EncryptedField
from accounts.jobs import BackgroundJob
from accounts.models import Region
from accounts.scoping import RegionScopedQuerySet
from assistance.models.measures import Every, FundSource
from households.models import Household, Member


class ListPhase(models.TextChoices):
    """How far a list is; nothing is written before it is confirmed."""

    PARSING = "parsing", "正在读表"
    PREVIEW = "preview", "待确认"
    APPLYING = "applying", "正在写入"
    APPLIED = "applied", "已写入"
    UNDOING = "undoing", "正在撤销"
    UNDONE = "undone", "已撤销"
    REJECTED = "rejected", "读不了"


class LineStatus(models.TextChoices):
    """What becomes of a line: each has an answer, nothing is guessed."""

    NEW = "new", "新登记"
    KNOWN = "known", "已登记，核实"
    UNCHANGED = "unchanged", "没有变化"
    FOREIGN = "foreign", "不在本区域"
    UNKNOWN = "unknown", "名册里没有"
    GONE = "gone", "已去世或迁出"
    DOUBLE = "double", "名单里重复"
    REFUSED = "refused", "没有通过"
    MISSING = "missing", "名单里没有，停发"


class DepartmentListQuerySet(RegionScopedQuerySet):
    """Lists, scoped by the region they were uploaded for."""

    region_lookup = "region"


class DepartmentList(BackgroundJob):
    """One month's list of one measure from one department."""

    task_name = "assistance.tasks.work_on_list"
    page_name = "assistance:list-detail"

    phase = models.CharField("进度", max_length=10, choices=ListPhase, default=ListPhase.PARSING)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="范围")
    department = models.CharField("部门", max_length=60)
    measure = models.CharField("措施", max_length=40)
    month = models.DateField("哪个月")  # its first day
    ends_missing = models.BooleanField("名单里没有的算停发", default=False)
    every = models.CharField("多久一次", max_length=10, choices=Every, default=Every.MONTH)
    fund = models.CharField("资金来源", max_length=10, choices=FundSource, blank=True)
    file_name = models.CharField("文件名", max_length=120)
    stored_name = models.CharField(max_length=120, editable=False)  # under MEDIA_ROOT, until its lines are kept
    sha256 = models.CharField(max_length=64, editable=False)
    counts = models.JSONField("结果", default=dict)
    confirmed_at = models.DateTimeField("确认时间", null=True, editable=False)

    objects = DepartmentListQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "部门名单"
        ordering: ClassVar = ["-created_at"]


class DepartmentListRow(models.Model):
    """One line with its answer; the cells are encrypted, the person is found by the blind index of the identity number.

    ``begun_on`` is the day that the line names: since when, of what is given once when, of what lasts when it was finished.
    Behind the lines of the file stand those who are on it no more, where these end. Who a line is about is answered for
    100,000 at once: neither is looked up again by the database, nor has an index (decision 0041).
    """

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(DepartmentList, models.CASCADE, related_name="rows", db_index=False)  # the constraint's
    row_no = models.PositiveIntegerField("行号")
    id_digest = models.CharField(max_length=40, blank=True)
    status = models.CharField("结论", max_length=10, choices=LineStatus)
    reason = models.CharField("说明", max_length=120, blank=True)
    begun_on = models.DateField(null=True)
    runs_until = models.DateField(null=True)
    amount = models.BigIntegerField(null=True)  # fen
    payload = EncryptedField("内容")  # JSON of the cells
    member = models.ForeignKey(
        Member, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )
    household = models.ForeignKey(
        Household, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
    )

    class Meta:
        verbose_name = verbose_name_plural = "部门名单行"
        ordering: ClassVar = ["row_no"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "row_no"], name="line_of_a_list_stands_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["batch", "id_digest"], name="line_by_person")]


class WrittenLine(models.Model):
    """What a line wrote: of which delivery, whether it began it, and what that said before, so that it can be undone.

    A narrow row beside the wide line. Lists alone write them, from what the same statement has read.
    """

    line = models.OneToOneField(
        DepartmentListRow, models.DO_NOTHING, primary_key=True, related_name="written", db_constraint=False
    )
    delivery = models.ForeignKey(
        "assistance.Delivery", models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    began = models.BooleanField()
    was_begun_on = models.DateField(null=True)
    was_ended_on = models.DateField(null=True)
    was_runs_until = models.DateField(null=True)
    was_amount = models.BigIntegerField(null=True)
    was_every = models.CharField(max_length=10, blank=True)
    was_fund = models.CharField(max_length=10, blank=True)
    was_list_row_id = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "部门名单写入的行"
