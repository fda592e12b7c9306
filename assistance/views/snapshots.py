"""调度: count a region as it stands today, read it out, take it away as a workbook, look at earlier ones."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from accounts.models import Region
from accounts.models.regions import RegionQuerySet
from accounts.roles import OFFICE_ROLES, Role, role_required
from assistance import snapshot_sheet, snapshots
from assistance.catalogue import Group
from assistance.models import Snapshot
from households.codes import MonitorClass

READERS = (*OFFICE_ROLES, Role.INSPECTOR)
PER_PAGE = 24
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@never_cache
@require_safe
@role_required(*READERS)
def snapshot_list(request: HttpRequest) -> HttpResponse:
    """The regions that can be counted, and the snapshots there are."""
    found = Snapshot.objects.visible_to(request.user, *READERS).select_related("region", "taken_by")
    page = Paginator(found.order_by("-on", "region__path"), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "assistance/snapshots.html", {"page_obj": page, "regions": _countable(request)})


@require_POST
@role_required(*OFFICE_ROLES)
def snapshot_take(request: HttpRequest) -> HttpResponse:
    """Count; a second time on the same day leads to the count of that day."""
    region = get_object_or_404(_countable(request), code=request.POST.get("region", ""))
    try:
        snapshot, is_new = snapshots.take_snapshot(region=region, by=request.user)
    except ValidationError as fault:
        messages.error(request, fault.messages[0])
        return redirect("assistance:snapshots")
    if not is_new:
        messages.info(request, "今天已经调度过，这是今天的数字，没有重复统计。")
    return redirect("assistance:snapshot", pk=snapshot.pk)


@never_cache
@require_safe
@role_required(*READERS)
def snapshot_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The table and the paragraph."""
    snapshot = _snapshot(request, pk)
    found = snapshots.Figures.of(snapshot)
    causes = snapshots.causes_in(found)
    rows = [_row(line, causes) for line in [*found.lines, found.total]]
    context = {
        "snapshot": snapshot,
        "since": found.since,
        "rows": rows[:-1],
        "total": rows[-1],
        "prose": snapshots.prose(snapshot),
        "difference": snapshots.difference(snapshot),
        "classes": [label for _code, label in MonitorClass.choices],
        "groups": [group.label for group in Group],
        "causes": [label for _code, label in causes],
    }
    return render(request, "assistance/snapshot.html", context)


@never_cache
@require_safe
@role_required(*READERS)
def snapshot_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The workbook."""
    snapshot = _snapshot(request, pk)
    audit.record(
        action="assistance.fetch_snapshot", actor=request.user, target=snapshot, region=snapshot.region, on=snapshot.on
    )
    name = f"{snapshot.region.name}_调度_{snapshot.on:%Y%m%d}.xlsx"
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or "attachment"}
    return HttpResponse(snapshot_sheet.workbook(snapshot), content_type=XLSX, headers=headers)


def _snapshot(request: HttpRequest, pk: UUID) -> Snapshot:
    return get_object_or_404(Snapshot.objects.visible_to(request.user, *READERS).select_related("region"), pk=pk)


def _countable(request: HttpRequest) -> RegionQuerySet:
    """The regions that the person is in charge of and that have places below."""
    mine = Region.objects.visible_to(request.user, *OFFICE_ROLES)
    return mine.filter(children__isnull=False).distinct().order_by("path")


def _row(line: snapshots.Line, causes: list[tuple[str, str]]) -> dict[str, object]:
    return {
        "line": line,
        "classes": [(line.classes.get(code, 0), line.class_persons.get(code, 0)) for code in MonitorClass.values],
        "causes": [(line.causes.get(code, 0), line.cause_persons.get(code, 0)) for code, _label in causes],
        "groups": [number for _label, number in snapshots.groups_of(line)],
        "without": line.households - line.helped,
    }
