"""Bring a workbook in: upload, progress, preview, confirmation, result, and taking it back."""

import json
import uuid
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import audit
from accounts.jobs import JobState
from accounts.roles import OFFICE_ROLES, role_required
from households import imports
from households.import_files import blank_template, refused_workbook
from households.import_forms import ImportForm
from households.models import ImportBatch, RowStatus
from households.models.imports import BatchPhase

ROWS_ON_A_PAGE = 50
BATCHES_ON_A_PAGE = 20
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STEPS = {BatchPhase.PARSING: 0, BatchPhase.REJECTED: 0, BatchPhase.PREVIEW: 1, BatchPhase.APPLYING: 2}
WORKING = (JobState.QUEUED, JobState.RUNNING)


@require_safe
@role_required(*OFFICE_ROLES)
def batches(request: HttpRequest) -> HttpResponse:
    """The imports of the person's regions, the latest first."""
    mine = ImportBatch.objects.visible_to(request.user, *OFFICE_ROLES).select_related("region", "requested_by")
    page = Paginator(mine, BATCHES_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "households/imports.html", {"page_obj": page})


@require_http_methods(["GET", "POST"])
@role_required(*OFFICE_ROLES)
def batch_new(request: HttpRequest) -> HttpResponse:
    """Upload a workbook; sent twice it is one batch."""
    if request.method == "POST":
        form = ImportForm(request.user, request.POST, request.FILES)
        if form.is_valid():
            sent = form.cleaned_data
            try:
                batch = imports.open_batch(
                    content=sent["workbook"],
                    file_name=request.FILES["workbook"].name or "",
                    region=sent["region"],
                    kind=sent["kind"],
                    by=request.user,
                    idempotency_key=sent["idempotency_key"],
                )
            except ValidationError as fault:
                form.add_error(None, fault)
            else:
                return redirect("households:import-detail", batch.pk)
    else:
        form = ImportForm(request.user, initial={"idempotency_key": uuid.uuid4()})
    return render(request, "households/import_new.html", {"form": form, "steps": _steps(0)})


@never_cache
@require_safe
@role_required(*OFFICE_ROLES)
def batch_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How far the batch is: progress, preview or result."""
    batch = _batch(request, pk)
    working = batch.state in WORKING
    if request.htmx:
        answer = render(request, "households/_import_job.html", {"batch": batch})
        if not working:
            answer["HX-Refresh"] = "true"  # the whole page is another one now
        return answer
    context: dict[str, Any] = {"batch": batch, "working": working, "steps": _steps(STEPS.get(batch.phase, 3))}
    if not working and batch.counts:
        context |= {**_rows(request, batch), **_abilities(batch)}
    return render(request, "households/import_detail.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*OFFICE_ROLES)
def batch_confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The consequences on a page of their own; then the writing is queued, once."""
    batch = _batch(request, pk)
    abilities = _abilities(batch)
    if request.method == "GET" and not abilities["may_confirm"]:
        return redirect("households:import-detail", pk)
    if request.method == "GET":
        return render(request, "households/import_confirm.html", {"batch": batch, **abilities})
    try:
        ordered = imports.confirm_batch(batch=batch, by=request.user)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
        return redirect("households:import-detail", pk)
    if not ordered:
        messages.info(request, "这一批已经有人确认过了。")
    return redirect("households:import-detail", pk)


@require_http_methods(["GET", "POST"])
@role_required(*OFFICE_ROLES)
def batch_undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What undoing means on a page of its own; then it is queued, once."""
    batch = _batch(request, pk)
    abilities = _abilities(batch)
    if request.method == "POST":
        if not imports.undo_batch(batch=batch, by=request.user):
            messages.info(request, "这一批现在不能撤销：还没有写入，或者已经撤销了。")
        return redirect("households:import-detail", pk)
    if not abilities["may_undo"]:
        return redirect("households:import-detail", pk)
    return render(request, "households/import_undo.html", {"batch": batch, **abilities})


@require_POST
@role_required(*OFFICE_ROLES)
def batch_discard(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Throw a preview away."""
    batch = _batch(request, pk)
    if imports.discard_batch(batch=batch, by=request.user):
        messages.success(request, "已丢掉这份预览，什么都没有写入。")
        return redirect("households:import-list")
    messages.info(request, "这一批已经不是预览了。")
    return redirect("households:import-detail", pk)


