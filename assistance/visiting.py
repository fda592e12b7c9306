"""A visit written down, taken back within minutes, its draft, and the number that was called."""

import datetime
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.idempotency import spend_on, spent
from accounts.models import User
from assistance.models import Visit, VisitDraft, VisitMood, VisitWay
from assistance.services import hold
from households import disclosure
from households.attachments import store
from households.incoming_files import IncomingFile
from households.models import AttachmentKind, Household

UNDO_MINUTES = 10


@transaction.atomic
def add_visit(
    *,
    household: Household,
    by: User,
    visited_on: datetime.date,
    mood: str,
    idempotency_key: str,
    way: str = VisitWay.VISIT,
    chips: Sequence[str] = (),
    sentence: str = "",
    visitor_name: str = "",
    contact_phone: str = "",
    photo: IncomingFile | None = None,
) -> Visit | None:
    """Record a visit; sent twice it is one visit, and the second gives None.

    So does the same visit of the same person and day under another key: the first answer was lost. ``visitor_name`` names a
    colleague without an account. Raises ValidationError for a day to come, or a new difficulty without a word about it.
    """
    if visited_on > timezone.localdate():
        raise ValidationError("日期不能晚于今天。")
    if mood == VisitMood.WORSE and not sentence.strip():
        raise ValidationError({"sentence": "有新困难，请写一句是什么困难。"})
    if not spend_on(idempotency_key, by, f"visit:{household.pk}"):
        return None
    hold(household)
    VisitDraft.objects.filter(household=household, author=by).delete()
    said = {"way": way, "mood": mood, "sentence": sentence.strip(), "visitor_name": visitor_name.strip()}
    owner = {"kind": AttachmentKind.VISIT_PHOTO, "village": household.village, "household": household, "by": by}
    kept = store(photo, **owner) if photo else None  # the same photo again is the same attachment
    if _twin(household, by, visited_on, chips, {**said, "photo": kept}):
        return None
    visit = Visit.objects.create(
        household=household,
        visited_on=visited_on,
        chips=list(chips),
        visitor=by,
        contact_phone=contact_phone,
        photo=kept,
        **said,
    )
    audit.record(
        action="assistance.add_visit",
        actor=by,
        target=household,
        region=household.village,
        visited_on=visited_on,
        way=way,
        mood=mood,
        for_colleague=bool(visitor_name.strip()),
    )
    return visit


def may_undo(user: User) -> Any:
    """The visits that the person has just written down himself, the last one first."""
    since = timezone.now() - datetime.timedelta(minutes=UNDO_MINUTES)
    return Visit.objects.visible_to(user).filter(visitor=user, entered_at__gte=since).order_by("-entered_at")


@transaction.atomic
def undo_visit(*, visit: Visit, by: User) -> None:
    """Take back a visit within minutes; the photo stays with the household. Raises ValidationError when it is too late."""
    gone, _kinds = may_undo(by).filter(pk=visit.pk).delete()
    if not gone:
        raise ValidationError(f"只能在 {UNDO_MINUTES} 分钟内撤回自己记的走访；记错了的，请再记一次写明。")
    audit.record(
        action="assistance.undo_visit",
        actor=by,
        target=visit.household,
        region=visit.household.village,
        visited_on=visit.visited_on,
        mood=visit.mood,
    )


# ---- drafts ----


@transaction.atomic
def save_draft(*, household: Household, by: User, typed: Mapping[str, Any], idempotency_key: str) -> bool:
    """Keep what has been typed on a page; False when that page was saved already, and there is nothing to keep."""
    hold(household)  # whoever saves the visit takes the same row first, so that a late draft never outlives it
    if spent(idempotency_key, by):
        return False
    words = json.dumps(dict(typed), ensure_ascii=False)
    VisitDraft.objects.update_or_create(household=household, author=by, defaults={"typed": words})
    return True


def draft_of(household: Household, by: User) -> tuple[dict[str, Any], datetime.datetime] | None:
    """What the person has typed of this household and not saved, and when."""
    draft = VisitDraft.objects.filter(household=household, author=by).first()
    return (json.loads(draft.typed), draft.updated_at) if draft else None


# ---- the number that was called ----


@transaction.atomic
def reveal_contact(*, visit: Visit, reason: str, note: str, by: User) -> str:
    """The number in full; the trace keeps who and why, and it counts with the other numbers shown on that day.

    Raises ValidationError when the day's number of times is used up, or none was written down.
    """
    disclosure.check_quota(by)
    if not visit.contact_phone:
        raise ValidationError("这次走访没有记电话。", code="nothing")
    audit.record(
        action=disclosure.ACTION,
        actor=by,
        target=visit.household,
        region=visit.household.village,
        what="contact_phone",
        reason=reason,
        note=note,
    )
    return visit.contact_phone


def _twin(
    household: Household, by: User, visited_on: datetime.date, chips: Sequence[str], said: Mapping[str, Any]
) -> bool:
    same = Visit.objects.filter(household=household, visitor=by, visited_on=visited_on, **said)
    return any(set(one.chips) == set(chips) for one in same)
