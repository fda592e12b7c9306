"""The procedure of a case, as it was when the case began."""

import uuid
from typing import ClassVar

from django.db import models


class PinnedProcedure(models.Model):
    """The steps, limits and numbers of one path of a rule set on some day; cases that begin alike share a row.

    ``content`` is what monitoring.procedures.Procedure reads; it is never changed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    digest = models.CharField(max_length=64, unique=True)
    ruleset = models.CharField("规则集", max_length=30)
    path = models.CharField("事项", max_length=12)
    content = models.JSONField("程序")
    pinned_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "办理程序"
        ordering: ClassVar = ["pinned_at"]
