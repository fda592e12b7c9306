"""What is done for every request: nothing is kept by browsers, and postings and passwords are looked after."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control

STILL_OPEN = {"accounts:password", "accounts:logout", "accounts:login", "ping"}


class KeepNothing:
    """No page stays in a browser or on the way to it: the next person at the desk must not find it by going back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on, and mark the answer; an address with a NUL, which no database takes, is refused with 400."""
        if "%00" in request.META.get("QUERY_STRING", "") or "\x00" in request.path:
            raise BadRequest("NUL in the address")
        response = self.get_response(request)
        patch_cache_control(response, no_store=True)
        return response


class RememberPostings:
    """Look up the postings of the person who asks once for each request, not for every row and menu entry."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Begin to remember, and pass on."""
        if request.user.is_authenticated:
            request.user.remember_postings()
        return self.get_response(request)


class ChangePasswordFirst:
    """Send people whose password was set by an administrator to the page where they choose their own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: object) -> HttpResponse | None:
        """Redirect, unless the page is the one to go to."""
        user, match = request.user, request.resolver_match
        pending = user.is_authenticated and user.must_change_password
        if pending and (match is None or match.view_name not in STILL_OPEN):
            return redirect("accounts:password")
        return None
