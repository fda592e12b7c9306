"""一户一策: the plan of a household on its page and on paper, its draft, its way to the town, and the list of plans."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import accepted
from accounts.keys import key_or_none
from accounts.roles import HOUSEHOLD_READERS, VILLAGE_ROLES, Role, role_required
from assistance import plan_page, plan_steps, plans
from assistance.models import Plan, PlanItem, PlanStage
from assistance.plan_forms import BeginPlanForm, PlanForm, PlanItemForm, SeenForm, SendBackForm
from assistance.views.found import household_to_help, household_to_read
from households.models import Household, Member

PER_PAGE = 30
drafting = role_required(*VILLAGE_ROLES)
STEPS: dict[str, tuple[Callable[..., None], tuple[Role, ...], str]] = {
    "propose": (plan_steps.propose, VILLAGE_ROLES, "已提交镇（街）确认。"),
    "withdraw": (plan_steps.withdraw, VILLAGE_ROLES, "已撤回，可以再改。"),
    "confirm": (plan_steps.confirm, plan_steps.TOWN, "已确认，计划里的措施都记为已承诺。"),
    "return": (plan_steps.send_back, plan_steps.TOWN, "已退回村里。"),
}


@require_safe
@role_required(*HOUSEHOLD_READERS)
def plan(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The version under way, or the confirmed one; another one by ``?number=``."""
    household = household_to_read(request, pk)
    shown = plan_page.version_of(household, request.GET.get("number", ""))
    context = plan_page.context(household, shown, request.user)
    return render(request, "assistance/plan.html", context)


