"""专题会商: a consultation with its decisions, and what became of each (document 001, three (三))."""

import datetime
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts import audit
from accounts.departments import acting_for
from accounts.idempotency import made, spend, spend_on
from accounts.models import Region, User
from accounts.roles import OFFICE_ROLES
from monitoring.models import Case, Consultation, Decision, DecisionState
from monitoring.oversight import MOVED
from monitoring.oversight_units import unit_of

MOST_CASES = 100


@dataclass(frozen=True)
class Resolved:
    """One thing to decide: what, whose work it is, until when, and which household it is about."""

    what: str
    answerable: Region | None
    department: str
    due_on: datetime.date
    case: Case | None = None


def may_settle(decision: Decision, user: User) -> bool:
    """Who carries it out, or the office that held the consultation, says what became of it."""
    held_by = decision.consultation.region
    if user.posting_over(held_by, *OFFICE_ROLES) is not None:
        return True
    if decision.answerable is None:
        return acting_for(user, decision.department, held_by) is not None
    region, roles = unit_of(held_by, decision.answerable)
    return user.posting_over(region, *roles) is not None


@transaction.atomic
def record_consultation(
    *,
    by: User,
    region: Region,
    topic: str,
    held_on: datetime.date,
    venue: str,
    chair: str,
    minute_taker: str,
    present: str,
    minutes: str,
    cases: Iterable[Case],
    decisions: Iterable[Resolved],
    idempotency_key: str = "",
) -> Consultation:
    """Write down a consultation with what it decided.

    Raises PermissionDenied, or ValidationError: a day to come, a term before the day, nothing decided.
    """
    if by.posting_over(region, *OFFICE_ROLES) is None:
        raise PermissionDenied("专题会商由镇（街）和区（市）登记。")
    resolved, about = list(decisions), list(cases)
    if held_on > timezone.localdate():
        raise ValidationError("会商日期不能晚于今天。")
    if not resolved:
        raise ValidationError("至少写一件议定的事。")
    if any(one.due_on < held_on for one in resolved):
        raise ValidationError("期限不能早于会商日期。")
    if any(not region.contains(case.village) for case in about):
        raise ValidationError("涉及的户要在会商单位的范围内。")
    key = uuid.uuid4()
    if idempotency_key and not spend(idempotency_key, by, str(key)):
        first = made(idempotency_key, by, Consultation.objects.all())
        if first is not None:
            return first
    consultation = Consultation.objects.create(
        pk=key, region=region, topic=topic.strip(), held_on=held_on, venue=venue.strip(), chair=chair.strip(),
        minute_taker=minute_taker.strip(), present=present.strip(), minutes=minutes.strip(), recorded_by=by,
    )  # fmt: skip
    consultation.cases.set(about)
    Decision.objects.bulk_create(
        Decision(
            consultation=consultation, position=place, what=one.what, answerable=one.answerable,
            department="" if one.answerable else one.department, due_on=one.due_on, case=one.case,
        )
        for place, one in enumerate(resolved, start=1)
    )  # fmt: skip
    audit.record(
        action="consultation.record", actor=by, target=consultation, region=region, cases=len(about),
        decisions=len(resolved),
    )  # fmt: skip
    return consultation


@transaction.atomic
def settle_decision(
    *, decision: Decision, by: User, done: bool, note: str, version: int, idempotency_key: str = ""
) -> Decision:
    """Say whether a decision was carried out, and how; what was not may be said to be done later.

    Raises PermissionDenied, or ValidationError: no words, or somebody said so meanwhile.
    """
    if not may_settle(decision, by):
        raise PermissionDenied(f"这一件由{decision.unit}办。")
    if not note.strip():
        raise ValidationError("请写明怎么落实的，或者为什么没有落实。")
    if idempotency_key and not spend_on(idempotency_key, by, f"decision:{decision.pk}"):
        return decision
    waiting = Decision.objects.filter(pk=decision.pk, version=version).exclude(state=DecisionState.DONE)
    if not waiting.update(
        state=DecisionState.DONE if done else DecisionState.NOT_DONE, note=note.strip(), settled_by=by,
        settled_at=timezone.now(), version=F("version") + 1,
    ):  # fmt: skip
        raise ValidationError(MOVED)
    decision.refresh_from_db()
    audit.record(
        action="consultation.settle", actor=by, target=decision.consultation, region=decision.consultation.region,
        done=done,
    )  # fmt: skip
    return decision
