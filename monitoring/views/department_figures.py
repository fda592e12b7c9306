"""部门数据: enter a figure, decide a difference."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.roles import OFFICE_ROLES, role_required
from monitoring import department_figures
from monitoring.case_forms import FigureDecisionForm, FigureForm
from monitoring.models import Case, DepartmentFigure


def _case(request: HttpRequest, pk: uuid.UUID) -> Case:
    cases = Case.objects.visible_to(request.user, *OFFICE_ROLES).select_related("household", "village")
    return get_object_or_404(cases, pk=pk)


@require_http_methods(["GET", "POST"])
@role_required(*OFFICE_ROLES)
def figure_new(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Write down what a department has sent for a household."""
    case = _case(request, pk)
    form = FigureForm(request.POST or None)
    if form.is_valid():
        try:
            department_figures.enter_figure(household=case.household, by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(request, f"{case.household}的部门数据已登记。")
            return redirect("monitoring:case", pk=case.pk)
    return render(request, "monitoring/figure_new.html", {"case": case, "form": form})


@require_http_methods(["GET", "POST"])
@role_required(*OFFICE_ROLES)
def figure_decide(request: HttpRequest, pk: uuid.UUID, figure_pk: uuid.UUID) -> HttpResponse:
    """Decide a difference between the visit and a department."""
    case = _case(request, pk)
    figures = DepartmentFigure.objects.visible_to(request.user, *OFFICE_ROLES).filter(household=case.household_id)
    figure = get_object_or_404(figures, pk=figure_pk)
    form = FigureDecisionForm(request.POST or None)
    if form.is_valid():
        try:
            department_figures.decide(case=case, figure=figure, by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(request, f"{figure.get_item_display()}的不一致已处理。")
            return redirect("monitoring:case", pk=case.pk)
    survey = case.household.surveys.filter(superseded_by=None).newest_first().first()
    said = getattr(survey, figure.item) if survey else None
    context = {"case": case, "figure": figure, "form": form, "said": said}
    return render(request, "monitoring/figure_decide.html", context)
