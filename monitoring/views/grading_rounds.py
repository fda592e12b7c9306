"""Rounds of 三色分级: beginning one, how far towns and villages have come, and the county's filing sheet."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Level, Region
from accounts.roles import OFFICE_ROLES, Role, role_required
from monitoring.grading_forms import RoundForm
from monitoring.grading_page import desk_of
from monitoring.grading_rounds import CLAUSE_DATES, months_of, open_round, readable_rounds
from monitoring.grading_rows import progress, total_of
from monitoring.models import GradingRound
from monitoring.policy.values import policy_in_force

READERS = (*OFFICE_ROLES, Role.INSPECTOR)


@require_http_methods(["GET", "POST"])
@role_required(Role.DISTRICT_OFFICER)
def round_new(request: HttpRequest) -> HttpResponse:
    """Begin the round of this half year: its first and its last day."""
    desk = desk_of(request.user, request.GET.get("area", ""))
    if desk is None:
        return render(request, "monitoring/grading_none.html")
    form = RoundForm(request.POST or None, policy=desk.policy)
    if form.is_valid():
        try:
            opened = open_round(district=desk.district, by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(request, f"{opened}的分级已经开始，村里收到待办。")
            return redirect("monitoring:grading-round", pk=opened.pk)
    rounds = [one for one in readable_rounds(request.user) if one.district_id == desk.district.pk]
    context = {"desk": desk, "form": form, "rounds": rounds, "clause": CLAUSE_DATES, "months": months_of(desk.policy)}
    return render(request, "monitoring/grading_round_new.html", context)


@require_safe
@role_required(*READERS)
def round_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """How far each town, or each village of a town, has come: in administrative order, never ranked."""
    context = _round_context(request, pk)
    return render(request, "monitoring/grading_round.html", context)


@require_safe
@role_required(*READERS)
def round_filing(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """报县区领导小组备案: the numbers of each place on A4, with the people who answer for them and lines to sign."""
    context = _round_context(request, pk)
    return render(request, "monitoring/grading_filing.html", {**context, "now": timezone.now()})


def _round_context(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    found = next((one for one in readable_rounds(request.user) if one.pk == pk), None)
    if found is None:
        raise Http404
    within = _place(request, found)
    places = progress(request.user, found, policy_in_force(found.district, timezone.localdate()), within)
    return {
        "round": found,
        "rounds": [one for one in readable_rounds(request.user) if one.district_id == found.district_id],
        "within": within,
        "places": places,
        "total": total_of(places, within),
        "of_villages": within.level == Level.TOWN,
        "may_file": request.user.holds(Role.DISTRICT_OFFICER),
        "may_review": request.user.holds(Role.TOWN_REVIEWER),
    }


def _place(request: HttpRequest, found: GradingRound) -> Region:
    """The town asked for; the only town of somebody who has one; else the district."""
    towns = Region.objects.visible_to(request.user, *READERS).in_regions([found.district]).filter(level=Level.TOWN)
    asked = request.GET.get("area", "")
    if asked and asked != found.district.code:
        town = towns.filter(code=asked).first()
        if town is None:
            raise Http404
        return town
    only = list(towns[:2])
    whole = request.user.posting_over(found.district, *READERS)
    return only[0] if len(only) == 1 and not whole else found.district
