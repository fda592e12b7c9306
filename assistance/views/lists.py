"""Department lists: upload, progress, preview, confirmation, result, and taking one back."""

import uuid
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit
from accounts.forms import accepted
from accounts.jobs import JobState
from accounts.roles import Role, role_required
from assistance import lists
from assistance.lead_units import DESK_ROLES, measures_led, regions_of
from assistance.list_cells import shown
from assistance.list_files import NOT_TAKEN, blank_list, lines_not_taken
from assistance.list_forms import ListForm
from assistance.measures import measure_of
from assistance.models import DepartmentList, LineStatus, ListPhase

LINES_ON_A_PAGE = 50
LISTS_ON_A_PAGE = 20
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STEPS = {ListPhase.PARSING: 0, ListPhase.REJECTED: 0, ListPhase.PREVIEW: 1, ListPhase.APPLYING: 2}
STEP_NAMES = ("上传读表", "预览", "确认写入", "完成")
WORKING = (JobState.QUEUED, JobState.RUNNING)
desk = role_required(*DESK_ROLES)


@require_safe
@desk
def list_index(request: HttpRequest) -> HttpResponse:
    """The lists of the person's department, the latest first; and the blank ones to download."""
    mine = lists.lists_for(request.user).select_related("region", "requested_by")
    page = Paginator(mine, LISTS_ON_A_PAGE).get_page(request.GET.get("page"))
    for batch in page.object_list:
        batch.name = _name(batch)
    led = {code: one for region in regions_of(request.user) for code, one in measures_led(request.user, region).items()}
    return render(request, "assistance/lists.html", {"page_obj": page, "measures": led})


@require_http_methods(["GET", "POST"])
@desk
def list_new(request: HttpRequest) -> HttpResponse:
    """Upload a list; sent twice it is one."""
    form = ListForm(request.user, initial={"idempotency_key": uuid.uuid4(), "measure": request.GET.get("measure")})
    if request.method == "POST":
        form = ListForm(request.user, request.POST, request.FILES)
        if form.is_valid() and accepted(form, lambda: _open(request, dict(form.cleaned_data))):
            return redirect("assistance:list-detail", request.opened_list.pk)
    return render(request, "assistance/list_new.html", {"form": form, "steps": _steps(0)})


def _open(request: HttpRequest, sent: dict[str, Any]) -> None:
    content, name = sent.pop("workbook"), request.FILES["workbook"].name or ""
    request.opened_list = lists.open_list(content=content, file_name=name, by=request.user, **sent)


@never_cache
@require_safe
@desk
def list_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How far the list is: progress, preview or result."""
    batch = _list(request, pk)
    working = batch.state in WORKING
    if request.htmx:
        answer = render(request, "assistance/_list_job.html", {"batch": batch})
        if not working:
            answer["HX-Refresh"] = "true"  # the whole page is another one now
        return answer
    context: dict[str, Any] = {"batch": batch, "working": working, "steps": _steps(STEPS.get(batch.phase, 3))}
    if not working and batch.counts:
        context |= {**_lines(request, batch), **_abilities(batch), "same_file": lists.same_file(batch)}
    return render(request, "assistance/list_detail.html", context)


@require_http_methods(["GET", "POST"])
@desk
def list_confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The consequences on a page of their own; then the writing is queued, once."""
    batch = _list(request, pk)
    if request.method == "GET" and _abilities(batch)["may_confirm"]:
        return render(request, "assistance/list_confirm.html", {"batch": batch, "lines": batch.counts["lines"]})
    if request.method == "POST":
        _ordered(request, lambda: lists.confirm_list(batch=batch, by=request.user), "这份名单已经有人确认过了。")
    return redirect("assistance:list-detail", pk)


