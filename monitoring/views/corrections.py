"""Mending the register: propose a correction, and settle one as the second person."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import CASEWORK_ROLES, HOUSEHOLD_READERS, OFFICE_ROLES, role_required
from monitoring.case_forms import CorrectionForm
from monitoring.corrections import Field, current_value, in_words, propose_correction, settle_correction
from monitoring.models import Case, Correction

PAGE_SIZE = 20


@require_safe
@role_required(*HOUSEHOLD_READERS)
def correction_list(request: HttpRequest) -> HttpResponse:
    """What waits for a second person, and what was settled."""
    visible = Correction.objects.visible_to(request.user).select_related(
        "case__household", "case__village", "proposed_by", "settled_by"
    )
    settled = bool(request.GET.get("settled"))
    shown = visible.exclude(accepted=None) if settled else visible.filter(accepted=None)
    page = Paginator(shown, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "settled": settled,
        "waiting_count": visible.filter(accepted=None).count(),
        "lines": [_line(one) for one in page.object_list],
        "may_settle": request.user.holds(*OFFICE_ROLES),
    }
    return render(request, "monitoring/corrections.html", context)


def _line(correction: Correction) -> dict:
    return {
        "correction": correction,
        "field": Field(correction.field).label,
        "old": in_words(correction.field, correction.old),
        "new": in_words(correction.field, correction.new),
    }


@require_http_methods(["GET", "POST"])
@role_required(*CASEWORK_ROLES)
def correction_new(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Propose what should be corrected of a designated household."""
    cases = Case.objects.visible_to(request.user, *CASEWORK_ROLES).select_related("household", "village")
    case = get_object_or_404(cases, pk=pk)
    form = CorrectionForm(request.POST or None)
    if form.is_valid():
        data = form.cleaned_data
        try:
            propose_correction(
                case=case,
                by=request.user,
                field=data["field"],
                new=form.new_value,
                reason=data["reason"],
                idempotency_key=data["idempotency_key"],
            )
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(request, "更正已提出，等镇（街）或区（市）的另一位同事复核。")
            return redirect("monitoring:case", pk=case.pk)
    now = [(field.label, in_words(field, current_value(case, field))) for field in Field]
    return render(request, "monitoring/correction_new.html", {"case": case, "form": form, "now": now})


@require_POST
@role_required(*OFFICE_ROLES)
def correction_settle(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The second person agrees, or not."""
    mine = Correction.objects.visible_to(request.user, *OFFICE_ROLES)
    correction = get_object_or_404(mine, pk=pk)
    accept = request.POST.get("verdict") == "accept"
    try:
        settle_correction(correction=correction, by=request.user, accept=accept)
    except ValidationError as fault:
        messages.warning(request, fault.messages[0])
    else:
        messages.success(request, "更正已生效。" if accept else "更正没有同意，原来的不变。")
    return redirect("monitoring:corrections")
