"""帮扶管理: the designated households, and what is missing for them."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Region
from accounts.roles import CASEWORK_ROLES, HOUSEHOLD_READERS, role_required
from assistance import listing
from assistance.places import choices

PER_PAGE = 30


@require_safe
@role_required(*HOUSEHOLD_READERS)
def overview(request: HttpRequest) -> HttpResponse:
    """Designated households with measures, helper and last visit; narrowed by town or village and by what is missing."""
    today = timezone.localdate()
    places = Region.objects.visible_to(request.user, *HOUSEHOLD_READERS)
    place = places.filter(code=request.GET.get("region", "")).first()
    cases = listing.helped(request.user, today)
    urgent = listing.urgent(request.user, today)
    if place:
        cases, urgent = cases.in_regions([place]), urgent.in_regions([place])
    lack = request.GET.get("lack", "")
    page = Paginator(listing.lacking(cases, lack, today), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "total": cases.count(),
        "urgent": urgent[:PER_PAGE],
        "lacks": listing.lack_counts(cases, today),
        "lack": lack,
        "place": place,
        "places": choices(places, place),
        "month_start": today.replace(day=1),
        "may_write": request.user.holds(*CASEWORK_ROLES),
    }
    return render(request, "assistance/overview.html", context)
