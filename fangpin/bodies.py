"""How much may be sent at once. What is too much is refused by its length, before anything of it is written anywhere."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

MOST_OF_STRANGERS = settings.DATA_UPLOAD_MAX_MEMORY_SIZE  # a form without files: nobody sends any without logging in
MOST_AT_WORK = 200 * 1024 * 1024  # the photos and scans of a form
TOO_LARGE = 413


class NotTooLarge:
    """Whoever asks for the token of a form has its files parsed to the disk: so the length is asked first.

    Without a length nothing is read (Django takes a body as far as its length says). Stands behind the middleware that
    knows who asks; on a public host nobody is known.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; answer 413 to what is too large for who sends it."""
        length = _length(request)
        if length > MOST_OF_STRANGERS:
            user = getattr(request, "user", None)
            stranger = user is None or not user.is_authenticated
            if stranger or length > MOST_AT_WORK:
                return render(request, "413.html", {"stranger": stranger}, status=TOO_LARGE)
        return self.get_response(request)


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:  # then nothing of it is read
        return 0
