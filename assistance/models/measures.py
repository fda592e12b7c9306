"""What each household or person is promised and has been given, with dates; and the measures that a district adds."""

import datetime
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Region
from accounts.scoping import RegionScopedQuerySet
from assistance.catalogue import CatalogueMeasure, Condition, GivenTo, Group, Kind, LedgerColumn, Source
from households.models import Household, ImportBatch, Member


class FundSource(models.TextChoices):
    """Whose money it is, so that money can be summed by source (000 四2, 004 四（二）)."""

    CENTRAL = "central", "中央"
    PROVINCE = "province", "省"
    CITY = "city", "市"
    COUNTY = "county", "区（县）"
    SOCIETY = "society", "社会"


class Every(models.TextChoices):
    """How often an amount is paid."""

    ONCE = "once", "一次"
    MONTH = "month", "每月"
    YEAR = "year", "每年"


class Stage(models.TextChoices):
    """How far a measure is on a day."""

    PROMISED = "promised", "已承诺"
    IN_HAND = "in_hand", "正在办"
    IN_PLACE = "in_place", "已落实"
    ENDED = "ended", "已结束"
    DROPPED = "dropped", "不再办"


class DistrictMeasureQuerySet(RegionScopedQuerySet):
    """A district's own measures, scoped by the district."""

    region_lookup = "region"


class DistrictMeasure(models.Model):
    """A measure that a district adds to the catalogue, with the document that it rests on; a second person confirms it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="区（市）")
    code = models.CharField(max_length=40, unique=True, editable=False)
    name = models.CharField("措施名称", max_length=60)
    group = models.CharField("类别", max_length=20, choices=Group)
    given_to = models.CharField("按户还是按人", max_length=10, choices=GivenTo)
    kind = models.CharField("怎样算落实", max_length=10, choices=Kind, default=Kind.RUNNING)
    column = models.CharField("台账栏", max_length=20, choices=LedgerColumn, blank=True)
    lead = models.CharField("牵头单位", max_length=60)
    units = models.CharField("责任单位", max_length=120, blank=True)
    causes = models.JSONField("对应的风险", default=list)
    guarantees = models.JSONField("对应的保障", default=list)
    checks = models.JSONField("系统能核对的条件", default=list)
    asks = models.JSONField("要问的条件", default=list)
    papers = models.JSONField("材料", default=list)
    amount_most = models.PositiveIntegerField("金额上限（元）", null=True, blank=True)
    months_most = models.PositiveSmallIntegerField("期限上限（月）", null=True, blank=True)
    has_term = models.BooleanField("有期限", default=False)
    document = models.CharField("文件", max_length=120)
    article = models.CharField("条款", max_length=60)
    starts_on = models.DateField("从哪天起")
    ends_on = models.DateField("到哪天止", null=True, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(auto_now_add=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)

    objects = DistrictMeasureQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "本区措施"
        ordering: ClassVar = ["group", "name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="measure_ends_after_it_starts",
                violation_error_message="止日不能早于起日。",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("entered_by")),
                name="a_second_person_confirms_a_measure",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def as_measure(self) -> CatalogueMeasure:
        """The same as one of the catalogue."""
        return CatalogueMeasure(
            code=self.code,
            name=self.name,
            group=Group(self.group),
            given_to=GivenTo(self.given_to),
            kind=Kind(self.kind),
            column=self.column,
            lead=self.lead,
            units=self.units,
            causes=tuple(self.causes),
            guarantees=tuple(self.guarantees),
            checks=tuple(Condition(one) for one in self.checks),
            asks=tuple(self.asks),
            papers=tuple(self.papers),
            sources=(Source(self.document, self.article),),
            amount_most=self.amount_most,
            months_most=self.months_most,
            has_term=self.has_term,
            starts_on=self.starts_on,
            ends_on=self.ends_on,
        )


def in_place(day: datetime.date) -> Q:
    """已落实 on a day: running; or done and lasting; or granted in the day's year, by the day."""
    running = Q(kind=Kind.RUNNING) & (Q(ended_on=None) | Q(ended_on__gte=day))
    done = Q(kind=Kind.LASTING, ended_on__isnull=False, ended_on__lte=day)
    granted = Q(kind=Kind.GRANT, begun_on__year=day.year)
    return Q(begun_on__lte=day) & (running | done | granted)


class DeliveryQuerySet(RegionScopedQuerySet):
    """Deliveries, scoped by their household's village."""

    region_lookup = "household__village"

    def in_place_on(self, day: datetime.date) -> "DeliveryQuerySet":
        """已落实 on the day."""
        return self.filter(in_place(day))

    def under_way_on(self, day: datetime.date) -> "DeliveryQuerySet":
        """Promised or in hand, as ``Delivery.stage_on`` says: also what was begun without a promise and is not finished."""
        unfinished = Q(kind=Kind.LASTING) & (Q(ended_on=None) | Q(ended_on__gt=day))
        here = Q(begun_on=None) | Q(begun_on__gt=day) | unfinished
        return self.filter(here, Q(dropped_on=None) | Q(dropped_on__gt=day))

    def waiting_on(self, day: datetime.date) -> "DeliveryQuerySet":
        """Promised by the day, and neither begun, given up nor, where it lasts, finished by then."""
        begun = Q(begun_on__lte=day) & (~Q(kind=Kind.LASTING) | Q(ended_on__lte=day))
        return self.filter(Q(dropped_on=None) | Q(dropped_on__gt=day), promised_on__lte=day).exclude(begun)


