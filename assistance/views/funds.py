"""资金: sums by source for a year, and the measures behind each sum."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Region
from accounts.roles import HOUSEHOLD_READERS, role_required
from assistance import funds
from assistance.places import choices, tops
from assistance.views.found import place_to_read

PER_PAGE = 50
YEARS = 3


@require_safe
@role_required(*HOUSEHOLD_READERS)
def fund_table(request: HttpRequest) -> HttpResponse:
    """The sums of a region, by place, group or measure."""
    place, year = place_to_read(request), _year(request)
    by = request.GET.get("by", "")
    by = by if by in funds.By.values else funds.By.PLACE.value
    found = funds.shares(request.user, place, year, timezone.localdate())
    rows, total = funds.table(place, found, by)
    mine = Region.objects.visible_to(request.user, *HOUSEHOLD_READERS)
    context = {
        "place": place,
        "places": [*tops(mine), *choices(mine, place)],
        "year": year,
        "years": _years(),
        "by": by,
        "views": funds.By.choices,
        "sources": [label for _code, label in funds.SOURCES],
        "rows": rows,
        "total": total,
        "without_amount": funds.without_amount(request.user, place, year),
    }
    return render(request, "assistance/funds.html", context)


@require_safe
@role_required(*HOUSEHOLD_READERS)
def fund_list(request: HttpRequest) -> HttpResponse:
    """The measures behind one sum; their total is the sum."""
    place, year = place_to_read(request), _year(request)
    asked = {name: request.GET.get(name, "") for name in ("source", "group", "measure")}
    found = funds.narrowed(funds.shares(request.user, place, year, timezone.localdate()), **asked)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = funds.shown(page.object_list)
    context = {
        "place": place,
        "year": year,
        "total": sum(one.fen for one in found),
        "source": dict(funds.SOURCES).get(asked["source"], ""),
        "page_obj": page,
    }
    return render(request, "assistance/fund_list.html", context)


def _years() -> list[int]:
    this = timezone.localdate().year
    return list(range(this, this - YEARS, -1))


def _year(request: HttpRequest) -> int:
    asked = request.GET.get("year", "")
    return next((year for year in _years() if str(year) == asked), _years()[0])
