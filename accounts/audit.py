"""Write and verify the trace: one row for each act, in the caller's transaction, sealed into a chain later."""

import datetime
import hashlib
import hmac
import json
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from accounts.encryption import keyring
from accounts.models import AuditEvent, AuditSeal, Region, User

SEAL_BATCH = 1000
GENESIS = "0" * 64


def record(
    *,
    action: str,
    actor: User | None,
    target: models.Model | None = None,
    region: Region | None = None,
    on_behalf_of: User | None = None,
    **detail: Any,
) -> AuditEvent:
    """Append one event in the caller's transaction; the detail must hold no identity number, phone or name list.

    ``action`` is a noun.verb such as ``survey.submit``; ``target`` is kept as ``model:pk``. Where the
    actor stands in for a colleague over this region, the colleague is named of himself.
    """
    if on_behalf_of is None and actor is not None and region is not None:
        posting = actor.posting_over(region)
        on_behalf_of = posting.on_behalf_of if posting else None
    event = AuditEvent(
        at=timezone.now(),
        actor=actor,
        on_behalf_of=on_behalf_of,
        action=action,
        region=region,
        target=f"{target._meta.label_lower}:{target.pk}" if target is not None else "",
        detail=json.loads(json.dumps(detail, default=str)),
    )
    event.mac = _mac(event)
    event.save(force_insert=True)
    return event


def times_today(by: User, *actions: str) -> int:
    """How often somebody has done one of these things since midnight."""
    midnight = timezone.make_aware(datetime.datetime.combine(timezone.localdate(), datetime.time.min))
    return AuditEvent.objects.filter(action__in=actions, actor=by, at__gte=midnight).count()


def seal() -> int:
    """Give committed events the next numbers of the chain; returns how many. Two sealers at once: one fails and retries."""
    with transaction.atomic():
        last = AuditSeal.objects.order_by("-number").first()
        number, chain = (last.number, last.chain_hash) if last else (0, GENESIS)
        waiting = list(AuditEvent.objects.filter(seal=None).order_by("pk")[:SEAL_BATCH])
        for event in waiting:
            number += 1
            chain = _link(chain, event.mac, number)
            AuditSeal.objects.create(number=number, event=event, chain_hash=chain)
    return len(waiting)


def verify() -> list[str]:
    """What is wrong with the trace, in sentences; an empty list means that nothing was edited or removed."""
    faults = []
    chain = GENESIS
    for expected, link in enumerate(AuditSeal.objects.select_related("event").order_by("number").iterator(), start=1):
        chain = _link(chain, link.event.mac, link.number)
        if link.number != expected:
            return [*faults, f"封存链在第 {expected} 号处缺失。"]
        if not hmac.compare_digest(chain, link.chain_hash):
            return [*faults, f"封存链第 {link.number} 号与前文不符。"]
    for event in AuditEvent.objects.order_by("pk").iterator():
        if not hmac.compare_digest(event.mac, _mac(event)):
            faults.append(f"日志 {event.pk} 被改动过。")
    return faults


def _mac(event: AuditEvent) -> str:
    content = [
        event.at.isoformat(),
        event.actor_id,
        event.on_behalf_of_id,
        event.action,
        event.region_id,
        event.target,
        event.detail,
    ]
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hmac.new(keyring().audit_key, canonical.encode(), hashlib.sha256).hexdigest()


def _link(before: str, mac: str, number: int) -> str:
    return hashlib.sha256(f"{before}{mac}{number}".encode()).hexdigest()
