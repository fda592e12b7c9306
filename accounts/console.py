"""What the commands of the console take from their arguments, refused with a sentence."""

import datetime

from django.core.management.base import CommandError

from accounts.models import Region


def region_named(code: str) -> Region:
    """The region with this 12-digit code; raises CommandError."""
    try:
        return Region.objects.by_code(code)
    except Region.DoesNotExist as fault:
        raise CommandError(f"没有区划代码 {code}。请先用 load_regions 装入区划，或核对代码。") from fault


def day_named(text: str) -> datetime.date:
    """The day written as 2020-06-30; raises CommandError."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as fault:
        raise CommandError(f"日期 {text} 不对，应写成 2020-06-30 这样。") from fault
