"""督导 findings with their rectification, and 专题会商 with its decisions (documents 001 three (三), 002 four)."""

import datetime
import uuid
from collections.abc import Iterable
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.departments import clerkships
from accounts.models import Region, User
from accounts.roles import Role
from accounts.scoping import RegionScopedQuerySet
from households.models import Attachment, Household
from monitoring.models.cases import Case


def of_departments(user: User, place: str) -> Q:
    """Rows that a department answers for whose clerk the person is, there where he is posted; empty for everybody else."""
    found = Q()
    for one in clerkships(user):
        start, end = one.region.path_range
        under = Q(**{f"{place}__path__gte": start, f"{place}__path__lt": end})
        found |= under & Q(answerable=None, department=one.department)
    return found


class FindingState(models.TextChoices):
    """How far the rectification of a finding is."""

    OPEN = "open", "待整改"
    REPORTED = "reported", "已整改，待验收"
    ACCEPTED = "accepted", "验收通过"
    WITHDRAWN = "withdrawn", "已撤回"


class FindingQuerySet(RegionScopedQuerySet):
    """Findings: seen where something was found, and by the unit that answers for it."""

    region_lookup = "place"

    def visible_to(self, user: User, *roles: Role) -> "FindingQuerySet":
        """Under the person's postings; for the clerk of a department what his department answers for, and nothing else."""
        seen = super().visible_to(user, *roles)
        mine = of_departments(user, "place")
        return seen if roles or not mine else self.filter(Q(pk__in=seen.values("pk")) | mine)

    def late_on(self, day: datetime.date) -> "FindingQuerySet":
        """Not mended, and the term has passed."""
        return self.filter(state=FindingState.OPEN, due_on__lt=day)

    def in_regions(self, regions: Iterable[Region]) -> "FindingQuerySet":
        """Found in these subtrees, or for a unit in them to mend."""
        found = Q(pk__in=[])
        for start, end in {region.path_range for region in regions}:
            found |= Q(place__path__gte=start, place__path__lt=end)
            found |= Q(answerable__path__gte=start, answerable__path__lt=end)
        return self.filter(found)

    def in_administrative_order(self) -> "FindingQuerySet":
        """By place as the divisions stand, then as they were found: a list that ranks nobody."""
        return self.order_by("place__path", "found_on", "recorded_at", "pk")


class Finding(models.Model):
    """What an inspection found wrong: where, what, who has to mend it, until when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    found_on = models.DateField("发现日期")
    # Who found it, where this is not the one who recorded it: an inspector from outside.
    finder = models.CharField("发现人", max_length=60, blank=True)
    place = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="发现地点")
    what = models.TextField("发现的问题", max_length=1000)
    household = models.ForeignKey(
        Household, models.PROTECT, null=True, blank=True, related_name="findings", verbose_name="涉及的户"
    )
    case = models.ForeignKey(
        Case, models.SET_NULL, null=True, blank=True, related_name="findings", verbose_name="监测对象"
    )
    answerable = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="责任单位"
    )
    department = models.CharField("责任部门", max_length=60, blank=True)
    due_on = models.DateField("整改期限")  # the day itself is in time
    state = models.CharField("状态", max_length=10, choices=FindingState, default=FindingState.OPEN)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField(auto_now_add=True)
    closed_on = models.DateField("办结日期", null=True, blank=True)
    closing_note = models.CharField("撤回原因", max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "督导问题"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(answerable__isnull=False, department="") | (Q(answerable=None) & ~Q(department="")),
                name="finding_has_one_unit_answerable",
                violation_error_message="责任单位要么是一级政府或村，要么是一个部门。",
            ),
            models.CheckConstraint(condition=Q(due_on__gte=F("found_on")), name="finding_is_due_after_it_was_found"),
            models.CheckConstraint(
                condition=Q(state__in=[FindingState.OPEN, FindingState.REPORTED], closed_on=None)
                | Q(state__in=[FindingState.ACCEPTED, FindingState.WITHDRAWN], closed_on__isnull=False),
                name="finding_is_closed_on_a_day",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["place", "state"], name="finding_place_state"),
            models.Index(fields=["answerable", "state"], name="finding_unit_state"),
        ]

    def __str__(self) -> str:
        return f"{self.place.name} {self.found_on:%Y-%m-%d}"

    @property
    def unit(self) -> str:
        """Who has to mend it, as papers name it."""
        return self.answerable.name if self.answerable else self.department

    @property
    def found_by(self) -> str:
        """Who found it, as papers name it."""
        return self.finder or self.recorded_by.name


class Rectification(models.Model):
    """One report of what was mended, and what was said to it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    finding = models.ForeignKey(Finding, models.PROTECT, related_name="rectifications")
    done_on = models.DateField("整改日期")
    what = models.TextField("整改情况", max_length=1000)
    evidence = models.CharField("佐证材料", max_length=300)
    attachments = models.ManyToManyField(Attachment, related_name="+", verbose_name="照片、扫描件")
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上报人")
    on_behalf_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reported_at = models.DateTimeField(auto_now_add=True)
    accepted = models.BooleanField("验收通过", null=True, blank=True)
    verdict = models.CharField("验收意见", max_length=300, blank=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="验收人"
    )
    judged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "整改"
        ordering: ClassVar = ["reported_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(judged_by=None) | ~Q(judged_by=F("reported_by")),
                name="rectification_is_judged_by_somebody_else",
                violation_error_message="整改由另一个人验收。",
            ),
            models.CheckConstraint(
                condition=Q(accepted=None, judged_by=None) | Q(accepted__isnull=False, judged_by__isnull=False),
                name="rectification_is_judged_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["finding"], condition=Q(accepted=None), name="one_rectification_waits_at_a_time"
            ),
        ]


