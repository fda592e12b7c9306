"""缺什么补什么 of one household: needs, what answers them, and what could be begun."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.roles import CASEWORK_ROLES, HOUSEHOLD_READERS, VILLAGE_ROLES, role_required
from assistance.models import OPEN_PLAN, Plan, PlanStage
from assistance.plans import gaps_today
from households.models import Household


@require_safe
@role_required(*HOUSEHOLD_READERS)
def gaps(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Every need with what is there for it, and the candidates of the catalogue with their conditions checked."""
    mine = Household.objects.visible_to(request.user).select_related("village__parent")
    household = get_object_or_404(mine, pk=pk)
    found = gaps_today(household)
    plan = Plan.objects.filter(household=household, stage__in=[*OPEN_PLAN, PlanStage.CONFIRMED]).first()
    village, present = household.village, not household.closed_on
    context = {
        "household": household,
        "gaps": found,
        "needs": [(need, found.candidates(need)) for need in found.needs] if found else [],
        "plan": plan,
        "may_plan": present and request.user.posting_over(village, *VILLAGE_ROLES) is not None,
        "may_write": present and request.user.posting_over(village, *CASEWORK_ROLES) is not None,
    }
    return render(request, "assistance/gaps.html", context)
