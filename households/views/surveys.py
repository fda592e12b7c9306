"""The home visit: the form on the phone, its draft, its correction, and the visit as it was submitted."""

import uuid
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.idempotency import parse
from accounts.roles import HOUSEHOLD_READERS, SURVEY_ROLES, role_required
from households.models import Household, Survey
from households.questions import CHANGE_REASONS, SECTIONS
from households.survey_forms import SurveyForm, as_repeated
from households.survey_groups import group_rows
from households.survey_page import Opening, per_capita, texts
from households.survey_record import both_versions, record_groups
from households.surveys import (
    HouseholdClosed,
    StaleSurvey,
    closed_words,
    discard_draft,
    save_draft,
    submit_survey,
    submitted_before,
)

LAST_SECTION = "check"


@require_http_methods(["GET", "POST"])
@role_required(*SURVEY_ROLES)
def survey(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form of a visit; POST submits it."""
    opening = Opening(_surveyable(request, pk), request.user)
    return _submit(request, opening) if request.method == "POST" else _show(request, opening)


@require_http_methods(["GET", "POST"])
@role_required(*SURVEY_ROLES)
def survey_correct(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A new form with the answers of a submitted survey; what is submitted supersedes it."""
    wrong = get_object_or_404(Survey.objects.visible_to(request.user, *SURVEY_ROLES), pk=pk)
    if newer := wrong.corrected_by:
        messages.warning(request, "这次调查已经更正过，请更正最后的一次。")
        return redirect("households:survey-detail", pk=newer.pk)
    opening = Opening(_surveyable(request, wrong.household_id), request.user, corrects=wrong)
    return _submit(request, opening) if request.method == "POST" else _show(request, opening)


@require_POST
@role_required(*SURVEY_ROLES)
def survey_draft(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep what is typed: for the page while it is typed, or for the buttons 先存着 and 重新算."""
    household = _surveyable(request, pk)
    opening = Opening(household, request.user, corrects=_corrected(request, household))
    if request.POST.get("save") == "discard":
        discard_draft(household=household, by=request.user, corrects=opening.corrects)
        messages.success(request, "您的草稿已经删掉。")
        return redirect("households:detail", pk=pk)
    form = opening.form(request.POST)
    kept = _keep(request, opening, form)
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        return _draft_answer(request, opening, form)
    if request.POST.get("save") == "recount":
        return redirect(f"{_form_url(opening)}#{_section(request)}")
    if kept:
        messages.success(request, f"{household}的调查存好了，还没有提交。随时可以接着填。")
    return redirect(_way_back(request, household))


@require_safe
@role_required(*HOUSEHOLD_READERS)
def survey_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A submitted visit beside the one before."""
    rows = Survey.objects.visible_to(request.user)
    found = get_object_or_404(rows.select_related("household__village__parent", "entered_by", "on_behalf_of"), pk=pk)
    household = found.household
    may_correct = not found.corrected_by and not household.closed_on
    context = {
        "survey": found,
        "household": household,
        "groups": record_groups(found),
        "newer": found.corrected_by,
        "all_untouched": found.all_untouched,
        "may_correct": may_correct and request.user.posting_over(found.village, *SURVEY_ROLES) is not None,
    }
    return render(request, "households/survey_detail.html", context)


@require_safe
@role_required(*SURVEY_ROLES)
def survey_paper(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The form on A4, to be filled in by hand; with ``?blank=1`` without last time's amounts."""
    opening = Opening(_surveyable(request, pk), request.user)
    context = {
        "household": opening.household,
        "opening": opening,
        "form": opening.form(initial=opening.typed()),
        "blank": "blank" in request.GET,
        "empty_rows": range(max(0, 5 - len(opening.members))),
        "change_words": [word for word, _same in CHANGE_REASONS],
        "printed_at": timezone.localtime(),
    }
    return render(request, "households/survey_paper.html", context)


@require_safe
@role_required(*SURVEY_ROLES)
def group(request: HttpRequest, group_no: int) -> HttpResponse:
    """The households of one group, and how far each one's visit is."""
    here = Household.objects.visible_to(request.user, *SURVEY_ROLES).present()
    rows = group_rows(here.filter(group_no=group_no), request.user)
    numbers = here.exclude(group_no=None).order_by("group_no").values_list("group_no", flat=True).distinct()
    villages = {row.village_id for row in rows}
    context = {
        "group_no": group_no,
        "rows": rows,
        "groups": list(numbers),
        "several_villages": len(villages) > 1,
        "submitted": sum(1 for row in rows if row.state == "submitted"),
    }
    return render(request, "households/group.html", context)


# ---- steps of the form ----


def _surveyable(request: HttpRequest, pk: UUID) -> Household:
    """A household where the person has casework, even one that was closed meanwhile: it gets a sentence, not a 404."""
    rows = Household.objects.visible_to(request.user, *SURVEY_ROLES)
    return get_object_or_404(rows.select_related("village__parent"), pk=pk)


def _corrected(request: HttpRequest, household: Household) -> Survey | None:
    """The survey that a draft corrects, named in a hidden box."""
    if not request.POST.get("corrects"):
        return None
    try:
        wrong = parse(request.POST["corrects"])
    except ValidationError as fault:
        raise Http404 from fault
    return get_object_or_404(Survey.objects.visible_to(request.user, *SURVEY_ROLES), pk=wrong, household=household)


def _show(request: HttpRequest, opening: Opening) -> HttpResponse:
    if opening.household.closed_on:
        return _closed(request, opening.household)
    typed = opening.typed()
    section = typed.get("section", SECTIONS[0].id)
    return _page(request, opening, opening.form(initial=typed), opening.reading(typed), start=section)


def _submit(request: HttpRequest, opening: Opening) -> HttpResponse:
    key = _key(request)
    if done := submitted_before(key, request.user):
        return _submitted(request, done)
    form = opening.form(request.POST)
    if not key:
        form.add_error(None, "页面已过期，请核对后再提交。您填的内容还在。")
    if not form.is_valid():
        _keep(request, opening, form)
        return _page(request, opening, form, form, status=422)
    if form.nothing_touched and not request.POST.get("untouched_confirmed"):
        _keep(request, opening, form)
        return _page(request, opening, form, form, start=LAST_SECTION, ask_untouched=True, status=422)
    try:
        submitted = submit_survey(
            household=opening.household,
            by=request.user,
            answers=form.answers(),
            expected_version=_version(request),
            idempotency_key=key,
            corrects=opening.corrects,
            reason=form.cleaned_data.get("reason", ""),
        )
    except HouseholdClosed:
        _keep(request, opening, form)
        return _closed(request, opening.household)
    except StaleSurvey as stale:
        _keep(request, opening, form)
        return _conflict(request, opening, form, stale)
    except ValidationError as fault:
        form.add_error(None, fault)
        return _page(request, opening, form, form, status=422)
    return _submitted(request, submitted)


def _submitted(request: HttpRequest, done: Survey) -> HttpResponse:
    """On to what the rules say; a form that comes a second time leads to the same page."""
    messages.success(request, f"{done.household}的入户调查已提交到{done.village.parent}。")
    return redirect("monitoring:survey-result", pk=done.pk)


def _page(
    request: HttpRequest,
    opening: Opening,
    form: SurveyForm,
    read: SurveyForm,
    *,
    start: str = "",
    ask_untouched: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The form, with sums and steps as they follow from what it was read as."""
    fresh = status == 200
    words = texts(read, opening.last_year)
    context = {
        "opening": opening,
        "household": opening.household,
        "form": form,
        "texts": words,
        "steps": [(section, words[f"state_{section.id}"]) for section in SECTIONS],
        "per_capita": per_capita(read),
        "start": start,
        "ask_untouched": len(read.untouched) if ask_untouched else 0,
        "version": opening.household.version if fresh else _version(request),
        "idempotency_key": ("" if fresh else _key(request)) or str(uuid.uuid4()),
        "form_url": _form_url(opening),
        "way_back": _way_back(request, opening.household),
    }
    return render(request, "households/survey.html", context, status=status)


def _keep(request: HttpRequest, opening: Opening, form: SurveyForm) -> bool:
    """Keep the draft of what was sent; False where that page has been submitted already."""
    typed = form.typed() | {"section": _section(request)}
    kept = save_draft(
        household=opening.household,
        by=request.user,
        typed=typed,
        page_version=_version(request) or opening.household.version,
        corrects=opening.corrects,
        idempotency_key=_key(request),
    )
    return kept is not None


def _draft_answer(request: HttpRequest, opening: Opening, form: SurveyForm) -> JsonResponse:
    """What field.js shows after a draft was kept; 409 when the page is older than the household."""
    form.full_clean()
    answer: dict[str, Any] = {
        "saved": f"{timezone.localtime():%H:%M}",
        "texts": texts(form, opening.last_year),
    }
    stale = bool(opening.household.closed_on) or _version(request) != opening.household.version
    return JsonResponse(answer, status=409 if stale else 200)


def _conflict(request: HttpRequest, opening: Opening, form: SurveyForm, stale: StaleSurvey) -> HttpResponse:
    """409: the visit that stands now beside what was typed, and the choice between them."""
    opening.household.refresh_from_db()
    context = {
        "household": opening.household,
        "opening": opening,
        "stored": stale.stored,
        "message": stale.messages[0],
        "groups": both_versions(stale.stored, stale.typed, opening.household),
        "repeated": as_repeated(form),
        "version": opening.household.version,
        "idempotency_key": str(uuid.uuid4()),
        "form_url": _form_url(opening),
        "corrected": bool(opening.corrects and stale.stored and stale.stored.supersedes_id == opening.corrects.pk),
        "last_event": opening.household.life_events.select_related("recorded_by").order_by("-recorded_at").first(),
    }
    return render(request, "households/survey_conflict.html", context, status=409)


def _closed(request: HttpRequest, household: Household) -> HttpResponse:
    household.refresh_from_db()
    context = {"household": household, "words": closed_words(household), "kept": request.method == "POST"}
    return render(request, "households/survey_closed.html", context, status=409 if request.method == "POST" else 200)


def _version(request: HttpRequest) -> int:
    """The version that was on the screen; without a proper one, 0, which is never the present one."""
    sent = request.POST.get("version", "")
    return int(sent) if sent.isdecimal() and len(sent) < 10 else 0


def _key(request: HttpRequest) -> str:
    """The key of the form that was sent; empty where it is none."""
    try:
        return str(parse(request.POST.get("idempotency_key", "")))
    except ValidationError:
        return ""


def _section(request: HttpRequest) -> str:
    """The section that was open, as far as it is one of ours."""
    sent = request.POST.get("section", "")
    return sent if any(section.id == sent for section in SECTIONS) else SECTIONS[0].id


def _form_url(opening: Opening) -> str:
    if opening.corrects:
        return reverse("households:survey-correct", args=[opening.corrects.pk])
    return reverse("households:survey", args=[opening.household.pk])


def _way_back(request: HttpRequest, household: Household) -> str:
    """Village people go back to the group that they are walking through, others to the household."""
    if request.user.works_in_village and household.group_no:
        return reverse("households:group", args=[household.group_no])
    return reverse("households:detail", args=[household.pk])
