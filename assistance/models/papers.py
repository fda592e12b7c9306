"""What proves that a measure came: its papers."""

from typing import ClassVar

from django.db import models

from assistance.models.measures import Delivery
from households.models import Attachment


class DeliveryPaper(models.Model):
    """A photo or scan of the household's that proves a measure (验收单, 发放凭证, 合同)."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="papers")
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "措施凭证"
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["delivery", "attachment"], name="paper_stands_once_with_a_measure")
        ]

    def __str__(self) -> str:
        return str(self.attachment)
