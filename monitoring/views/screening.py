"""Conclusions and their reasons, and screenings of a region."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import HOUSEHOLD_READERS, OFFICE_ROLES, SURVEY_ROLES, Role, role_required
from households.models import Survey
from monitoring.case_querysets import live_cases
from monitoring.explanations import audience_for, present_beside
from monitoring.models import Assessment, Case, Outcome, Screening
from monitoring.policy.explain import explain
from monitoring.screening import cancel_screening, request_screening
from monitoring.screening_forms import ScreeningFilter, ScreeningForm
from monitoring.screening_page import counts_shown, moves_shown, policies_shown

PAGE_SIZE = 20
SCREENING_READERS = (*OFFICE_ROLES, Role.INSPECTOR)


@require_safe
@role_required(*HOUSEHOLD_READERS)
def survey_result(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What the rules say of a survey, with every rule met and not met, and what comes next."""
    surveys = Survey.objects.visible_to(request.user).select_related("household", "village", "entered_by")
    survey = get_object_or_404(surveys, pk=pk)
    kept = Assessment.objects.visible_to(request.user).filter(household=survey.household_id, facts__survey=survey)
    assessment = kept.with_facts().order_by("-on", "-pk").first()
    explanation = explain(assessment).seen_by(audience_for(request.user, survey.village)) if assessment else None
    context = {
        "survey": survey,
        "on_phone": request.user.works_in_village,
        "household": survey.household,
        "assessment": assessment,
        "explanation": explanation,
        "present": explanation and present_beside(explanation, survey.household, timezone.localdate()),
        "newer": Survey.objects.visible_to(request.user).filter(supersedes=survey).first(),
        "case": live_cases(Case.objects.visible_to(request.user), [survey.household_id]).get(survey.household_id),
        "may_watch": bool(request.user.posting_over(survey.village, *SURVEY_ROLES)),
        "suggested": bool(assessment) and assessment.outcome in (Outcome.RELAPSE, Outcome.EDGE, Outcome.WATCH),
        "incomplete": bool(assessment) and assessment.outcome in (Outcome.INCOMPLETE, Outcome.REVIEW_RISK),
    }
    return render(request, "monitoring/survey_result.html", context)


@require_safe
@role_required(*SCREENING_READERS)
def screening_list(request: HttpRequest) -> HttpResponse:
    """The screenings of the user's regions, the newest first."""
    visible = Screening.objects.visible_to(request.user, *SCREENING_READERS).select_related("region", "requested_by")
    sieve = ScreeningFilter(request.GET, queryset=visible, user=request.user)
    page = Paginator(sieve.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"filter": sieve, "page_obj": page, "may_screen": request.user.holds(*OFFICE_ROLES)}
    return render(request, "monitoring/screenings.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*OFFICE_ROLES)
def screening_new(request: HttpRequest) -> HttpResponse:
    """Ask for a screening of a region on a date."""
    initial = {"on": timezone.localdate(), "idempotency_key": uuid.uuid4()}
    form = ScreeningForm(request.POST or None, user=request.user, initial=initial)
    if form.is_valid():
        try:
            screening = request_screening(by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error("on", refused.messages[0])
        else:
            return redirect("monitoring:screening-detail", pk=screening.pk)
    status = 422 if form.is_bound else 200
    return render(request, "monitoring/screening_new.html", {"form": form}, status=status)


@require_safe
@role_required(*SCREENING_READERS)
def screening_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """How far a screening has come, and what came of it; htmx asks for the middle of the page only."""
    visible = Screening.objects.visible_to(request.user, *SCREENING_READERS).select_related("region", "requested_by")
    screening = get_object_or_404(visible, pk=pk)
    context = {
        "screening": screening,
        "counts": counts_shown(screening),
        "moves": moves_shown(screening),
        "policies": policies_shown(screening),
        "parts": screening.parts.aggregate(all=Count("pk"), done=Count("done_at")),
        "may_cancel": bool(request.user.posting_over(screening.region, *OFFICE_ROLES)),
    }
    template = "monitoring/_screening_progress.html" if request.htmx else "monitoring/screening.html"
    return render(request, template, context)


@require_POST
@role_required(*OFFICE_ROLES)
def screening_cancel(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Stop a screening; what it has written stays."""
    screening = get_object_or_404(Screening.objects.visible_to(request.user, *OFFICE_ROLES), pk=pk)
    if cancel_screening(screening=screening, by=request.user):
        messages.success(request, "已取消。已经写下的结论保留，可以再发起一次。")
    else:
        messages.warning(request, "这次研判已经结束，没有取消。")
    return redirect("monitoring:screening-detail", pk=screening.pk)
