"""培训: courses, who is on the roster, who passed, and what came of it three months later."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import accepted
from accounts.models import Region
from accounts.roles import CASEWORK_ROLES, HOUSEHOLD_READERS, role_required
from assistance import trainings
from assistance.entity_forms import EnrolForm, FollowForm, TrainingForm
from assistance.models import Trainee, Training
from assistance.views.found import no_whole_number
from households.models import Household, Member

casework = role_required(*CASEWORK_ROLES)
readers = role_required(*HOUSEHOLD_READERS)
PER_PAGE = 50
FOUND = 20


@require_safe
@readers
def training_list(request: HttpRequest) -> HttpResponse:
    """The courses near the person, the newest first; and how many are to be asked what came of it."""
    rows = trainings.with_figures(trainings.trainings_for(request.user)).order_by("-begins_on", "pk")
    context = {
        "page_obj": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "to_follow": trainings.to_follow(request.user, timezone.localdate()).count(),
        "may_write": request.user.holds(*CASEWORK_ROLES),
    }
    return render(request, "assistance/trainings.html", context)


@require_http_methods(["GET", "POST"])
@casework
def training_new(request: HttpRequest) -> HttpResponse:
    """Enter a course."""
    regions = Region.objects.visible_to(request.user, *CASEWORK_ROLES).order_by("path")
    form = TrainingForm(regions, request.POST or None)
    if form.is_valid() and accepted(form, lambda: trainings.add_training(by=request.user, **form.cleaned_data)):
        messages.success(request, "已登记 1 个培训。")
        return redirect("assistance:trainings")
    return render(request, "assistance/training_new.html", {"form": form})


@require_safe
@readers
def follow_list(request: HttpRequest) -> HttpResponse:
    """Who passed three months ago and was not asked yet."""
    rows = trainings.to_follow(request.user, timezone.localdate())
    ordered = rows.select_related("training", "member__household__village").order_by("training__ends_on", "pk")
    page = Paginator(ordered, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "assistance/follow_list.html", {"page_obj": page})


@require_http_methods(["GET", "POST"])
@readers
@no_whole_number
def training(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One course with its roster, of the people whom the person may read; put another on it."""
    course = get_object_or_404(trainings.trainings_for(request.user), pk=pk)
    form = EnrolForm(request.POST) if request.method == "POST" and request.user.holds(*CASEWORK_ROLES) else None
    if form and form.is_valid() and accepted(form, lambda: _enrol(request, course, form)):
        return redirect("assistance:training", pk=pk)
    words, today = request.GET.get("q", "").strip()[:40], timezone.localdate()
    seen = Trainee.objects.visible_to(request.user, *HOUSEHOLD_READERS).filter(training=course)
    roster = seen.select_related("member__household__village").order_by("member__household__village__path", "pk")
    context = {
        "training": course,
        "page_obj": Paginator(roster, PER_PAGE).get_page(request.GET.get("page")),
        "all": course.trainees.count(),
        "q": words,
        "found": _members(request, course, words) if words else [],
        "form": form,
        "is_over": course.ends_on <= today,
        "may_write": request.user.holds(*CASEWORK_ROLES),
    }
    return render(request, "assistance/training.html", context)


@require_POST
@casework
def trainee_settle(request: HttpRequest, pk: UUID, word: str) -> HttpResponse:
    """He passed, he did not, or he was put on the roster by mistake."""
    trainee = _trainee(request, pk)
    acts = {
        "passed": lambda: trainings.settle(trainee=trainee, by=request.user, passed=True),
        "failed": lambda: trainings.settle(trainee=trainee, by=request.user, passed=False),
        "strike": lambda: trainings.strike(trainee=trainee, by=request.user),
    }
    if word not in acts:
        raise Http404("没有这一步。")
    try:
        acts[word]()
    except ValidationError as fault:
        messages.error(request, fault.messages[0])
    else:
        messages.success(request, "已登记 1 人。")
    return redirect("assistance:training", pk=trainee.training_id)


@require_http_methods(["GET", "POST"])
@casework
def trainee_follow(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask what came of it."""
    trainee, form = _trainee(request, pk), FollowForm(request.POST or None)
    told = {"trainee": trainee, "by": request.user}
    if form.is_valid() and accepted(form, lambda: trainings.follow_up(**told, **form.cleaned_data)):
        messages.success(request, "已登记 1 次回访。")
        return redirect("assistance:training", pk=trainee.training_id)
    return render(request, "assistance/trainee_follow.html", {"trainee": trainee, "form": form})


def _trainee(request: HttpRequest, pk: UUID) -> Trainee:
    mine = Trainee.objects.visible_to(request.user, *CASEWORK_ROLES)
    return get_object_or_404(mine.select_related("training__region", "member__household__village"), pk=pk)


def _members(request: HttpRequest, course: Training, words: str) -> list[Member]:
    mine = Household.objects.visible_to(request.user, *CASEWORK_ROLES).present().in_regions([course.region])
    keys = list(mine.matching(words).order_by("village__path", "number").values_list("pk", flat=True)[:FOUND])
    there = (
        Member.objects.filter(household__in=keys)
        .present()
        .exclude(pk__in=Trainee.objects.filter(training=course).values("member"))
    )
    return list(
        there.select_related("household__village").order_by("household__village__path", "household__number", "position")
    )


def _enrol(request: HttpRequest, course: Training, form: Any) -> None:
    mine = Member.objects.visible_to(request.user, *CASEWORK_ROLES).select_related("household__village")
    member = get_object_or_404(mine, pk=form.cleaned_data["member"])
    trainings.enrol(training=course, member=member, by=request.user)
    messages.success(request, f"花名册里加了{member.name}。")
