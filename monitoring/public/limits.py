"""How often the public pages may be asked: counted in the database, so that every process counts together."""

import datetime
import hashlib
import hmac
import ipaddress
import re
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, router, transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from monitoring.public.models import RequestCount


@dataclass(frozen=True)
class Limit:
    """At most so many times within a span."""

    name: str
    most: int
    span: datetime.timedelta
    words: str


WITH_PORT = re.compile(r"^(?:\[([^\]]+)\](?::[0-9]+)?|([0-9.]+):[0-9]+)$")
NO_ADDRESS = "-"
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
CALL = "急的请直接打村里或镇（街）的电话。"
# A whole village may come through one address of a telephone company; one telephone declares for its neighbours too.
DECLARATIONS_OF_ADDRESS = Limit("declare-address", 10, HOUR, f"从您这里一小时内已经申报多次，请过一小时再试。{CALL}")
DECLARATIONS_OF_VILLAGE = Limit("declare-village", 100, DAY, f"这个村今天收到的申报太多，请明天再试。{CALL}")
QUESTIONS_OF_ADDRESS = Limit("ask-address", 30, HOUR, f"查得太多了，请过一小时再试。{CALL}")
QUESTIONS_OF_RECEIPT = Limit("ask-receipt", 10, HOUR, f"这个回执号查得太多了，请过一小时再试。{CALL}")


class TooOften(ValidationError):
    """The limit is reached; the sentence says what to do."""


def keyed(*parts: str) -> str:
    """A digest that nobody without this installation's secret can make or check."""
    return hmac.new(settings.SECRET_KEY.encode(), "\0".join(parts).encode(), hashlib.sha256).hexdigest()


def address_of(request: HttpRequest) -> str:
    """Where a request comes from, as the outermost of our own proxies saw it; what a visitor wrote before that is not asked."""
    seen = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if settings.PROXY_COUNT and len(seen) >= settings.PROXY_COUNT and seen[-settings.PROXY_COUNT]:
        return line_of(seen[-settings.PROXY_COUNT])
    return line_of(str(request.META.get("REMOTE_ADDR", "")))


def line_of(address: str) -> str:
    """Whose line an address is: of the sixth version the first half, because one line has 2^64 of them to choose from.

    Some proxies write the port too, which is another one each time; what is no address at all is everybody's line together.
    """
    try:
        found = ipaddress.ip_address(WITH_PORT.sub(r"\1\2", address))
    except ValueError:
        return NO_ADDRESS
    if isinstance(found, ipaddress.IPv6Address):
        plain = found.ipv4_mapped
        return str(plain) if plain else f"{ipaddress.IPv6Address(int(found) >> 64 << 64)}/64"
    return str(found)


def count(limit: Limit, who: str) -> None:
    """Count one more; raises TooOften above the limit, until the span is over."""
    now = timezone.now()
    span = int(now.timestamp() // limit.span.total_seconds())
    bucket = keyed("count", limit.name, who, str(span))
    if not _add(bucket):
        until = datetime.datetime.fromtimestamp((span + 1) * limit.span.total_seconds(), tz=datetime.UTC)
        try:
            with transaction.atomic(using=router.db_for_write(RequestCount)):
                RequestCount.objects.create(bucket=bucket, count=1, until=until)
            return
        except IntegrityError:
            _add(bucket)
    if RequestCount.objects.filter(bucket=bucket, count__gt=limit.most).exists():
        raise TooOften(limit.words)


def _add(bucket: str) -> bool:
    return bool(RequestCount.objects.filter(bucket=bucket).update(count=F("count") + 1))


def forget_counts() -> int:
    """Delete counts of spans that are over; returns how many."""
    deleted, _kinds = RequestCount.objects.filter(until__lt=timezone.now()).delete()
    return deleted
