"""返贫、新致贫 into 建档立卡; help before the procedure; the answer to who was refused; and the whole course of a case."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import accepted
from accounts.roles import CASEWORK_ROLES, HOUSEHOLD_READERS, OFFICE_ROLES, Role, role_required
from households.models import Household
from monitoring import registrations
from monitoring.case_course import course_of
from monitoring.case_offers import TURNED_DOWN
from monitoring.models import OPEN_STAGES, Case, CaseKind
from monitoring.refusals import answer_for
from monitoring.removal_forms import RegistrationForm, UrgentForm
from monitoring.steps import AT_VILLAGE_OR_TOWN
from monitoring.workflow import class_of


def _case(request: HttpRequest, pk: uuid.UUID, *roles: Role, **wanted: object) -> Case:
    cases = Case.objects.visible_to(request.user, *roles).filter(**wanted)
    return get_object_or_404(cases.select_related("household", "village__parent", "procedure", "about"), pk=pk)


@require_http_methods(["GET", "POST"])
@role_required(*AT_VILLAGE_OR_TOWN)
def registration_open(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Begin the path into 建档立卡, or say in a sentence why there is none."""
    households = Household.objects.visible_to(request.user, *AT_VILLAGE_OR_TOWN).select_related("village")
    household = get_object_or_404(households, pk=pk)
    running = (
        Case.objects.visible_to(request.user).live().filter(household=household, kind=CaseKind.REGISTRATION).first()
    )
    if running:
        return redirect("monitoring:case", pk=running.pk)
    form = RegistrationForm(request.POST or None)
    if form.is_valid():
        try:
            case = registrations.open_registration(household=household, by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(request, f"{household}：已发起返贫、新致贫核实，请入户调查核实。")
            return redirect("monitoring:case", pk=case.pk)
    context = {"household": household, "form": form, "missing": registrations.path_missing(household.village)}
    context["what"] = "返贫" if class_of(household) == "relapse" else "新致贫"
    return render(request, "monitoring/registration_open.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*CASEWORK_ROLES)
def urgent(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """绿色通道: help at once, the procedure after."""
    case = _case(request, pk, *CASEWORK_ROLES, stage__in=OPEN_STAGES)
    if case.urgent_on and request.method == "GET":
        return redirect("monitoring:case", pk=case.pk)
    form = UrgentForm(request.POST or None, case=case)
    if form.is_valid() and accepted(
        form, lambda: registrations.mark_urgent(case=case, by=request.user, **form.cleaned_data)
    ):
        messages.success(request, f"{case.household}：已开绿色通道，现在就可以登记帮扶措施。")
        return redirect("households:assistance", pk=case.household_id)
    return render(request, "monitoring/urgent.html", {"case": case, "household": case.household, "form": form})


@require_safe
@role_required(*HOUSEHOLD_READERS)
def answer(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """告知书: to the family, in plain words, why not, how to object, and whom to call. To print on A4."""
    case = _case(request, pk)
    if case.stage not in TURNED_DOWN:
        raise Http404
    context = {
        "case": case,
        "household": case.household,
        "answer": answer_for(case),
        "printed_at": timezone.localtime(),
    }
    return render(request, "monitoring/answer_paper.html", context)


@require_safe
@role_required(*HOUSEHOLD_READERS)
def course(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """办理全程表: who did what, when, after which clause, with which papers. To print on A4."""
    case = _case(request, pk)
    in_office = request.user.posting_over(case.village, *OFFICE_ROLES) is not None
    context = {"case": case, "household": case.household, "course": course_of(case, in_office=in_office)}
    return render(request, "monitoring/course_paper.html", {**context, "printed_at": timezone.localtime()})
