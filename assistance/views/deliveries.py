"""帮扶查询: the list of measures by query, of a village, a town or a district."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.roles import HOUSEHOLD_READERS, role_required
from assistance.delivery_filter import DeliveryFilter
from assistance.models import Delivery
from assistance.views.found import no_whole_number

PER_PAGE = 50


@require_safe
@role_required(*HOUSEHOLD_READERS)
@no_whole_number
def delivery_list(request: HttpRequest) -> HttpResponse:
    """The measures of the person's regions that meet the filters, by village and household."""
    mine = Delivery.objects.visible_to(request.user, *HOUSEHOLD_READERS)
    asked = DeliveryFilter(request.GET, mine, request=request)
    rows = asked.qs.select_related("household__village__parent", "member")
    ordered = rows.order_by("household__village__path", "household__group_no", "household__number", "begun_on", "pk")
    page, today = Paginator(ordered, PER_PAGE).get_page(request.GET.get("page")), timezone.localdate()
    context: dict[str, Any] = {
        "filter": asked,
        "page_obj": page,
        "rows": [(one, one.stage_on(today)) for one in page],
        "chips": asked.chips(),
        "total": _total(asked.qs),
    }
    return render(request, "assistance/delivery_list.html", context)


def _total(rows: Any) -> str:
    found = rows.order_by().aggregate(
        rows=Count("pk"), households=Count("household", distinct=True), people=Count("member", distinct=True)
    )
    return f"{found['rows']} 项，{found['households']} 户，按人享受的 {found['people']} 人"
