"""What every template knows about the person at the desk."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import Posting
from accounts.navigation import HOME, Item, menu_items, waiting_now
from accounts.notifications import unread_count
from accounts.roles import HOUSEHOLD_READERS, VILLAGE_ROLES

TEXT_SIZES = {"large": "text-large", "huge": "text-huge"}


def desk(request: HttpRequest) -> dict[str, Any]:
    """The base page, unit, role and menu of the person who asks.

    ``base_template`` is the phone page for people who work in villages only, and the office page for the rest.
    The menu and its counts are worked out only when a page prints them: a fragment pays nothing for them.
    """
    size = TEXT_SIZES.get(request.COOKIES.get("text_size", ""), "")
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"base_template": "base_plain.html", "text_size": size, "nav_items": (), "unread_count": 0}
    postings = user.postings_in_force()
    on_phone = user.works_in_village
    main = _main_posting(postings)
    counts = SimpleLazyObject(lambda: waiting_now(request))

    def items() -> list[Item]:
        roles = [posting.role for posting in postings]
        return menu_items(roles=roles, path=request.path, counts=counts, on_phone=on_phone)

    return {
        "base_template": "base_field.html" if on_phone else "base_office.html",
        "text_size": size,
        "unit_name": main.region.name if main else user.unit,
        "role_label": main.get_role_display() if main else "没有岗位",
        "help_phone": SimpleLazyObject(lambda: _help_phone(main)),
        "may_search": any(posting.role in HOUSEHOLD_READERS for posting in postings),
        "nav_items": SimpleLazyObject(items),
        "todo_count": SimpleLazyObject(lambda: counts.get(HOME, 0)),
        "unread_count": SimpleLazyObject(lambda: unread_count(user)),
    }


def _main_posting(postings: list[Posting]) -> Posting | None:
    """The posting to name in the head: an office posting before a village one, the widest region first."""
    return min(postings, key=lambda one: (one.role in VILLAGE_ROLES, len(one.region.path)), default=None)


def _help_phone(main: Posting | None) -> str:
    """Whom to ask: the office above, or one's own where nothing is known above."""
    if main is None:
        return ""
    above = main.region.parent
    return (above.office_phone if above else "") or main.region.office_phone
