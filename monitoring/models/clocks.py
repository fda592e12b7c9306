"""Extensions of a limit, each with its reason."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from monitoring.models.cases import Case, Stage


class ClockExtension(models.Model):
    """A later last day for what is to be done in a stage (延期), with who allowed it and why."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="extensions")
    stage = models.CharField("环节", max_length=12, choices=Stage)
    was_due_on = models.DateField("原限期")
    due_on = models.DateField("延到")
    reason = models.CharField("原因", max_length=300)
    allowed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    allowed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "延期"
        ordering: ClassVar = ["-allowed_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(due_on__gt=F("was_due_on")), name="extension_makes_it_later"),
        ]
