"""All that a public host keeps: village pages, sealed declarations, what has become of them, and counts of requests.

No row here can be read back into a person: a declaration is sealed for the inner system as it is written, receipts and
telephone endings are digests, addresses of visitors too. Nothing here points at a row of the register.
"""

import uuid
from typing import ClassVar

from django.db import models


class SealingKey(models.Model):
    """The public half of the key that declarations are sealed with; the private half is in the inner system alone."""

    key_id = models.CharField(max_length=16, primary_key=True)
    public_key = models.CharField(max_length=64)
    published_at = models.DateTimeField(auto_now=True)


class VillagePage(models.Model):
    """The page behind a village's QR code, as the inner system last told it."""

    token = models.CharField(max_length=32, primary_key=True)
    village = models.CharField(max_length=60)
    town = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    groups = models.JSONField(default=list)  # numbers of its 村民小组
    is_open = models.BooleanField(default=True)


class Answer(models.TextChoices):
    """What somebody who asks with his receipt is told."""

    RECEIVED = "received", "已收到"
    LOOKED_INTO = "looked_into", "正在核实"
    TAKEN_UP = "taken_up", "已列入办理"
    DESIGNATED = "designated", "已纳入监测对象"
    REFUSED = "refused", "不予认定"


class SealedDeclaration(models.Model):
    """A declaration as the public page took it; ``sealed`` is emptied once the inner system has fetched it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    page = models.ForeignKey(VillagePage, models.PROTECT, related_name="declarations")
    form_key = models.UUIDField(unique=True)  # one form makes one declaration
    receipt_digest = models.CharField(max_length=64, unique=True)
    asker_digest = models.CharField(max_length=64)  # receipt and last four of the telephone
    key_id = models.CharField(max_length=16)
    sealed = models.TextField(blank=True)
    received_at = models.DateTimeField(auto_now_add=True)
    fetched_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=12, choices=Answer, default=Answer.RECEIVED)
    reason = models.CharField(max_length=300, blank=True)
    answered_on = models.DateField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["received_at"], condition=models.Q(fetched_at=None), name="declaration_to_fetch"),
        ]


class RequestCount(models.Model):
    """How often something was asked in a span of time; ``bucket`` is a digest of who, what and which span."""

    bucket = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    until = models.DateTimeField(db_index=True)


class PublicNotice(models.Model):
    """A notice as everybody may see it: masked rows, no key of the register; the inner system wrote it and takes it away."""

    token = models.CharField(max_length=32, primary_key=True)
    sheet = models.JSONField()  # monitoring.notices_sheet.Sheet, masked
    starts_on = models.DateField()
    ends_on = models.DateField()
    takes_objections = models.BooleanField(default=False)
    is_open = models.BooleanField(default=True)  # the district has the pages switched on
    is_over = models.BooleanField(default=False)  # nobody stands on it any more; the sheet is empty then


class ObjectionAnswer(models.TextChoices):
    """What somebody who asks after an objection is told."""

    RECEIVED = "received", "已收到"
    LOOKED_INTO = "looked_into", "正在核查"
    UPHELD = "upheld", "异议成立"
    DISMISSED = "dismissed", "异议不成立"


class SealedObjection(models.Model):
    """An objection as the public page took it; ``sealed`` is emptied once the inner system has fetched it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    notice = models.ForeignKey(PublicNotice, models.PROTECT, related_name="objections")
    form_key = models.UUIDField(unique=True)
    receipt_digest = models.CharField(max_length=64, unique=True, null=True)  # null: older than the answers
    key_id = models.CharField(max_length=16)
    sealed = models.TextField(blank=True)
    received_at = models.DateTimeField(auto_now_add=True)
    fetched_at = models.DateTimeField(null=True)
    answer = models.CharField(
        max_length=12, choices=ObjectionAnswer, default=ObjectionAnswer.RECEIVED, db_default=ObjectionAnswer.RECEIVED
    )
    reply = models.CharField(max_length=500, blank=True, db_default="")
    answered_on = models.DateField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["received_at"], condition=models.Q(fetched_at=None), name="objection_to_fetch"),
        ]
