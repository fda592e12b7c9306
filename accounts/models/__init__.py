"""Regions, people, their postings, and the trace they leave."""

from accounts.models.notifications import Notification, NotificationKind
from accounts.models.people import Posting, User
from accounts.models.regions import Level, Region
from accounts.models.trace import AuditEvent, AuditSeal, UsedKey

__all__ = [
    "AuditEvent",
    "AuditSeal",
    "Level",
    "Notification",
    "NotificationKind",
    "Posting",
    "Region",
    "UsedKey",
    "User",
]
