"""The public pages of declarations: the form behind a village's QR code, and the answer by receipt number."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from monitoring.public import declarations
from monitoring.public.forms import DeclarationForm, ReceiptForm
from monitoring.public.limits import TooOften, address_of
from monitoring.public.reading import SPAN, reads

TOO_MANY = 429


def unlisted(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page for everybody that no search engine lists and nobody on the way keeps; read too often from one line, 429.

    What is sent is counted where it is kept (``limits``); this counts looks.
    """

    @login_not_required
    @wraps(view)
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method in ("GET", "HEAD") and not reads.one_more(address_of(request)):
            response = render(request, "monitoring/public/too_often.html", status=TOO_MANY)
            response["Retry-After"] = str(SPAN)
        else:
            response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        response["Cache-Control"] = "no-store"
        return response

    return marked


@unlisted
@require_http_methods(["GET", "POST"])
def declare(request: HttpRequest, token: str) -> HttpResponse:
    """The form of a village; sent, its receipt. The receipt stands on the page alone, never in an address."""
    page = declarations.open_page(token)
    if page is None:
        raise Http404
    form = DeclarationForm(request.POST or None, page=page)
    status = 200
    if form.is_valid():
        try:
            receipt = declarations.declare(
                page=page, form_key=form.cleaned_data["form_key"], answers=form.answers, address=address_of(request)
            )
        except ValidationError as fault:
            form.add_error(None, fault)
            status = TOO_MANY if isinstance(fault, TooOften) else 200
        else:
            shown = {"page": page, "receipt": declarations.grouped(receipt)}
            return render(request, "monitoring/public/receipt.html", shown)
    return render(request, "monitoring/public/declare.html", {"page": page, "form": form}, status=status)


@unlisted
@require_http_methods(["GET", "POST"])
def progress(request: HttpRequest) -> HttpResponse:
    """What has become of a declaration, for who has the receipt and knows the telephone."""
    form = ReceiptForm(request.POST or None)
    found, status = None, 200
    if form.is_valid():
        try:
            found = declarations.ask(**form.cleaned_data, address=address_of(request))
        except ValidationError as fault:
            form.add_error(None, fault)
            status = TOO_MANY if isinstance(fault, TooOften) else 200
    return render(request, "monitoring/public/progress.html", {"form": form, "found": found}, status=status)
