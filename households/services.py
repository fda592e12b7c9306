"""Write the register: new households and members, and what is said of them. Events of a family: life_events.py."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.keys import key_in_order
from accounts.models import Region, User
from households import codes
from households.identity import NOT_YET, Identity
from households.models import Household, Member
from households.register import (
    StaleHousehold,
    check_day,
    fill_member,
    finish_change,
    made_before,
    note_event,
    open_change,
    refresh_head,
    sent_before,
    write_member,
)

__all__ = [
    "StaleHousehold",
    "add_member",
    "change_household",
    "change_member",
    "create_household",
    "new_number",
    "refresh_head",
]

ARRIVALS = (codes.LifeEventKind.BIRTH, codes.LifeEventKind.MARRIED_IN, codes.LifeEventKind.MOVED_IN)


@transaction.atomic
def create_household(
    *,
    village: Region,
    by: User,
    fields: Mapping[str, Any],
    members: Iterable[Mapping[str, Any]],
    idempotency_key: str = "",
) -> Household:
    """Enter a household with its members, exactly one of whom is the head.

    ``fields`` are columns of Household; without ``number`` it gets one of our own. Each member is a mapping of
    columns of Member with ``identity`` (an Identity; NOT_YET for a newborn, with born_on and sex beside it).
    Raises ValidationError for a wrong family, a number in use, or a person who is registered elsewhere.
    """
    household = Household(pk=key_in_order(), village=village, **fields)
    if earlier := made_before(idempotency_key, by, str(household.pk), Household.objects.all()):
        return earlier
    household.number = household.number or new_number(village)
    try:
        with transaction.atomic():
            household.save(force_insert=True)
    except IntegrityError as fault:
        raise ValidationError("这个户编号已经有了，请核对。", code="number_in_use") from fault
    for position, member_fields in enumerate(members):
        _add(household, {"position": position, **member_fields}, by=by)
    finish_change(household, by=by, action="household.create", members=household.members.count())
    return household


@transaction.atomic
def change_household(
    *,
    household: Household,
    by: User,
    fields: Mapping[str, Any],
    expected_version: int | None = None,
    idempotency_key: str = "",
) -> Household:
    """Change columns of a household; what stays the same is not traced.

    Raises StaleHousehold when it was changed since ``expected_version``.
    """
    if sent_before(idempotency_key, by, f"change:{household.pk}"):
        return household
    open_change(household, expected_version)
    changed = {name: value for name, value in fields.items() if getattr(household, name) != value}
    for name, value in changed.items():
        setattr(household, name, value)
    household.save(update_fields=[*changed, "updated_at"])
    finish_change(household, by=by, action="household.change", fields=sorted(changed))
    return household


@transaction.atomic
def add_member(
    *,
    household: Household,
    by: User,
    fields: Mapping[str, Any],
    identity: Identity,
    kind: str = "",
    happened_on: datetime.date | None = None,
    note: str = "",
    expected_version: int | None = None,
    idempotency_key: str = "",
) -> Member:
    """Add a person: by birth, marriage or moving in (``kind`` with its day), or one whom the register had missed.

    A newborn without a number has identity NOT_YET; his birthday is the day of the event.
    """
    member_id = key_in_order()
    if earlier := made_before(idempotency_key, by, str(member_id), Member.objects.all()):
        return earlier
    if kind and kind not in ARRIVALS:
        raise ValidationError("请选这个人是怎么来的：出生、婚入、迁入，或原来漏登。", code="kind")
    open_change(household, expected_version)
    day = happened_on or timezone.localdate()
    values = {"id": member_id, "position": household.members.count(), **fields, "identity": identity}
    if kind == codes.LifeEventKind.BIRTH and identity == NOT_YET:
        values["born_on"] = day
    member = _add(household, values, by=by)
    if kind:
        _check_arrival(member, kind, day)
        Member.objects.filter(pk=member.pk).update(joined_on=day)
        note_event(household, kind, day, by=by, member=member, note=note)
    finish_change(household, by=by, action="member.add", member=str(member.pk), kind=kind)
    return member


@transaction.atomic
def change_member(
    *,
    member: Member,
    by: User,
    fields: Mapping[str, Any],
    identity: Identity | None = None,
    expected_version: int | None = None,
    idempotency_key: str = "",
) -> Member:
    """Correct or complete what is said of a present member; the head changes only by change_head.

    With ``identity`` the number, birthday and sex are set anew: a newborn has got his number.
    """
    if sent_before(idempotency_key, by, str(member.pk)):
        return member
    open_change(member.household, expected_version)
    member.refresh_from_db()
    if member.left_on:
        raise StaleHousehold(f"{member.name}已不在这户，不能再改。", code="stale")
    relation = fields.get("relation", member.relation)
    if (relation == codes.HEAD) != (member.relation == codes.HEAD):
        raise ValidationError("换户主请用“更换户主”。", code="head")
    changed = fill_member(member, dict(fields), identity)
    write_member(member, by=by)
    finish_change(member.household, by=by, action="member.change", member=str(member.pk), fields=sorted(set(changed)))
    return member


def new_number(village: Region) -> str:
    """A household number of our own, told from the national ones by its hyphen; the next that is free."""
    place = Household.objects.filter(village=village).count() + 1
    while Household.objects.filter(number=f"{village.code}-{place:04d}").exists():
        place += 1
    return f"{village.code}-{place:04d}"


def _add(household: Household, values: Mapping[str, Any], *, by: User) -> Member:
    fields = dict(values)
    identity = fields.pop("identity")
    member = Member(household=household)
    fill_member(member, fields, identity)
    write_member(member, by=by)
    return member


def _check_arrival(member: Member, kind: str, day: datetime.date) -> None:
    check_day(day, member)
    if kind == codes.LifeEventKind.BIRTH and member.born_on != day:
        raise ValidationError("出生日期和证件号码里的不一样，请核对。", code="birthday")
