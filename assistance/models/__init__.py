"""Measures, what was delivered, who helps, and visits."""

from assistance.models.helpers import Helper, Visit, VisitMood
from assistance.models.measures import Delivery, Measure, TickKind

__all__ = ["Delivery", "Helper", "Measure", "TickKind", "Visit", "VisitMood"]
