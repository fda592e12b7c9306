"""What changes a family: deaths, marriages, moves, splits, merges, a new head, the end of a household; each dated."""

import datetime
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms.models import model_to_dict

from accounts.keys import key_in_order
from accounts.models import User
from households import codes, kinship, signals
from households.models import Household, LifeEvent, Member
from households.register import (
    check_day,
    finish_change,
    made_before,
    note_event,
    open_change,
    sent_before,
    write_member,
)
from households.services import add_member, new_number

Kind = codes.LifeEventKind
DEPARTURES = (Kind.DEATH, Kind.MARRIED_OUT, Kind.MOVED_OUT)
CLOSING_REASONS = ("整户自然减少", "整户迁出", "重复登记")
# What a person does not take along into another household, because it is written anew there.
LEFT_BEHIND = ("id", "household", "relation", "position", "joined_on", "left_on", "left_reason")


def record_life_event(*, kind: str, household: Household, by: User, **details: Any) -> Household | Member | LifeEvent:
    """Record an event of any kind with the verb that belongs to it; ``details`` are that verb's own.

    Raises ValidationError for a kind that is not an event of a family.
    """
    if kind in DEPARTURES:
        return record_departure(kind=kind, household=household, by=by, **details)
    if kind in (Kind.BIRTH, Kind.MARRIED_IN, Kind.MOVED_IN):
        return add_member(kind=kind, household=household, by=by, **details)
    verbs: dict[str, Callable[..., Household]] = {
        Kind.HEAD_CHANGED: change_head,
        Kind.SPLIT: split_household,
        Kind.MERGED: merge_households,
        Kind.CLOSED: close_household,
    }
    if kind not in verbs:
        raise ValidationError("没有这种家庭变动。", code="kind")
    return verbs[kind](household=household, by=by, **details)


@transaction.atomic
def record_departure(
    *,
    household: Household,
    member: Member,
    kind: str,
    happened_on: datetime.date,
    by: User,
    new_head: Member | None = None,
    relations: Mapping[Member, str] | None = None,
    note: str = "",
    expected_version: int | None = None,
    idempotency_key: str = "",
) -> Household:
    """Somebody died, married out or moved out. If it was the head, ``new_head`` takes over the same day.

    When nobody is left the household is closed (整户自然减少).
    """
    if sent_before(idempotency_key, by, f"departure:{household.pk}"):
        return household
    open_change(household, expected_version)
    leaver = _present(household, member)
    check_day(happened_on, leaver)
    _leave(leaver, kind, happened_on)
    note_event(household, kind, happened_on, by=by, member=leaver, note=note)
    if not _family(household):
        _close(household, happened_on, CLOSING_REASONS[0], by=by)
    elif leaver.relation == codes.HEAD:
        if new_head is None or new_head.pk == leaver.pk:
            raise ValidationError(f"{leaver.name}是户主，请选谁来当新户主。", code="new_head")
        _hand_over(household, new_head, happened_on, by=by, relations=relations)
    finish_change(household, by=by, action=f"member.{kind}", member=str(leaver.pk))
    return household


@transaction.atomic
def change_head(
    *,
    household: Household,
    new_head: Member,
    happened_on: datetime.date,
    by: User,
    relations: Mapping[Member, str] | None = None,
    note: str = "",
    expected_version: int | None = None,
    idempotency_key: str = "",
) -> Household:
    """Another present member becomes the head; relations that are not given follow from the old ones (kinship)."""
    if sent_before(idempotency_key, by, f"head:{household.pk}"):
        return household
    open_change(household, expected_version)
    successor = _present(household, new_head)
    if successor.relation == codes.HEAD:
        raise ValidationError(f"{successor.name}已经是户主。", code="new_head")
    _hand_over(household, successor, happened_on, by=by, relations=relations, note=note)
    finish_change(household, by=by, action="household.change_head", member=str(successor.pk))
    return household


