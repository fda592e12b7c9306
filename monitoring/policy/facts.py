"""Facts that rules read beside the plain columns of the facts row, each with a name and one expression."""

from collections.abc import Callable

from django.db.models import BigIntegerField, Exists, F, OuterRef
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from households.models import Facts
from households.models.surveys import FactsQuerySet
from monitoring.models import Case as MonitoringCase
from monitoring.policy.values import Policy


def _already_designated(policy: Policy) -> Combinable:
    """Recognised by the policy's day, and not removed by then."""
    cases = MonitoringCase.objects.filter(household=OuterRef("household"))
    return Exists(cases.designated_on(policy.on))


def _people(policy: Policy) -> Combinable:
    """Persons living together, wide enough to be multiplied by a line in fen on both databases."""
    return Cast("persons", BigIntegerField())


def _counted(income: str) -> Callable[[Policy], Combinable]:
    """An income as it is compared: a loss is subtracted, or counts as nothing where the switch says so (reading A15)."""

    def counted(policy: Policy) -> Combinable:
        return F(income) + F("operating_loss") if policy.floors_losses else F(income)

    return counted


# A rule names a derived fact in its ``facts``; the engine puts the expression into the query under that name.
FACTS: dict[str, Callable[[Policy], Combinable]] = {
    "already_designated": _already_designated,
    "people": _people,
    "counted_net": _counted("net_income"),
    "counted_disposable": _counted("disposable_income"),
}


def facts_in_force(policy: Policy) -> FactsQuerySet:
    """One facts row for each household present on the policy's day and visited within the validity before it."""
    return Facts.objects.in_force_on(policy.on).filter(visited_on__gt=policy.surveyed_after)
