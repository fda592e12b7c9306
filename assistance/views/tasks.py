"""保障任务: the list for departments, towns and districts, and one task with its evidence."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Level, Region
from accounts.roles import HOUSEHOLD_READERS, Role, role_required
from assistance import task_page, task_work
from assistance.models import GuaranteeTask
from assistance.task_forms import TaskCloseForm, TaskStepForm

PER_PAGE = 30
readers = role_required(*HOUSEHOLD_READERS, Role.DEPARTMENT_CLERK)


@require_safe
@readers
def tasks(request: HttpRequest) -> HttpResponse:
    """By tab, narrowed by department and town; a department sees only what it leads."""
    today = timezone.localdate()
    mine = task_work.tasks_of(request.user)
    leads = sorted(set(mine.order_by().values_list("lead", flat=True)))
    towns = list(Region.objects.visible_to(request.user, *HOUSEHOLD_READERS).filter(level=Level.TOWN).order_by("path"))
    town = next((one for one in towns if one.code == request.GET.get("region")), None)
    lead = next((one for one in leads if one == request.GET.get("lead")), "")
    rows = mine.in_regions([town]) if town else mine
    rows = rows.filter(lead=lead) if lead else rows
    counts = task_page.counts(rows, today)
    tab = request.GET.get("tab", "")
    if tab not in counts:
        tab = task_page.LATE if counts[task_page.LATE] else task_page.OPEN
    page = Paginator(task_page.listed(rows, tab, today), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "lines": task_page.lines(page, request.user),
        "tab": tab,
        "tabs": [(name, label, counts[name]) for name, label in task_page.TABS],
        "leads": leads,
        "lead": lead,
        "towns": towns if len(towns) > 1 else [],
        "town": town,
    }
    return render(request, "assistance/tasks.html", context)


@require_safe
@readers
def task(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One task: what, whose, until when, what was done, what proves it."""
    found = _task(request, pk)
    return _page(request, found)


@require_POST
@readers
def task_step(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The next day of a house."""
    found = _task(request, pk)
    wanted = task_work.next_step(found)
    if wanted is None:
        messages.warning(request, "三步的日期都已登记，可以办结。")
        return redirect("assistance:task", pk=found.pk)
    form = TaskStepForm(request.POST, task=found, step=wanted)
    if form.is_valid():
        try:
            task_work.note_step(task=found, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, f"已登记{wanted[1]}日期。")
            return redirect("assistance:task", pk=found.pk)
    return _page(request, found, step_form=form)


@require_http_methods(["POST"])
@readers
def task_close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Solved, with its evidence."""
    found = _task(request, pk)
    form = TaskCloseForm(request.POST, request.FILES, task=found, proved=task_work.known_solved(found))
    if form.is_valid():
        try:
            closed = task_work.close(task=found, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, "已办结 1 件保障任务。" if closed else "刚才已经办结，没有重复办理。")
            return redirect("assistance:task", pk=found.pk)
    return _page(request, found, close_form=form)


def _task(request: HttpRequest, pk: UUID) -> GuaranteeTask:
    return get_object_or_404(task_work.tasks_of(request.user).prefetch_related("evidence"), pk=pk)


def _page(request: HttpRequest, found: GuaranteeTask, **forms: Any) -> HttpResponse:
    works = found.closed_on is None and task_work.may_work_on(request.user, found)
    wanted = task_work.next_step(found) if works else None
    proved = task_work.known_solved(found)
    context: dict[str, Any] = {
        "line": task_page.lines([found], request.user)[0],
        "task": found,
        "wanted": wanted,
        "proved": proved,
        "step_form": TaskStepForm(task=found, step=wanted) if wanted else None,
        "close_form": TaskCloseForm(task=found, proved=proved) if works and not wanted else None,
    }
    return render(request, "assistance/task.html", {**context, **forms})
