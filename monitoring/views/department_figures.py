"""部门数据 and 部门预警: enter a figure, at an office or as the department's own clerk; decide a difference; warn."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.departments import clerkships
from accounts.forms import accepted
from accounts.roles import OFFICE_ROLES, Role, role_required
from accounts.templatetags.ui import masked_name
from monitoring import department_desk, department_figures
from monitoring.case_forms import FigureDecisionForm, FigureForm
from monitoring.department_forms import OwnFigureForm, WarningForm
from monitoring.models import Case, DepartmentFigure, Stage

PER_PAGE = 30


def _case(request: HttpRequest, pk: uuid.UUID) -> Case:
    cases = Case.objects.visible_to(request.user, *OFFICE_ROLES).select_related("household", "village")
    return get_object_or_404(cases, pk=pk)


def _where_it_is_judged(case: Case) -> str:
    """The queue with this household open, where an office judges it; else its own page."""
    if case.stage in (Stage.TOWN, Stage.DISTRICT):
        return f"{reverse('monitoring:cases')}?stage={case.stage}&case={case.pk}"
    return reverse("monitoring:case", args=[case.pk])


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
            return redirect(_where_it_is_judged(case))
    return render(request, "monitoring/figure_new.html", {"case": case, "form": form})


@require_http_methods(["GET", "POST"])
@role_required(Role.DEPARTMENT_CLERK)
def figure_list(request: HttpRequest) -> HttpResponse:
    """The clerk's page: enter what the department knows of a household that he names, and see what was entered."""
    form = OwnFigureForm(request.POST or None)
    if form.is_valid() and accepted(form, lambda: _enter_own(request, dict(form.cleaned_data))):
        return redirect("monitoring:figures")
    page = Paginator(department_desk.entered_for(request.user), PER_PAGE).get_page(request.GET.get("page"))
    mine = sorted({one.department for one in clerkships(request.user)})
    return render(request, "monitoring/figures.html", {"form": form, "page_obj": page, "departments": mine})


def _enter_own(request: HttpRequest, data: dict[str, Any]) -> None:
    household = department_desk.household_meant(by=request.user, typed=data.pop("whose"))
    department = department_desk.own_department(request.user, household)
    department_figures.enter_figure(household=household, by=request.user, department=department, **data)
    messages.success(request, f"已登记 1 项：{masked_name(household.head_name)}户（{household.number}）。")


@require_http_methods(["GET", "POST"])
@role_required(Role.DEPARTMENT_CLERK)
def warning_list(request: HttpRequest) -> HttpResponse:
    """The clerk's other page: warn of a household that he names, and see how far each warning is."""
    form = WarningForm(request.POST or None)
    if form.is_valid() and accepted(form, lambda: department_desk.warn(by=request.user, **form.cleaned_data)):
        messages.success(request, "已登记 1 条部门预警，转给村里核实。")
        return redirect("monitoring:warnings")
    page = Paginator(department_desk.warned_of(request.user), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "monitoring/warnings.html", {"form": form, "page_obj": page})


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
            return redirect(_where_it_is_judged(case))
    survey = case.household.surveys.filter(superseded_by=None).newest_first().first()
    said = getattr(survey, figure.item) if survey else None
    context = {"case": case, "figure": figure, "form": form, "said": said}
    return render(request, "monitoring/figure_decide.html", context)
