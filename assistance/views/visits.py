"""走访: whom to visit, and what one saw, in a few taps."""

from typing import Any
from uuid import UUID, uuid5

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.idempotency import made
from accounts.roles import CASEWORK_ROLES, SURVEY_ROLES, role_required
from assistance import visit_lists, visiting
from assistance.models import Visit, VisitMood
from assistance.views.found import household_to_help
from assistance.visit_forms import VisitForm, VisitLeadForm
from households.models import Household
from households.register_forms import RevealForm
from monitoring import leads
from monitoring.models import Lead, LeadSource

PER_PAGE = 30
SECONDS_SHOWN = 60
casework = role_required(*CASEWORK_ROLES)


@require_safe
@casework
def visits(request: HttpRequest) -> HttpResponse:
    """待走访: what is due first stands first, by tab and by group; 临界户 beside it."""
    asked = visit_lists.Asked(request.user, timezone.localdate(), request.GET)
    page = Paginator(asked.rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "asked": asked,
        "page_obj": page,
        "shown": asked.shown(page),
        "just": _just(request),
        "may_survey": request.user.holds(*SURVEY_ROLES),
    }
    return render(request, "assistance/visits.html", context)


@require_http_methods(["GET", "POST"])
@casework
def visit_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How, how things stand, one sentence, save."""
    household = household_to_help(request, pk)
    draft = visiting.draft_of(household, request.user) if request.method == "GET" else None
    form = (
        VisitForm(request.POST, request.FILES)
        if request.method == "POST"
        else VisitForm(initial=draft[0] if draft else {})
    )
    if form.is_valid():
        try:
            _save(request, household, form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            return redirect("assistance:visits")
    last = Visit.objects.visible_to(request.user).filter(household=household).select_related("visitor").first()
    called = household.visits.exclude(contact_phone="").first()
    context = {"household": household, "form": form, "last": last, "called": called, "draft": draft}
    context["may_survey"] = request.user.posting_over(household.village, *SURVEY_ROLES) is not None
    return render(request, "assistance/visit_new.html", context)


@require_POST
@casework
def visit_draft(request: HttpRequest, pk: UUID) -> JsonResponse:
    """Keep what is typed, a moment after the last key."""
    household = household_to_help(request, pk)
    form = VisitForm(request.POST)
    try:
        visiting.save_draft(
            household=household,
            by=request.user,
            typed=form.typed(),
            idempotency_key=request.POST.get("idempotency_key", ""),
        )
    except ValidationError:
        return JsonResponse({}, status=422)
    return JsonResponse({"saved": f"{timezone.localtime():%H:%M}"})


@require_POST
@casework
def visit_same(request: HttpRequest, pk: UUID) -> HttpResponse:
    """没变化 in one tap: a visit today, nothing new; it can be taken back for some minutes."""
    household = household_to_help(request, pk)
    key = request.POST.get("idempotency_key", "")
    try:
        _save(
            request,
            household,
            {"visited_on": timezone.localdate(), "mood": VisitMood.SAME, "idempotency_key": key},
        )
    except ValidationError as refused:
        messages.warning(request, refused.messages[0])
    return redirect(_back(request))


@require_POST
@casework
def visit_undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take back what one has just written down."""
    rows = Visit.objects.visible_to(request.user, *CASEWORK_ROLES).select_related("household__village")
    visit = get_object_or_404(rows, pk=pk)
    try:
        visiting.undo_visit(visit=visit, by=request.user)
    except ValidationError as refused:
        messages.warning(request, refused.messages[0])
    else:
        messages.success(request, f"已撤回 {visit.household} 1 次走访。")
    return redirect(_back(request))


@require_http_methods(["GET", "POST"])
@casework
def visit_lead(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A lead out of a visit: the words are there already, only the kind of difficulty is asked."""
    visit = _visit(request, pk)
    key = str(uuid5(visit.pk, str(request.user.pk)))  # one lead of one visit, from a page opened again too
    before = made(key, request.user, Lead.objects.all())
    if before is not None:
        messages.success(request, "这次走访的线索已经登记过，没有重复登记。")
        return redirect("monitoring:lead", pk=before.pk)
    known = {"source": LeadSource.VISITED, "happened_on": visit.visited_on, "words": visit.sentence}
    form = VisitLeadForm(request.POST or None, initial=known)
    if form.is_valid():
        said = {
            **form.cleaned_data,
            "source": LeadSource.VISITED,
            "happened_on": visit.visited_on,
            "unit": "",
            "idempotency_key": key,
        }
        try:
            lead = leads.report(village=visit.household.village, household=visit.household, by=request.user, **said)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, f"已登记 1 条线索：{visit.household}。")
            return redirect("monitoring:lead", pk=lead.pk)
    return render(request, "assistance/visit_lead.html", {"visit": visit, "household": visit.household, "form": form})


@never_cache
@require_http_methods(["GET", "POST"])
@casework
def visit_contact(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask why, then show the number that was called on an answer that goes away of itself."""
    visit = _visit(request, pk)
    context: dict[str, Any] = {"visit": visit, "household": visit.household, "seconds": SECONDS_SHOWN}
    form = RevealForm(request.POST or None)
    if form.is_valid():
        try:
            context["value"] = visiting.reveal_contact(visit=visit, by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
    response = render(request, "assistance/visit_contact.html", {**context, "form": form})
    if "value" in context:
        response["Refresh"] = f"{SECONDS_SHOWN};url={reverse('assistance:visit-new', args=[visit.household_id])}"
    return response


def _visit(request: HttpRequest, pk: UUID) -> Visit:
    rows = Visit.objects.visible_to(request.user, *CASEWORK_ROLES).filter(household__closed_on=None)
    return get_object_or_404(rows.select_related("household__village"), pk=pk)


def _save(request: HttpRequest, household: Household, said: dict[str, Any]) -> None:
    """What was written down is shown on the list with what can be done next; only a repetition needs words."""
    if visiting.add_visit(household=household, by=request.user, **said) is None:
        messages.success(request, f"{household}这次走访刚才已经记过，没有重复记。")


def _just(request: HttpRequest) -> Visit | None:
    """What the person has written down last, while it can be taken back."""
    return visiting.may_undo(request.user).select_related("household").first()


def _back(request: HttpRequest) -> str:
    """The list as it was, by tab and group."""
    kept = {name: request.POST.get(name, "") for name in visit_lists.FILTERS}
    return visit_lists.address(**{name: value for name, value in kept.items() if value})
