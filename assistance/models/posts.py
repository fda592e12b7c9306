"""公益岗位 with their months, and trainings with what came of them (003 二（二）7–9)."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Region
from accounts.scoping import RegionScopedQuerySet
from assistance.models.measures import Delivery, FundSource
from households.models import Household, Member


class PostQuerySet(RegionScopedQuerySet):
    """Posts, scoped by the region that offers them."""

    region_lookup = "region"


class Post(models.Model):
    """A kind of public post that a region offers: how many places, for what wage, until when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="在哪里")
    title = models.CharField("岗位名称", max_length=40)
    places = models.PositiveSmallIntegerField("名额")
    wage = models.BigIntegerField("月工资")  # fen
    fund = models.CharField("资金来源", max_length=10, choices=FundSource)
    unit = models.CharField("用人单位", max_length=60)
    opens_on = models.DateField("开始日期")
    closes_on = models.DateField("结束日期", null=True, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(auto_now_add=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公益岗位"
        ordering: ClassVar = ["title", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(places__gte=1), name="post_has_a_place"),
            models.CheckConstraint(
                condition=Q(closes_on=None) | Q(closes_on__gte=F("opens_on")), name="post_closes_after_it_opens"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class OfferAnswer(models.TextChoices):
    """What came of an offer."""

    OPEN = "open", "等答复"
    TAKEN = "taken", "愿意"
    REFUSED = "refused", "不愿意"


class PostOfferQuerySet(RegionScopedQuerySet):
    """Offers, scoped by their household's village."""

    region_lookup = "member__household__village"


class PostOffer(models.Model):
    """Who was offered a place, and what he said; a place taken is a delivery."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    post = models.ForeignKey(Post, models.PROTECT, related_name="offers")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name="给谁")
    offered_on = models.DateField("提供日期")
    answer = models.CharField("答复", max_length=10, choices=OfferAnswer, default=OfferAnswer.OPEN)
    reason = models.CharField("原因", max_length=120, blank=True)
    delivery = models.OneToOneField(Delivery, models.PROTECT, null=True, related_name="post_offer")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(auto_now_add=True)

    objects = PostOfferQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "岗位安排"
        ordering: ClassVar = ["-offered_on", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["post", "member"], condition=~Q(answer="refused"), name="place_is_offered_once_to_a_person"
            ),
        ]


class PostMonth(models.Model):
    """One month of one place: days at work come first, then the pay (003 二（二）8: 不得变相发钱)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    offer = models.ForeignKey(PostOffer, models.PROTECT, related_name="months")
    month = models.DateField("月份")  # its first day
    days = models.PositiveSmallIntegerField("出勤天数")
    attendance_note = models.CharField("考勤说明", max_length=120, blank=True)
    attended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    attended_at = models.DateTimeField(auto_now_add=True)
    paid = models.BigIntegerField("实发工资", null=True, blank=True)  # fen
    paid_on = models.DateField("发放日期", null=True, blank=True)
    paid_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "岗位月份"
        ordering: ClassVar = ["-month"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["offer", "month"], name="month_of_a_place_stands_once"),
            models.CheckConstraint(condition=Q(days__lte=31), name="month_has_at_most_31_days"),
            models.CheckConstraint(
                condition=Q(paid=None, paid_on=None) | Q(paid__gte=0, paid_on__isnull=False, days__gte=1),
                name="pay_follows_attendance",
            ),
        ]


class TrainingQuerySet(RegionScopedQuerySet):
    """Trainings, scoped by the region that holds them."""

    region_lookup = "region"


class Training(models.Model):
    """A course: what, where, from when to when, by whom."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="在哪里")
    title = models.CharField("培训名称", max_length=60)
    unit = models.CharField("培训单位", max_length=60)
    begins_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(auto_now_add=True)

    objects = TrainingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "培训"
        ordering: ClassVar = ["-begins_on", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("begins_on")), name="training_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return self.title


class TraineeOutcome(models.TextChoices):
    """What came of it, asked three months later."""

    NOT_ASKED = "", "还没有回访"
    JOB = "job", "已就业"
    OWN = "own", "已创业"
    NONE = "none", "还没有就业"


class TraineeQuerySet(RegionScopedQuerySet):
    """Trainees, scoped by their household's village."""

    region_lookup = "member__household__village"


class Trainee(models.Model):
    """One person of a course, and the follow-up."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    training = models.ForeignKey(Training, models.PROTECT, related_name="trainees")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", verbose_name="谁")
    passed = models.BooleanField("结业", null=True)
    outcome = models.CharField("培训后", max_length=10, choices=TraineeOutcome, blank=True, default="")
    followed_on = models.DateField("回访日期", null=True, blank=True)
    delivery = models.OneToOneField(Delivery, models.PROTECT, null=True, related_name="+")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = TraineeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "参训人员"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["training", "member"], name="person_stands_once_in_a_training"),
        ]


class EntityKind(models.TextChoices):
    """Who takes households along (004 三（二）: 四带一自)."""

    FIRM = "firm", "龙头企业"
    COOPERATIVE = "cooperative", "合作社"
    FARM = "farm", "家庭农场、大户"
    LEADER = "leader", "致富带头人"
    WORKSHOP = "workshop", "扶贫车间"


class TieKind(models.TextChoices):
    """How a household is tied to it (003 二（二）4)."""

    ORDER = "order", "订单采购"
    LABOUR = "labour", "务工"
    SHARE = "share", "入股分红"
    LEASE = "lease", "土地租赁"
    CARE = "care", "托管代养"
    SERVICE = "service", "技术服务"


class EntityQuerySet(RegionScopedQuerySet):
    """Entities, scoped by where they are."""

    region_lookup = "region"


class Entity(models.Model):
    """A firm, cooperative or 致富带头人."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="在哪里")
    kind = models.CharField("类型", max_length=12, choices=EntityKind)
    name = models.CharField("名称", max_length=60)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(auto_now_add=True)

    objects = EntityQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "带动主体"
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["region", "kind", "name"], name="entity_stands_once_in_a_region"),
        ]

    def __str__(self) -> str:
        return self.name


class TieQuerySet(RegionScopedQuerySet):
    """Ties, scoped by their household's village."""

    region_lookup = "household__village"


class Tie(models.Model):
    """A household tied to an entity, from when to when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="ties")
    household = models.ForeignKey(Household, models.PROTECT, related_name="ties", verbose_name="农户")
    kind = models.CharField("方式", max_length=10, choices=TieKind)
    begun_on = models.DateField("开始日期")
    ended_on = models.DateField("结束日期", null=True, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = TieQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "带动关系"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["entity", "household", "kind"], condition=Q(ended_on=None), name="tie_stands_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("begun_on")), name="tie_ends_after_it_begins"
            ),
        ]


class TieReceipt(models.Model):
    """What a household received from an entity on a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tie = models.ForeignKey(Tie, models.PROTECT, related_name="receipts")
    received_on = models.DateField("收到日期")
    amount = models.BigIntegerField("金额")  # fen
    note = models.CharField("说明", max_length=120, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "带动收入"
        ordering: ClassVar = ["-received_on"]
        constraints: ClassVar = [models.CheckConstraint(condition=Q(amount__gt=0), name="receipt_is_more_than_nothing")]