@transaction.atomic
def split_household(
    *,
    household: Household,
    members: Iterable[Member],
    new_head: Member,
    happened_on: datetime.date,
    by: User,
    remaining_head: Member | None = None,
    relations: Mapping[Member, str] | None = None,
    fields: Mapping[str, Any] | None = None,
    note: str = "",
    expected_version: int | None = None,
    idempotency_key: str = "",
) -> Household:
    """Some members found a household of their own in the same village; gives the new household.

    Those who go have left the old household on that day, so that its past stays what it was. ``fields`` are
    columns of the new one (number, group_no, address, phone); if the head goes, ``remaining_head`` takes over.
    """
    founded_id = key_in_order()
    if earlier := made_before(idempotency_key, by, str(founded_id), Household.objects.all()):
        return earlier
    open_change(household, expected_version)
    family = _family(household)
    chosen = {member.pk for member in members}
    going = [member for member in family if member.pk in chosen]
    stay = [member for member in family if member.pk not in chosen]
    _check_split(going, stay, new_head, happened_on)
    founder = next(member for member in going if member.pk == new_head.pk)
    founded = _found(household, founded_id, fields or {})
    given = {person.pk: relation for person, relation in (relations or {}).items()}
    proposed = {person.pk: relation for person, relation in kinship.relations_to(founder, family).items()}
    for position, member in enumerate(sorted(going, key=lambda one: one.pk != founder.pk)):
        relation = codes.HEAD if member.pk == founder.pk else given.get(member.pk) or proposed[member.pk]
        _carry(member, founded, relation, Kind.SPLIT, happened_on, position=position, by=by)
    if any(member.relation == codes.HEAD for member in going):
        if remaining_head is None or remaining_head.pk in chosen:
            raise ValidationError("户主要分出去，请选谁来当原户的户主。", code="new_head")
        _hand_over(household, remaining_head, happened_on, by=by, relations=relations)
    note_event(household, Kind.SPLIT, happened_on, by=by, other_household=founded, note=note)
    note_event(founded, Kind.SPLIT, happened_on, by=by, other_household=household, note=note)
    finish_change(household, by=by, action="household.split", other=str(founded.pk), members=len(going))
    finish_change(founded, by=by, action="household.create", other=str(household.pk), members=len(going))
    return founded


@transaction.atomic
def merge_households(
    *,
    household: Household,
    absorbed: Household,
    happened_on: datetime.date,
    by: User,
    relations: Mapping[Member, str] | None = None,
    note: str = "",
    expected_version: int | None = None,
    absorbed_version: int | None = None,
    idempotency_key: str = "",
) -> Household:
    """All of ``absorbed`` join ``household`` under its head, and ``absorbed`` is closed."""
    if sent_before(idempotency_key, by, f"merge:{household.pk}"):
        return household
    if household.pk == absorbed.pk:
        raise ValidationError("不能和自己并户，请选另一户。", code="same_household")
    # Always in the same order, so that two merges of the same pair wait for each other instead of deadlocking.
    pair = ((household, expected_version), (absorbed, absorbed_version))
    for one, version in sorted(pair, key=lambda taken: str(taken[0].pk)):
        open_change(one, version)
    given = {person.pk: relation for person, relation in (relations or {}).items()}
    coming = _family(absorbed)
    check_day(happened_on, *coming)
    first_place = household.members.count()
    for position, member in enumerate(coming, start=first_place):
        relation = given.get(member.pk) or kinship.OTHER
        if relation == codes.HEAD:
            raise ValidationError("并户后只能有一个户主，请改并入人员的与户主关系。", code="two_heads")
        _carry(member, household, relation, Kind.MERGED, happened_on, position=position, by=by)
    note_event(household, Kind.MERGED, happened_on, by=by, other_household=absorbed, note=note)
    note_event(absorbed, Kind.MERGED, happened_on, by=by, other_household=household, note=note)
    _close(absorbed, happened_on, f"并入{household}")
    finish_change(absorbed, by=by, action="household.close", other=str(household.pk))
    finish_change(household, by=by, action="household.merge", other=str(absorbed.pk), members=len(coming))
    return household


