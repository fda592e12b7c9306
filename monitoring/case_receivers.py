"""What the register of cases does when a workbook comes in or is undone, and what it counts for the menu."""

from typing import Any

from django.dispatch import receiver

from accounts.models import User
from accounts.navigation import counting_work
from accounts.roles import OFFICE_ROLES
from households import signals
from households.models import Attachment
from monitoring import stock
from monitoring.inbox import counts
from monitoring.models import ComparisonAnswer


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


@receiver(signals.sensitive_attachment_asked)
def tell_whether_evidence_may_be_opened(sender: Any, attachment: Attachment, user: User, **more: Any) -> bool:
    """What proves how a hit was explained is opened by the offices that handle the household (reading A17)."""
    proves = ComparisonAnswer.objects.filter(evidence=attachment).exists()
    return proves and user.posting_over(attachment.village, *OFFICE_ROLES) is not None


@receiver(counting_work)
def count_casework(sender: Any, user: User, **more: Any) -> dict[str, int]:
    """How much waits behind 审核办理, 村内公示 and the home page."""
    return counts(user)


def _without_signal(arguments: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if name != "signal"}
