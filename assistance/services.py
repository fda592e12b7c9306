"""What is done for a household: measures begun and ended, who keeps in touch, visits. Each leaves a trace."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.idempotency import spend_on
from accounts.models import User
from assistance.models import (
    HOUSEHOLD_MEASURES,
    LEDGER_MEASURES,
    TICK_KINDS,
    Delivery,
    Helper,
    Measure,
    TickKind,
    Visit,
    VisitMood,
)
from households.models import Household, ImportBatch, Member

ALREADY = "已有同一项措施，时间有重叠，不用再加。"
CHANGED = "这一条已被他人修改，请刷新后再改。"


@dataclass(frozen=True)
class Wish:
    """A box ticked: a measure for one member, or for the household."""

    measure: Measure
    member: Member | None = None


@transaction.atomic
def add_delivery(
    *,
    household: Household,
    by: User | None,
    measure: str,
    begun_on: datetime.date,
    member: Member | None = None,
    ended_on: datetime.date | None = None,
    note: str = "",
    batch: ImportBatch | None = None,
) -> Delivery:
    """Record a measure for the household (户) or one of its members (人).

    危房改造 and 饮水安全 are ticked once they are finished, which is their ``ended_on``. Raises ValidationError where
    the person is missing or not of this household, the dates will not do, or the same measure runs already.
    """
    _check_person(household, measure, member)
    _check_dates(begun_on, ended_on)
    _hold(household)
    if standing(household, measure, member, begun_on, ended_on).exists():
        raise ValidationError(ALREADY)
    delivery = Delivery.objects.create(
        household=household,
        member=member,
        measure=measure,
        begun_on=begun_on,
        ended_on=ended_on,
        note=note.strip(),
        batch=batch,
        entered_by=by,
    )
    audit.record(
        action="assistance.add_delivery",
        actor=by,
        target=household,
        region=household.village,
        measure=measure,
        begun_on=begun_on,
        ended_on=ended_on,
    )
    return delivery


@transaction.atomic
def tick_measures(
    *, household: Household, by: User, begun_on: datetime.date, wishes: Collection[Wish], idempotency_key: str
) -> int:
    """Record all boxes ticked on one sheet, from one day on; a measure that lasts counts as finished on that day.

    Sent twice it acts once. Raises ValidationError when nothing is ticked or one of them will not do.
    """
    if not wishes:
        raise ValidationError("还没有勾选措施。")
    if not spend_on(idempotency_key, by, f"measures:{household.pk}"):
        return 0
    for wish in wishes:
        lasting = TICK_KINDS.get(wish.measure) == TickKind.LASTING
        add_delivery(
            household=household,
            by=by,
            measure=wish.measure,
            member=wish.member,
            begun_on=begun_on,
            ended_on=begun_on if lasting else None,
        )
    return len(wishes)


@transaction.atomic
def change_delivery(
    *,
    delivery: Delivery,
    by: User,
    opened_with: tuple[datetime.date, datetime.date | None, str],
    begun_on: datetime.date,
    ended_on: datetime.date | None,
    note: str,
) -> None:
    """Correct dates or note; ``opened_with`` is what the form showed. Raises ValidationError when it has changed since."""
    _check_dates(begun_on, ended_on)
    _hold(delivery.household)
    twins = standing(delivery.household, delivery.measure, delivery.member, begun_on, ended_on)
    if twins.exclude(pk=delivery.pk).exists():
        raise ValidationError(ALREADY)
    was_begun, was_ended, was_note = opened_with
    unchanged = Delivery.objects.filter(pk=delivery.pk, begun_on=was_begun, ended_on=was_ended, note=was_note)
    # What somebody has mended is his, and outlives the undoing of the import it came with.
    if not unchanged.update(begun_on=begun_on, ended_on=ended_on, note=note.strip(), batch=None):
        raise ValidationError(CHANGED)
    audit.record(
        action="assistance.change_delivery",
        actor=by,
        target=delivery.household,
        region=delivery.household.village,
        measure=delivery.measure,
        before=[was_begun, was_ended],
        after=[begun_on, ended_on],
    )


@transaction.atomic
def end_delivery(*, delivery: Delivery, by: User, ended_on: datetime.date) -> None:
    """End a measure that runs, or finish one that lasts; the last day still counts. Raises ValidationError."""
    _check_dates(delivery.begun_on, ended_on)
    if delivery.is_grant:
        raise ValidationError("临时救助是一次给付，没有结束日期。")
    if not Delivery.objects.filter(pk=delivery.pk, ended_on=None).update(ended_on=ended_on, batch=None):
        raise ValidationError("这项措施已经结束，请刷新。")
    audit.record(
        action="assistance.end_delivery",
        actor=by,
        target=delivery.household,
        region=delivery.household.village,
        measure=delivery.measure,
        ended_on=ended_on,
    )


@transaction.atomic
def remove_delivery(*, delivery: Delivery, by: User, reason: str) -> None:
    """Take out what was entered by mistake; the trace keeps what it was and why.

    Raises ValidationError without a reason, and when somebody has taken it out already.
    """
    if not reason.strip():
        raise ValidationError("请写明为什么删除。")
    deleted, _kinds = Delivery.objects.filter(pk=delivery.pk).delete()
    if not deleted:
        raise ValidationError("这一条已经删掉了，没有重复办理。")
    audit.record(
        action="assistance.remove_delivery",
        actor=by,
        target=delivery.household,
        region=delivery.household.village,
        measure=delivery.measure,
        begun_on=delivery.begun_on,
        ended_on=delivery.ended_on,
        reason=reason.strip(),
    )


@transaction.atomic
def change_helper(
    *,
    household: Household,
    by: User | None,
    name: str,
    unit: str,
    begun_on: datetime.date,
    phone: str = "",
    batch: ImportBatch | None = None,
) -> Helper:
    """Appoint who keeps in touch from a day on; the one before ends on that day.

    Raises ValidationError for dates that will not do, and for somebody who keeps in touch already (a second click).
    """
    _check_dates(begun_on, None)
    if not name.strip():
        raise ValidationError("请填联系人的姓名。")
    former = Helper.objects.filter(household=household, ended_on=None).first()
    if former and (former.name, former.unit, former.phone) == (name.strip(), unit.strip(), phone):
        raise ValidationError("现在的联系人就是这位，没有重复更换。")
    if former and former.begun_on > begun_on:
        raise ValidationError(f"现任联系人从 {former.begun_on} 开始，更换日期不能更早。")
    if former:
        Helper.objects.filter(pk=former.pk, ended_on=None).update(ended_on=begun_on)
    try:
        with transaction.atomic():
            helper = Helper.objects.create(
                household=household,
                name=name.strip(),
                unit=unit.strip(),
                phone=phone,
                begun_on=begun_on,
                batch=batch,
                entered_by=by,
            )
    except IntegrityError as fault:
        raise ValidationError("联系人刚被他人更换，请刷新后再办。") from fault
    audit.record(
        action="assistance.change_helper", actor=by, target=household, region=household.village, begun_on=begun_on
    )
    return helper


@transaction.atomic
def add_visit(
    *,
    household: Household,
    by: User,
    visited_on: datetime.date,
    mood: str,
    idempotency_key: str,
    sentence: str = "",
    visitor_name: str = "",
) -> Visit | None:
    """Record a visit: how things stand and one sentence; sent twice it is one visit, and the second gives None.

    ``visitor_name`` names a colleague without an account. Raises ValidationError for a day to come, or a new
    difficulty without a word about it.
    """
    _check_dates(visited_on, None)
    if mood == VisitMood.WORSE and not sentence.strip():
        raise ValidationError({"sentence": "有新困难，请写一句是什么困难。"})
    if not spend_on(idempotency_key, by, f"visit:{household.pk}"):
        return None
    visit = Visit.objects.create(
        household=household,
        visited_on=visited_on,
        mood=mood,
        sentence=sentence.strip(),
        visitor=by,
        visitor_name=visitor_name.strip(),
    )
    audit.record(
        action="assistance.add_visit",
        actor=by,
        target=household,
        region=household.village,
        visited_on=visited_on,
        mood=mood,
        for_colleague=bool(visitor_name.strip()),
    )
    return visit


def _hold(household: Household) -> None:
    """Wait for whoever enters measures of this household at the moment: two at once would not see each other's."""
    Household.objects.select_for_update(no_key=True).values_list("pk").get(pk=household.pk)


