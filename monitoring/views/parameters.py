"""政策参数: the rule set and the numbers of a district with their documents; a change needs one and a second person."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Region
from accounts.roles import OFFICE_ROLES, Role, role_required
from monitoring.models import PolicyValue
from monitoring.notices import district_of
from monitoring.oversight_size import sizes_of
from monitoring.parameter_forms import ParameterForm, RuleSetForm
from monitoring.parameters import SETTERS, confirm_value, propose_ruleset, propose_value, withdraw_value
from monitoring.parameters_page import income_items, policy_of, sayings
from monitoring.policy.rules import rules_of
from monitoring.policy.shapes import RULESET_KEY

READERS = (*OFFICE_ROLES, Role.INSPECTOR, Role.SYSTEM_ADMIN)


def _district(request: HttpRequest) -> Region:
    """The district asked for by ``?area=code``, else that of the person's first posting."""
    visible = Region.objects.visible_to(request.user, *READERS)
    if code := request.GET.get("area", ""):
        return get_object_or_404(visible, code=code)
    mine = next(one.region for one in request.user.postings_in_force() if one.role in READERS)
    return district_of(mine) or mine


def _to_the_page(district: Region) -> HttpResponse:
    return redirect(f"{reverse('monitoring:parameters')}?area={district.code}")


@require_safe
@role_required(*READERS)
def parameter_list(request: HttpRequest) -> HttpResponse:
    """The rule set and every number as they stand today, what was, what is coming, and what waits for a second person."""
    district = _district(request)
    found = policy_of(district, timezone.localdate())
    rules = found.policy.ruleset
    context = {
        "district": district,
        "districts": Region.objects.visible_to(request.user, *READERS).districts(),
        "found": found,
        "sayings": list(sayings(rules)),
        "items": income_items(rules),
        "rules": rules_of(rules),
        "sizes": sizes_of([district], found.policy.on),
        "may_set": bool(request.user.posting_over(district, *SETTERS)),
        "may_try": bool(request.user.posting_over(district, Role.DISTRICT_OFFICER)),
        "may_read_trials": request.user.holds(*OFFICE_ROLES, Role.INSPECTOR),
    }
    return render(request, "monitoring/parameters.html", context)


@require_safe
@role_required(*READERS)
def parameter_paper(request: HttpRequest) -> HttpResponse:
    """The policy of a district on A4: its numbers, procedure, income items and rules, each with its document."""
    district = _district(request)
    found = policy_of(district, timezone.localdate())
    rules = found.policy.ruleset
    context = {"district": district, "found": found, "sayings": list(sayings(rules)), "items": income_items(rules)}
    return render(request, "monitoring/parameters_paper.html", {**context, "rules": rules_of(rules)})


@require_http_methods(["GET", "POST"])
@role_required(*SETTERS)
def parameter_propose(request: HttpRequest, key: str) -> HttpResponse:
    """Propose a new number from a day on."""
    district = _district(request)
    found = policy_of(district, timezone.localdate())
    number = next((one for one in found.numbers if one.key == key), None)
    if number is None:
        raise Http404
    form = ParameterForm(request.POST or None, parameter=found.policy.ruleset.parameter(key))
    if form.is_valid():
        try:
            propose_value(region=district, by=request.user, key=key, **form.cleaned_data)
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(request, f"“{number.title}”的新取值已提出，另一位同事复核以后生效。")
            return _to_the_page(district)
    return render(request, "monitoring/parameter_propose.html", {"district": district, "number": number, "form": form})


@require_http_methods(["GET", "POST"])
@role_required(*SETTERS)
def ruleset_propose(request: HttpRequest) -> HttpResponse:
    """Propose that the district takes a rule set from a day on."""
    district = _district(request)
    found = policy_of(district, timezone.localdate())
    form = RuleSetForm(request.POST or None, others=found.others)
    if form.is_valid():
        try:
            proposed = propose_ruleset(region=district, by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(request, f"规则集已提出从 {proposed.starts_on:%Y-%m-%d} 起换，另一位同事复核以后生效。")
            return _to_the_page(district)
    return render(request, "monitoring/ruleset_propose.html", {"district": district, "found": found, "form": form})


@require_POST
@role_required(*SETTERS)
def parameter_settle(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The second person confirms what is proposed; anybody who may set it may also take it back."""
    mine = PolicyValue.objects.visible_to(request.user, *SETTERS).select_related("region")
    proposed = get_object_or_404(mine, pk=pk)
    what = "规则集" if proposed.key == RULESET_KEY else "参数"
    try:
        if request.POST.get("verdict") == "confirm":
            confirm_value(proposed=proposed, by=request.user)
            messages.success(request, f"{what}已复核，从 {proposed.starts_on:%Y-%m-%d} 起按新的算。")
        else:
            withdraw_value(proposed=proposed, by=request.user)
            taken_back = "撤回" if proposed.proposed_by_id == request.user.pk else "退回"
            messages.success(request, f"已{taken_back}，原来的不变。")
    except ValidationError as fault:
        messages.warning(request, fault.messages[0])
    return _to_the_page(proposed.region)
