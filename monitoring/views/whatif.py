"""试算: what a draft of the policy would change; counts for the offices, names for the district alone and noted."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from accounts.keys import key_or_none
from accounts.models import Region
from accounts.roles import Role, role_required
from monitoring import whatif, whatif_page
from monitoring.models import PolicyTrial
from monitoring.models.whatif import TRIAL_READERS
from monitoring.parameter_forms import BasisForm
from monitoring.parts import districts_of
from monitoring.policy.rulesets import known_codes, ruleset
from monitoring.policy.values import SETTING_LEVELS, Policy, policy_in_force
from monitoring.screening_page import NAMES
from monitoring.whatif_forms import TrialForm, changes, same_day_or_today

PAGE_SIZE = 20


def _trial(request: HttpRequest, pk: uuid.UUID, *roles: Role) -> PolicyTrial:
    visible = PolicyTrial.objects.visible_to(request.user, *roles).select_related("region", "requested_by")
    return get_object_or_404(visible, pk=pk)


def _area(request: HttpRequest, trial: PolicyTrial) -> Region:
    """The place asked for by ``?area=code``, in the trial's region and one's own; without one, the whole region."""
    code = request.GET.get("area", "")
    if not code or code == trial.region.code:
        return trial.region
    below = Region.objects.visible_to(request.user, *TRIAL_READERS).under(trial.region)
    return get_object_or_404(below, code=code)


def _shown(request: HttpRequest, trial: PolicyTrial) -> dict[str, Any]:
    """What the page, its middle and the paper print."""
    area = _area(request, trial)
    today = policy_in_force(districts_of(trial.region)[0], trial.on, known_by=trial.created_at)
    own = request.user.posting_over(trial.region, *TRIAL_READERS)
    return {
        "trial": trial,
        "area": area,
        "above": whatif_page.places_between(trial, area)[:-1],
        "changes": changes(trial, today),
        "result": whatif_page.result(trial, request.user, area) if trial.state == "done" else None,
        "own_part_only": own is None,
        "may_see_names": request.user.holds(Role.DISTRICT_OFFICER),
        "may_change": bool(request.user.posting_over(trial.region, Role.DISTRICT_OFFICER)),
    }


@require_safe
@role_required(*TRIAL_READERS)
def whatif_list(request: HttpRequest) -> HttpResponse:
    """The trials of the user's regions and of those above, the newest first."""
    visible = PolicyTrial.objects.visible_to(request.user).select_related("region", "requested_by")
    page = Paginator(visible, PAGE_SIZE).get_page(request.GET.get("page"))
    may_try = request.user.holds(Role.DISTRICT_OFFICER)
    return render(request, "monitoring/whatifs.html", {"page_obj": page, "may_try": may_try})


@require_http_methods(["GET", "POST"])
@role_required(Role.DISTRICT_OFFICER)
def whatif_new(request: HttpRequest) -> HttpResponse:
    """Draft other numbers, or take another rule set, and ask what that would change."""
    regions = Region.objects.visible_to(request.user, Role.DISTRICT_OFFICER).filter(level__in=SETTING_LEVELS)
    region, policy = _drafted_for(request, list(regions.order_by("path")))
    form = TrialForm(request.POST or None, policy=policy, typed=_typed_before(request))
    if form.is_valid():
        try:
            given = {"region": region, "by": request.user, "ruleset_code": policy.ruleset.code}
            trial = whatif.request_trial(**given, **form.draft)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            return redirect("monitoring:whatif", pk=trial.pk)
    held = policy_in_force(region, policy.on).ruleset
    rulesets = [ruleset(code) for code in known_codes()]
    context = {"form": form, "region": region, "regions": regions, "policy": policy, "rulesets": rulesets, "held": held}
    return render(request, "monitoring/whatif_new.html", context, status=422 if form.is_bound else 200)


def _drafted_for(request: HttpRequest, regions: list[Region]) -> tuple[Region, Policy]:
    """The region and the rule set that the address asks for; else the first of one's own, and what it has today."""
    code, wanted = request.GET.get("area", ""), request.GET.get("ruleset", "")
    region = next((one for one in regions if code in ("", one.code)), None)
    if region is None or wanted not in ("", *known_codes()):
        raise Http404
    return region, policy_in_force(region, timezone.localdate(), wanted or None)