def _check_person(household: Household, measure: str, member: Member | None) -> None:
    label = Measure(measure).label
    if measure in HOUSEHOLD_MEASURES and member is not None:
        raise ValidationError(f"{label}按户享受，不用选人。")
    if measure in LEDGER_MEASURES and measure not in HOUSEHOLD_MEASURES and member is None:
        raise ValidationError(f"{label}按人享受，请选享受人。")
    if member is not None and member.household_id != household.pk:
        raise ValidationError("享受人不是这一户的。")


def _check_dates(begun_on: datetime.date, ended_on: datetime.date | None) -> None:
    today = timezone.localdate()
    if begun_on > today or (ended_on and ended_on > today):
        raise ValidationError("日期不能晚于今天。")
    if ended_on and ended_on < begun_on:
        raise ValidationError("结束日期不能早于开始日期。")


def standing(
    household: Household,
    measure: str,
    member: Member | None,
    begun_on: datetime.date,
    ended_on: datetime.date | None,
) -> QuerySet[Delivery]:
    """The same measure of the same person or household in this time; of a grant, one on the same day."""
    same = Delivery.objects.filter(household=household, member=member, measure=measure)
    if TICK_KINDS.get(Measure(measure)) == TickKind.THIS_YEAR:
        return same.filter(begun_on=begun_on)
    running = same.filter(Q(ended_on=None) | Q(ended_on__gte=begun_on))
    return running.filter(begun_on__lte=ended_on) if ended_on else running
