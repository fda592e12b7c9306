"""Facts that rules read beside the plain columns of the facts row, each with a name and one expression."""

import datetime
from collections.abc import Callable

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from households.models import Facts
from households.models.surveys import FactsQuerySet
from monitoring.models import Case as MonitoringCase
from monitoring.policy.values import Policy

Derived = Callable[[Policy], Combinable]


def _already_designated(policy: Policy) -> Combinable:
    """Recognised by the policy's day, and not removed by then."""
    cases = MonitoringCase.objects.filter(household=OuterRef("household"))
    return Exists(cases.designated_on(policy.on))


def _cases_moved(at: datetime.datetime, on: datetime.date) -> QuerySet:
    """Cases that may have come on the register, or gone from it, since."""
    entered = Q(opened_at__gte=at) | Q(stage_since__gte=at)
    return MonitoringCase.objects.filter(entered | Q(decided_on__gte=on) | Q(removed_on__gte=on))


def _people(policy: Policy) -> Combinable:
    """Persons living together, wide enough to be multiplied by a line in fen on both databases."""
    return Cast("persons", BigIntegerField())


def _counted(income: str) -> Derived:
    """An income as it is compared: a loss is subtracted, or counts as nothing where the switch says so (reading A15)."""

    def counted(policy: Policy) -> Combinable:
        return F(income) + F("operating_loss") if policy.floors_losses else F(income)

    return counted


# A rule names a derived fact in its ``facts``; the engine puts the expression into the query under that name.
FACTS: dict[str, Derived] = {
    "already_designated": _already_designated,
    "people": _people,
    "counted_net": _counted("net_income"),
    "counted_disposable": _counted("disposable_income"),
}

# Of these, the ones that are told by more than the row and the policy, each with the rows of households (and villages) for
# whom it may be another one than at a moment, and on a day, before. What is told from the row alone has no place here.
OUTSIDE: dict[str, Callable[[datetime.datetime, datetime.date], QuerySet]] = {"already_designated": _cases_moved}


def facts_in_force(policy: Policy) -> FactsQuerySet:
    """One facts row for each household present on the policy's day and visited within the validity before it."""
    return Facts.objects.in_force_on(policy.on).filter(visited_on__gt=policy.surveyed_after)
