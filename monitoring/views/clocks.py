"""限期: who is late, and more time with a reason."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.roles import HOUSEHOLD_READERS, OFFICE_ROLES, role_required
from monitoring import clocks
from monitoring.case_forms import ExtensionForm
from monitoring.models import Case

PAGE_SIZE = 50


@require_safe
@role_required(*HOUSEHOLD_READERS)
def late_cases(request: HttpRequest) -> HttpResponse:
    """Every case whose last day has passed, by town and village in the order of the divisions: no ranking.

    ``?below=1``: those one level below the person's desk, which the inbox counts.
    """
    below = "below" in request.GET
    found = (clocks.late_below if below else clocks.late)(request.user).select_related(
        "household", "village__parent", "procedure"
    )
    page = Paginator(found.order_by("village__path", "due_on", "pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    ticking = clocks.clocks(page.object_list)
    rows = [(case, ticking[case.pk], clocks.may_extend(case, request.user)) for case in page.object_list]
    return render(request, "monitoring/late.html", {"page": page, "rows": rows, "below": below})


@require_http_methods(["GET", "POST"])
@role_required(*OFFICE_ROLES)
def case_extend(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Give a case more time."""
    cases = Case.objects.visible_to(request.user, *OFFICE_ROLES).select_related("household", "village", "procedure")
    case = get_object_or_404(cases, pk=pk)
    form = ExtensionForm(request.POST or None, case=case)
    if form.is_valid():
        try:
            clocks.extend(case=case, by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(request, f"{case.household}的限期延到 {form.cleaned_data['due_on']:%m 月 %d 日}。")
            return redirect("monitoring:case", pk=case.pk)
    context = {"case": case, "form": form, "clock": clocks.clock_of(case), "extensions": case.extensions.all()}
    return render(request, "monitoring/case_extend.html", context)