def _typed_before(request: HttpRequest) -> dict[str, str]:
    """The draft of an earlier trial, to be changed a little."""
    like = key_or_none(request.GET.get("like", ""))
    earlier = PolicyTrial.objects.visible_to(request.user, Role.DISTRICT_OFFICER).filter(pk=like).first()
    return earlier.values if earlier else {}


@require_safe
@role_required(*TRIAL_READERS)
def whatif_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """How far a trial has come, and what came of it; htmx asks how far, and for the whole page once it is over."""
    trial = _trial(request, pk)
    if not request.htmx:
        return render(request, "monitoring/whatif.html", _shown(request, trial))
    if trial.is_over:
        return HttpResponseClientRefresh()
    return render(request, "monitoring/_whatif_progress.html", {"trial": trial})


@require_safe
@role_required(*TRIAL_READERS)
def whatif_paper(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The result on A4."""
    trial = _trial(request, pk)
    if trial.state != "done":
        raise Http404
    return render(request, "monitoring/whatif_paper.html", _shown(request, trial))


@require_GET
@role_required(Role.DISTRICT_OFFICER)
def whatif_households(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The households of one move, for the district alone; every page that is read is written down."""
    trial = _trial(request, pk, Role.DISTRICT_OFFICER)
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    if trial.state != "done" or before == after or not {before, after} <= set(whatif_page.CODES):
        raise Http404
    area = _area(request, trial)
    moving = whatif_page.Moving(trial, request.user, area, before, after)
    page = Paginator(moving, whatif_page.NAMES_ON_A_PAGE).get_page(request.GET.get("page"))
    rows = list(page)
    look = {"before": before, "after": after, "page": page.number, "rows": len(rows)}
    whatif_page.note_look(trial=trial, by=request.user, area=_looked_at(request, area), **look)
    context = {"trial": trial, "area": area, "page_obj": page, "rows": rows}
    context |= {"before": NAMES[before], "after": NAMES[after]}
    return render(request, "monitoring/whatif_households.html", context)


def _looked_at(request: HttpRequest, area: Region) -> Region:
    """The area, or one's own part of it, so that those who read one's traces find the look there."""
    mine = [one.region for one in request.user.postings_in_force() if one.role == Role.DISTRICT_OFFICER]
    return next((region for region in mine if area.contains(region)), area)


@require_http_methods(["GET", "POST"])
@role_required(Role.DISTRICT_OFFICER)
def whatif_propose(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Turn the draft into proposals with a document; a second person puts them in force."""
    trial = _trial(request, pk, Role.DISTRICT_OFFICER)
    if not request.user.posting_over(trial.region, Role.DISTRICT_OFFICER):
        raise Http404
    form = BasisForm(request.POST or None, initial={"starts_on": same_day_or_today(trial.starts_on)})
    if form.is_valid():
        try:
            proposed = whatif.propose_trial(trial=trial, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, f"已提出 {len(proposed)} 项，另一位同事复核以后生效。")
            return redirect("monitoring:parameters")
    today = policy_in_force(districts_of(trial.region)[0], trial.on, known_by=trial.created_at)
    context = {"trial": trial, "form": form, "changes": changes(trial, today)}
    return render(request, "monitoring/whatif_propose.html", context, status=422 if form.is_bound else 200)


@require_POST
@role_required(Role.DISTRICT_OFFICER)
def whatif_cancel(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Stop a trial that is not over."""
    trial = _trial(request, pk, Role.DISTRICT_OFFICER)
    if not request.user.posting_over(trial.region, Role.DISTRICT_OFFICER):
        raise Http404
    if whatif.cancel_trial(trial=trial, by=request.user):
        messages.success(request, "已取消，什么都没有改。")
    else:
        messages.warning(request, "这次试算已经结束，没有取消。")
    return redirect("monitoring:whatif", pk=trial.pk)
