"""Measures, what was delivered, who helps, and visits."""

from assistance.models.helpers import Helper, Visit, VisitMood
from assistance.models.measures import (
    HOUSEHOLD_MEASURES,
    LEDGER_MEASURES,
    OTHER_MEASURES,
    TICK_KINDS,
    Delivery,
    Measure,
    TickKind,
)

__all__ = [
    "HOUSEHOLD_MEASURES",
    "LEDGER_MEASURES",
    "OTHER_MEASURES",
    "TICK_KINDS",
    "Delivery",
    "Helper",
    "Measure",
    "TickKind",
    "Visit",
    "VisitMood",
]
