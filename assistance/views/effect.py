"""成效: the numbers of a region, and the households behind each number."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Region
from accounts.roles import HOUSEHOLD_READERS, role_required
from assistance import effect
from assistance.places import choices, tops
from assistance.views.found import place_to_read

PER_PAGE = 30


@require_safe
@role_required(*HOUSEHOLD_READERS)
def effect_overview(request: HttpRequest) -> HttpResponse:
    """Measures against risks, and help within a month, of a region and the places under it."""
    place = place_to_read(request)
    found = effect.overview(request.user, place, timezone.localdate())
    mine = Region.objects.visible_to(request.user, *HOUSEHOLD_READERS)
    context = {
        "place": place,
        "places": [*tops(mine), *choices(mine, place)],
        "columns": [label for _key, label in effect.PLACE_COLUMNS],
        "rows": found.rows(),
        "matrix": effect.matrix(found.risks),
        "matrix_columns": effect.MATRIX_COLUMNS,
        "open": found.of("open"),
        "due": found.of(effect.When.DUE),
        "in_time": found.of(effect.When.IN_TIME),
        "later": found.of(effect.When.LATER),
        "never": found.of(effect.When.NEVER),
    }
    return render(request, "assistance/effect.html", context)


@require_safe
@role_required(*HOUSEHOLD_READERS)
def effect_list(request: HttpRequest) -> HttpResponse:
    """The households of one number; their total is the number."""
    place, key = place_to_read(request), request.GET.get("what", "registered")
    label = effect.label_of(key)
    if not label:
        raise Http404("没有这个数字。")
    found = Paginator(effect.behind(request.user, place, key, timezone.localdate()), PER_PAGE)
    page = found.get_page(request.GET.get("page"))
    page.object_list = effect.shown(page.object_list)
    context = {"place": place, "label": label, "page_obj": page}
    return render(request, "assistance/effect_list.html", context)
