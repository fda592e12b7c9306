"""The catalogue of measures, and what each household or person has been given, with dates."""

import datetime
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.scoping import RegionScopedQuerySet
from households.models import Household, ImportBatch, Member


class Measure(models.TextChoices):
    """The ten policies of the ledger (document 002, attachment) in its column order; others, which tick nothing."""

    EDUCATION = "education", "教育扶贫政策"
    MEDICAL = "medical", "医疗保障扶贫政策"
    COMMERCIAL_MEDICAL = "commercial_medical", "医疗商业补充保险"
    FAMILY_DOCTOR = "family_doctor", "家庭医生签约服务"
    HOUSING = "housing", "危房改造"
    WATER = "water", "饮水安全"
    TEMPORARY_RELIEF = "temporary_relief", "临时救助"
    SOCIAL_RELIEF = "social_relief", "社会救助"
    DIBAO = "dibao", "低保"
    PUBLIC_POST = "public_post", "公益岗位"
    INDUSTRY = "industry", "产业帮扶"
    SMALL_LOAN = "small_loan", "小额信贷"
    DONATION = "donation", "社会捐助"


class TickKind(models.TextChoices):
    """What makes a measure 已落实 on the ledger's date."""

    RUNNING = "running", "正在享受"
    LASTING = "lasting", "办成后一直有效"
    THIS_YEAR = "this_year", "本年给付"


LEDGER_MEASURES = tuple(measure for measure in Measure)[:10]
OTHER_MEASURES = tuple(measure for measure in Measure)[10:]  # per household or per person, and never ticked
# Ticked on the head's row only; the others on each person's own row.
HOUSEHOLD_MEASURES = (
    Measure.FAMILY_DOCTOR,
    Measure.HOUSING,
    Measure.WATER,
    Measure.TEMPORARY_RELIEF,
    Measure.SOCIAL_RELIEF,
)
TICK_KINDS = {
    Measure.HOUSING: TickKind.LASTING,
    Measure.WATER: TickKind.LASTING,
    Measure.TEMPORARY_RELIEF: TickKind.THIS_YEAR,
}


class DeliveryQuerySet(RegionScopedQuerySet):
    """Deliveries, scoped by their household's village."""

    region_lookup = "household__village"

    def in_place_on(self, day: datetime.date) -> "DeliveryQuerySet":
        """已落实 on the day: running; or done and lasting; or granted in the day's year, by the day."""
        lasting = [measure for measure, kind in TICK_KINDS.items() if kind == TickKind.LASTING]
        yearly = [measure for measure, kind in TICK_KINDS.items() if kind == TickKind.THIS_YEAR]
        running = ~Q(measure__in=[*lasting, *yearly]) & (Q(ended_on=None) | Q(ended_on__gte=day))
        done = Q(measure__in=lasting, ended_on__isnull=False, ended_on__lte=day)
        granted = Q(measure__in=yearly, begun_on__year=day.year)
        return self.filter(running | done | granted, begun_on__lte=day)


class Delivery(models.Model):
    """A measure that a household, or one of its members, has been given.

    For 危房改造 and 饮水安全 ``ended_on`` is the day on which it was finished and checked.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="deliveries", verbose_name="农户")
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="deliveries", verbose_name="享受人"
    )
    measure = models.CharField("措施", max_length=20, choices=Measure)
    begun_on = models.DateField("开始日期")
    ended_on = models.DateField("结束（办成）日期", null=True, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    batch = models.ForeignKey(ImportBatch, models.PROTECT, null=True, blank=True, related_name="+")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField(auto_now_add=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "帮扶措施"
        ordering: ClassVar = ["-begun_on"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("begun_on")),
                name="delivery_ends_after_it_begins",
                violation_error_message="结束日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                condition=Q(measure__in=HOUSEHOLD_MEASURES, member=None)
                | ~Q(measure__in=[*HOUSEHOLD_MEASURES, "industry", "small_loan", "donation"]) & Q(member__isnull=False)
                | Q(measure__in=["industry", "small_loan", "donation"]),
                name="delivery_names_the_person_where_the_policy_does",
                violation_error_message="按人享受的政策要选享受人，按户享受的不用选。",
            ),
        ]

    def __str__(self) -> str:
        return self.get_measure_display()

    @property
    def is_grant(self) -> bool:
        """Whether it is given once (临时救助), and so cannot be ended."""
        return TICK_KINDS.get(self.measure) == TickKind.THIS_YEAR
