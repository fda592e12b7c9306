"""From promised to in hand, in place and ended, or given up: steps of a measure, by who leads it or who knows the house."""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, TextChoices
from django.utils import timezone

from accounts import audit
from accounts.idempotency import spend_on
from accounts.models import User
from accounts.roles import CASEWORK_ROLES
from assistance.catalogue import CatalogueMeasure, Kind
from assistance.conditions import circumstances_of
from assistance.exclusions import check_beside, has_rivals
from assistance.lead_units import desk_over
from assistance.limits import check_amount, check_term
from assistance.measures import Known, measure_of
from assistance.models import Delivery, Every, Stage
from assistance.services import ALREADY, check_there, check_unlocked, hold, standing
from households.money import format_yuan

GONE_ON = "刚被别人办过或者改过，没有动，请刷新再看。"


class DeliveryStep(TextChoices):
    """What may be marked of a measure."""

    TAKE_UP = "take_up", "正在办"
    PUT_IN_PLACE = "put_in_place", "已落实"
    PROLONG = "prolong", "续期"
    END = "end", "结束"
    DROP = "drop", "不再办"


# From which stages each step goes.
SOURCES = {
    DeliveryStep.TAKE_UP: (Stage.PROMISED,),
    DeliveryStep.PUT_IN_PLACE: (Stage.PROMISED, Stage.IN_HAND),
    DeliveryStep.PROLONG: (Stage.IN_PLACE,),
    DeliveryStep.END: (Stage.IN_PLACE,),
    DeliveryStep.DROP: (Stage.PROMISED, Stage.IN_HAND),
}
NEEDS_REASON = (DeliveryStep.DROP, DeliveryStep.END)
NEEDS_TERM = (DeliveryStep.PROLONG,)


class Pick(NamedTuple):
    """A measure as somebody's page showed it."""

    pk: uuid.UUID
    version: int


@dataclass(frozen=True)
class Mark:
    """What is marked of the picked ones: the step, its day, and what goes with it."""

    step: DeliveryStep
    on: datetime.date
    amount: int | None = None  # fen
    every: str = ""
    runs_until: datetime.date | None = None
    reason: str = ""


@dataclass
class Marked:
    """What came of it: how many were marked, and a sentence for each that was not."""

    done: int = 0
    left: list[str] = field(default_factory=list)


def steps_for(delivery: Delivery, day: datetime.date) -> list[DeliveryStep]:
    """What may be marked of a measure as it stands; nothing of what a list confirms."""
    if delivery.is_locked:
        return []
    stage = delivery.stage_on(day)
    runs = delivery.kind == Kind.RUNNING
    return [one for one, sources in SOURCES.items() if stage in sources and (runs or stage != Stage.IN_PLACE)]


@transaction.atomic
def mark_deliveries(*, picks: Sequence[Pick], mark: Mark, by: User, idempotency_key: str) -> Marked:
    """Mark the picked measures alike; sent twice it acts once.

    Each stands for itself: one that somebody has changed since the page was made, or that cannot take the step, is left
    and told. Where all are left the key is not spent: what was typed may be mended and sent again. Raises ValidationError
    for what is wrong with all of them, PermissionDenied for one that is not his.
    """
    _check(mark)
    if not picks:
        raise ValidationError("还没有选。")
    if not spend_on(idempotency_key, by, f"deliveries:{mark.step}:{len(picks)}:{picks[0].pk}"):
        return Marked()
    wanted = {pick.pk: pick.version for pick in picks}
    found = (
        Delivery.objects.filter(pk__in=wanted)
        .select_related("household__village", "member")
        .order_by("household_id", "pk")
    )
    result = Marked()
    for delivery in found:
        _check_mine(delivery, by)
        try:
            with transaction.atomic():
                _mark_one(delivery, wanted[delivery.pk], mark, by)
                result.done += 1
        except ValidationError as refused:
            result.left.append(f"{_who(delivery)}：{refused.messages[0]}")
    if not result.done:
        transaction.set_rollback(True)
    return result


def _check(mark: Mark) -> None:
    today = timezone.localdate()
    if mark.on > today:
        raise ValidationError("日期不能晚于今天。")
    if mark.step in NEEDS_REASON and not mark.reason.strip():
        raise ValidationError(f"{mark.step.label}要写明原因。")
    if mark.step in NEEDS_TERM and mark.runs_until is None:
        raise ValidationError("续期要写新的到期日期。")


