"""Every public page of every notice, opened as a stranger would before, during and after its days, and read for secrets."""

import datetime
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, router, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Region
from households.codes import RiskCause
from households.models import Household, Member
from monitoring import notices_public
from monitoring import notices_scanner as scanner
from monitoring.models import Notice
from monitoring.notices import district_of
from monitoring.notices_calendar import ONE_DAY, counted_days
from monitoring.public.models import PublicNotice

NOT_FOUND, FOUND, GONE = 404, 200, 410
# When a page is looked at: how far its first day lies from today, and what it must answer.
BEFORE, DURING, AFTER = ("公示前", 1, NOT_FOUND), ("公示中", 0, FOUND), ("期满后", None, GONE)
TAGS = re.compile(r"<(?:svg|script|style)\b.*?</(?:svg|script|style)>|<[^>]*>", re.DOTALL)
TAIL = 6


@dataclass(frozen=True)
class Fault:
    """What stands on a page that must not; never the thing itself."""

    notice: str
    when: str
    page: str
    words: str


def crawl(host: str = "localhost") -> Iterator[tuple[Notice, list[Fault]]]:
    """Each notice with what is wrong with its pages; nothing that this does to show them stays, in neither database."""
    public = router.db_for_write(PublicNotice) or DEFAULT_DB_ALIAS
    for notice in Notice.objects.select_related("village__parent", "town", "corrects").order_by("posted_at"):
        faults = []
        for when, shift, wanted in (BEFORE, DURING, AFTER):
            with transaction.atomic(), transaction.atomic(using=public):
                _shift(notice, shift)
                faults += [
                    fault for name in ("notice", "objection") for fault in _look(notice, name, when, wanted, host)
                ]
                transaction.set_rollback(True)
                transaction.set_rollback(True, using=public)
        yield notice, faults


def _shift(notice: Notice, shift: int | None) -> None:
    """Put the notice's days so that today lies before, within or after them, with the district's pages on."""
    shown = Notice.objects.select_related("village__parent", "town", "corrects").get(pk=notice.pk)
    length = (shown.ends_on - shown.starts_on).days
    today = timezone.localdate()
    begins = today - (length + 1) * ONE_DAY if shift is None else today + shift * ONE_DAY
    days = [datetime.date.fromisoformat(day) + (begins - shown.starts_on) for day in counted_days(shown)]
    shown.counted_days = [day.isoformat() for day in days]
    shown.starts_on, shown.ends_on = begins, begins + length * ONE_DAY
    shown.closed_on = today if shift is None else None
    shown.save()
    district = district_of(shown.village)
    if district is not None:
        Region.objects.filter(pk=district.pk).update(web_notices_enabled=True)
    notices_public.publish([shown])


def _look(notice: Notice, name: str, when: str, wanted: int, host: str) -> Iterator[Fault]:
    """What is wrong with one page at one time."""
    if name == "objection" and not notice.waits and wanted == FOUND:
        wanted = NOT_FOUND
    address = reverse(f"public:{name}", args=[notice.token])
    # From a line of its own for each notice: looks are limited by line, and a district has hundreds of notices.
    first, second, third = (notice.pk.hex[at : at + 4] for at in (0, 4, 8))
    line = f"fd00:{first}:{second}:{third}::1"
    answer = Client().get(address, SERVER_NAME=host, REMOTE_ADDR=line, secure=True)
    if answer.status_code != wanted:
        yield Fault(notice.number, when, name, f"应答 {answer.status_code}，应是 {wanted}")
    raw = answer.content.decode()
    for words in _secrets(notice, raw, shown=answer.status_code == FOUND):
        yield Fault(notice.number, when, name, words)
    if wanted != NOT_FOUND and (
        "noindex" not in answer.get("X-Robots-Tag", "") or answer["Cache-Control"] != "no-store"
    ):
        yield Fault(notice.number, when, name, "没有禁止收录或缓存")


def _secrets(notice: Notice, raw: str, *, shown: bool) -> Iterator[str]:
    """Kinds of what a page must not tell of the households of its notice."""
    households = Household.objects.filter(cases__notices=notice)
    people = Member.objects.filter(household__in=households)
    text = html.unescape(TAGS.sub(" ", raw))
    own = (notice.village_phone, notice.town_phone, "12317")
    free = text
    for phone in own:
        free = free.replace(phone, " ") if phone else free
    names = {row["head_name"] for row in notice.snapshot} | set(people.values_list("name", flat=True))
    yield from (f"写了{kind}" for kind in scanner.findings(free, names=names))
    numbers = {number for person in people for number in (person.id_number, person.id_number[-TAIL:]) if number}
    phones = {phone for household in households if (phone := household.phone) and phone not in own}
    found = {
        "身份证号": any(number in raw for number in numbers),
        "农户电话": any(phone in raw for phone in phones),
        "致贫返贫原因": any(label in text for label in RiskCause.labels if len(label) > 2 or label.startswith("因")),
        "收入": "收入" in text or "元" in text,
        "档案编号": any(str(key) in raw for key in (notice.pk, *notice.row_cases)),
        "名单": not shown and any(row["head_name"][:1] + "*" in text for row in notice.snapshot if row["head_name"]),
    }
    yield from (f"写了{kind}" for kind, there in found.items() if there)
