"""风险消除: why not yet, or the proposal; who visited; the paper of the evaluation; and the return to the register."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import accepted
from accounts.roles import HOUSEHOLD_READERS, OFFICE_ROLES, VILLAGE_ROLES, Role, role_required
from monitoring import removals
from monitoring.models import Case, CaseKind, Stage
from monitoring.removal_conditions import asked
from monitoring.removal_forms import ReinstateForm, RemovalForm, VisitorsForm
from monitoring.removal_gates import survey_after_opening, survey_since_removal
from monitoring.steps import AT_VILLAGE_OR_TOWN, BY_NAME
from monitoring.workflow import steps_for, take


def _case(request: HttpRequest, pk: uuid.UUID, *roles: Role, **wanted: Any) -> Case:
    cases = Case.objects.visible_to(request.user, *roles).filter(**wanted)
    return get_object_or_404(cases.select_related("household", "village__parent", "about", "removal"), pk=pk)


@require_http_methods(["GET", "POST"])
@role_required(*AT_VILLAGE_OR_TOWN)
def removal(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Every condition as it stands; where all hold, the proposal."""
    case = _case(request, pk, *AT_VILLAGE_OR_TOWN, kind=CaseKind.DESIGNATION, stage=Stage.REGISTERED)
    running = case.removals.live().first()
    if running:
        return redirect("monitoring:case", pk=running.pk)
    form = RemovalForm(request.POST or None)
    if form.is_valid():
        try:
            opened = removals.open_removal(designation=case, by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            form.add_error(None, fault.messages)
        else:
            messages.success(request, f"{case.household}：已发起风险消除，请两个人入户核实。")
            return redirect("monitoring:case", pk=opened.pk)
    context = {"case": case, "household": case.household, "form": form, **_conditions(request, case)}
    return render(request, "monitoring/removal.html", context)


def _conditions(request: HttpRequest, case: Case) -> dict[str, Any]:
    """The conditions in the words for this desk, and how many do not hold."""
    in_office = request.user.posting_over(case.village, *OFFICE_ROLES) is not None
    found = sorted(asked(case, timezone.localdate()), key=lambda one: one.met)
    told = [{"condition": one, "words": one.seen(in_office=in_office)} for one in found]
    sources = list(dict.fromkeys(one.source for one in found))
    return {"conditions": told, "sources": sources, "missing": sum(not one.met for one in found)}


@require_http_methods(["GET", "POST"])
@role_required(*VILLAGE_ROLES)
def removal_visit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Who visited, and whether all conditions hold with what was found."""
    case = _case(request, pk, *VILLAGE_ROLES, kind=CaseKind.REMOVAL, stage=Stage.SURVEY)
    form = VisitorsForm(request.POST or None, case=case, by=request.user)
    if form.is_valid() and accepted(form, lambda: _verify(request, case, form)):
        messages.success(request, f"{case.household}：两人入户核实已办，接着开民主评议。")
        return redirect("monitoring:case", pk=case.pk)
    step = BY_NAME["verify_removal"]
    survey = survey_after_opening(case, timezone.localdate())
    context = {"case": case, "household": case.household, "form": form, "survey": survey, "step": step}
    return render(request, "monitoring/removal_visit.html", {**context, **_conditions(request, case.about)})


def _verify(request: HttpRequest, case: Case, form: VisitorsForm) -> Case:
    return take(
        "verify_removal", case=case, by=request.user, visitors=form.visitors,
        expected_version=form.cleaned_data["version"], idempotency_key=form.cleaned_data["idempotency_key"],
    )  # fmt: skip


@require_safe
@role_required(*HOUSEHOLD_READERS)
def removal_paper(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """风险消除评估表, to print on A4: the values after beside those at the designation, and every condition."""
    case = _case(request, pk, kind=CaseKind.REMOVAL)
    kept = case.removal
    survey = kept.survey or survey_after_opening(case, timezone.localdate())
    rows = kept.decision_conditions or kept.visit_conditions or kept.opening_conditions
    in_office = request.user.posting_over(case.village, *OFFICE_ROLES) is not None
    context = {
        "case": case, "household": case.household, "removal": kept, "survey": survey, "designation": case.about,
        "conditions": [{**row, "words": row["words"] if in_office else row.get("open_words") or row["words"]} for row in rows],
        "lines": removals.after_values(kept, survey) if survey else [], "printed_at": timezone.localtime(),
        "ballots": list(case.ballots.select_related("meeting")), "notices": list(case.notices.all()),
    }  # fmt: skip
    return render(request, "monitoring/removal_paper.html", context)


@require_http_methods(["GET", "POST"])
@role_required(Role.DISTRICT_OFFICER)
def reinstate(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """风险消除回退: the household is on the register again, with a reason and evidence."""
    case = _case(request, pk, Role.DISTRICT_OFFICER, kind=CaseKind.DESIGNATION, stage=Stage.REMOVED)
    step = BY_NAME["reinstate"]
    choice = next((one for one in steps_for(case, request.user) if one.step == step), None)
    form = ReinstateForm(request.POST or None, request.FILES or None, case=case)
    if form.is_valid() and accepted(form, lambda: _reinstate(request, case, form)):
        messages.success(request, f"{case.household}：已回退，重新在册。")
        return redirect("monitoring:case", pk=case.pk)
    context = {"case": case, "household": case.household, "form": form, "step": step, "choice": choice}
    return render(request, "monitoring/reinstate.html", {**context, "survey": survey_since_removal(case)})


def _reinstate(request: HttpRequest, case: Case, form: ReinstateForm) -> Case:
    typed = form.cleaned_data
    return removals.reinstate(
        case=case, by=request.user, note=typed["note"], files=typed["files"], expected_version=typed["version"],
        idempotency_key=typed["idempotency_key"],
    )  # fmt: skip