@require_http_methods(["GET", "POST"])
@drafting
def plan_begin(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The first version at once; a later one once somebody has said why."""
    household = household_to_help(request, pk, *VILLAGE_ROLES)
    confirmed = Plan.objects.filter(household=household, stage=PlanStage.CONFIRMED).first()
    form = BeginPlanForm(request.POST if request.method == "POST" and confirmed else None)
    if request.method == "POST" and (not confirmed or form.is_valid()):
        reason = form.cleaned_data["reason"] if confirmed else ""
        try:
            plans.begin_plan(household=household, by=request.user, reason=reason)
        except ValidationError as fault:
            messages.error(request, fault.messages[0])
        return redirect("assistance:plan", pk=household.pk)
    context = {"household": household, "form": form, "confirmed": confirmed}
    return render(request, "assistance/plan_begin.html", context)


@require_POST
@drafting
def plan_add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a measure into the draft, which begins with it where there is none."""
    household = household_to_help(request, pk, *VILLAGE_ROLES)
    try:
        member = _member(household, request.POST.get("member", ""))
        under_way = plans.begin_plan(household=household, by=request.user)
        measure = request.POST.get("measure", "")
        stood = under_way.items.filter(measure=measure, member=member).exists()
        item = plans.add_item(plan=under_way, by=request.user, measure=measure, member=member)
    except ValidationError as fault:
        messages.error(request, fault.messages[0])
    else:
        what = f"{item.name}（{member.name}）" if member else item.name
        if stood:
            messages.info(request, f"{what}已经在计划里，没有重复加入。")
        else:
            messages.success(request, f"已加入计划：{what}。目标、责任人已填好，到计划里可以改。")
    return redirect("assistance:gaps", pk=household.pk)


@require_http_methods(["GET", "POST"])
@drafting
def plan_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The goal, and why somebody who can work has no measure."""
    found = _plan(request, pk, *VILLAGE_ROLES)
    people = plan_page.people_without_measure(found)
    form = PlanForm(found, people, request.POST if request.method == "POST" else None)
    if form.is_valid() and accepted(form, lambda: plans.change_plan(plan=found, by=request.user, **form.change())):
        messages.success(request, "已保存总目标。")
        return redirect("assistance:plan", pk=found.household_id)
    return render(request, "assistance/plan_edit.html", {"household": found.household, "plan": found, "form": form})


@require_http_methods(["GET", "POST"])
@drafting
def plan_item(request: HttpRequest, pk: UUID, item_pk: UUID) -> HttpResponse:
    """One measure of the draft."""
    item = _item(request, pk, item_pk)
    form = PlanItemForm(request.POST) if request.method == "POST" else PlanItemForm.of(item)
    if form.is_valid() and accepted(form, lambda: plans.change_item(item=item, by=request.user, **form.change())):
        messages.success(request, f"已保存：{item.name}。")
        return redirect("assistance:plan", pk=item.plan.household_id)
    context = {"household": item.plan.household, "plan": item.plan, "item": item, "form": form}
    return render(request, "assistance/plan_item.html", context)


@require_POST
@drafting
def plan_item_remove(request: HttpRequest, pk: UUID, item_pk: UUID) -> HttpResponse:
    """Take a measure out of the draft."""
    item = _item(request, pk, item_pk)
    form = SeenForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError(plans.CHANGED)
        plans.remove_item(item=item, by=request.user, expected_version=form.cleaned_data["version"])
    except ValidationError as fault:
        messages.error(request, fault.messages[0])
    else:
        messages.success(request, f"已从计划里去掉：{item.name}。")
    return redirect("assistance:plan", pk=item.plan.household_id)


@require_POST
@role_required(*VILLAGE_ROLES, Role.TOWN_REVIEWER)
def plan_step(request: HttpRequest, pk: UUID, step: str) -> HttpResponse:
    """提交、撤回、确认、退回; what stands in the way is said on the page of the plan."""
    if step not in STEPS:
        raise Http404
    act, roles, done = STEPS[step]
    found = _plan(request, pk, *roles)
    form = SendBackForm(request.POST) if step == "return" else SeenForm(request.POST)
    if form.is_valid():
        told = dict(form.cleaned_data)
        version = told.pop("version")
        if accepted(form, lambda: act(plan=found, by=request.user, expected_version=version, **told)):
            messages.success(request, f"{found.household}：{done}")
            return redirect("assistance:plan", pk=found.household_id)
    found.refresh_from_db()
    context = plan_page.context(found.household, found, request.user)
    refused = [words for errors in form.errors.values() for words in errors]
    return render(request, "assistance/plan.html", {**context, "refused": refused})


@require_safe
@role_required(*HOUSEHOLD_READERS)
def plan_paper(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One version on A4, with lines to sign on."""
    found = _plan(request, pk)
    context = plan_page.context(found.household, found, request.user)
    return render(request, "assistance/plan_paper.html", {**context, "printed_at": timezone.localtime()})


@require_safe
@role_required(*HOUSEHOLD_READERS)
def plan_list(request: HttpRequest) -> HttpResponse:
    """Designated households by how far their plan is."""
    today = timezone.localdate()
    cases = plan_page.planned(request.user, today)
    tab = plan_page.tab_for(request.user, request.GET.get("stage", ""))
    tabs = plan_page.tab_counts(cases)
    paginator = Paginator(plan_page.in_tab(cases, tab), PER_PAGE)
    paginator.count = next(count for key, _label, count in tabs if key == tab)
    context = {"page_obj": paginator.get_page(request.GET.get("page")), "tabs": tabs, "tab": tab}
    return render(request, "assistance/plan_list.html", context)


def _plan(request: HttpRequest, pk: UUID, *roles: Role) -> Plan:
    mine = Plan.objects.visible_to(request.user, *roles).select_related("household__village__parent", "proposed_by")
    return get_object_or_404(mine, pk=pk)


def _item(request: HttpRequest, pk: UUID, item_pk: UUID) -> PlanItem:
    found = _plan(request, pk, *VILLAGE_ROLES)
    item = get_object_or_404(found.items.select_related("member", "delivery"), pk=item_pk)
    item.plan = found
    return item


def _member(household: Household, typed: str) -> Member | None:
    """The member who was picked, among those of the household; nobody for a measure of the household."""
    if not typed:
        return None
    found = household.members.present().filter(pk=key_or_none(typed)).first()
    if found is None:
        raise ValidationError("享受人不是这一户的。")
    return found
