"""The public pages of notices: what hangs in the village with masked names, and the form for objections."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from monitoring.public import notices
from monitoring.public.declarations import grouped
from monitoring.public.forms import ReceiptNumberForm
from monitoring.public.limits import TooOften, address_of
from monitoring.public.models import PublicNotice
from monitoring.public.notice_forms import PublicObjectionForm
from monitoring.public.qr import qr_code
from monitoring.public.views import TOO_MANY, unlisted

GONE = 410


def _notice(token: str) -> PublicNotice | None:
    """The running notice, None when it is over; 404 where there is none."""
    try:
        notice = notices.open_notice(token)
    except notices.NoticeGone:
        return None
    if notice is None:
        raise Http404
    return notice


def _over(request: HttpRequest) -> HttpResponse:
    return render(request, "monitoring/public/notice_over.html", status=GONE)


@unlisted
@require_safe
def notice(request: HttpRequest, token: str) -> HttpResponse:
    """What anybody with the address may see: masked names while the notice runs, and nothing afterwards."""
    shown = _notice(token)
    if shown is None:
        return _over(request)
    address = f"{settings.PUBLIC_URL}{request.path}" if settings.PUBLIC_URL else request.build_absolute_uri()
    context = {
        "notice": shown,
        "sheet": shown.sheet,
        "countdown": notices.countdown_of(shown),
        "code": qr_code(address, level="m"),
    }
    return render(request, "monitoring/public/notice.html", context)


@unlisted
@require_http_methods(["GET", "POST"])
def objection(request: HttpRequest, token: str) -> HttpResponse:
    """The form for an objection; sent, its receipt, which stands on the page alone, never in an address."""
    shown = _notice(token)
    if shown is None:
        return _over(request)
    if not shown.takes_objections:
        raise Http404
    form = PublicObjectionForm(request.POST or None, rows=shown.sheet["rows"])
    status = 200
    if form.is_valid():
        try:
            receipt = notices.object_to(
                notice=shown, form_key=form.cleaned_data["form_key"], answers=form.answers, address=address_of(request)
            )
        except ValidationError as fault:
            form.add_error(None, fault)
            status = TOO_MANY if isinstance(fault, TooOften) else 200
        else:
            told = {"sheet": shown.sheet, "receipt": grouped(receipt)}
            return render(request, "monitoring/public/objection_receipt.html", told)
    context = {"notice": shown, "sheet": shown.sheet, "form": form}
    return render(request, "monitoring/public/objection.html", context, status=status)


@unlisted
@require_http_methods(["GET", "POST"])
def reply(request: HttpRequest) -> HttpResponse:
    """What has become of an objection, for who has its receipt."""
    form = ReceiptNumberForm(request.POST or None)
    found, status = None, 200
    if form.is_valid():
        try:
            found = notices.ask(receipt=form.cleaned_data["receipt"], address=address_of(request))
        except ValidationError as fault:
            form.add_error(None, fault)
            status = TOO_MANY if isinstance(fault, TooOften) else 200
    return render(request, "monitoring/public/reply.html", {"form": form, "found": found}, status=status)