@never_cache
@require_safe
@role_required(*OFFICE_ROLES)
def batch_refused(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The refused rows as a workbook with one column 错在哪."""
    batch = _batch(request, pk)
    if not batch.counts or not batch.rows.filter(status=RowStatus.REFUSED).exists():
        raise Http404
    audit.record(action="import.refused_rows", actor=request.user, target=batch, region=batch.region)
    return _download(refused_workbook(batch), f"refused-rows-{timezone.localdate():%Y%m%d}.xlsx")


@require_safe
@role_required(*OFFICE_ROLES)
def template(request: HttpRequest) -> HttpResponse:
    """The blank roster with its headers and an explanation."""
    return _download(blank_template(), "roster-template.xlsx")


def _batch(request: HttpRequest, pk: UUID) -> ImportBatch:
    mine = ImportBatch.objects.visible_to(request.user, *OFFICE_ROLES).select_related("region", "requested_by")
    return get_object_or_404(mine, pk=pk)


def _download(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=WORKBOOK_TYPE, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _abilities(batch: ImportBatch) -> dict[str, Any]:
    """What may be done with the batch now, and with how many households."""
    waiting = batch.phase == BatchPhase.PREVIEW and batch.state == JobState.DRAFT
    stuck = batch.state == JobState.FAILED
    to_write = imports.households_to_write(batch)
    half_written = stuck and batch.phase == BatchPhase.APPLYING
    undoable = batch.phase == BatchPhase.APPLIED or half_written or (stuck and batch.phase == BatchPhase.UNDOING)
    return {
        "to_write": to_write,
        "may_confirm": bool(to_write) and (waiting or half_written),
        "may_discard": waiting,
        "may_undo": undoable and batch.state in (JobState.DONE, JobState.FAILED),
        "written": imports.households_written(batch),
    }


def _rows(request: HttpRequest, batch: ImportBatch) -> dict[str, Any]:
    """The rows of one conclusion, page by page, each with the name and village that it told."""
    counts = dict(batch.rows.order_by().values_list("status").annotate(Count("pk")))
    asked = request.GET.get("status", "")
    rows = batch.rows.filter(status=asked) if asked in counts else batch.rows.order_by("row_no")
    page: Page[Any] = Paginator(rows.select_related("household"), ROWS_ON_A_PAGE).get_page(request.GET.get("page"))
    for row in page.object_list:
        row.told = json.loads(row.payload)
    tabs = [(status.value, status.label, counts[status.value]) for status in RowStatus if counts.get(status.value)]
    return {
        "page_obj": page,
        "tabs": tabs,
        "asked": asked if asked in counts else "",
        "row_count": sum(counts.values()),
        "household_count": sum(batch.counts["households"].values()),
        "refused_count": counts.get(RowStatus.REFUSED.value, 0),
        "figures": _figures(batch),
    }


def _figures(batch: ImportBatch) -> list[dict[str, Any]]:
    """Households and people by conclusion, for the cards on top."""
    households, people = batch.counts["households"], batch.counts["people"]
    return [
        {"status": status.value, "label": status.label, "households": households[status], "people": people[status]}
        for status in RowStatus
    ]


def _steps(here: int) -> list[tuple[str, str]]:
    """The steps of the wizard with the state of each; ``here`` counts from 0."""
    names = ("上传读表", "预览", "确认写入", "完成")
    return [(name, "done" if place < here else "current" if place == here else "") for place, name in enumerate(names)]
