"""缺什么补什么 of one household: needs, what answers them, and what could be begun."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import accepted
from accounts.roles import CASEWORK_ROLES, HOUSEHOLD_READERS, VILLAGE_ROLES, role_required
from assistance.catalogue.page import limits
from assistance.gaps import Candidate, Need
from assistance.measures import measures_at
from assistance.models import OPEN_PLAN, Plan, PlanStage
from assistance.plan_forms import RegisterForm
from assistance.plans import IN_VILLAGE, gaps_today
from assistance.registering import register
from assistance.views.found import household_to_help, household_to_read

FIRST = 5  # candidates of a need that stand open; a phone shows no more


@require_safe
@role_required(*HOUSEHOLD_READERS)
def gaps(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Every need with what is there for it, and the candidates of the catalogue with their conditions checked."""
    household = household_to_read(request, pk)
    found = gaps_today(household)
    plan = Plan.objects.filter(household=household, stage__in=[*OPEN_PLAN, PlanStage.CONFIRMED]).first()
    village, present = household.village, not household.closed_on
    in_village = plan is None or plan.stage in IN_VILLAGE  # one that holds, or lies with the town, takes nothing more
    context = {
        "household": household,
        "gaps": found,
        "needs": [_offers(need, found.candidates(need)) for need in found.needs] if found else [],
        "plan": plan,
        "planned": set(plan.items.values_list("measure", flat=True)) if plan else set(),
        "may_plan": present and in_village and request.user.posting_over(village, *VILLAGE_ROLES) is not None,
        "may_write": present and request.user.posting_over(village, *CASEWORK_ROLES) is not None,
    }
    return render(request, "assistance/gaps.html", context)


def _offers(need: Need, candidates: list[Candidate]) -> dict[str, Any]:
    """The need with its first candidates, the others, and those that nobody here meets."""
    usable = [one for one in candidates if one.open_to]
    unusable = [one for one in candidates if not one.open_to]
    return {"need": need, "first": usable[:FIRST], "others": usable[FIRST:], "unmet": unusable}


@require_http_methods(["GET", "POST"])
@role_required(*CASEWORK_ROLES)
def measure_begin(request: HttpRequest, pk: UUID, measure: str) -> HttpResponse:
    """Register a measure of the catalogue that is in place already: for whom, since when, how much, until when."""
    household = household_to_help(request, pk)
    chosen = measures_at(household.village).get(measure)
    if chosen is None:
        raise Http404
    form = RegisterForm(chosen, household.members.present().head_first(), request.POST or None)
    if form.is_valid() and accepted(
        form, lambda: register(household=household, by=request.user, measure=chosen, **form.told())
    ):
        messages.success(request, f"已登记：{chosen.name}。")
        return redirect("assistance:gaps", pk=household.pk)
    context = {"household": household, "measure": chosen, "limits": list(limits(chosen)), "form": form}
    return render(request, "assistance/measure_begin.html", context)