class ConsultationQuerySet(RegionScopedQuerySet):
    """Consultations, scoped by the region that held them."""

    region_lookup = "region"


class Consultation(models.Model):
    """专题会商: when, where, who was present, about which households or topics."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="会商单位")
    topic = models.CharField("议题", max_length=120)
    held_on = models.DateField("会商日期")
    venue = models.CharField("地点", max_length=60)
    chair = models.CharField("主持人", max_length=30)
    minute_taker = models.CharField("记录人", max_length=30)
    present = models.TextField("参加人", max_length=1000)
    minutes = models.TextField("会商记录", max_length=4000)
    cases = models.ManyToManyField(Case, related_name="consultations", blank=True, verbose_name="涉及的户")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "专题会商"
        ordering: ClassVar = ["-held_on", "-recorded_at"]

    def __str__(self) -> str:
        return self.topic


class DecisionState(models.TextChoices):
    """What became of a decision."""

    OPEN = "open", "待落实"
    DONE = "done", "已落实"
    NOT_DONE = "not_done", "没有落实"


class DecisionQuerySet(RegionScopedQuerySet):
    """Decisions: seen by those who held the consultation, and by the unit that carries them out."""

    def visible_to(self, user: User, *roles: Role) -> "DecisionQuerySet":
        """Under the person's postings; for the clerk of a department what his department carries out."""
        seen = super().visible_to(user, *roles)
        mine = of_departments(user, "consultation__region")
        return seen if roles or not mine else self.filter(Q(pk__in=seen.values("pk")) | mine)

    def in_regions(self, regions: Iterable[Region]) -> "DecisionQuerySet":
        """Of consultations in these subtrees, or for a unit in them."""
        found = Q(pk__in=[])
        for start, end in {region.path_range for region in regions}:
            found |= Q(consultation__region__path__gte=start, consultation__region__path__lt=end)
            found |= Q(answerable__path__gte=start, answerable__path__lt=end)
        return self.filter(found)


class Decision(models.Model):
    """One thing that a consultation decided: what, which unit, until when, and whether it was done."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="decisions")
    position = models.PositiveSmallIntegerField("序号")
    what = models.CharField("议定事项", max_length=300)
    case = models.ForeignKey(
        Case, models.SET_NULL, null=True, blank=True, related_name="decisions", verbose_name="关于哪一户"
    )
    answerable = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="责任单位"
    )
    department = models.CharField("责任部门", max_length=60, blank=True)
    due_on = models.DateField("期限")  # the day itself is in time
    state = models.CharField("落实情况", max_length=10, choices=DecisionState, default=DecisionState.OPEN)
    note = models.CharField("说明", max_length=300, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "会商议定事项"
        ordering: ClassVar = ["consultation", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["consultation", "position"], name="decisions_are_numbered_once"),
            models.CheckConstraint(
                condition=Q(answerable__isnull=False, department="") | (Q(answerable=None) & ~Q(department="")),
                name="decision_has_one_unit_answerable",
                violation_error_message="责任单位要么是一级政府或村，要么是一个部门。",
            ),
            models.CheckConstraint(
                condition=Q(state=DecisionState.OPEN, settled_by=None)
                | (~Q(state=DecisionState.OPEN) & Q(settled_by__isnull=False) & ~Q(note="")),
                name="settled_decision_says_who_and_how",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["answerable", "state"], name="decision_unit_state")]

    @property
    def unit(self) -> str:
        """Who carries it out, as papers name it."""
        return self.answerable.name if self.answerable else self.department
