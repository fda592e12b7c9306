"""Open an attachment, show its small picture, and file papers of a household."""

import logging
from uuid import UUID

from csp.constants import NONE, UNSAFE_INLINE
from csp.decorators import csp
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from accounts import audit
from accounts.roles import CASEWORK_ROLES, HOUSEHOLD_READERS, role_required
from households.attachment_forms import HouseholdPapersForm
from households.attachments import AttachmentDamaged, may_open, read, read_small, store_all
from households.models import Attachment, Household
from households.models.attachments import MediaType
from households.views.writing import writable

# A browser that shows a photo by itself fits it to the window by a style of its own.
SANDBOX = {"default-src": [NONE], "style-src": [UNSAFE_INLINE], "frame-ancestors": [NONE], "sandbox": [""]}
logger = logging.getLogger(__name__)


@require_safe
@role_required(*HOUSEHOLD_READERS)
def attachment(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The photo itself, or the scan to download; every look is in the trace."""
    row = _reachable(request, pk)
    try:
        content = read(row)
    except AttachmentDamaged as damage:
        logger.error("attachment %s is damaged, see check_attachments", row.pk)
        return render(request, "households/attachment_damaged.html", {"row": row, "damage": damage}, status=500)
    audit.record(
        action="attachment.open",
        actor=request.user,
        target=row,
        region=row.village,
        attachment_kind=row.kind,
        household=row.household_id,
    )
    return _sent(content, row.media_type, content_disposition_header(not row.is_photo, row.download_name))


@require_safe
@role_required(*HOUSEHOLD_READERS)
def attachment_small(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The small picture of a photo, for lists; there is none of what only some may see."""
    row = _reachable(request, pk)
    if not row.has_small:
        raise Http404
    try:
        content = read_small(row)
    except AttachmentDamaged as damage:
        logger.error("attachment %s is damaged, see check_attachments", row.pk)
        raise Http404 from damage
    return _sent(content, MediaType.PHOTO, "inline")


@require_http_methods(["GET", "POST"])
@role_required(*CASEWORK_ROLES)
def attachment_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """File photos or papers with a household."""
    household = writable(request, pk)
    form = HouseholdPapersForm(request.POST, request.FILES) if request.method == "POST" else HouseholdPapersForm()
    if form.is_valid():
        try:
            filed = _file_papers(request, household, form)
        except ValidationError as refused:
            form.add_error("files", refused)
        else:
            messages.success(request, f"已上传 {filed} 份附件。")
            return redirect("households:attachments", household.pk)
    return render(request, "households/attachment_new.html", {"household": household, "form": form})


@transaction.atomic
def _file_papers(request: HttpRequest, household: Household, form: HouseholdPapersForm) -> int:
    owner = {"village": household.village, "household": household, "by": request.user}
    return len(store_all(form.cleaned_data["files"], kind=form.cleaned_data["kind"], **owner))


def _reachable(request: HttpRequest, pk: UUID) -> Attachment:
    rows = Attachment.objects.visible_to(request.user).select_related("village", "household")
    row = get_object_or_404(rows, pk=pk)
    if not may_open(row, request.user):
        raise Http404
    return row


@csp(SANDBOX)
def _sent(content: bytes, media_type: str, disposition: str | None) -> HttpResponse:
    """The content under a type of ours; whatever it holds, nothing of it runs."""
    headers = {
        "Content-Disposition": disposition or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    return HttpResponse(content, content_type=str(media_type), headers=headers)
