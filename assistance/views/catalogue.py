"""措施目录: all measures by group with their sources; and what a district adds to them, confirmed by a second person."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import accepted
from accounts.roles import HOUSEHOLD_READERS, Role, role_required
from assistance import own_measures
from assistance.catalogue_page import shelves, waiting
from assistance.models import DistrictMeasure
from assistance.plan_forms import OwnMeasureForm


@require_safe
@role_required(*HOUSEHOLD_READERS)
def catalogue(request: HttpRequest) -> HttpResponse:
    """Every measure that can be begun in the person's region, found by a word or by its group."""
    words, group = request.GET.get("q", "").strip()[:40], request.GET.get("group", "")
    found = shelves(request.user, timezone.localdate(), words, group)
    may_add = bool(own_measures.districts_of(request.user))
    context = {
        "shelves": found.shelves,
        "groups": found.groups,
        "total": found.total,
        "q": words,
        "group": group,
        "may_add": may_add,
        "waiting": waiting(request.user),
    }
    return render(request, "assistance/catalogue.html", context)


@require_http_methods(["GET", "POST"])
@role_required(Role.DISTRICT_OFFICER)
def measure_new(request: HttpRequest) -> HttpResponse:
    """A measure of the district's own, which waits for a second person."""
    districts = own_measures.districts_of(request.user)
    if not districts:
        raise PermissionDenied("只有区（市）的业务员可以加措施。")
    form = OwnMeasureForm(districts, request.POST if request.method == "POST" else None)
    if form.is_valid() and accepted(form, lambda: own_measures.propose_measure(by=request.user, **form.cleaned_data)):
        messages.success(request, f"已登记：{form.cleaned_data['name']}，请另一位同事复核。")
        return redirect("assistance:catalogue")
    return render(request, "assistance/measure_new.html", {"form": form})


@require_POST
@role_required(Role.DISTRICT_OFFICER)
def measure_settle(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The second person confirms it, or it is taken back."""
    mine = DistrictMeasure.objects.visible_to(request.user, Role.DISTRICT_OFFICER).select_related(
        "region", "entered_by"
    )
    measure = get_object_or_404(mine, pk=pk)
    withdrawn = "withdraw" in request.POST
    act = own_measures.withdraw_measure if withdrawn else own_measures.confirm_measure
    try:
        act(measure=measure, by=request.user)
    except ValidationError as fault:
        messages.error(request, fault.messages[0])
    else:
        messages.success(request, f"已撤回：{measure.name}。" if withdrawn else f"已复核，可以用了：{measure.name}。")
    return redirect("assistance:catalogue")
