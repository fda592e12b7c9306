"""民主评议: the form for several households of one village, and the blank form to print."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import put_on
from accounts.models import Region
from accounts.roles import HOUSEHOLD_READERS, role_required
from monitoring.case_forms import BallotForm, SittingForm
from monitoring.case_querysets import IN_GROUP_ORDER
from monitoring.meetings import Sitting, Vote, record_meeting
from monitoring.models import Case, Meeting, Stage
from monitoring.steps import AT_VILLAGE_OR_TOWN


def village_with(request: HttpRequest, stage: Stage) -> tuple[Region | None, list[Region], list[Case]]:
    """The village asked for (or the first that has cases in this stage), all that have some, and its cases.

    Households that are gone are not among them: the town ends their cases.
    """
    cases = Case.objects.visible_to(request.user, *AT_VILLAGE_OR_TOWN).filter(stage=stage, household__closed_on=None)
    villages = list(
        Region.objects.visible_to(request.user, *AT_VILLAGE_OR_TOWN).filter(pk__in=cases.order_by().values("village"))
    )
    code = request.GET.get("village", "")
    if code:
        village = get_object_or_404(Region.objects.visible_to(request.user, *AT_VILLAGE_OR_TOWN).villages(), code=code)
    else:
        village = villages[0] if villages else None
    mine = cases.filter(village=village).select_related("household", "village", "procedure")
    return village, villages, list(mine.order_by(IN_GROUP_ORDER, "pk")) if village else []


@require_http_methods(["GET", "POST"])
@role_required(*AT_VILLAGE_OR_TOWN)
def meeting(request: HttpRequest) -> HttpResponse:
    """Record one meeting of a village for the households that wait for it."""
    village, villages, cases = village_with(request, Stage.MEETING)
    posted = request.POST or None
    asked = request.GET.get("case")
    sitting = SittingForm(posted, request.FILES or None)
    ballots = [BallotForm(posted, case=case, ticked=not asked or asked == str(case.pk)) for case in cases]
    if posted and all([sitting.is_valid(), *(ballot.is_valid() for ballot in ballots)]):
        chosen = [ballot for ballot in ballots if ballot.cleaned_data["include"]]
        if _recorded(request, sitting, chosen):
            return redirect(_next_page(village, chosen))
    context = {"village": village, "villages": villages, "sitting": sitting, "ballots": ballots}
    return render(request, "monitoring/meeting.html", context, status=409 if posted and not cases else 200)


def _recorded(request: HttpRequest, form: SittingForm, chosen: list[BallotForm]) -> bool:
    papers = form.take_papers()
    shared = dict(form.cleaned_data)
    key, votes = shared.pop("idempotency_key"), [_vote(one) for one in chosen]
    try:
        cases = record_meeting(
            by=request.user, sitting=Sitting(**shared), votes=votes, papers=papers, idempotency_key=key
        )
    except ValidationError as fault:
        put_on(form, fault)
        return False
    agreed = sum(case.stage == Stage.NOTICE_DUE for case in cases)
    messages.success(request, f"评议结果已登记：同意 {agreed} 户，不同意 {len(cases) - agreed} 户。")
    return True


def _vote(form: BallotForm) -> Vote:
    data = form.cleaned_data
    return Vote(
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
@role_required(*HOUSEHOLD_READERS)
def meeting_record(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What one meeting said of its households, with its papers."""
    found = get_object_or_404(Meeting.objects.visible_to(request.user).select_related("village", "recorded_by"), pk=pk)
    ballots = found.ballots.select_related("case__household").order_by("case__household__group_no", "pk")
    papers = found.papers.newest_first()
    return render(request, "monitoring/meeting_record.html", {"meeting": found, "ballots": ballots, "papers": papers})


@require_safe
@role_required(*HOUSEHOLD_READERS)
def meeting_record_paper(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """民主评议记录表 of a meeting that was held, for A4 and signatures."""
    found = get_object_or_404(Meeting.objects.visible_to(request.user).select_related("village"), pk=pk)
    ballots = found.ballots.select_related("case__household").order_by("case__household__group_no", "pk")
    context = {"village": found.village, "meeting": found, "ballots": ballots}
    return render(request, "monitoring/meeting_paper.html", context)


@require_safe
@role_required(*AT_VILLAGE_OR_TOWN)
def meeting_paper(request: HttpRequest) -> HttpResponse:
    """民主评议记录表 with the households of the village filled in and the rest blank, for A4."""
    village, _villages, cases = village_with(request, Stage.MEETING)
    return render(request, "monitoring/meeting_paper.html", {"village": village, "cases": cases, "blank": range(4)})
