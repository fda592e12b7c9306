"""台账报表: ask for a ledger, watch it being made, fetch it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.roles import OFFICE_ROLES, role_required
from ledgers import services
from ledgers.forms import LedgerForm
from ledgers.models import EXPORT_ROLES, Export

PER_PAGE = 10
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@never_cache
@require_safe
@role_required(*EXPORT_ROLES)
def exports(request: HttpRequest) -> HttpResponse:
    """The form, and the files that I have asked for."""
    wanted = {name: request.GET[name] for name in ("region", "on") if request.GET.get(name)}
    return _centre(request, LedgerForm(request.user, initial=wanted))


@require_POST
@role_required(*EXPORT_ROLES)
def export_new(request: HttpRequest) -> HttpResponse:
    """Ask for a ledger; the same request within a minute leads to the same job."""
    form = LedgerForm(request.user, request.POST)
    if form.is_valid():
        try:
            export = services.request_export(by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            form.add_error(None, fault.messages)
        else:
            return redirect("ledgers:export-detail", pk=export.pk)
    return _centre(request, form)


@never_cache
@require_safe
@role_required(*EXPORT_ROLES)
def export_detail(request: HttpRequest, pk: Any) -> HttpResponse:
    """One export: its progress while it is made, then what is in it; htmx asks for the fragment alone."""
    export = get_object_or_404(Export.objects.asked_by(request.user).select_related("region"), pk=pk)
    template = "ledgers/_export.html" if request.htmx else "ledgers/export.html"
    return render(request, template, {"export": export, "now": timezone.now()})


@require_POST
@role_required(*EXPORT_ROLES)
def export_cancel(request: HttpRequest, pk: Any) -> HttpResponse:
    """Stop an export that is not finished."""
    export = get_object_or_404(Export.objects.asked_by(request.user), pk=pk)
    try:
        services.cancel_export(export=export, by=request.user)
    except ValidationError as fault:
        messages.error(request, fault.messages[0])
    return redirect("ledgers:export-detail", pk=export.pk)


@require_safe
@role_required(*EXPORT_ROLES)
def export_file(request: HttpRequest, pk: Any) -> HttpResponse | FileResponse:
    """The file itself; each time it is asked whether the person may still have it, and traced."""
    export = get_object_or_404(Export.objects.asked_by(request.user).select_related("region"), pk=pk)
    try:
        path = services.fetch(export=export, by=request.user)
    except ValidationError as fault:
        messages.error(request, fault.messages[0])
        return redirect("ledgers:export-detail", pk=export.pk)
    answer = FileResponse(path.open("rb"), as_attachment=True, filename=export.file_name, content_type=XLSX)
    patch_cache_control(answer, private=True, no_store=True)
    return answer


def _centre(request: HttpRequest, form: LedgerForm) -> HttpResponse:
    mine = Export.objects.asked_by(request.user).select_related("region")
    page = Paginator(mine, PER_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page_obj": page, "now": timezone.now(), "may_key": request.user.holds(*OFFICE_ROLES)}
    return render(request, "ledgers/exports.html", context)
