"""Papers of declarations: the blank form, the village's QR poster, the answer to a family; and the district's switch."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Region
from accounts.roles import CASEWORK_ROLES, SURVEY_ROLES, Role, role_required
from monitoring import leads_intake, leads_paper
from monitoring.models import Lead, LeadState

RENEWERS = (Role.TOWN_REVIEWER, Role.DISTRICT_OFFICER)


@require_safe
@role_required(*CASEWORK_ROLES)
def declaration_paper(request: HttpRequest) -> HttpResponse:
    """The blank declaration form, A4, with a stub for the family."""
    return render(request, "monitoring/lead_paper.html", {"causes": leads_paper.causes_in_words()})


@require_safe
@role_required(*CASEWORK_ROLES)
def poster_list(request: HttpRequest) -> HttpResponse:
    """The villages that have a QR code, to print one; for a single village its poster at once."""
    villages = Region.objects.visible_to(request.user, *CASEWORK_ROLES).villages().select_related("parent")
    found = leads_intake.villages_with_page(villages)
    context = {
        "villages": found,
        "on_phone": request.user.works_in_village,
        "may_switch": request.user.holds(Role.DISTRICT_OFFICER),
    }
    return render(request, "monitoring/lead_posters.html", context)


@require_safe
@role_required(*CASEWORK_ROLES)
def poster(request: HttpRequest, code: str) -> HttpResponse:
    """The QR code of a village on a page to hang up."""
    villages = Region.objects.visible_to(request.user, *CASEWORK_ROLES).villages().select_related("parent")
    village = get_object_or_404(villages, code=code)
    page = leads_intake.page_of(village)
    if page is None:
        raise Http404
    address = leads_paper.declaration_address(request, page)
    context = {
        "village": village,
        "address": address,
        "code": leads_paper.qr_code(address),
        "phone": page.published.get("phone", ""),
        "may_renew": bool(request.user.posting_over(village, *RENEWERS)),
    }
    return render(request, "monitoring/lead_poster.html", context)


@require_POST
@role_required(*RENEWERS)
def poster_renew(request: HttpRequest, code: str) -> HttpResponse:
    """Another QR code for a village, because the old one is abused; the old one no longer opens."""
    village = get_object_or_404(Region.objects.visible_to(request.user, *RENEWERS).villages(), code=code)
    if leads_intake.page_of(village) is None:
        raise Http404
    leads_intake.renew_page(village=village, by=request.user)
    messages.success(request, f"{village}的二维码已换，旧的马上打不开。请重新打印张贴。")
    return redirect("monitoring:lead-poster", code=code)


@require_safe
@role_required(*SURVEY_ROLES)
def lead_answer(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The answer to the family of a lead that was closed, A4."""
    settled = Lead.objects.visible_to(request.user, *SURVEY_ROLES).filter(state=LeadState.CLOSED)
    lead = get_object_or_404(settled.select_related("household", "village__parent", "settled_by"), pk=pk)
    declared = [one.declaration for one in lead.evidence.exclude(declaration=None).select_related("declaration")]
    context = {
        "lead": lead,
        "name": lead.household.head_name if lead.household else declared[0].name if declared else "",
        "office": leads_paper.office_of(lead.village),
        "phone": lead.village.office_phone or (lead.village.parent.office_phone if lead.village.parent else ""),
    }
    return render(request, "monitoring/lead_answer.html", context)


@require_http_methods(["GET", "POST"])
@role_required(Role.DISTRICT_OFFICER)
def declaration_switch(request: HttpRequest) -> HttpResponse:
    """The district switches declarations by QR code on or off; off by default."""
    mine = [one.region for one in request.user.postings_in_force() if one.role == Role.DISTRICT_OFFICER]
    if request.method == "POST":
        district = next((region for region in mine if str(region.pk) == request.POST.get("district")), None)
        if district is None:
            raise PermissionDenied
        on = request.POST.get("switch") == "on"
        try:
            if leads_intake.switch(district=district, by=request.user, on=on):
                messages.success(request, f"{district}扫码申报已{'开通' if on else '关闭'}。")
        except ValidationError as fault:
            messages.warning(request, fault.messages[0])
        return redirect("monitoring:declaration-switch")
    return render(request, "monitoring/lead_switch.html", {"districts": mine})
