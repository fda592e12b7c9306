"""走访: whom to visit, and what one saw."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.roles import CASEWORK_ROLES, role_required
from assistance import listing, services
from assistance.forms import VisitForm
from assistance.models import Visit
from households.models import Household
from monitoring.explanations import explain_each
from monitoring.near import Near

PER_PAGE = 30
casework = role_required(*CASEWORK_ROLES)


@require_safe
@casework
def visits(request: HttpRequest) -> HttpResponse:
    """Households to visit, the one that has waited longest first: under way or on the register, or close to a line."""
    today = timezone.localdate()
    close_by = request.GET.get("group") == "near"
    groups = {False: listing.to_visit(request.user, today), True: listing.near_to_visit(request.user)}
    waiting = listing.lacking(groups[close_by], listing.NOT_VISITED, today).count()
    page = Paginator(groups[close_by], PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "close_by": close_by,
        "cases_count": page.paginator.count if not close_by else groups[False].count(),
        "near_count": page.paginator.count if close_by else groups[True].count(),
        "near": [Near(*row) for row in explain_each(page, request.user)] if close_by else [],
        "page_obj": page,
        "waiting": waiting,
        "month_start": today.replace(day=1),
    }
    return render(request, "assistance/visits.html", context)


@require_http_methods(["GET", "POST"])
@casework
def visit_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Three chips, one sentence, save."""
    mine = Household.objects.visible_to(request.user, *CASEWORK_ROLES).present().select_related("village")
    household = get_object_or_404(mine, pk=pk)
    form = VisitForm(request.POST or None)
    if form.is_valid():
        try:
            services.add_visit(household=household, by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(request, f"已记 {household} 1 次走访。")
            return redirect("assistance:visits")
    last = Visit.objects.visible_to(request.user).filter(household=household).select_related("visitor").first()
    return render(request, "assistance/visit_new.html", {"household": household, "form": form, "last": last})
