"""The worklist of the national system as a file: asked for here, fetched like every other export."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.models import Region
from accounts.roles import OFFICE_ROLES, role_required
from ledgers import services
from ledgers.models import ExportKind, RowMode


@require_POST
@role_required(*OFFICE_ROLES)
def national_export(request: HttpRequest) -> HttpResponse:
    """Ask for the workbook of a region; the same request within a minute leads to the same job."""
    visible = Region.objects.visible_to(request.user, *OFFICE_ROLES)
    region = get_object_or_404(visible, code=request.POST.get("region", ""))
    try:
        export = services.request_export(
            by=request.user,
            kind=ExportKind.NATIONAL,
            region=region,
            on=timezone.localdate(),
            row_mode=RowMode.MEMBER,
            full_ids="full_ids" in request.POST,
            purpose=request.POST.get("purpose", "")[:200],
            idempotency_key=request.POST.get("idempotency_key", ""),
        )
    except ValidationError as fault:
        messages.error(request, fault.messages[0])
        return redirect("monitoring:national-entries")
    return redirect("ledgers:export-detail", pk=export.pk)