@transaction.atomic
def close_household(
    *,
    household: Household,
    happened_on: datetime.date,
    by: User,
    reason: str = CLOSING_REASONS[0],
    note: str = "",
    expected_version: int | None = None,
    idempotency_key: str = "",
) -> Household:
    """The whole household leaves the register (one of CLOSING_REASONS); all who are present leave with it."""
    if sent_before(idempotency_key, by, f"close:{household.pk}"):
        return household
    if reason not in CLOSING_REASONS:
        raise ValidationError("请选注销的原因。", code="reason")
    open_change(household, expected_version)
    family = _family(household)
    check_day(happened_on, *family)
    for member in family:
        _leave(member, Kind.CLOSED, happened_on)
    _close(household, happened_on, reason, by=by, note=note)
    finish_change(household, by=by, action="household.close", reason=reason)
    return household


def _family(household: Household) -> list[Member]:
    return list(household.members.present().head_first())


def _present(household: Household, member: Member) -> Member:
    found = household.members.present().filter(pk=member.pk).first()
    if found is None:
        raise ValidationError(f"{member.name}已不在这户，请刷新后再办。", code="not_present")
    return found


def _hand_over(
    household: Household,
    new_head: Member,
    happened_on: datetime.date,
    *,
    by: User,
    relations: Mapping[Member, str] | None,
    note: str = "",
) -> None:
    """Make a present member head and set what the others are to him; the old head steps down first (at most one head).

    A head who has just left keeps his relation: he was the head until that day.
    """
    successor = _present(household, new_head)
    check_day(happened_on, successor)
    given = {person.pk: relation for person, relation in (relations or {}).items()}
    for member, proposed in kinship.relations_to(successor, _family(household)).items():
        relation = given.get(member.pk) or proposed
        if relation == codes.HEAD:
            raise ValidationError("一户只能有一个户主，请改其他人的与户主关系。", code="two_heads")
        Member.objects.filter(pk=member.pk).update(relation=relation)
    Member.objects.filter(pk=successor.pk).update(relation=codes.HEAD)
    note_event(household, Kind.HEAD_CHANGED, happened_on, by=by, member=successor, note=note)


def _leave(member: Member, kind: str, happened_on: datetime.date) -> None:
    Member.objects.filter(pk=member.pk).update(left_on=happened_on, left_reason=kind)


def _carry(
    member: Member, target: Household, relation: str, kind: str, happened_on: datetime.date, *, position: int, by: User
) -> None:
    """The person leaves one household and stands in another: a row in each, so that the past of both stays true."""
    _leave(member, kind, happened_on)
    same = {name: getattr(member, name) for name in model_to_dict(member) if name not in LEFT_BEHIND}
    moved = Member(
        household=target,
        relation=relation,
        position=position,
        joined_on=happened_on,
        id_digest=member.id_digest,
        id_tail_digest=member.id_tail_digest,
        **same,
    )
    write_member(moved, by=by)
    signals.member_moved.send(sender=Member, old=member, new=moved, on=happened_on, user=by)


def _check_split(going: list[Member], stay: list[Member], new_head: Member, happened_on: datetime.date) -> None:
    if not going:
        raise ValidationError("请选分出去的人。", code="nobody")
    if not stay:
        raise ValidationError("不能所有人都分出去；全家搬走请办“整户注销”。", code="everybody")
    if new_head.pk not in {member.pk for member in going}:
        raise ValidationError("新户的户主要从分出去的人里选。", code="new_head")
    check_day(happened_on, *going)


def _found(household: Household, founded_id: uuid.UUID, fields: Mapping[str, Any]) -> Household:
    typed = {name: value for name, value in fields.items() if value not in ("", None)}
    values = {
        "number": new_number(household.village),
        "group_no": household.group_no,
        "natural_village": household.natural_village,
        "household_type": household.household_type,
        "first_identified_on": household.first_identified_on,
        **typed,
    }
    if Household.objects.filter(number=values["number"]).exists():
        raise ValidationError("这个户编号已经有了，请核对。", code="number_in_use")
    return Household.objects.create(pk=founded_id, village=household.village, **values)


def _close(
    household: Household, happened_on: datetime.date, reason: str, *, by: User | None = None, note: str = ""
) -> None:
    """Close the row; with ``by`` the closing is an event of its own (a merge is one already)."""
    household.closed_on, household.closed_reason = happened_on, reason
    household.save(update_fields=["closed_on", "closed_reason", "updated_at"])
    if by is not None:
        note_event(household, Kind.CLOSED, happened_on, by=by, note=note or reason)
