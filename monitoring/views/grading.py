"""三色分级: the list by what each household waits for, one household, a step, many at once, key groups, papers."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.keys import key_or_none
from accounts.models import Region
from accounts.roles import CASEWORK_ROLES, HOUSEHOLD_READERS, VILLAGE_ROLES, role_required
from households.models import Household
from monitoring import grading, grading_batch
from monitoring.case_forms import OpenForm
from monitoring.grading_forms import GradingFilter, GradingStepForm, ProposeForm
from monitoring.grading_groups import CLAUSE_GROUPS, in_key_groups, key_group_rows, not_yet_surveyed
from monitoring.grading_page import (
    Desk,
    counted_levels,
    desk_of,
    household_page,
    households_of,
    list_page,
    paper_rows,
    tab_for,
    tabs_with,
)
from monitoring.grading_rows import in_order, tab_counts
from monitoring.grading_steps import BY_NAME, PROPOSE
from monitoring.models import Grading, GradingStage

PAGE_SIZE = 50


@require_safe
@role_required(*HOUSEHOLD_READERS)
def grading_list(request: HttpRequest) -> HttpResponse:
    """The households that are graded, tab by tab: whose turn it is, and for many at once where that is possible."""
    desk = desk_of(request.user, request.GET.get("area", ""))
    if desk is None:
        return render(request, "monitoring/grading_none.html")
    rows = households_of(desk, request.user)
    sieve = GradingFilter(request.GET, queryset=rows, user=request.user, district=desk.district)
    counts = tab_counts(rows)
    tab = tab_for(request.GET.get("tab", ""), request.user, counts)
    context = {
        "desk": desk,
        "tabs": tabs_with(counts, tab),
        "filter": sieve,
        "total": sum(counts.values()),
        "groups_left": not_yet_surveyed(request.user, desk.district, desk.round).count() if desk.round else 0,
        "may_open": grading_batch.may_act("file", request.user),
        "village": _only_village(request),
        **list_page(desk, request.user, tab, sieve.qs, request.GET.get("page")),
    }
    return render(request, _for_desk(request, "grading"), context)


@require_http_methods(["GET", "POST"])
@role_required(*HOUSEHOLD_READERS)
def grading_household(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One household: what the rules suggest and why, the village's proposal, and everything that was graded before."""
    household = get_object_or_404(_households(request), pk=pk)
    page = household_page(household, request.user)
    form = None
    if page["may_propose"]:
        form = ProposeForm(request.POST or None, ground=page["ground"])
        if form.is_valid() and (answer := _propose(request, household, form)):
            return answer
    elif request.method == "POST":
        messages.warning(request, page["why_not"] or "风险等级由村两委、驻村工作队提出。")
        return redirect("monitoring:grading-household", pk=pk)
    return render(request, _for_desk(request, "grading_household"), {**page, "form": form})


def _propose(request: HttpRequest, household: Household, form: ProposeForm) -> HttpResponse | None:
    data = form.cleaned_data
    try:
        proposed = grading.propose(
            household=household, by=request.user, level=data["level"], reason=data["reason"],
            expected_basis=data["basis"], idempotency_key=data["idempotency_key"],
        )  # fmt: skip
    except grading.AlreadyGraded as fault:
        messages.warning(request, fault.messages[0])
        return redirect("monitoring:grading-household", pk=household.pk)
    except ValidationError as fault:
        form.add_error(None, fault)
        return None
    messages.success(request, f"{household}：已提出{proposed.get_level_display()}，报镇（街）审核。")
    return redirect(f"{reverse('monitoring:grading')}?tab=ready")  # on with the next one


@require_http_methods(["GET", "POST"])
@role_required(*CASEWORK_ROLES)
def grading_step(request: HttpRequest, pk: uuid.UUID, step: str) -> HttpResponse:
    """Confirm one step with its consequences, and take it."""
    gradings = Grading.objects.visible_to(request.user).select_related("household", "village", "survey")
    found = get_object_or_404(gradings, pk=pk)
    choice = next((one for one in grading.choices_for(found, request.user) if one.step.name == step), None)
    if step not in BY_NAME or step == PROPOSE or (choice is None and request.method == "GET"):
        raise Http404
    form = GradingStepForm(request.POST or None, step=BY_NAME[step], grading=found)
    if form.is_valid() and (answer := _take(request, found, step, form)):
        return answer
    context = {"grading": found, "household": found.household, "choice": choice, "step": BY_NAME[step], "form": form}
    return render(request, "monitoring/grading_step.html", context, status=409 if choice is None else 200)


def _take(request: HttpRequest, found: Grading, step: str, form: GradingStepForm) -> HttpResponse | None:
    data = form.cleaned_data
    try:
        moved = grading.take(
            step, grading=found, by=request.user, note=data["note"], expected_version=data["version"],
            idempotency_key=data["idempotency_key"],
        )  # fmt: skip
    except grading.AlreadyGraded as fault:
        messages.warning(request, fault.messages[0])
        return redirect("monitoring:grading-household", pk=found.household_id)
    except ValidationError as fault:
        form.add_error(None, fault)
        return None
    words = f"{found.household}：{BY_NAME[step].label}，已办。现在是“{moved.get_stage_display()}”。"
    messages.success(request, words)
    if request.user.works_in_village:
        return redirect("monitoring:grading-household", pk=found.household_id)
    return redirect("monitoring:grading")


