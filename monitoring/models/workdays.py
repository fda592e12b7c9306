"""Days that people register: where a day differs from the known holidays, and a district's own dates."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Region, User
from accounts.roles import Role
from accounts.scoping import RegionScopedQuerySet

WORKS, FREE = "上班", "放假"


class WorkdayOverrideQuerySet(models.QuerySet["WorkdayOverride"]):
    """Overrides hold for the whole country, so they are scoped by role and not by region."""

    def visible_to(self, user: User, *roles: Role) -> "WorkdayOverrideQuerySet":
        """All of them for whoever holds one of these roles (any when none is named); none for others."""
        return self if user.holds(*(roles or tuple(Role))) else self.none()

    def in_force(self) -> "WorkdayOverrideQuerySet":
        """Those that a second person has confirmed; one that is to go holds until a second person agrees."""
        return self.exclude(confirmed_by=None)

    def waiting(self) -> "WorkdayOverrideQuerySet":
        """Those that a second person must look at: new ones, and ones that are to go."""
        return self.filter(Q(confirmed_by=None) | Q(withdrawn_by__isnull=False))

    def of_year(self, year: int) -> "WorkdayOverrideQuerySet":
        """Those of a year, with the people who answer for them."""
        return self.filter(date__year=year).select_related("set_by", "confirmed_by", "withdrawn_by")


class WorkdayOverride(models.Model):
    """A day that is worked or free by a document, whatever the known holidays say (调休)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    date = models.DateField("日期", unique=True)
    works = models.BooleanField("上班")
    source = models.CharField("依据文件", max_length=200)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    set_at = models.DateTimeField("登记时间", auto_now_add=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="复核人"
    )
    confirmed_at = models.DateTimeField("复核时间", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提出撤销的人"
    )
    withdrawn_at = models.DateTimeField("提出撤销的时间", null=True, blank=True)

    objects = WorkdayOverrideQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "调休登记"
        ordering: ClassVar = ["date"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("set_by")),
                name="workday_needs_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_by=None) | Q(confirmed_by__isnull=False),
                name="only_a_workday_in_force_is_withdrawn",
            ),
        ]

    @property
    def words(self) -> str:
        """上班 or 放假."""
        return WORKS if self.works else FREE

    @property
    def goes(self) -> bool:
        """Whether it is to go, once a second person agrees."""
        return self.withdrawn_by_id is not None


class DistrictDateQuerySet(RegionScopedQuerySet):
    """A district's own dates: whoever works in the district, its towns or villages reads them."""

    region_lookup = "region"
    reader_roles = tuple(Role)

    def read_by(self, user: User) -> "DistrictDateQuerySet":
        """Dates of the regions of the user's postings, of those above them and of those below."""
        regions = [posting.region for posting in user.postings_in_force()]
        above = {path for region in regions for path in region.ancestor_paths}
        return self.in_regions(regions) | self.filter(region__path__in=above)


class DistrictDate(models.Model):
    """A limit or a round that a district has set for itself, shown on the calendars of its towns and villages."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="区（市）")
    date = models.DateField("日期")
    title = models.CharField("事项", max_length=60)
    source = models.CharField("依据文件", max_length=200)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    set_at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = DistrictDateQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "本区日期"
        ordering: ClassVar = ["date", "title"]
        indexes: ClassVar = [models.Index(fields=["region", "date"], name="district_dates_by_day")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["region", "date", "title"], name="district_date_stands_once"),
        ]
