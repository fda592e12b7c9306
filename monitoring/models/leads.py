"""Leads (线索): why somebody should look at a household, from four sources, and what came of it."""

import secrets
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.encryption import EncryptedField
from accounts.models import Region
from accounts.scoping import RegionScopedQuerySet
from households.codes import RiskCause
from households.models import Household
from monitoring.models.cases import Case
from monitoring.models.screenings import Assessment


class LeadSource(models.TextChoices):
    """Who noticed."""

    DECLARED = "declared", "农户申报"
    VISITED = "visited", "干部走访"
    PUSHED = "pushed", "部门预警"
    SCREENED = "screened", "系统筛查"


class LeadState(models.TextChoices):
    """Whether somebody still has to look."""

    OPEN = "open", "待核实"
    TAKEN_UP = "taken_up", "已列预警关注"
    CLOSED = "closed", "已核-无风险"
    JOINED = "joined", "并入同一户的线索"


class CloseReason(models.TextChoices):
    """Why there is no risk; the label is what the family is told too."""

    INCOME = "income", "收入够线，没有大的支出"
    SETTLED = "settled", "困难已经解决，报销或救助已到账"
    COVERED = "covered", "已有低保、特困等兜底保障"
    UNTRUE = "untrue", "核实以后和反映的不一样"
    ALREADY = "already", "已经在办或在册，不重复列"
    AWAY = "away", "不在本村常住，不归本村认定"
    OTHER = "other", "其他"


class LeadQuerySet(RegionScopedQuerySet):
    """Leads, scoped by village."""

    def open(self) -> "LeadQuerySet":
        """Those that somebody still has to look at."""
        return self.filter(state=LeadState.OPEN)


class Lead(models.Model):
    """A reason to look at a household; what else is noticed of it meanwhile joins as further evidence.

    Without a household it is a declaration whose identity number is not in the village's register: it waits to be matched.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, null=True, blank=True, related_name="leads")
    village = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="所在村")
    state = models.CharField("状态", max_length=8, choices=LeadState, default=LeadState.OPEN)
    opened_on = models.DateField("登记日期", default=timezone.localdate)
    due_on = models.DateField("入户期限", null=True, blank=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="谁去看"
    )
    visited_on = models.DateField("入户日期", null=True, blank=True)
    found = models.CharField("入户情况", max_length=500, blank=True)
    reason = models.CharField("办结原因", max_length=10, choices=CloseReason, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="leads")
    joined_to = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="joined")
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = LeadQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "线索"
        ordering: ClassVar = ["due_on", "opened_on", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(state=LeadState.OPEN),
                name="household_has_one_open_lead",
                violation_error_message="这一户已经有一条待核实的线索。",
            ),
            models.CheckConstraint(
                condition=~Q(state=LeadState.CLOSED) | ~Q(reason=""), name="closed_lead_has_a_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state=LeadState.TAKEN_UP) | Q(case__isnull=False), name="lead_taken_up_has_a_case"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["village", "state", "due_on"], name="lead_of_village")]

    @property
    def days_left(self) -> int | None:
        """Days until the visit is due, negative when it is late; None once it is visited or settled."""
        if self.due_on is None or self.visited_on or self.state != LeadState.OPEN:
            return None
        return (self.due_on - timezone.localdate()).days


class DeclarationQuerySet(RegionScopedQuerySet):
    """Declarations, scoped by village."""


class Declaration(models.Model):
    """What a family declared of itself on the public page; who declares on paper is entered as evidence at once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    village = models.ForeignKey(Region, models.PROTECT, related_name="+")
    receipt = EncryptedField("回执号", blank=True)
    name = EncryptedField("户主姓名")
    phone = EncryptedField("手机", blank=True)
    id_number = EncryptedField("身份证号", blank=True)
    id_digest = models.CharField(max_length=40, blank=True, db_index=True, editable=False)
    group_no = models.PositiveSmallIntegerField("村民小组", null=True, blank=True)
    received_at = models.DateTimeField("收到时间", default=timezone.now)
    # Of the row on the public host: that it is fetched once, and what was told there last.
    sealed_id = models.UUIDField(unique=True, editable=False)
    told = models.CharField(max_length=400, blank=True)

    objects = DeclarationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "农户申报"


class LeadEvidence(models.Model):
    """What one source says: when, what kind of trouble, in which words."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lead = models.ForeignKey(Lead, models.PROTECT, related_name="evidence")
    source = models.CharField("来源", max_length=8, choices=LeadSource)
    happened_on = models.DateField("日期")
    cause = models.CharField("困难类型", max_length=20, choices=RiskCause, blank=True)
    words = EncryptedField("情况", blank=True)
    unit = models.CharField("提供部门", max_length=60, blank=True)
    declaration = models.OneToOneField(Declaration, models.PROTECT, null=True, blank=True, related_name="evidence")
    # What the rules said, kept whole enough to see whether they say something else since.
    assessment = models.ForeignKey(
        Assessment, models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    outcome = models.CharField(max_length=12, blank=True)
    level = models.CharField(max_length=6, blank=True)
    rule_bits = models.IntegerField(null=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    entered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "线索依据"
        ordering: ClassVar = ["happened_on", "entered_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["lead", "assessment"],
                condition=Q(assessment__isnull=False),
                name="conclusion_is_evidence_once",
            ),
        ]


def page_token() -> str:
    """An unguessable address for a village's declaration page."""
    return secrets.token_urlsafe(16)


class DeclarationPage(models.Model):
    """The address of a village's declaration page, behind its QR code; ``published`` is what the public host was told."""

    village = models.OneToOneField(Region, models.PROTECT, primary_key=True, related_name="declaration_page")
    token = models.CharField(max_length=32, unique=True, default=page_token, editable=False)
    published = models.JSONField(default=dict)
