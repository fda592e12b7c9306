"""What assistance does when households and monitoring tell, or ask, something."""

import datetime
from typing import Any

from django.dispatch import receiver

from accounts.models import User
from assistance import ledger_import, services
from assistance.models import Delivery, Helper
from households.models import Household, ImportBatch, Member
from households.signals import batch_undone, ledger_row_found, member_moved
from monitoring.signals import contact_asked, correction_accepted, measures_asked


@receiver(ledger_row_found)
def enter_ledger_row(
    sender: Any,
    household: Household,
    member: Member,
    measures: list[str],
    helper_name: str,
    helper_unit: str,
    decided_on: datetime.date,
    batch: ImportBatch,
    user: User | None,
    **more: Any,
) -> None:
    """Enter the ticks and the contact of a ledger kept by hand."""
    ledger_import.apply_row(
        household=household,
        member=member,
        measures=measures,
        helper_name=helper_name,
        helper_unit=helper_unit,
        decided_on=decided_on,
        batch=batch,
        by=user,
    )


@receiver(batch_undone)
def undo_batch(sender: Any, batch: ImportBatch, user: User | None, **more: Any) -> None:
    """Take out what an import brought."""
    ledger_import.undo(batch=batch, by=user)


@receiver(member_moved)
def carry_measures_over(sender: Any, old: Member, new: Member, on: datetime.date, **more: Any) -> None:
    """A person who leaves with a new family keeps his own running measures there."""
    running = Delivery.objects.filter(member=old, ended_on=None)
    Delivery.objects.bulk_create(
        Delivery(
            household=new.household,
            member=new,
            measure=delivery.measure,
            begun_on=max(delivery.begun_on, on),
            note=delivery.note,
            entered_by=delivery.entered_by,
        )
        for delivery in running
        if not delivery.is_grant
    )
    running.filter(begun_on__lte=on).update(ended_on=on)


@receiver(correction_accepted)
def correct_helper(
    sender: Any, household: Household, new: dict[str, str], begun_on: datetime.date, user: User, **more: Any
) -> None:
    """The contact that two people agreed on takes over."""
    services.change_helper(household=household, by=user, name=new["name"], unit=new["unit"], begun_on=begun_on)


@receiver(contact_asked)
def name_helper(sender: Any, household: Household, **more: Any) -> dict[str, str] | None:
    """Who keeps in touch now."""
    helper = Helper.objects.filter(household=household, ended_on=None).first()
    return {"name": helper.name, "unit": helper.unit} if helper else None


@receiver(measures_asked)
def name_measures(sender: Any, household: Household, on: datetime.date, **more: Any) -> list[str]:
    """What is in place for the household or one of its members on the day."""
    in_place = Delivery.objects.filter(household=household).in_place_on(on)
    return [delivery.get_measure_display() for delivery in in_place.order_by("begun_on", "pk")]
