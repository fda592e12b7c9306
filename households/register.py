"""The ground of every change to the register: the row is taken, the family is whole, the change is traced and told."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.utils import timezone

from accounts import audit
from accounts.idempotency import Row, made, spend, spend_on
from accounts.models import User
from households import codes, signals
from households.facts import refresh_facts
from households.identity import Identity
from households.models import Household, LifeEvent, Member
from households.names import initials


class StaleHousehold(ValidationError):
    """Somebody changed or closed the household since the form was opened; nothing was written."""


def sent_before(key: str, by: User, subject: str) -> bool:
    """Spend a form's key on what it changes; True when that was done before. Without a key, always False."""
    return bool(key) and not spend_on(key, by, subject)


def made_before(key: str, by: User, outcome: str, rows: models.QuerySet[Row]) -> Row | None:
    """Spend a form's key on what it makes; the row of the first time when it is sent again. Without a key, always None."""
    return None if not key or spend(key, by, outcome) else made(key, by, rows)


def open_change(household: Household, expected_version: int | None) -> None:
    """Take the household's row for this transaction, raise its version, and read it again.

    Raises StaleHousehold when it was closed, or changed since the version that the form was opened with.
    """
    rows = Household.objects.filter(pk=household.pk, closed_on=None)
    if expected_version is not None:
        rows = rows.filter(version=expected_version)
    # The version is part of the WHERE clause, so of two people saving at once only one writes.
    if not rows.update(version=F("version") + 1, updated_at=timezone.now()):
        household.refresh_from_db()
        raise StaleHousehold(
            "这户已注销，不能再改。" if household.closed_on else "这户刚被别人改过，请看清两边再保存。", code="stale"
        )
    household.refresh_from_db()


def finish_change(household: Household, *, by: User, action: str, **detail: Any) -> None:
    """Check that the family is whole, copy the head's name, bring the facts up to date, trace the change, and tell the apps above."""
    check_one_head(household)
    refresh_head(household)
    refresh_facts(household)
    audit.record(action=action, actor=by, target=household, region=household.village, **detail)
    signals.household_changed.send(sender=Household, household=household, user=by)


def check_one_head(household: Household) -> None:
    """Exactly one head among the present members; a closed household has no present member at all."""
    relations = list(household.members.present().values_list("relation", flat=True))
    if household.closed_on:
        if relations:
            raise ValidationError("注销的户里不能还有人。", code="closed_with_members")
        return
    heads = relations.count(codes.HEAD)
    if heads == 0:
        raise ValidationError("一户要有一个户主，请先定谁是户主。", code="no_head")
    if heads > 1:
        raise ValidationError("一户只能有一个户主。", code="two_heads")


def refresh_head(household: Household) -> None:
    """Copy the present head's name and its initials to the household, so that lists search without a join."""
    head = household.head
    if head is None:
        return
    household.head_name, household.head_initials = head.name, initials(head.name)
    Household.objects.filter(pk=household.pk).update(
        head_name=household.head_name, head_initials=household.head_initials
    )


def write_member(member: Member, *, by: User) -> None:
    """Save a member after checking that nobody else in the register is the same person."""
    refuse_known_person(member, by=by)
    member.initials = initials(member.name)
    try:
        with transaction.atomic():
            member.save()
    except IntegrityError as fault:  # somebody else was first, between our look and our writing
        if "id_digest" in str(fault):
            raise ValidationError("这个证件号码刚被登记到另一户，请刷新后核对。", code="known_person") from fault
        raise ValidationError("一户只能有一个户主。", code="two_heads") from fault


def refuse_known_person(member: Member, *, by: User) -> None:
    """Raise ValidationError when the identity number stands in a present household, this one included.

    The sentence names the other household only to somebody who may see it.
    """
    if not member.id_digest or member.left_on:
        return
    others = Member.objects.present().filter(id_digest=member.id_digest).exclude(pk=member.pk)
    other = others.select_related("household__village").first()
    if other is None:
        return
    if other.household_id == member.household_id:
        raise ValidationError("这个证件号码已经登记在本户，请核对是不是同一个人。", code="known_person")
    if Household.objects.visible_to(by).filter(pk=other.household_id).exists():
        place = f"{other.household.village.name}{other.household}"
        raise ValidationError(
            f"这个证件号码已登记在{place}。人已经过来的，请先在那一户办婚出或迁出。", code="known_person"
        )
    raise ValidationError("这个证件号码在别的村已登记，请联系镇里核对。", code="known_person")


def check_day(happened_on: datetime.date, *members: Member) -> None:
    """An event is not in the future, and not before the birth or the arrival of those whom it concerns."""
    if happened_on > timezone.localdate():
        raise ValidationError("发生日期不能晚于今天。", code="future")
    for member in members:
        if member.born_on and happened_on < member.born_on:
            raise ValidationError(f"发生日期早于{member.name}的出生日期，请核对。", code="before_birth")
        if member.joined_on and happened_on < member.joined_on:
            raise ValidationError(f"发生日期早于{member.name}到这户的日期，请核对。", code="before_arrival")


def note_event(
    household: Household,
    kind: str,
    happened_on: datetime.date,
    *,
    by: User,
    member: Member | None = None,
    other_household: Household | None = None,
    note: str = "",
) -> LifeEvent:
    """Write one life event of the family."""
    return LifeEvent.objects.create(
        household=household,
        member=member,
        other_household=other_household,
        kind=kind,
        happened_on=happened_on,
        note=note,
        recorded_by=by,
    )


def fill_member(member: Member, fields: dict[str, Any], identity: Identity | None) -> list[str]:
    """Put typed fields and an identity into a member; gives the names of what changed. Nothing is saved."""
    before = {name: getattr(member, name) for name in fields}
    for name, value in fields.items():
        setattr(member, name, value)
    changed = [name for name, old in before.items() if old != getattr(member, name)]
    if identity is not None:
        old_number = member.id_number
        member.take_identity(identity)
        if old_number != member.id_number:
            changed.append("id_number")
    if not member.born_on:
        raise ValidationError("没有证件号码的，要填出生日期。", code="birthday")
    if not member.sex:
        raise ValidationError("没有证件号码的，要选性别。", code="sex")
    if member.born_on > timezone.localdate():
        raise ValidationError("出生日期不能晚于今天。", code="future")
    return changed
