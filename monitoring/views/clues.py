"""The list of leads, who lies close to a line, and the digests of what screenings changed."""

import uuid

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.roles import CASEWORK_ROLES, HOUSEHOLD_READERS, SURVEY_ROLES, role_required
from monitoring import digests
from monitoring.clue_views import ClueView, chosen, rows_of, views_for
from monitoring.digest_page import changes, entries_of
from monitoring.leads_forms import LeadSieve
from monitoring.leads_list import rows_of as lead_rows
from monitoring.screening_forms import ClueFilter, DigestFilter

PAGE_SIZE = 20


@require_safe
@role_required(*HOUSEHOLD_READERS)
def clue_list(request: HttpRequest) -> HttpResponse:
    """The one list of leads, stored and suggested by the rules; and the saved views beside."""
    view = chosen(request.GET.get("view", ""), request.user)
    if view.leads is not None:
        return _lead_list(request, view)
    found = view.find(request.user).select_related("household", "village__parent", "facts__survey")
    sieve = ClueFilter(request.GET, queryset=found, user=request.user, view=view.name)
    page = Paginator(sieve.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "filter": sieve,
        "view": view,
        "views": views_for(request.user),
        "page_obj": page,
        "rows": rows_of(view, page, request.user),
        "may_watch": request.user.holds(*SURVEY_ROLES),
        "on_phone": request.user.works_in_village,
    }
    return render(request, "monitoring/clues.html", context)


def _lead_list(request: HttpRequest, view: ClueView) -> HttpResponse:
    user = request.user
    sieve = LeadSieve(
        request.GET, user=user, leads=view.leads(user), conclusions=view.find(user) if view.find else None
    )
    page = Paginator(sieve.found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "filter": sieve,
        "view": view,
        "views": views_for(user),
        "page_obj": page,
        "rows": lead_rows(page.object_list, user),
        "may_report": user.holds(*CASEWORK_ROLES),
        "may_close": user.holds(*SURVEY_ROLES),
        "may_assign": user.holds(*CASEWORK_ROLES),
        "on_phone": user.works_in_village,
    }
    return render(request, "monitoring/clues.html", context)


@require_safe
@role_required(*HOUSEHOLD_READERS)
def digest_list(request: HttpRequest) -> HttpResponse:
    """The digests of one's villages with their counts, and whether the village has opened them."""
    sieve = DigestFilter(request.GET, queryset=digests.digests_for(request.user), user=request.user)
    page = Paginator(sieve.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"filter": sieve, "page_obj": page, "on_phone": request.user.works_in_village}
    return render(request, "monitoring/digests.html", context)


@require_safe
@role_required(*HOUSEHOLD_READERS)
def digest_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The households of a digest, from what to what; to open it is to have seen it."""
    digest = get_object_or_404(digests.digests_for(request.user), pk=pk)
    page = Paginator(entries_of(digest), PAGE_SIZE).get_page(request.GET.get("page"))
    if request.method == "GET":
        digests.read(digest=digest, by=request.user)
    context = {
        "digest": digest,
        "page_obj": page,
        "changes": changes(page, request.user),
        "may_watch": bool(request.user.posting_over(digest.village, *SURVEY_ROLES)),
        "on_phone": request.user.works_in_village,
    }
    return render(request, "monitoring/digest.html", context)
