"""What is done for a household: measures begun and ended, and who keeps in touch. Each leaves a trace."""

import datetime
from collections.abc import Collection
from dataclasses import asdict, dataclass, fields

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, ProtectedError, Q, QuerySet
from django.utils import timezone

from accounts import audit
from accounts.idempotency import spend_on
from accounts.models import User
from assistance.catalogue import CatalogueMeasure, GivenTo, Kind
from assistance.conditions import circumstances_of
from assistance.exclusions import check_exclusive, has_rivals
from assistance.limits import check_amount, check_term
from assistance.measures import Known, measure_of
from assistance.models import Delivery, Helper
from households.models import Household, ImportBatch, Member
from households.money import format_yuan

ALREADY = "已有同一项措施，时间有重叠，不用再加。"
RESTED_ON = "这项措施连着一户一策、公益岗位、培训或别的登记，不能删；请在那里办，或者登记结束。"
CHANGED = "这一条已被他人修改，请刷新后再改。"


@dataclass(frozen=True)
class Wish:
    """A box ticked: a measure for one member, or for the household."""

    measure: str  # a code
    member: Member | None = None


@dataclass(frozen=True)
class Correction:
    """What is to stand of a measure in place: its days, what is paid (fen) and how often, its note."""

    begun_on: datetime.date
    ended_on: datetime.date | None
    runs_until: datetime.date | None
    amount: int | None
    every: str
    note: str


def as_it_stands(delivery: Delivery) -> Correction:
    """A correction that changes nothing."""
    return Correction(**{one.name: getattr(delivery, one.name) for one in fields(Correction)})


def agreed_elsewhere(delivery: Delivery) -> tuple[str, ...]:
    """What of a measure is not mended on its own: the wage and the term of a public post are the post's."""
    return ("runs_until", "amount", "every") if hasattr(delivery, "post_offer") else ()


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
    chosen = measure_of(measure, household.village)
    check_person(household, chosen, member)
    check_there(member, begun_on)
    _check_dates(begun_on, ended_on)
    hold(household)
    if standing(household, chosen, member, begun_on, ended_on).exists():
        raise ValidationError(ALREADY)
    delivery = Delivery.objects.create(
        household=household,
        member=member,
        **told_by(chosen),
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
        measure=delivery.name,
        begun_on=begun_on,
        ended_on=ended_on,
    )
    return delivery


@transaction.atomic
def tick_measures(
    *, household: Household, by: User, begun_on: datetime.date, wishes: Collection[Wish], idempotency_key: str
) -> int:
    """Record all boxes ticked on one sheet, from one day on; a measure that lasts counts as finished on that day.

    Sent twice it acts once. Raises ValidationError when nothing is ticked or one of them will not do, be it beside what
    excludes it.
    """
    if not wishes:
        raise ValidationError("还没有勾选措施。")
    if not spend_on(idempotency_key, by, f"measures:{household.pk}"):
        return 0
    for wish in wishes:
        measure = measure_of(wish.measure, household.village)
        check_rivals(household, measure, wish.member)
        add_delivery(
            household=household,
            by=by,
            measure=wish.measure,
            member=wish.member,
            begun_on=begun_on,
            ended_on=begun_on if measure.kind == Kind.LASTING else None,
        )
    return len(wishes)


@transaction.atomic
def change_delivery(*, delivery: Delivery, by: User, version: int, to: Correction) -> None:
    """Correct what was entered of a measure; ``version`` is the one that the form showed.

    Raises ValidationError when it has changed since, and for what the measure could not have been entered with.
    """
    if delivery.version != version:
        raise ValidationError(CHANGED)
    _check_dates(to.begun_on, to.ended_on)
    check_unlocked(delivery)
    hold(delivery.household)
    _check_correction(delivery, to)
    twins = standing(delivery.household, delivery, delivery.member, to.begun_on, to.ended_on)
    if twins.exclude(pk=delivery.pk).exists():
        raise ValidationError(ALREADY)
    # A list may have come since. What somebody has mended is his, and outlives the undoing of the import it came with.
    mine = Delivery.objects.filter(pk=delivery.pk, version=version, list_row=None)
    if not mine.update(**asdict(to), batch=None, version=F("version") + 1):
        raise ValidationError(CHANGED)
    audit.record(
        action="assistance.change_delivery",
        actor=by,
        target=delivery.household,
        region=delivery.household.village,
        measure=delivery.name,
        before=[delivery.begun_on, delivery.ended_on, format_yuan(delivery.amount)],
        after=[to.begun_on, to.ended_on, format_yuan(to.amount)],
    )


@transaction.atomic
def end_delivery(*, delivery: Delivery, by: User, ended_on: datetime.date) -> None:
    """End a measure that runs, or finish one that lasts; the last day still counts. Raises ValidationError."""
    check_unlocked(delivery)
    if delivery.begun_on is None:
        raise ValidationError("这项措施还没有落实，不能结束；不再办的，请写明原因。")
    _check_dates(delivery.begun_on, ended_on)
    if delivery.is_grant:
        raise ValidationError(f"{delivery.name}是一次给付，没有结束日期。")
    # Somebody may have mended its first day since: it never ends before that.
    running = Delivery.objects.filter(pk=delivery.pk, ended_on=None, list_row=None, begun_on__lte=ended_on)
    if not running.update(ended_on=ended_on, batch=None, version=F("version") + 1):
        raise ValidationError("这项措施已经结束，或者刚改过日期，请刷新。")
    audit.record(
        action="assistance.end_delivery",
        actor=by,
        target=delivery.household,
        region=delivery.household.village,
        measure=delivery.name,
        ended_on=ended_on,
    )


