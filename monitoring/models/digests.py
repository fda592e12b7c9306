"""The digest of a village: which households' suggestions changed over a few days, gathered by the screenings."""

import datetime
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Count, F, Q
from django.utils import timezone

from accounts.models import Region
from accounts.scoping import RegionScopedQuerySet
from households.models import Household
from monitoring.models.screenings import Assessment

WEEK = 7


class ClueDigestQuerySet(RegionScopedQuerySet):
    """Digests, scoped by village."""

    def covering(self, day: datetime.date) -> "ClueDigestQuerySet":
        """The digests whose days include this one."""
        return self.filter(begins_on__lte=day, ends_on__gte=day)

    def with_households(self) -> "ClueDigestQuerySet":
        """Those with a household that still lives there; ``changed`` counts them."""
        here = Q(entries__household__closed_on=None, entries__household__village=F("village"))
        return self.annotate(changed=Count("entries", filter=here)).filter(changed__gt=0)


class ClueDigest(models.Model):
    """研判变化 of a village over a round of screenings or a week; it takes in changes until its last day is over.

    Opened by the thousand for villages that were just read, as are its entries: neither has foreign keys in the database
    (docs/decisions/0003).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    village = models.ForeignKey(
        Region, models.PROTECT, related_name="+", verbose_name="村", db_constraint=False, db_index=False
    )
    begins_on = models.DateField("起始日期")
    ends_on = models.DateField("截止日期")
    changed_at = models.DateTimeField("最近有变化")

    objects = ClueDigestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "研判变化"
        ordering: ClassVar = ["-begins_on", "village__path"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["village", "begins_on", "ends_on"], name="village_has_one_digest_of_a_time"
            ),
            models.CheckConstraint(condition=Q(ends_on__gte=F("begins_on")), name="digest_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return f"{self.village} {self.period}"

    @property
    def is_open(self) -> bool:
        """Whether it still takes in changes."""
        return self.ends_on >= timezone.localdate()

    @property
    def period(self) -> str:
        """Its days in words: 这周, 上周, 今天, 昨天, 10-06, 10-06 至 10-12."""
        days = (self.ends_on - self.begins_on).days + 1
        ago = (timezone.localdate() - self.begins_on).days
        if days == WEEK and 0 <= ago < 2 * WEEK:
            return "这周" if ago < WEEK else "上周"
        if days == 1 and ago in (0, 1):
            return ("今天", "昨天")[ago]
        return f"{self.begins_on:%m-%d}" if days == 1 else f"{self.begins_on:%m-%d} 至 {self.ends_on:%m-%d}"


class DigestEntryQuerySet(RegionScopedQuerySet):
    """Households of digests, scoped by the digest's village."""

    region_lookup = "digest__village"

    def living_there(self) -> "DigestEntryQuerySet":
        """Without those that were closed, or moved to another village since."""
        return self.filter(household__closed_on=None, household__village=F("digest__village"))


class DigestEntry(models.Model):
    """A household of a digest: what was said of it before the first change, and what was said last; found by the digest."""

    digest = models.ForeignKey(ClueDigest, models.CASCADE, related_name="entries", db_constraint=False, db_index=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="+", db_constraint=False)
    before = models.ForeignKey(
        Assessment, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    now = models.ForeignKey(Assessment, models.PROTECT, related_name="+", db_constraint=False, db_index=False)

    objects = DigestEntryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "研判有变化的户"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["digest", "household"], name="household_stands_once_in_a_digest"),
        ]


class DigestReading(models.Model):
    """Who opened a digest, and when last; ``in_village`` when he works in that village."""

    digest = models.ForeignKey(ClueDigest, models.CASCADE, related_name="readings")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    in_village = models.BooleanField()
    read_at = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "研判变化的阅读"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["digest", "reader"], name="digest_is_read_once_by_a_person"),
        ]
