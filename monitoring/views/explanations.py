"""认定依据: why the rules say what they say of a household on a day, on the screen and on A4."""

import datetime
import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.roles import HOUSEHOLD_READERS, role_required
from households.models import Household
from monitoring.explanation_forms import DayForm
from monitoring.explanations import audience_for, basis_of
from monitoring.policy.explain import Audience

FOR_THE_FAMILY = "household"


@require_safe
@role_required(*HOUSEHOLD_READERS)
def basis(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Every rule in force, met or not, for a household on a day that may be chosen."""
    household = _readable(request, pk)
    form = DayForm(request.GET if "on" in request.GET else None, initial={"on": timezone.localdate()})
    on = form.cleaned_data["on"] if form.is_valid() else timezone.localdate()
    audience = audience_for(request.user, household.village)
    context = {
        "household": household,
        "form": form,
        "on_phone": request.user.works_in_village,
        "in_office": audience == Audience.OFFICE,
        "basis": basis_of(household, on, audience),
    }
    return render(request, "monitoring/basis.html", context, status=422 if form.errors else 200)


@require_safe
@role_required(*HOUSEHOLD_READERS)
def basis_paper(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The same on A4: for the file of town and district, or (``copy=household``) as a notice for the family."""
    household = _readable(request, pk)
    audience = audience_for(request.user, household.village)
    for_family = audience != Audience.OFFICE or request.GET.get("copy") == FOR_THE_FAMILY
    on = _day(request)
    found = basis_of(household, on, Audience.HOUSEHOLD if for_family else Audience.OFFICE)
    template = "monitoring/basis_notice.html" if for_family else "monitoring/basis_paper.html"
    context = {"household": household, "on": on, "basis": found, "printed_at": timezone.localtime()}
    return render(request, template, context)


def _readable(request: HttpRequest, pk: uuid.UUID) -> Household:
    households = Household.objects.visible_to(request.user).select_related("village__parent")
    return get_object_or_404(households, pk=pk)


def _day(request: HttpRequest) -> datetime.date:
    if "on" not in request.GET:
        return timezone.localdate()
    form = DayForm(request.GET)
    if not form.is_valid():
        raise Http404
    return form.cleaned_data["on"]
