"""民主评议: the form for several households of one village, and the blank form to print."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Region
from accounts.roles import VILLAGE_ROLES, Role, role_required
from monitoring.case_forms import BallotForm, SittingForm
from monitoring.case_querysets import IN_GROUP_ORDER
from monitoring.meetings import Ballot, Sitting, record_meeting
from monitoring.models import Case, Stage

HOLDERS = (*VILLAGE_ROLES, Role.TOWN_REVIEWER)


def village_with(request: HttpRequest, stage: Stage) -> tuple[Region | None, list[Region], list[Case]]:
    """The village asked for (or the first that has cases in this stage), all that have some, and its cases."""
    cases = Case.objects.visible_to(request.user, *HOLDERS).filter(stage=stage)
    villages = list(Region.objects.visible_to(request.user, *HOLDERS).filter(pk__in=cases.order_by().values("village")))
    code = request.GET.get("village", "")
    if code:
        village = get_object_or_404(Region.objects.visible_to(request.user, *HOLDERS).villages(), code=code)
    else:
        village = villages[0] if villages else None
    mine = cases.filter(village=village).select_related("household", "village").order_by(IN_GROUP_ORDER, "pk")
    return village, villages, list(mine) if village else []


@require_http_methods(["GET", "POST"])
@role_required(*HOLDERS)
def meeting(request: HttpRequest) -> HttpResponse:
    """Record one meeting of a village for the households that wait for it."""
    village, villages, cases = village_with(request, Stage.MEETING)
    posted = request.POST or None
    asked = request.GET.get("case")
    sitting = SittingForm(posted)
    ballots = [BallotForm(posted, case=case, ticked=not asked or asked == str(case.pk)) for case in cases]
    if posted and all([sitting.is_valid(), *(ballot.is_valid() for ballot in ballots)]):
        chosen = [ballot for ballot in ballots if ballot.cleaned_data["include"]]
        if _recorded(request, sitting, chosen):
            return redirect(_next_page(village, chosen))
    context = {"village": village, "villages": villages, "sitting": sitting, "ballots": ballots}
    return render(request, "monitoring/meeting.html", context, status=409 if posted and not cases else 200)


def _recorded(request: HttpRequest, form: SittingForm, chosen: list[BallotForm]) -> bool:
    shared = dict(form.cleaned_data)
    key = shared.pop("idempotency_key")
    try:
        cases = record_meeting(
            by=request.user, sitting=Sitting(**shared), ballots=[_ballot(one) for one in chosen], idempotency_key=key
        )
    except ValidationError as fault:
        form.add_error(None, fault)
        return False
    agreed = sum(case.stage == Stage.NOTICE_DUE for case in cases)
    messages.success(request, f"评议结果已登记：同意 {agreed} 户，不同意 {len(cases) - agreed} 户。")
    return True


def _ballot(form: BallotForm) -> Ballot:
    data = form.cleaned_data
    return Ballot(
        case=form.case,
        version=data["version"],
        in_favour=data["in_favour"],
        against=data["against"] or 0,
        abstained=data["abstained"] or 0,
        recognised=data["recognised"],
        reason=data["reason"],
    )


def _next_page(village: Region | None, chosen: list[BallotForm]) -> str:
    if village and any(ballot.cleaned_data["recognised"] for ballot in chosen):
        return f"{reverse('monitoring:notice-new')}?village={village.code}"
    return f"{reverse('monitoring:cases')}?stage=meeting"


@require_safe
@role_required(*HOLDERS)
def meeting_paper(request: HttpRequest) -> HttpResponse:
    """民主评议记录表 with the households of the village filled in and the rest blank, for A4."""
    village, _villages, cases = village_with(request, Stage.MEETING)
    return render(request, "monitoring/meeting_paper.html", {"village": village, "cases": cases, "blank": range(4)})
