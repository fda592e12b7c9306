"""Photos and scans that prove something: who was there, what was signed, that a notice hung."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Region
from accounts.scoping import RegionScopedQuerySet
from households.models.households import Household


class AttachmentKind(models.TextChoices):
    """What the paper or photo is."""

    SIGN_IN = "sign_in", "签到表"
    MINUTES = "minutes", "会议记录"
    MEETING_PHOTO = "meeting_photo", "会议照片"
    NOTICE_PHOTO = "notice_photo", "张贴照片"
    CONSENT = "consent", "承诺授权书"
    EVIDENCE = "evidence", "佐证材料"
    RECTIFICATION = "rectification", "整改佐证"
    VISIT_PHOTO = "visit_photo", "入户照片"
    DECLARATION = "declaration", "申请（申报）书"
    OTHER = "other", "其他材料"


class MediaType(models.TextChoices):
    """What is kept: photos are always written anew as JPEG, scans stay PDF."""

    PHOTO = "image/jpeg", "照片"
    DOCUMENT = "application/pdf", "PDF"


SUFFIXES = {MediaType.PHOTO: "jpg", MediaType.DOCUMENT: "pdf"}
SHOWN = 64  # pixels on the page


class AttachmentQuerySet(RegionScopedQuerySet):
    """Attachments, scoped by their village; a sensitive one is seen by whom its owner lets, not by the whole village."""

    def for_everybody_here(self) -> "AttachmentQuerySet":
        """Without those that only some may see."""
        return self.filter(sensitive=False)

    def newest_first(self) -> "AttachmentQuerySet":
        """As lists show them."""
        return self.select_related("uploaded_by").order_by("-uploaded_at", "-pk")


class Attachment(models.Model):
    """One photo or scan. The row says what it is; the bytes lie encrypted in a file named after the key of the row.

    Rows are written by ``households.attachments.store`` and are never changed or deleted.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    village = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在村")
    household = models.ForeignKey(
        Household, models.PROTECT, null=True, related_name="attachments", verbose_name="农户"
    )  # null: of a meeting or a notice with many households
    kind = models.CharField("种类", max_length=20, choices=AttachmentKind)
    name = models.CharField("原文件名", max_length=100, blank=True)  # as it was called; only shown
    media_type = models.CharField("格式", max_length=20, choices=MediaType)
    size = models.PositiveIntegerField("大小（字节）")  # of what is kept, before encryption
    sha256 = models.CharField("校验码", max_length=64, editable=False)  # of what is kept
    sent_sha256 = models.CharField(max_length=64, editable=False)  # of what was sent
    width = models.PositiveIntegerField("宽（像素）", null=True)
    height = models.PositiveIntegerField("高（像素）", null=True)
    pages = models.PositiveIntegerField("页数", null=True)  # of a PDF that says it openly
    sensitive = models.BooleanField("限经办人查看", default=False)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间", default=timezone.now)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "附件"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household", "kind", "sensitive", "sent_sha256"],
                condition=Q(household__isnull=False),
                name="file_of_a_household_is_kept_once",
            ),
            models.UniqueConstraint(
                fields=["village", "kind", "sensitive", "sent_sha256"],
                condition=Q(household__isnull=True),
                name="file_of_a_village_is_kept_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["uploaded_by", "uploaded_at"], name="attachment_by_uploader"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {timezone.localtime(self.uploaded_at):%Y-%m-%d}"

    @property
    def is_photo(self) -> bool:
        """Whether it can be shown in the page."""
        return self.media_type == MediaType.PHOTO

    @property
    def download_name(self) -> str:
        """What it is called on the computer of who downloads it: never what somebody called it who sent it."""
        return f"{self.get_kind_display()}-{timezone.localtime(self.uploaded_at):%Y%m%d}.{SUFFIXES[self.media_type]}"

    @property
    def shown_size(self) -> tuple[int, int]:
        """Width and height in which lists show the small picture, so that the page does not jump."""
        longest = max(self.width or 1, self.height or 1)
        return max(1, (self.width or 1) * SHOWN // longest), max(1, (self.height or 1) * SHOWN // longest)

    @property
    def has_small(self) -> bool:
        """Whether there is a small picture of it; none is made of what only some may see."""
        return self.is_photo and not self.sensitive
