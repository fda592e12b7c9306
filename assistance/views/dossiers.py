"""全村档案: what each household's file lacks, and the files of a whole village as one job."""

from typing import Any
from uuid import UUID

from csp.constants import NONE, UNSAFE_INLINE
from csp.decorators import csp
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Region
from accounts.roles import HOUSEHOLD_READERS, role_required
from assistance import completeness, dossier_jobs
from assistance.dossier_forms import DossiersForm
from assistance.models import DossierForm, DossierJob
from households.models import Household

PER_PAGE = 30
MOST_JOBS = 5
MOST_VILLAGES = 150  # a longer list is not offered to choose from; the village is then typed
TYPES = {DossierForm.PRINT: "text/html; charset=utf-8", DossierForm.ZIP: "application/zip"}
# The page brings its own style and pictures, and nothing of it runs.
SANDBOX = {
    "default-src": [NONE], "style-src": [UNSAFE_INLINE], "img-src": ["data:"], "frame-ancestors": [NONE],
    "sandbox": ["allow-modals"],
}  # fmt: skip


@never_cache
@require_safe
@role_required(*HOUSEHOLD_READERS)
def dossiers(request: HttpRequest) -> HttpResponse:
    """The households of a village with a file, what each lacks, and the form for all of them."""
    return _page(request)


@require_POST
@role_required(*HOUSEHOLD_READERS)
def dossier_new(request: HttpRequest) -> HttpResponse:
    """Ask for all of a village; the same request within a minute leads to the same job."""
    form = DossiersForm(_villages(request), request.POST)
    if form.is_valid():
        try:
            job = dossier_jobs.request_dossiers(by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            form.add_error(None, fault.messages)
        else:
            return redirect("assistance:dossier-job", pk=job.pk)
    return _page(request, form)


@never_cache
@require_safe
@role_required(*HOUSEHOLD_READERS)
def dossier_job(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One job: its progress while it is made, then the file; htmx asks for the fragment alone."""
    job = _mine(request, pk)
    gone = dossier_jobs.is_gone(job, timezone.now())
    until = job.finished_at + dossier_jobs.KEPT if job.finished_at else None
    context = {"job": job, "gone": gone, "until": until, "file_name": dossier_jobs.file_name(job)}
    template = "assistance/_dossier_job.html" if request.htmx else "assistance/dossier_job.html"
    return render(request, template, context)


@require_POST
@role_required(*HOUSEHOLD_READERS)
def dossier_cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop a job that is not finished."""
    job = _mine(request, pk)
    try:
        dossier_jobs.cancel(job=job, by=request.user)
    except ValidationError as fault:
        messages.error(request, fault.messages[0])
    return redirect("assistance:dossier-job", pk=job.pk)


@never_cache
@require_safe
@role_required(*HOUSEHOLD_READERS)
def dossier_file(request: HttpRequest, pk: UUID) -> Any:
    """The file itself; each time it is asked whether the person may still have it, and traced.

    What is to be printed opens in the browser; with ``?save=1`` it is saved, as an archive always is.
    """
    job = _mine(request, pk)
    try:
        content = dossier_jobs.fetch(job=job, by=request.user)
    except ValidationError as fault:
        messages.error(request, fault.messages[0])
        return redirect("assistance:dossier-job", pk=job.pk)
    saved = job.form == DossierForm.ZIP or "save" in request.GET
    name = dossier_jobs.file_name(job)
    return _sent(content, TYPES[DossierForm(job.form)], content_disposition_header(saved, name) or "attachment")


@csp(SANDBOX)
def _sent(content: Any, content_type: str, disposition: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
    return StreamingHttpResponse(content, content_type=content_type, headers=headers)


def _page(request: HttpRequest, form: DossiersForm | None = None) -> HttpResponse:
    villages, today = _villages(request), timezone.localdate()
    village = _village(request, villages)
    context: dict[str, Any] = {"village": village, "villages": villages[:MOST_VILLAGES], "form": form}
    if village is not None:
        on_file = completeness.on_file(Household.objects.filter(village=village))
        rows = completeness.with_files(on_file, village, today)
        lack = request.GET.get("lack", "")
        page = Paginator(completeness.lacking(rows, lack).in_village_order(), PER_PAGE).get_page(
            request.GET.get("page")
        )
        context |= {
            "page_obj": page,
            "rows": [(row, completeness.missing_lines(row, request.user)) for row in page],
            "counts": completeness.counts(rows),
            "total": on_file.count(),
            "lack": lack,
            "form": form or DossiersForm(villages, initial={"village": village.code}),
            "jobs": DossierJob.objects.asked_by(request.user).filter(region=village)[:MOST_JOBS],
        }
    return render(request, "assistance/dossiers.html", context)


def _villages(request: HttpRequest) -> Any:
    mine = Region.objects.visible_to(request.user, *HOUSEHOLD_READERS).villages()
    return mine.select_related("parent").order_by("path")


def _village(request: HttpRequest, villages: Any) -> Region | None:
    """The village asked for, by its code or name; without one, the only one there is."""
    asked = (request.GET.get("village") or request.POST.get("village") or "").strip()
    if asked:
        return villages.filter(code=asked).first() or villages.filter(name__startswith=asked).first()
    first = list(villages[:2])
    return first[0] if len(first) == 1 else None


def _mine(request: HttpRequest, pk: UUID) -> DossierJob:
    return get_object_or_404(DossierJob.objects.asked_by(request.user).select_related("region"), pk=pk)