class Delivery(models.Model):
    """A measure that a household, or one of its members, is promised and then given.

    The dates say how far it is: promised, 正在办 (``taken_up_on``), 已落实 from ``begun_on``, until ``ended_on``; of what
    lasts (危房改造, 饮水安全) ``ended_on`` is the day on which it was finished and checked. ``name``, ``kind``, ``column`` and
    ``lead`` are those of the measure when it was entered.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="deliveries", verbose_name="农户")
    # Whoever enters one, or removes a person, holds the household's row: the database need not look the person up again.
    member = models.ForeignKey(
        Member,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="deliveries",
        verbose_name="享受人",
        db_constraint=False,
    )
    measure = models.CharField("措施", max_length=40)  # a code of the catalogue, or of a district's own
    name = models.CharField("措施名称", max_length=60, blank=True, default="")
    kind = models.CharField("怎样算落实", max_length=10, choices=Kind, default=Kind.RUNNING)
    column = models.CharField("台账栏", max_length=20, choices=LedgerColumn, blank=True, default="")
    lead = models.CharField("牵头单位", max_length=60, blank=True, default="")
    promised_on = models.DateField("承诺日期", null=True, blank=True)
    due_on = models.DateField("应落实日期", null=True, blank=True)
    taken_up_on = models.DateField("开始办理日期", null=True, blank=True)
    begun_on = models.DateField("开始日期", null=True, blank=True)
    runs_until = models.DateField("到期日期", null=True, blank=True)  # of a loan, a post, a contract: as agreed
    ended_on = models.DateField("结束（办成）日期", null=True, blank=True)
    dropped_on = models.DateField("不再办理日期", null=True, blank=True)
    amount = models.BigIntegerField("金额", null=True, blank=True)  # fen
    every = models.CharField("多久一次", max_length=10, choices=Every, default=Every.ONCE)
    fund = models.CharField("资金来源", max_length=10, choices=FundSource, blank=True, default="")
    unit = models.CharField("责任单位", max_length=60, blank=True, default="")
    person = models.CharField("责任人", max_length=30, blank=True, default="")
    note = models.CharField("说明", max_length=200, blank=True)
    # Few deliveries have one, and lists write many at once: these are indexed only where they say something.
    batch = models.ForeignKey(ImportBatch, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    list_row = models.ForeignKey(
        "assistance.DepartmentListRow", models.DO_NOTHING, null=True, blank=True, related_name="deliveries",
        db_constraint=False, db_index=False,
    )  # the line of a department's list that says so: then nobody else may change it  # fmt: skip
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )  # an account is never deleted
    entered_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "帮扶措施"
        ordering: ClassVar = [F("begun_on").desc(nulls_last=True), "-promised_on"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("begun_on")),
                name="delivery_ends_after_it_begins",
                violation_error_message="结束日期不能早于开始日期。",
            ),
            models.CheckConstraint(
                condition=Q(begun_on__isnull=False) | Q(promised_on__isnull=False, ended_on=None),
                name="delivery_is_promised_or_begun",
            ),
            models.CheckConstraint(condition=Q(amount=None) | Q(amount__gte=0), name="delivery_costs_nothing_or_more"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["lead", "due_on"], condition=Q(begun_on=None), name="delivery_waiting_by_lead"),
            models.Index(
                fields=["runs_until"], condition=Q(ended_on=None, runs_until__isnull=False), name="delivery_running_out"
            ),
            models.Index(fields=["batch"], condition=Q(batch__isnull=False), name="delivery_by_import"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_grant(self) -> bool:
        """Whether it is given once (临时救助), and so cannot be ended."""
        return self.kind == Kind.GRANT

    @property
    def is_locked(self) -> bool:
        """Whether a department's list says so: it is shown, and not asked again."""
        return self.list_row_id is not None

    def stage_on(self, day: datetime.date) -> Stage:
        """How far it is on the day."""
        if self.dropped_on and self.dropped_on <= day:
            return Stage.DROPPED
        if self.begun_on and self.begun_on <= day:
            if self.kind == Kind.LASTING:
                return Stage.IN_PLACE if self.ended_on and self.ended_on <= day else Stage.IN_HAND
            return Stage.ENDED if self.ended_on and self.ended_on < day else Stage.IN_PLACE
        return Stage.IN_HAND if self.taken_up_on and self.taken_up_on <= day else Stage.PROMISED