def _check_mine(delivery: Delivery, by: User) -> None:
    village = delivery.household.village
    if by.posting_over(village, *CASEWORK_ROLES) is None and desk_over(by, village, delivery.lead) is None:
        raise PermissionDenied(f"{delivery.name}由{delivery.lead}牵头，不归您办。")


def _mark_one(delivery: Delivery, version: int, mark: Mark, by: User) -> None:
    check_unlocked(delivery)
    if delivery.version != version:
        raise ValidationError(GONE_ON)
    if mark.step not in steps_for(delivery, timezone.localdate()):
        raise ValidationError(f"现在是{delivery.stage_on(timezone.localdate()).label}，不能标为{mark.step.label}。")
    changes = _CHANGES[mark.step](delivery, mark)
    # The version is part of the WHERE clause, so of two people at once only one marks it.
    mine = Delivery.objects.filter(pk=delivery.pk, version=version, list_row=None)
    if not mine.update(**changes, version=F("version") + 1, batch=None):
        raise ValidationError(GONE_ON)
    audit.record(
        action="assistance.mark_delivery", actor=by, target=delivery.household, region=delivery.household.village,
        measure=delivery.name, step=mark.step.label, on=mark.on, runs_until=mark.runs_until,
        amount=format_yuan(mark.amount), reason=mark.reason.strip(),
    )  # fmt: skip


def _take_up(delivery: Delivery, mark: Mark) -> dict[str, Any]:
    _not_before(delivery.promised_on, mark.on, "承诺")
    return {"taken_up_on": mark.on}


def _put_in_place(delivery: Delivery, mark: Mark) -> dict[str, Any]:
    measure = measure_of(delivery.measure, delivery.household.village)
    amount = delivery.amount if mark.amount is None else mark.amount
    every = mark.every or delivery.every or Every.ONCE
    until = mark.runs_until or delivery.runs_until
    check_amount(measure, amount, every)
    if measure.has_term and until is None:
        raise ValidationError("要写到期日期。")
    lasting = delivery.kind == Kind.LASTING
    begun = delivery.begun_on or (delivery.taken_up_on if lasting else None) or mark.on
    _not_before(begun, mark.on, "开始")
    check_term(measure, begun, until)
    check_there(delivery.member, begun)
    hold(delivery.household)
    _check_beside(delivery, measure)
    ended = mark.on if lasting else None
    if standing(delivery.household, delivery, delivery.member, begun, ended).exclude(pk=delivery.pk).exists():
        raise ValidationError(ALREADY)
    return {"begun_on": begun, "ended_on": ended, "amount": amount, "every": every, "runs_until": until}


def _check_beside(delivery: Delivery, measure: CatalogueMeasure) -> None:
    """What has come in place since the promise may exclude it."""
    household, today = delivery.household, timezone.localdate()
    measures = Known([household.village], today).at(household.village)
    if has_rivals(measure, measures):
        check_beside(measure, delivery.member, circumstances_of([household], today)[household.pk], measures)


def _prolong(delivery: Delivery, mark: Mark) -> dict[str, Any]:
    measure = measure_of(delivery.measure, delivery.household.village)
    check_term(measure, mark.on, mark.runs_until)
    if delivery.runs_until and mark.runs_until and mark.runs_until <= delivery.runs_until:
        raise ValidationError(f"原来到 {delivery.runs_until}，新的到期日期要比它晚。")
    return {"runs_until": mark.runs_until}


def _end(delivery: Delivery, mark: Mark) -> dict[str, Any]:
    _not_before(delivery.begun_on, mark.on, "开始")
    return {"ended_on": mark.on}


def _drop(delivery: Delivery, mark: Mark) -> dict[str, Any]:
    if delivery.begun_on is not None:
        raise ValidationError("已经开工的，不能不办；要停的，请和镇（街）核对。")
    _not_before(delivery.promised_on, mark.on, "承诺")
    return {"dropped_on": mark.on, "note": mark.reason.strip()[:200]}


_CHANGES = {
    DeliveryStep.TAKE_UP: _take_up,
    DeliveryStep.PUT_IN_PLACE: _put_in_place,
    DeliveryStep.PROLONG: _prolong,
    DeliveryStep.END: _end,
    DeliveryStep.DROP: _drop,
}


def _not_before(earlier: datetime.date | None, day: datetime.date, what: str) -> None:
    if earlier and day < earlier:
        raise ValidationError(f"日期不能早于{what}的 {earlier}。")


def _who(delivery: Delivery) -> str:
    """For a sentence in which nobody is named: the number of the household and the measure."""
    return f"{delivery.household.number} {delivery.name}"
