"""Firms, cooperatives and 致富带头人 (004 三（二）四带一自, 003 二（二）4): the households tied to them, and what each received."""

import datetime
import uuid
from collections.abc import Iterable

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import BigIntegerField, Count, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts import audit
from accounts.idempotency import made, spend, spend_on
from accounts.models import Region, User
from accounts.roles import CASEWORK_ROLES, HOUSEHOLD_READERS, Role
from assistance.models import Entity, Tie, TieReceipt
from assistance.models.posts import EntityQuerySet, TieQuerySet
from assistance.places import near
from households.models import Household
from households.money import format_yuan

TIED = "这一户和它已经有这种带动关系，没有重复登记。"
NOT_TO_COME = "日期不能晚于今天。"


def entities_for(user: User, *roles: Role) -> EntityQuerySet:
    """Entities in somebody's regions, and those of the town and district over them, to which his villagers may be tied."""
    return near(Entity.objects.all(), user, *roles).select_related("region__parent")


def with_figures(entities: EntityQuerySet, user: User, year: int) -> EntityQuerySet:
    """Each with the households tied to it today and what households received in a year, of those the person may read."""
    mine = ties_for(user).filter(entity=OuterRef("pk")).order_by().values("entity")
    running = mine.filter(ended_on=None).annotate(found=Count("household", distinct=True)).values("found")
    money = mine.annotate(found=Sum("receipts__amount", filter=Q(receipts__received_on__year=year))).values("found")
    return entities.annotate(
        households=Coalesce(Subquery(running), Value(0)),
        received=Coalesce(Subquery(money, output_field=BigIntegerField()), Value(0)),
    )


def ties_for(user: User) -> TieQuerySet:
    """The ties of the households that somebody may read."""
    return Tie.objects.visible_to(user, *HOUSEHOLD_READERS)


def received_by(ties: Iterable[Tie], year: int | None = None) -> dict[uuid.UUID, int]:
    """What was received through each of these ties, altogether or in a year, in fen."""
    receipts = TieReceipt.objects.filter(tie__in=list(ties)).order_by()
    if year:
        receipts = receipts.filter(received_on__year=year)
    return dict(receipts.values_list("tie").annotate(Sum("amount")))


@transaction.atomic
def add_entity(*, by: User, region: Region, kind: str, name: str, idempotency_key: str) -> Entity:
    """A firm, cooperative, 致富带头人 …; sent twice it is one. Raises PermissionDenied, ValidationError."""
    if by.posting_over(region, *CASEWORK_ROLES) is None:
        raise PermissionDenied("带动主体由所在的村、镇（街）或区（市）登记。")
    if earlier := made(idempotency_key, by, Entity.objects.all()):
        return earlier
    try:
        with transaction.atomic():
            entity = Entity.objects.create(region=region, kind=kind, name=name.strip(), entered_by=by)
    except IntegrityError as fault:
        raise ValidationError("这里已经登记过同名的，没有重复登记。") from fault
    if not spend(idempotency_key, by, str(entity.pk)):
        raise ValidationError("刚才已经登记过，请刷新。")
    audit.record(action="entity.add", actor=by, target=entity, region=region, title=entity.name)
    return entity


@transaction.atomic
def tie(*, entity: Entity, household: Household, by: User, kind: str, begun_on: datetime.date) -> Tie:
    """Tie a household to it from a day on. Raises PermissionDenied, and ValidationError where it is tied so already."""
    _check_may(household, by)
    if household.closed_on:
        raise ValidationError("这一户已注销。")
    if begun_on > timezone.localdate():
        raise ValidationError(NOT_TO_COME)
    try:
        with transaction.atomic():
            made_tie = Tie.objects.create(
                entity=entity, household=household, kind=kind, begun_on=begun_on, entered_by=by
            )
    except IntegrityError as fault:
        raise ValidationError(TIED) from fault
    _record("entity.tie", made_tie, by, begun_on=begun_on)
    return made_tie


@transaction.atomic
def untie(*, bond: Tie, by: User, ended_on: datetime.date) -> None:
    """It ends; what was received stays. Raises ValidationError for a day that will not do."""
    _check_may(bond.household, by)
    if not bond.begun_on <= ended_on <= timezone.localdate():
        raise ValidationError("结束日期不能早于开始，也不能晚于今天。")
    if bond.receipts.filter(received_on__gt=ended_on).exists():
        raise ValidationError("这一天以后还有收入登记，请核对结束日期。")
    if not Tie.objects.filter(pk=bond.pk, ended_on=None).update(ended_on=ended_on):
        raise ValidationError("已经结束了，没有重复登记。")
    _record("entity.untie", bond, by, ended_on=ended_on)


@transaction.atomic
def receive(
    *, bond: Tie, by: User, amount: int, received_on: datetime.date, idempotency_key: str, note: str = ""
) -> bool:
    """What the household received through the tie on a day; sent twice it is one receipt, and the second gives False.

    Raises PermissionDenied and ValidationError.
    """
    _check_may(bond.household, by)
    if amount < 1:
        raise ValidationError("请填收到多少。")
    # Locked, so that nobody ends the tie before this day in between.
    current = Tie.objects.select_for_update().get(pk=bond.pk)
    if not current.begun_on <= received_on <= (current.ended_on or timezone.localdate()):
        raise ValidationError("收到日期要在带动关系的起止之间，不能晚于今天。")
    if not spend_on(idempotency_key, by, f"receipt:{bond.pk}"):
        return False
    TieReceipt.objects.create(tie=bond, received_on=received_on, amount=amount, note=note.strip(), entered_by=by)
    _record("entity.receive", bond, by, received=format_yuan(amount), on=received_on)
    return True


@transaction.atomic
def strike_receipt(*, receipt: TieReceipt, by: User, reason: str) -> None:
    """Take out what was entered by mistake; the trace keeps it. Raises ValidationError without a reason."""
    _check_may(receipt.tie.household, by)
    if not reason.strip():
        raise ValidationError("请写明为什么删除。")
    deleted, _kinds = TieReceipt.objects.filter(pk=receipt.pk).delete()
    if not deleted:
        raise ValidationError("已经删掉了，没有重复办理。")
    told = {"received": format_yuan(receipt.amount), "on": receipt.received_on, "reason": reason.strip()}
    _record("entity.strike_receipt", receipt.tie, by, **told)


def _check_may(household: Household, by: User) -> None:
    if by.posting_over(household.village, *CASEWORK_ROLES) is None:
        raise PermissionDenied("只能登记自己辖区的户。")


def _record(action: str, bond: Tie, by: User, **details: object) -> None:
    household = bond.household
    audit.record(action=action, actor=by, target=household, region=household.village, title=bond.entity.name, **details)
