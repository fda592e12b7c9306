"""督导: the list by town, a finding with its rectifications, and each act on it; papers."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import accepted
from accounts.roles import CASEWORK_ROLES, HOUSEHOLD_READERS, Role, role_required
from monitoring import oversight
from monitoring.models import Case, Finding, Rectification
from monitoring.models.oversight import FindingQuerySet
from monitoring.oversight import FINDERS
from monitoring.oversight_forms import FindingForm, RectificationForm, VerdictForm, WithdrawForm
from monitoring.oversight_page import BY_NAME, by_town, line_of, listed, tab_counts, town_over

PER_PAGE = 50
READERS = (*HOUSEHOLD_READERS, Role.DEPARTMENT_CLERK)  # a clerk: what his department answers for


def _visible(request: HttpRequest) -> FindingQuerySet:
    related = ("place__parent", "answerable", "household", "case", "recorded_by")
    return Finding.objects.visible_to(request.user).select_related(*related)


def _found(request: HttpRequest, pk: uuid.UUID) -> Finding:
    return get_object_or_404(_visible(request), pk=pk)


@require_safe
@role_required(*READERS)
def finding_list(request: HttpRequest) -> HttpResponse:
    """Findings under their towns, in administrative order; nobody is ranked."""
    tab = BY_NAME.get(request.GET.get("state", "")) or BY_NAME["open"]
    visible = Finding.objects.visible_to(request.user)
    page = Paginator(listed(visible, tab), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "tab": tab,
        "tabs": tab_counts(visible),
        "towns": by_town(page.object_list),
        "page": page,
        "may_record": request.user.holds(*FINDERS),
    }
    return render(request, "monitoring/findings.html", context)


@require_safe
@role_required(*READERS)
def finding_list_paper(request: HttpRequest) -> HttpResponse:
    """The same list on A4."""
    tab = BY_NAME.get(request.GET.get("state", "")) or BY_NAME["all"]
    towns = by_town(listed(Finding.objects.visible_to(request.user), tab))
    context = {"tab": tab, "towns": towns, "printed_at": timezone.localtime()}
    return render(request, "monitoring/findings_paper.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*FINDERS)
def finding_new(request: HttpRequest) -> HttpResponse:
    """Record what was found; ``?case=key`` is about that household."""
    case = _asked_case(request)
    form = FindingForm(request.POST or None, user=request.user, case=case)
    made: list[Finding] = []

    def record() -> None:
        about = {"household": case.household, "case": case} if case else {}
        made.append(oversight.record_finding(by=request.user, **form.cleaned_data, **about))

    if form.is_valid() and accepted(form, record):
        messages.success(request, f"督导问题已登记，由{made[0].unit}在 {made[0].due_on:%m 月 %d 日}前整改。")
        return redirect("monitoring:finding", pk=made[0].pk)
    return render(request, "monitoring/finding_new.html", {"form": form, "case": case})


def _asked_case(request: HttpRequest) -> Case | None:
    asked = request.GET.get("case")
    if not asked:
        return None
    try:
        key = uuid.UUID(asked)
    except ValueError as fault:
        raise Http404 from fault
    cases = Case.objects.visible_to(request.user, *FINDERS).select_related("household", "village")
    return get_object_or_404(cases, pk=key)


@require_safe
@role_required(*READERS)
def finding_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One finding: what, whose, until when, what was reported and said to it, and what to do next."""
    finding = _found(request, pk)
    return render(request, "monitoring/finding.html", _shown(request, finding))


def _reports(finding: Finding) -> QuerySet[Rectification]:
    people = finding.rectifications.select_related("reported_by", "judged_by", "on_behalf_of")
    return people.prefetch_related("attachments__uploaded_by")


def _shown(request: HttpRequest, finding: Finding) -> dict[str, Any]:
    return {
        "finding": finding,
        "line": line_of(finding),
        "reports": list(_reports(finding)),
        "may_rectify": oversight.may_rectify(finding, request.user),
        "may_judge": oversight.may_judge(finding, request.user),
        "may_withdraw": oversight.may_withdraw(finding, request.user),
    }


@require_safe
@role_required(*READERS)
def finding_paper(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The finding on A4, with room for what is missing and for signatures."""
    finding = _found(request, pk)
    context = {**_shown(request, finding), "town": town_over(finding.place), "printed_at": timezone.localtime()}
    return render(request, "monitoring/finding_paper.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*CASEWORK_ROLES, Role.DEPARTMENT_CLERK)
def finding_rectify(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Report what was mended."""
    finding = _found(request, pk)
    if not oversight.may_rectify(finding, request.user):
        return _not_yours(
            request, finding, f"这一条现在不由您整改：{finding.get_state_display()}，责任单位{finding.unit}。"
        )
    form = RectificationForm(request.POST or None, request.FILES or None, version=finding.version)
    return _act(request, finding, form, oversight.rectify_finding, "上报整改", "整改已上报，等验收。")


@require_http_methods(["GET", "POST"])
@role_required(*FINDERS)
def finding_judge(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Accept what was reported, or return it."""
    finding = _found(request, pk)
    if not oversight.may_judge(finding, request.user):
        return _not_yours(
            request, finding, "这一条现在不由您验收：由发现人或区（市）验收，自己上报的请另一位同事验收。"
        )
    form = VerdictForm(request.POST or None, version=finding.version)
    return _act(request, finding, form, oversight.judge_finding, "验收整改", "验收结论已登记。")


@require_http_methods(["GET", "POST"])
@role_required(*FINDERS)
def finding_withdraw(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take back a finding that was recorded by mistake."""
    finding = _found(request, pk)
    if not oversight.may_withdraw(finding, request.user):
        return _not_yours(request, finding, "只有登记人可以撤回，已经上报整改的不能撤回。")
    form = WithdrawForm(request.POST or None, version=finding.version)
    return _act(request, finding, form, oversight.withdraw_finding, "撤回问题", "这一条已撤回。")


def _not_yours(request: HttpRequest, finding: Finding, why: str) -> HttpResponse:
    messages.warning(request, why)
    return redirect("monitoring:finding", pk=finding.pk)


def _act(
    request: HttpRequest, finding: Finding, form: forms.Form, act: Callable[..., Any], label: str, done: str
) -> HttpResponse:
    """One act on a finding: the form, what the service says to it, and back to the finding."""
    if form.is_valid() and accepted(form, lambda: act(finding=finding, by=request.user, **form.cleaned_data)):
        messages.success(request, done)
        return redirect("monitoring:finding", pk=finding.pk)
    context = {**_shown(request, finding), "form": form, "label": label}
    return render(request, "monitoring/finding_act.html", context)
