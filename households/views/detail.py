"""A household on its page, tab by tab, and one number at a time in full."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.roles import CASEWORK_ROLES, HOUSEHOLD_READERS, SURVEY_ROLES, role_required
from households import disclosure, income, listing
from households.cards import cards_for
from households.last_year import income_line
from households.models import Household
from households.register_forms import RevealForm
from households.timeline import timeline

LATEST = 6
SECONDS_SHOWN = 60
Context = dict[str, Any]


@require_safe
@role_required(*HOUSEHOLD_READERS)
def detail(request: HttpRequest, pk: UUID, tab: str = "overview") -> HttpResponse:
    """One tab of a household's page."""
    household = _readable(request, pk)
    context = _head(household, request.user) | TABS[tab](household)
    if tab == "assistance":
        context["cards"] = cards_for(household, request.user)
    return render(request, "households/household.html", {**context, "tab": tab})


@never_cache
@require_http_methods(["GET", "POST"])
@role_required(*HOUSEHOLD_READERS)
def reveal(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask why, then show one number on an answer that is not kept and goes away of itself."""
    household = _readable(request, pk)
    secret = _asked_secret(request)
    member = _asked_member(request, household)
    context = {"household": household, "member": member, "what": secret.label, "seconds": SECONDS_SHOWN}
    form = RevealForm(request.POST or None)
    if form.is_valid():
        try:
            context["value"] = disclosure.reveal(
                household=household, member=member, secret=secret, by=request.user, **form.cleaned_data
            )
        except ValidationError as fault:
            form.add_error(None, fault)
    response = render(request, "households/reveal.html", {**context, "form": form})
    if "value" in context:
        response["Refresh"] = f"{SECONDS_SHOWN};url={reverse('households:members', args=[household.pk])}"
    return response


def _readable(request: HttpRequest, pk: UUID) -> Household:
    rows = (
        Household.objects.visible_to(request.user).select_related("village__parent").prefetch_related("cases", "grades")
    )
    return get_object_or_404(rows, pk=pk)


def _asked_secret(request: HttpRequest) -> disclosure.Secret:
    try:
        return disclosure.Secret(request.GET.get("what", disclosure.Secret.PHONE))
    except ValueError as fault:
        raise Http404 from fault


def _asked_member(request: HttpRequest, household: Household) -> Any:
    """The member whose number is asked for; without one it is the household's own phone."""
    asked = request.GET.get("member")
    if not asked:
        if request.GET.get("what") == disclosure.Secret.ID_NUMBER:
            raise Http404
        return None
    try:
        return get_object_or_404(household.members, pk=UUID(asked))
    except ValueError as fault:
        raise Http404 from fault


def _head(household: Household, user: User) -> Context:
    """What the head of every tab shows."""
    members = list(household.members.head_first())
    present = [member for member in members if member.left_on is None]
    return {
        "household": household,
        "members": present,
        "left": [member for member in members if member.left_on],
        "head": next((member for member in present if member.relation == "户主"), None),
        "live_case": listing.live_case(household),
        "grade": listing.grade_of(household),
        "helper": household.helpers.filter(ended_on=None).first(),
        "may_write": not household.closed_on and user.posting_over(household.village, *CASEWORK_ROLES) is not None,
        "may_survey": not household.closed_on and user.posting_over(household.village, *SURVEY_ROLES) is not None,
    }


def _assessment(household: Household) -> Any:
    """What the rules said last; it belongs to the app above and is read through its relation."""
    return household.assessments.with_facts().order_by("-on", "-pk").first()


def _line(household: Household) -> int | None:
    """The line in fen that the household's income is compared with today."""
    known = income_line(household, timezone.localdate())
    return known.fen if known else None


def _in_place(household: Household) -> list[tuple[str, list[str]]]:
    """The measures that are in place today, each once, with the members who have it; read through the relation as well."""
    named: dict[str, list[str]] = {}
    given = household.deliveries.in_place_on(timezone.localdate()).select_related("member")
    for delivery in given.order_by("begun_on", "member__position"):
        named.setdefault(delivery.name, []).extend([delivery.member.name] if delivery.member else [])
    return list(named.items())


def _overview(household: Household) -> Context:
    surveys = income.surveys_by_year(household)
    assessment = _assessment(household)
    return {
        "surveys": surveys,
        "chart": income.chart(surveys, _line(household)),
        "last_survey": surveys[-1] if surveys else None,
        "assessment": assessment,
        "in_place": _in_place(household),
        "entries": timeline(household)[:LATEST],
    }


def _members(_household: Household) -> Context:
    return {}


def _income(household: Household) -> Context:
    surveys = income.surveys_by_year(household)
    return {
        "surveys": surveys,
        "chart": income.chart(surveys, _line(household)),
        "income_rows": income.income_rows(surveys),
        "expense_rows": income.expense_rows(surveys),
    }


def _cases(household: Household) -> Context:
    cases = (
        household.cases.select_related("stock_batch")
        .prefetch_related("events__by", "ballots__meeting")
        .order_by("-opened_at")
    )
    return {"cases": list(cases)}


def _assistance(household: Household) -> Context:
    return {
        "deliveries": list(household.deliveries.select_related("member").prefetch_related("papers")),
        "helpers": list(household.helpers.all()),
        "visits": list(household.visits.select_related("visitor")),
    }


def _attachments(household: Household) -> Context:
    return {"attachments": list(household.attachments.for_everybody_here().newest_first())}


def _log(household: Household) -> Context:
    return {"entries": timeline(household)}


TABS: dict[str, Callable[[Household], Context]] = {
    "overview": _overview,
    "members": _members,
    "income": _income,
    "cases": _cases,
    "assistance": _assistance,
    "attachments": _attachments,
    "log": _log,
}