@transaction.atomic
def remove_delivery(*, delivery: Delivery, by: User, reason: str) -> None:
    """Take out what was entered by mistake; the trace keeps what it was and why.

    Raises ValidationError without a reason, and when somebody has taken it out already.
    """
    if not reason.strip():
        raise ValidationError("请写明为什么删除。")
    check_unlocked(delivery)
    try:
        deleted, _kinds = Delivery.objects.filter(pk=delivery.pk, list_row=None).delete()
    except ProtectedError as fault:
        raise ValidationError(RESTED_ON) from fault
    if not deleted:
        raise ValidationError("这一条已经删掉了，没有重复办理。")
    audit.record(
        action="assistance.remove_delivery",
        actor=by,
        target=delivery.household,
        region=delivery.household.village,
        measure=delivery.name,
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


def hold(household: Household) -> None:
    """Wait for whoever enters measures of this household at the moment: two at once would not see each other's."""
    Household.objects.select_for_update(no_key=True).values_list("pk").get(pk=household.pk)


def told_by(measure: CatalogueMeasure) -> dict[str, str]:
    """What a delivery keeps of its measure, whatever becomes of the catalogue."""
    return {
        "measure": measure.code,
        "name": measure.name,
        "kind": measure.kind,
        "column": measure.column,
        "lead": measure.lead,
    }


def check_person(household: Household, measure: CatalogueMeasure, member: Member | None) -> None:
    """Raises ValidationError where the measure is for a person and none is named, or the other way round."""
    if measure.given_to == GivenTo.HOUSEHOLD and member is not None:
        raise ValidationError(f"{measure.name}按户享受，不用选人。")
    if measure.given_to == GivenTo.PERSON and member is None:
        raise ValidationError(f"{measure.name}按人享受，请选享受人。")
    if member is not None and member.household_id != household.pk:
        raise ValidationError("享受人不是这一户的。")


def check_there(member: Member | None, begun_on: datetime.date) -> None:
    """Raises ValidationError for what would begin after the person has left the household; nobody is named."""
    if member is not None and member.left_on is not None and begun_on > member.left_on:
        why = member.get_left_reason_display() or "离开"
        raise ValidationError(f"享受人 {member.left_on} 已登记{why}，不在这一户了，不能登记之后的措施。")


def check_rivals(household: Household, measure: CatalogueMeasure, member: Member | None) -> None:
    """Raises ValidationError with who has what already, where the measure cannot stand beside it."""
    today = timezone.localdate()
    measures = Known([household.village], today).at(household.village)
    if has_rivals(measure, measures):
        check_exclusive(measure, member, circumstances_of([household], today)[household.pk], measures)


def check_unlocked(delivery: Delivery) -> None:
    """Raises ValidationError for what a department's list says: only its next list changes that."""
    if delivery.is_locked:
        raise ValidationError(f"{delivery.name}是部门名单核实的，不能手改；有出入请告诉{delivery.lead}。")


def _check_correction(delivery: Delivery, to: Correction) -> None:
    """What is as it was is not asked again: a note can be mended whatever the dates of long ago are."""
    measure = measure_of(delivery.measure, delivery.household.village)
    if any(getattr(to, name) != getattr(delivery, name) for name in agreed_elsewhere(delivery)):
        raise ValidationError("公益岗位的工资和期限是岗位约定的，不能在这里改。")
    if delivery.is_grant and to.ended_on:
        raise ValidationError(f"{delivery.name}是一次给付，没有结束日期。")
    if to.begun_on != delivery.begun_on:
        check_there(delivery.member, to.begun_on)
    if (to.begun_on, to.runs_until) != (delivery.begun_on, delivery.runs_until):
        if measure.has_term and to.runs_until is None and delivery.runs_until:
            raise ValidationError("要写到期日期。")
        check_term(measure, to.begun_on, to.runs_until)
    if (to.amount, to.every) != (delivery.amount, delivery.every):
        check_amount(measure, to.amount, to.every)
    if delivery.ended_on and to.ended_on is None and measure.kind == Kind.RUNNING:
        check_rivals(delivery.household, measure, delivery.member)


def _check_dates(begun_on: datetime.date, ended_on: datetime.date | None) -> None:
    today = timezone.localdate()
    if begun_on > today or (ended_on and ended_on > today):
        raise ValidationError("日期不能晚于今天。")
    if ended_on and ended_on < begun_on:
        raise ValidationError("结束日期不能早于开始日期。")


def standing(
    household: Household,
    measure: CatalogueMeasure | Delivery,
    member: Member | None,
    begun_on: datetime.date,
    ended_on: datetime.date | None,
) -> QuerySet[Delivery]:
    """The same measure of the same person or household in this time; of a grant, one on the same day."""
    code = measure.measure if isinstance(measure, Delivery) else measure.code
    same = Delivery.objects.filter(household=household, member=member, measure=code, begun_on__isnull=False)
    if measure.kind == Kind.GRANT:
        return same.filter(begun_on=begun_on)
    running = same.filter(Q(ended_on=None) | Q(ended_on__gte=begun_on))
    return running.filter(begun_on__lte=ended_on) if ended_on else running
