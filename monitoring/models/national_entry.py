"""What of a case was keyed into the national system when, so that what differs since comes back."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.scoping import RegionScopedQuerySet
from monitoring.models.cases import Case


class NationalEntryQuerySet(RegionScopedQuerySet):
    """Entries, scoped by the case's village."""

    region_lookup = "case__village"


class NationalEntry(models.Model):
    """The last tick of a case: who keyed it, on which day, and keyed digests of what stood there, no plain data.

    Without ``ticked_by`` it is the beginning of a household that came from the national system itself (存量): what
    changes from then on comes back.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.OneToOneField(Case, models.CASCADE, related_name="national_entry", verbose_name="监测对象")
    ticked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="录入人"
    )
    keyed_on = models.DateField("录入日期")
    ticked_at = models.DateTimeField("勾销时间")
    removed = models.BooleanField("录入的是移出", default=False)
    digest = models.CharField(max_length=64)
    # {"household": short digests of its fields in the order of the form, key of a member: those of his}
    parts = models.JSONField(default=dict)
    form = models.PositiveSmallIntegerField()  # the edition of the form that the digests follow

    # What the digests were last compared with: while these stand, nothing of the form can have changed.
    household_version = models.PositiveIntegerField()
    case_version = models.PositiveIntegerField()
    survey = models.UUIDField(null=True)
    helper = models.UUIDField(null=True)
    differs = models.BooleanField("录入以后有变动", default=False)
    ticks = models.PositiveIntegerField(default=1)

    objects = NationalEntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "国家系统录入"
        indexes: ClassVar = [models.Index(fields=["case"], condition=Q(differs=True), name="entry_differs")]
