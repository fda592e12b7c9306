"""Register any measure of the catalogue that is in place already, with its amount and its term."""

import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.idempotency import spend_on
from accounts.models import User
from assistance.catalogue import CatalogueMeasure
from assistance.conditions import circumstances_of
from assistance.limits import check_amount, check_term
from assistance.models import Delivery
from assistance.services import add_delivery, check_rivals, hold
from households.models import Household, Member


@transaction.atomic
def register(
    *,
    household: Household,
    by: User,
    measure: CatalogueMeasure,
    member: Member | None,
    begun_on: datetime.date,
    amount: int | None,
    every: str,
    runs_until: datetime.date | None,
    idempotency_key: str,
    **told: Any,
) -> Delivery | None:
    """Record it; sent twice it is one, and the second gives None. ``told`` are ended_on, fund and note.

    Raises ValidationError beyond the measure's bounds, beside what excludes it, and for what is promised already.
    """
    check_amount(measure, amount, every)
    check_term(measure, begun_on, runs_until)
    hold(household)
    known = circumstances_of([household], timezone.localdate())[household.pk]
    who = member.pk if member else None
    if any(one.measure == measure.code and one.member_id == who for one in known.waiting()):
        raise ValidationError(f"{measure.name}已经承诺过，请在“帮扶措施”里登记它的进度。")
    check_rivals(household, measure, member)
    if not spend_on(idempotency_key, by, f"register:{household.pk}:{measure.code}"):
        return None
    delivery = add_delivery(
        household=household, by=by, measure=measure.code, member=member, begun_on=begun_on,
        ended_on=told["ended_on"], note=told["note"],
    )  # fmt: skip
    columns = {"amount": amount, "every": every, "runs_until": runs_until, "fund": told["fund"]}
    Delivery.objects.filter(pk=delivery.pk).update(**columns)
    return delivery
