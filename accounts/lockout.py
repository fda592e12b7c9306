"""Under which name failed logins are counted."""

import unicodedata
from typing import Any

from django.http import HttpRequest


def counted_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The account as it was typed, without capitals, wide letters and spaces: spelt otherwise it gets no new tries."""
    typed = (credentials or {}).get("username") or request.POST.get("username") or ""
    return unicodedata.normalize("NFKC", str(typed)).casefold().strip()
