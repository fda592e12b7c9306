"""What is done for every request: nothing is kept by browsers, and postings and passwords are looked after."""

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.cache import patch_cache_control

from accounts.navigation import SAFE_METHODS, WAITING

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


class SayHowItIsDone:
    """An address that only takes a form, opened by hand, answers with a page instead of nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on, and fill an empty 405."""
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and request.method == "GET" and not response.content:
            response.content = render_to_string("405.html", request=request)
        return response


class LogInAgain(LoginRequiredMiddleware):
    """Whoever sends a form after the session has ended comes back to the page of the form, not to where it was sent.

    Some addresses only take forms: to be led there after logging in would be an empty page.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., HttpResponse]) -> HttpResponse:
        """To the login page, with the way back and a word that nothing was done."""
        if request.method in ("GET", "HEAD"):
            return super().handle_no_permission(request, view_func)
        if request.headers.get("X-Requested-With") != "XMLHttpRequest":  # a draft says so itself, each time
            messages.warning(request, "登录过期了，刚才那一步没有办成。登录以后请再办一次。")
        page = urlsplit(request.headers.get("referer", ""))
        back = page._replace(scheme="", netloc="", fragment="").geturl() if page.netloc == request.get_host() else "/"
        return redirect_to_login(back, self.get_login_url(view_func), self.get_redirect_field_name(view_func))


class RememberPostings:
    """Look up the postings of the person who asks once for each request, not for every row and menu entry."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Begin to remember, and pass on."""
        if request.user.is_authenticated:
            request.user.remember_postings()
        return self.get_response(request)


class CountAgainAfterwards:
    """After a step that somebody took, the numbers in their menu are counted anew."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on, and forget what was counted; a step that was refused changed nothing."""
        response = self.get_response(request)
        if request.method not in SAFE_METHODS and response.status_code < HTTPStatus.BAD_REQUEST:
            request.session.pop(WAITING, None)
        return response


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