@require_POST
@role_required(*CASEWORK_ROLES)
def grading_batch_page(request: HttpRequest) -> HttpResponse:
    """First a page with all names and what is skipped; confirmed, what still holds."""
    name = request.POST.get("action", "")
    desk = desk_of(request.user, request.POST.get("area", ""))
    if name not in grading_batch.ACTIONS or desk is None:
        raise Http404
    action = grading_batch.check_action(name, request.user)
    seen = dict(entry.partition(":")[::2] for entry in request.POST.getlist("household"))
    households = _chosen(request, desk, action, seen)
    if not households:
        messages.warning(request, "没有选中要办的户。")
        return redirect(_back(desk, action))
    if "confirm" in request.POST:
        return _take_batch(request, desk, name, households, seen)
    found = grading_batch.candidates(name, households, request.user)
    going = [one for one in found if not one.skip]
    context = {
        "action": action,
        "name": name,
        "desk": desk,
        "step": BY_NAME[action.step],
        "going": going,
        "skipped": [one for one in found if one.skip],
        "levels": grading_batch.counts_by_level(going),
        "form": OpenForm(),
    }
    return render(request, "monitoring/grading_batch.html", context)


def _chosen(
    request: HttpRequest, desk: Desk, action: grading_batch.BatchAction, seen: dict[str, str]
) -> list[Household]:
    """The households that were ticked; or, with ``village``, all of that village that wait for this step."""
    if village := request.POST.get("village"):
        place = get_object_or_404(Region.objects.visible_to(request.user).villages(), code=village)
        waiting = households_of(desk, request.user).in_regions([place]).filter(state=action.tab)
        return list(in_order(waiting)[: grading_batch.MOST])
    keys = [key for key in map(key_or_none, seen) if key]
    chosen = _households(request).in_regions([desk.district]).filter(pk__in=keys)
    return list(chosen.in_village_order()[: grading_batch.MOST])


def _take_batch(
    request: HttpRequest, desk: Desk, name: str, households: list[Household], seen: dict[str, str]
) -> HttpResponse:
    action = grading_batch.ACTIONS[name]
    try:
        outcome = grading_batch.take_many(
            action=name, households=households, seen=seen, by=request.user,
            note=request.POST.get("note", "")[: grading.MOST_NOTE],
            idempotency_key=request.POST.get("idempotency_key", ""),
        )  # fmt: skip
    except ValidationError as fault:
        messages.warning(request, fault.messages[0])
        return redirect(_back(desk, action))
    if outcome is None:
        messages.warning(request, "这批已经办过了，没有重复提交。")
        return redirect(_back(desk, action))
    if outcome.done:
        messages.success(request, f"{action.done} {len(outcome.done)} 户。")
    for words in outcome.skipped:
        messages.warning(request, words)
    return redirect(_back(desk, action))


@require_safe
@role_required(*HOUSEHOLD_READERS)
def grading_groups(request: HttpRequest) -> HttpResponse:
    """Households of the eight key groups, and who has been visited in this round."""
    desk = desk_of(request.user, request.GET.get("area", ""))
    if desk is None:
        return render(request, "monitoring/grading_none.html")
    known = in_key_groups(request.user, desk.district)
    left = not_yet_surveyed(request.user, desk.district, desk.round) if desk.round else known
    sieve = GradingFilter(request.GET, queryset=known, user=request.user, district=desk.district)
    shown = sieve.qs if request.GET.get("all") else sieve.qs.filter(pk__in=left.values("pk"))
    page = Paginator(in_order(shown), PAGE_SIZE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "desk": desk,
        "filter": sieve,
        "page_obj": page,
        "rows": key_group_rows(page, desk.round),
        "all": bool(request.GET.get("all")),
        "known": known.count(),
        "left": left.count(),
        "clause": CLAUSE_GROUPS,
    }
    return render(request, _for_desk(request, "grading_groups"), context)


@require_safe
@role_required(*HOUSEHOLD_READERS)
def grading_paper(request: HttpRequest) -> HttpResponse:
    """A village's list of grades on A4, colours in words, with lines to sign."""
    villages = Region.objects.visible_to(request.user, *HOUSEHOLD_READERS).villages().select_related("parent__parent")
    village = get_object_or_404(villages, code=request.GET.get("village", ""))
    desk = desk_of(request.user, village.parent.parent.code if village.parent and village.parent.parent else "")
    if desk is None or not desk.district.contains(village):
        raise Http404
    rows = paper_rows(desk, request.user, village)
    context = {"desk": desk, "village": village, "rows": rows, "levels": counted_levels(rows), "now": timezone.now()}
    return render(request, "monitoring/grading_paper.html", {**context, "stages": GradingStage})


def _households(request: HttpRequest) -> Any:
    return Household.objects.visible_to(request.user).select_related("village__parent")


def _only_village(request: HttpRequest) -> Region | None:
    """The village of somebody who works in one alone: its list is one tap away."""
    if not request.user.works_in_village:
        return None
    return Region.objects.visible_to(request.user, *VILLAGE_ROLES).villages().first()


def _for_desk(request: HttpRequest, name: str) -> str:
    return f"monitoring/{name}_phone.html" if request.user.works_in_village else f"monitoring/{name}.html"


def _back(desk: Desk, action: grading_batch.BatchAction) -> str:
    return f"{reverse('monitoring:grading')}?area={desk.district.code}&tab={action.tab}"
