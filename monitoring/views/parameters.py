"""政策参数: what holds in a district today, with its source; a new number needs a document and a second person."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Region
from accounts.roles import OFFICE_ROLES, Role, role_required
from monitoring.case_forms import ParameterForm
from monitoring.models import PolicyValue
from monitoring.notices import district_of
from monitoring.parameters import SETTERS, confirm_value, lines, propose_value, withdraw_value

READERS = (*OFFICE_ROLES, Role.INSPECTOR, Role.SYSTEM_ADMIN)


def _district(request: HttpRequest) -> Region:
    """The district asked for by ``?area=code``, else that of the person's first posting."""
    visible = Region.objects.visible_to(request.user, *READERS)
    if code := request.GET.get("area", ""):
        return get_object_or_404(visible, code=code)
    mine = next(one.region for one in request.user.postings_in_force() if one.role in READERS)
    return district_of(mine) or mine


@require_safe
@role_required(*READERS)
def parameter_list(request: HttpRequest) -> HttpResponse:
    """Every parameter as it stands today, what is coming, and what waits for a second person."""
    district = _district(request)
    policy, shown = lines(district, timezone.localdate())
    context = {
        "district": district,
        "policy": policy,
        "lines": shown,
        "may_set": bool(request.user.posting_over(district, *SETTERS)),
    }
    return render(request, "monitoring/parameters.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*SETTERS)
def parameter_propose(request: HttpRequest, key: str) -> HttpResponse:
    """Propose a new number from a day on."""
    district = _district(request)
    _policy, shown = lines(district, timezone.localdate())
    line = next((one for one in shown if one.key == key), None)
    if line is None:
        raise Http404
    form = ParameterForm(request.POST or None)
    if form.is_valid():
        try:
            propose_value(region=district, by=request.user, key=key, **form.cleaned_data)
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(request, f"“{line.title}”的新取值已提出，另一位同事复核以后生效。")
            return redirect("monitoring:parameters")
    return render(request, "monitoring/parameter_propose.html", {"district": district, "line": line, "form": form})


@require_POST
@role_required(*SETTERS)
def parameter_settle(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The second person confirms a proposed number; anybody who may set one may also take it back."""
    mine = PolicyValue.objects.visible_to(request.user, *SETTERS).select_related("region")
    proposed = get_object_or_404(mine, pk=pk)
    try:
        if request.POST.get("verdict") == "confirm":
            confirm_value(proposed=proposed, by=request.user)
            messages.success(request, f"参数已复核，从 {proposed.starts_on:%Y-%m-%d} 起按新的算。")
        else:
            withdraw_value(proposed=proposed, by=request.user)
            messages.success(request, "已撤回，原来的不变。")
    except ValidationError as fault:
        messages.warning(request, fault.messages[0])
    return redirect("monitoring:parameters")
