"""The list of households, with its filters; the search box of every page leads here."""

import re

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.roles import CASEWORK_ROLES, HOUSEHOLD_READERS, role_required
from households import listing
from households.filters import HouseholdFilter
from households.models import Household

PAGE_SIZES = (20, 50, 100)
# A whole identity number does not belong into an address: it is asked for again as its last four.
# It is known by the birth date in it: 户编号 are as long.
WHOLE_NUMBER = re.compile(r"\d{6}(18|19|20)\d{2}(0[1-9]|1[0-2])[0-3]|(?<!\d)\d{8}(0[1-9]|1[0-2])[0-3]\d{4}(?!\d)")


@require_safe
@role_required(*HOUSEHOLD_READERS)
def households(request: HttpRequest) -> HttpResponse:
    """The households of the person's regions that meet the filters, by village, group and number."""
    words = re.sub(r"\s", "", request.GET.get("q", ""))
    if WHOLE_NUMBER.search(words):
        messages.warning(request, "找户请只输证件号码的后四位，不要输整个号码。")
        return redirect("households:list")
    rows = Household.objects.visible_to(request.user).in_village_order()
    asked = HouseholdFilter(request.GET, rows, request=request)
    size = _page_size(request)
    page = Paginator(listing.with_figures(asked.qs), size).get_page(request.GET.get("page"))
    page.object_list = listing.mark_cases(page.object_list)
    context = {
        "filter": asked,
        "page_obj": page,
        "total": f"{page.paginator.count} 户 {listing.count_people(asked.qs)} 人",
        "chips": asked.chips(),
        "size": size,
        "sizes": PAGE_SIZES,
        "groups": _groups(request),
        "may_write": request.user.holds(*CASEWORK_ROLES),
    }
    return render(request, "households/list.html", context)


def _page_size(request: HttpRequest) -> int:
    asked = request.GET.get("per", "")
    return next((size for size in PAGE_SIZES if asked == str(size)), PAGE_SIZES[0])


def _groups(request: HttpRequest) -> list[int]:
    """The groups of a village, for the phone's row of taps."""
    if not request.user.works_in_village:
        return []
    return Household.objects.visible_to(request.user).present().groups()
