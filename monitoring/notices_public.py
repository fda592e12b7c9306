"""From the register to the public pages: masked notices go out, and are emptied when they are over or switched off."""

from collections.abc import Iterable

from django.db import DEFAULT_DB_ALIAS, router, transaction
from django.utils import timezone

from accounts.models import Region
from monitoring.leads_intake import publish_key
from monitoring.models import Notice
from monitoring.notices import web_notices_enabled
from monitoring.notices_sheet import public_sheet
from monitoring.public.models import PublicNotice


def tell(notice: Notice) -> None:
    """Tell the public pages of one notice: now, or when this transaction is through where they have a database of theirs."""
    if router.db_for_write(PublicNotice) in (None, DEFAULT_DB_ALIAS):
        publish([notice])
    else:
        transaction.on_commit(lambda: publish([notice]))


def publish(notices: Iterable[Notice]) -> int:
    """Write what the public pages should show of these; returns of how many that changed.

    A notice of a district that has the pages off is written only where it was there before, and then without its rows.
    """
    changed, on = 0, {}
    for notice in notices:
        if notice.village_id not in on:
            on[notice.village_id] = web_notices_enabled(notice.village)
        is_there = PublicNotice.objects.filter(token=notice.token)
        wanted = _wanted(notice, on[notice.village_id])
        if not wanted["is_open"] and not is_there.exists():
            continue
        if is_there.filter(**wanted).exists():
            continue
        if wanted["takes_objections"]:
            publish_key()
        PublicNotice.objects.update_or_create(token=notice.token, defaults=wanted)
        changed += 1
    return changed


def _wanted(notice: Notice, is_on: bool) -> dict:
    over = notice.closed_on is not None or notice.ends_on < timezone.localdate()
    return {
        "sheet": public_sheet(notice) if is_on and not over else {},
        "starts_on": notice.starts_on,
        "ends_on": notice.ends_on,
        "takes_objections": notice.waits and is_on and not over,
        "is_open": is_on,
        "is_over": over,
    }


def publish_district(district: Region) -> int:
    """All notices of a district that still hang, when it has switched the pages on or off."""
    return publish(_hanging().filter(village__in=Region.objects.under(district)))


def publish_everywhere() -> int:
    """Whatever the public pages should know and do not: what still hangs, and what they show that is over."""
    shown = PublicNotice.objects.filter(is_over=False).values_list("token", flat=True)
    ended = (
        Notice.objects.filter(token__in=list(shown)).exclude(closed_on=None).select_related("village__parent", "town")
    )
    return publish([*_hanging(), *ended])


def _hanging() -> Iterable[Notice]:
    return Notice.objects.not_closed().select_related("village__parent", "town", "corrects")
