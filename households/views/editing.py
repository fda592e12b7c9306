"""Forms for households and members."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.roles import CASEWORK_ROLES, role_required
from households import codes, services
from households.models import Member
from households.register_forms import ArrivalForm, GuardForm, HouseholdForm, MemberForm
from households.views.writing import conflict, two_versions, writable


@require_http_methods(["GET", "POST"])
@role_required(*CASEWORK_ROLES)
def household_new(request: HttpRequest) -> HttpResponse:
    """Enter a household together with its head."""
    data = request.POST or None
    form = HouseholdForm(data, user=request.user)
    head, guard = MemberForm(data, prefix="head"), GuardForm.for_page(data, None)
    if all([form.is_valid(), head.is_valid()]):
        try:
            person = {**head.columns(), "relation": codes.HEAD, "identity": head.identity()}
            household = services.create_household(
                village=form.cleaned_data["village"],
                by=request.user,
                fields=form.columns(),
                members=[person],
                idempotency_key=guard.taken()["idempotency_key"],
            )
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(request, f"已登记{household}。请接着添加家里其他人。")
            return redirect("households:members", pk=household.pk)
    return render(request, "households/household_form.html", {"form": form, "head": head, "guard": guard})


@require_http_methods(["GET", "POST"])
@role_required(*CASEWORK_ROLES)
def household_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change what is said of a household."""
    household = writable(request, pk)
    guard = GuardForm.for_page(request.POST, household.version)
    form = HouseholdForm(request.POST or None, user=request.user, instance=household)
    if form.is_valid():
        try:
            services.change_household(household=household, by=request.user, fields=form.columns(), **guard.taken())
        except services.StaleHousehold:
            household.refresh_from_db()
            return conflict(request, household, "户的基本情况", two_versions(form, household))
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(request, f"已保存{household}的基本情况。")
            return redirect("households:detail", pk=household.pk)
    context = {"form": form, "guard": guard, "household": household}
    return render(request, "households/household_form.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*CASEWORK_ROLES)
def member_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a person: born, married in, moved in, or missed before."""
    household = writable(request, pk)
    data = _born_that_day(request)
    guard = GuardForm.for_page(data, household.version)
    form = MemberForm(data, household=household)
    arrival = ArrivalForm(data, initial={"kind": request.GET.get("kind", "")})
    if all([form.is_valid(), arrival.is_valid()]):
        came = {**form.columns()}, form.identity(), arrival.cleaned_data
        try:
            member = services.add_member(
                household=household, by=request.user, fields=came[0], identity=came[1], **came[2], **guard.taken()
            )
        except services.StaleHousehold:
            return conflict(request, household, "新增家庭成员", _people(household, form))
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(request, f"已添加{member.name}。")
            return redirect("households:members", pk=household.pk)
    context = {"form": form, "arrival": arrival, "guard": guard, "household": household}
    return render(request, "households/member_form.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*CASEWORK_ROLES)
def member_edit(request: HttpRequest, pk: UUID, member_pk: UUID) -> HttpResponse:
    """Correct or complete what is said of a person."""
    household = writable(request, pk)
    member = get_object_or_404(household.members.present(), pk=member_pk)
    guard = GuardForm.for_page(request.POST, household.version)
    form = MemberForm(request.POST or None, household=household, instance=member)
    if form.is_valid():
        try:
            services.change_member(
                member=member, by=request.user, fields=form.columns(), identity=form.identity(), **guard.taken()
            )
        except services.StaleHousehold:
            stored = Member.objects.visible_to(request.user).get(pk=member.pk)
            return conflict(request, household, member.name, two_versions(form, stored))
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(request, f"已保存{member.name}的信息。")
            return redirect("households:members", pk=household.pk)
    context = {"form": form, "guard": guard, "household": household, "member": member}
    return render(request, "households/member_form.html", context)


def _born_that_day(request: HttpRequest) -> Any:
    """What was sent; the birthday of a newborn is the day of the birth, typed once."""
    if request.method != "POST":
        return None
    data = request.POST.copy()
    if data.get("kind") == codes.LifeEventKind.BIRTH and not data.get("born_on"):
        data["born_on"] = data.get("happened_on", "")
    return data


def _people(household: Any, form: MemberForm) -> list[dict[str, str]]:
    """Who stands in the household now, beside the person who was typed."""
    names = "、".join(f"{member.name}（{member.relation}）" for member in household.members.present().head_first())
    typed = f"{form.cleaned_data['name']}（{form.cleaned_data['relation']}）"
    return [{"label": "家庭成员", "stored": names, "typed": f"再加 {typed}"}]
