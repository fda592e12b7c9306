"""What the register of cases does when a workbook comes in or is undone, and what it counts for the menu."""

from typing import Any

from django.dispatch import receiver

from accounts.models import User
from accounts.navigation import counting_work
from households import signals
from monitoring import stock
from monitoring.inbox import counts


@receiver(signals.stock_found)
def enter_stock(sender: Any, **found: Any) -> str:
    """A household of the roster is tagged in the national system; answers in a sentence."""
    return stock.enter_stock(**_without_signal(found))


@receiver(signals.ledger_row_found)
def enter_from_ledger(sender: Any, **found: Any) -> str:
    """A person's row of a ledger kept by hand; answers in a sentence."""
    return stock.enter_from_ledger(**_without_signal(found))


@receiver(signals.batch_undone)
def undo_batch(sender: Any, **undone: Any) -> str:
    """A batch is taken back; answers in a sentence."""
    return stock.undo_batch(**_without_signal(undone))


@receiver(counting_work)
def count_casework(sender: Any, user: User, **more: Any) -> dict[str, int]:
    """How much waits behind 审核办理, 村内公示 and the home page."""
    return counts(user)


def _without_signal(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if name != "signal"}
