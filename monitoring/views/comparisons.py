"""承诺授权 and 信息比对: the village records the signed paper, the offices what the departments answered."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import put_on
from accounts.roles import CASEWORK_ROLES, HOUSEHOLD_READERS, OFFICE_ROLES, VILLAGE_ROLES, role_required
from households.workbook_reader import WorkbookRefused
from monitoring import comparisons
from monitoring.comparison_forms import (
    AnswersForm,
    AnswersUploadForm,
    AuthorisationForm,
    ExplanationForm,
    RequestForm,
    WithdrawalForm,
)
from monitoring.comparison_workbook import read_answers, request_list
from monitoring.gates import is_authorised
from monitoring.models import Case, ComparisonAnswer, Stage
from monitoring.models.cases import CaseQuerySet

WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST = 500


def _cases(request: HttpRequest) -> CaseQuerySet:
    return Case.objects.visible_to(request.user).select_related("household", "village__parent", "procedure")


def _to_compare(request: HttpRequest) -> CaseQuerySet:
    """Cases that are being compared, at the desks of an office, with what the list shows of each."""
    cases = Case.objects.visible_to(request.user, *OFFICE_ROLES).filter(stage=Stage.COMPARE)
    cases = cases.select_related("household", "village", "procedure").prefetch_related(
        "authorisations", Prefetch("answers", ComparisonAnswer.objects.defer("detail", "explanation"))
    )
    return cases.order_by("village__path", "stage_since")


@require_http_methods(["GET", "POST"])
@role_required(*VILLAGE_ROLES)
def authorise(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Record the signed authorisation of a household."""
    case = get_object_or_404(_cases(request), pk=pk)
    who = {"explained_by": request.user.name}
    form = AuthorisationForm(request.POST or None, request.FILES or None, case=case, initial=who)
    if form.is_valid():
        try:
            comparisons.authorise(case=case, by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            put_on(form, fault)
        else:
            messages.success(request, f"{case.household}的承诺授权已登记。")
            return redirect("monitoring:case", pk=case.pk)
    return render(request, "monitoring/authorise.html", {"case": case, "form": form})


@require_http_methods(["GET", "POST"])
@role_required(*CASEWORK_ROLES)
def authorisation_withdraw(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The family takes its authorisation back."""
    case = get_object_or_404(_cases(request), pk=pk)
    form = WithdrawalForm(request.POST or None)
    if form.is_valid():
        try:
            comparisons.withdraw_authorisation(case=case, by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(request, f"{case.household}的承诺授权已撤回，不再比对；已有的帮扶不受影响。")
            return redirect("monitoring:case", pk=case.pk)
    return render(request, "monitoring/authorisation_withdraw.html", {"case": case, "form": form})


@require_safe
@role_required(*HOUSEHOLD_READERS)
def authorisation_paper(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The paper to sign: 承诺授权书, for A4."""
    case = get_object_or_404(_cases(request), pk=pk)
    members = case.household.members.living_together().order_by("position", "pk")
    context = {"case": case, "members": members, "items": comparisons.items_of(case)}
    return render(request, "monitoring/authorisation_paper.html", context)


@require_safe
@role_required(*OFFICE_ROLES)
def comparison_list(request: HttpRequest) -> HttpResponse:
    """Who is being compared, and the list for the departments."""
    cases = list(_to_compare(request)[:MOST])
    rows = [(case, comparisons.what_is_missing(case)) for case in cases]
    authorised = sum(is_authorised(case) for case in cases)
    context = {
        "rows": rows,
        "authorised": authorised,
        "request_form": RequestForm(),
        "upload_form": AnswersUploadForm(),
    }
    return render(request, "monitoring/comparisons.html", context)


@require_POST
@role_required(*OFFICE_ROLES)
def comparison_request(request: HttpRequest) -> HttpResponse:
    """The list of all members for the departments, as a workbook; who took it and for what is recorded."""
    form = RequestForm(request.POST)
    cases = list(_to_compare(request)[:MOST])
    if not form.is_valid() or not cases:
        messages.warning(request, "没有在比对的户。" if form.is_valid() else "名单里有完整证件号，请写明用途。")
        return redirect("monitoring:comparisons")
    try:
        content = request_list(cases, request.user, form.cleaned_data["purpose"])
    except ValidationError as fault:
        messages.warning(request, fault.messages[0])
        return redirect("monitoring:comparisons")
    name = f"bidui-{timezone.localdate():%Y%m%d}.xlsx"
    return HttpResponse(
        content, content_type=WORKBOOK_TYPE, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@require_POST
@role_required(*OFFICE_ROLES)
def comparison_upload(request: HttpRequest) -> HttpResponse:
    """Take the filled-in list: whole households are stored, the rest is told row by row."""
    form = AnswersUploadForm(request.POST, request.FILES)
    cases = list(_to_compare(request)[:MOST])
    stored, refused = 0, []
    if form.is_valid():
        try:
            read = read_answers(form.cleaned_data["workbook"], cases)
            stored, refused = _store(request, cases, read.answers, form), read.refused
        except WorkbookRefused as fault:
            form.add_error("workbook", str(fault))
    context = {"form": form, "stored": stored, "refused": refused}
    return render(request, "monitoring/comparison_upload.html", context)


def _store(request: HttpRequest, cases: list[Case], answers: dict, form: AnswersUploadForm) -> int:
    on, stored = form.cleaned_data["answered_on"], 0
    for case in cases:
        if case.household.number not in answers:
            continue
        try:
            comparisons.keep_answers(case=case, by=request.user, answers=answers[case.household.number], answered_on=on)
            stored += 1
        except ValidationError as fault:
            form.add_error(None, f"{case.household.head_name}：{fault.messages[0]}")
    return stored


@require_http_methods(["GET", "POST"])
@role_required(*OFFICE_ROLES)
def comparison(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The answers on one household, item by item; those who handle the case alone see them."""
    case = get_object_or_404(_cases(request).filter(pk__in=_handled(request)), pk=pk)
    form = AnswersForm(request.POST or None, case=case)
    if form.is_valid():
        try:
            changed = comparisons.keep_answers(
                case=case, by=request.user, answers=form.answers, answered_on=form.cleaned_data["answered_on"],
                idempotency_key=form.cleaned_data["idempotency_key"],
            )  # fmt: skip
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            if changed:
                messages.success(request, f"比对反馈已登记，{changed} 项有变化。")
            elif form.answers:
                messages.success(request, "和原来一样，没有变化。")
            else:
                messages.warning(request, "一项也没有选，没有登记。")
            return redirect("monitoring:comparison", pk=case.pk)
    answers = comparisons.answers_by_item(case).values()
    context = {
        "case": case,
        "form": form,
        "pairs": [(form[item], form[f"{item}_detail"]) for item in form.items],
        "hits": [answer for answer in answers if answer.hit],
        "missing": comparisons.what_is_missing(case),
        "explanation": ExplanationForm(),
        "authorisation": case.authorisations.in_force().first(),
    }
    return render(request, "monitoring/comparison.html", context)


@require_POST
@role_required(*OFFICE_ROLES)
def hit_explain(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What was found of one hit, with evidence."""
    answers = ComparisonAnswer.objects.visible_to(request.user, *OFFICE_ROLES)
    answer = get_object_or_404(answers.select_related("case__household", "case__village"), pk=pk)
    form = ExplanationForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            comparisons.explain_hit(answer=answer, by=request.user, **form.cleaned_data)
            messages.success(request, "核实情况已登记。")
        except ValidationError as fault:
            messages.warning(request, fault.messages[0])
    else:
        messages.warning(request, next(iter(form.errors.values()))[0])
    return redirect("monitoring:comparison", pk=answer.case_id)


def _handled(request: HttpRequest) -> CaseQuerySet:
    return Case.objects.visible_to(request.user, *OFFICE_ROLES)
