"""A ledger kept by hand comes in: its ticks become measures, its contact becomes the helper; and goes out again."""

import datetime
from collections.abc import Collection

from django.db import transaction

from accounts import audit
from accounts.models import User
from assistance import services
from assistance.catalogue import HOUSEHOLD_COLUMNS, MEASURES, Kind
from assistance.models import Delivery, Helper
from households.models import Household, ImportBatch, Member


@transaction.atomic
def apply_row(
    *,
    household: Household,
    member: Member,
    measures: Collection[str],
    helper_name: str,
    helper_unit: str,
    decided_on: datetime.date,
    batch: ImportBatch,
    by: User | None,
) -> int:
    """Enter what one row of the form ticks, from its 认定时间 on; what stands already is left alone.

    The form knows no dates of measures: 认定时间 is the only one it has. Returns how many measures are new.
    """
    new = 0
    for value in measures:
        measure = MEASURES[value]  # each column has a measure of its own name
        person = None if value in HOUSEHOLD_COLUMNS else member
        ended_on = decided_on if measure.kind == Kind.LASTING else None
        if services.standing(household, measure, person, decided_on, None).exists():
            continue
        services.add_delivery(
            household=household,
            by=by,
            measure=value,
            member=person,
            begun_on=decided_on,
            ended_on=ended_on,
            batch=batch,
        )
        new += 1
    _apply_helper(household, helper_name.strip(), helper_unit.strip(), decided_on, batch, by)
    return new


def _apply_helper(
    household: Household, name: str, unit: str, decided_on: datetime.date, batch: ImportBatch, by: User | None
) -> None:
    now = Helper.objects.filter(household=household, ended_on=None).first()
    if not name or (now and (now.name, now.unit) == (name, unit)):
        return
    begun_on = max(decided_on, now.begun_on) if now else decided_on
    services.change_helper(household=household, by=by, name=name, unit=unit, begun_on=begun_on, batch=batch)


@transaction.atomic
def undo(*, batch: ImportBatch, by: User | None) -> None:
    """Take out what the batch brought and nobody has touched since, nor a department's list has confirmed.

    The helper before it comes back. Twice is once.
    """
    gone, _of_which = Delivery.objects.filter(batch=batch, list_row=None).delete()
    brought = Helper.objects.filter(batch=batch, ended_on=None)
    places = list(brought.values_list("household", "begun_on"))
    brought.delete()
    for household, begun_on in places:
        former = Helper.objects.filter(household=household, ended_on=begun_on).order_by("-begun_on").first()
        if former:
            Helper.objects.filter(pk=former.pk).update(ended_on=None)
    if gone or places:
        audit.record(
            action="assistance.undo_import",
            actor=by,
            target=batch,
            region=batch.region,
            measures=gone,
            helpers=len(places),
        )