@require_http_methods(["GET", "POST"])
@desk
def list_undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What undoing means on a page of its own; then it is queued, once."""
    batch = _list(request, pk)
    if request.method == "GET" and _abilities(batch)["may_undo"]:
        return render(request, "assistance/list_undo.html", {"batch": batch, "later": lists.rests_on(batch)})
    if request.method == "POST":
        _ordered(request, lambda: lists.undo_list(batch=batch, by=request.user), "这份名单现在不能撤销。")
    return redirect("assistance:list-detail", pk)


def _ordered(request: HttpRequest, order: Any, otherwise: str) -> None:
    """Give the order; say so when somebody was first, and why it is refused."""
    try:
        if not order():
            messages.info(request, otherwise)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])


@require_POST
@desk
def list_discard(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Throw a preview away."""
    if lists.discard_list(batch=_list(request, pk), by=request.user):
        messages.success(request, "已丢掉这份预览，什么都没有写入。")
        return redirect("assistance:lists")
    messages.info(request, "这份名单已经不是预览了。")
    return redirect("assistance:list-detail", pk)


@never_cache
@require_safe
@desk
def list_answers(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The lines that were not taken as a workbook, each with its answer."""
    batch = _list(request, pk)
    if not batch.rows.filter(status__in=NOT_TAKEN).exists():
        raise Http404
    audit.record(action="list.answers", actor=request.user, target=batch, region=batch.region)
    return _download(lines_not_taken(batch), f"list-answers-{timezone.localdate():%Y%m%d}.xlsx")


@require_safe
@desk
def list_template(request: HttpRequest, measure: str) -> HttpResponse:
    """The blank list of a measure that the person's unit leads."""
    led = (measures_led(request.user, region) for region in regions_of(request.user))
    chosen = next((found[measure] for found in led if measure in found), None)
    if chosen is None:
        raise Http404
    return _download(blank_list(chosen), f"list-{measure}.xlsx")


def _list(request: HttpRequest, pk: UUID) -> DepartmentList:
    batch = get_object_or_404(lists.lists_for(request.user).select_related("region", "requested_by"), pk=pk)
    batch.name = _name(batch)
    return batch


def _name(batch: DepartmentList) -> str:
    return measure_of(batch.measure, batch.region).name


def _download(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=WORKBOOK_TYPE, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _abilities(batch: DepartmentList) -> dict[str, Any]:
    """What may be done with the list now."""
    waiting = batch.phase == ListPhase.PREVIEW and batch.state == JobState.DRAFT
    stuck = batch.state == JobState.FAILED
    half_written = stuck and batch.phase == ListPhase.APPLYING
    over = batch.phase == ListPhase.APPLIED and batch.state == JobState.DONE
    return {
        "may_confirm": bool(batch.counts.get("writes")) and (waiting or half_written),
        "may_discard": waiting,
        "may_undo": over or half_written or (stuck and batch.phase == ListPhase.UNDOING),
    }


def _lines(request: HttpRequest, batch: DepartmentList) -> dict[str, Any]:
    """The lines of one answer, page by page, with names and numbers to be masked."""
    counts = batch.counts.get("lines", {})
    asked = request.GET.get("status", "")
    rows = batch.rows.filter(status=asked) if asked in counts else batch.rows.order_by("row_no")
    rows = rows.select_related("household__village", "member")
    page = Paginator(rows, LINES_ON_A_PAGE).get_page(request.GET.get("page"))
    for row in page.object_list:
        row.told = shown(row.payload) if row.payload else {"name": row.member.name if row.member else "", "number": ""}
    return {
        "page_obj": page,
        "tabs": [(one.value, one.label, counts[one.value]) for one in LineStatus if counts.get(one.value)],
        "asked": asked if asked in counts else "",
        "line_count": sum(counts.values()),
        "not_taken": sum(counts.get(status.value, 0) for status in NOT_TAKEN),
        "reads_households": request.user.posting_over(batch.region, Role.DISTRICT_OFFICER) is not None,
    }


def _steps(here: int) -> list[tuple[str, str]]:
    """The steps of the wizard with the state of each; ``here`` counts from 0."""
    states = ("done" if place < here else "current" if place == here else "" for place in range(len(STEP_NAMES)))
    return list(zip(STEP_NAMES, states, strict=True))
