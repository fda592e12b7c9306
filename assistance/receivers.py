"""What assistance does when households and monitoring tell, or ask, something."""

import datetime
from typing import Any

from django.db.models import F, Q
from django.dispatch import receiver

from accounts.models import User
from assistance import ledger_import, services
from assistance.catalogue import Kind
from assistance.models import Delivery, Helper
from households.models import Household, ImportBatch, Member
from households.signals import batch_undone, ledger_row_found, member_moved
from monitoring.signals import contact_asked, correction_accepted, measures_asked

# What goes with a person who moves to a family of his own.
CARRIED = (
    "measure", "name", "kind", "column", "lead", "runs_until", "amount", "every", "fund", "unit", "person", "note",
    "entered_by", "list_row_id",
)  # fmt: skip


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
    """A person who leaves with a new family keeps his own running measures there, and with them what a list says of them.

    What he is only promised, what is still being done, and what began after that day goes with him as it is.
    """
    his = Delivery.objects.filter(member=old)
    to_come = Q(begun_on=None, dropped_on=None) | Q(kind=Kind.LASTING, ended_on=None) | Q(begun_on__gt=on)
    his.filter(to_come).update(household=new.household, member=new, version=F("version") + 1)
    running = his.filter(ended_on=None, begun_on__lte=on).exclude(kind=Kind.GRANT)
    Delivery.objects.bulk_create(
        Delivery(
            household=new.household,
            member=new,
            **{name: getattr(delivery, name) for name in CARRIED},
            begun_on=on,
        )
        for delivery in running
    )
    # The old one is the list's no more: undoing the list would begin it again beside the new one.
    running.update(ended_on=on, list_row=None, version=F("version") + 1)


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
    return list(in_place.order_by("begun_on", "pk").values_list("name", flat=True))
