"""What is done for every request of somebody who has logged in."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

STILL_OPEN = {"accounts:password", "accounts:logout", "accounts:login", "ping"}


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
