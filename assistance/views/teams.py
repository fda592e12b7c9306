"""一户一专班 of one household."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.forms import accepted
from accounts.roles import CASEWORK_ROLES, role_required
from assistance import teams
from assistance.models import TeamMember
from assistance.plan_forms import TeamEndForm, TeamForm
from assistance.views.found import household_to_help

casework = role_required(*CASEWORK_ROLES)


@require_http_methods(["GET", "POST"])
@casework
def team(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who is on the team, who was, and somebody new."""
    household = household_to_help(request, pk)
    form = TeamForm(request.POST or None)
    if form.is_valid() and accepted(
        form, lambda: teams.add_member(household=household, by=request.user, **form.cleaned_data)
    ):
        messages.success(request, f"已加入专班：{form.cleaned_data['name']}。")
        return redirect("assistance:team", pk=household.pk)
    today = timezone.localdate()
    everybody = household.team.all()
    context = {
        "household": household,
        "form": form,
        "team": everybody.in_force(today),
        "former": everybody.filter(ended_on__lte=today),
    }
    return render(request, "assistance/team.html", context)


@require_http_methods(["GET", "POST"])
@casework
def team_end(request: HttpRequest, pk: UUID, member_pk: UUID) -> HttpResponse:
    """His last day."""
    mine = TeamMember.objects.visible_to(request.user, *CASEWORK_ROLES).select_related("household__village")
    member = get_object_or_404(mine, pk=member_pk, household=pk)
    form = TeamEndForm(request.POST or None)
    if form.is_valid() and accepted(
        form, lambda: teams.end_member(member=member, by=request.user, **form.cleaned_data)
    ):
        messages.success(request, f"{member.name}已离开专班。")
        return redirect("assistance:team", pk=pk)
    return render(request, "assistance/team_end.html", {"household": member.household, "member": member, "form": form})
