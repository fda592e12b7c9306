"""异议: taking one in, who looks into it, what was found, and the written answer."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import put_on
from accounts.roles import CASEWORK_ROLES, HOUSEHOLD_READERS, role_required
from monitoring import objections
from monitoring.models import Objection, Stage
from monitoring.models.notices import ObjectionQuerySet
from monitoring.notices_sheet import seal_of, title_of
from monitoring.objections_forms import FindingForm, InvestigatorForm, ObjectionForm
from monitoring.public.declarations import grouped
from monitoring.views.notices import visible


def _mine(request: HttpRequest) -> ObjectionQuerySet:
    found = Objection.objects.visible_to(request.user)
    return found.select_related(
        "case__household", "case__village", "notice__village__parent", "notice__town", "investigator", "recorded_by",
        "settled_by",
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@role_required(*CASEWORK_ROLES)
def objection_new(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Write down an objection to a household on a running notice."""
    notice = get_object_or_404(visible(request), pk=pk)
    cases = list(notice.cases.filter(stage=Stage.NOTICE).select_related("household"))
    form = ObjectionForm(request.POST or None, cases=cases)
    if form.is_valid():
        data = dict(form.cleaned_data)
        data["case"] = next(case for case in cases if str(case.pk) == data["case"])
        try:
            kept = objections.record_objection(notice=notice, by=request.user, **data)
        except ValidationError as fault:
            put_on(form, fault)
        else:
            receipt = f"回执号 {grouped(kept.receipt)}。" if kept and kept.receipt else ""
            messages.success(request, f"异议已登记。{receipt}核查完以前这一户不往下办，其他户不受影响。")
            return redirect("monitoring:notice", pk=notice.pk)
    return render(request, "monitoring/objection_new.html", {"notice": notice, "form": form, "cases": cases})


@require_http_methods(["GET", "POST"])
@role_required(*HOUSEHOLD_READERS)
def objection_settle(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One objection: what was raised, until when, by whom it is looked into; for him, the form of what was found."""
    objection = get_object_or_404(_mine(request), pk=pk)
    barred = objections.why_not(objection, request.user) if objection.upheld is None else ""
    form = FindingForm(request.POST or None)
    if form.is_valid():
        try:
            objections.settle_objection(objection=objection, by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(request, "核查结论已登记，请打印答复书交给提出人。")
            return redirect("monitoring:objection-settle", pk=objection.pk)
    may_assign = request.user.posting_over(objection.notice.village, *objections.ASSIGNERS) is not None
    context = {
        "may_print": request.user.holds(*CASEWORK_ROLES),
        "objection": objection,
        "receipt": grouped(objection.receipt) if objection.receipt else "",
        "barred": barred,
        "form": form,
        "has_contact": bool(objection.raised_by or objection.contact),
        "may_read_contact": objections.may_read_contact(objection, request.user),
        "people": InvestigatorForm(candidates=objections.candidates(objection)) if may_assign else None,
    }
    return render(request, "monitoring/objection_settle.html", context)


@require_POST
@role_required(*CASEWORK_ROLES)
def objection_assign(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The town names who looks into it; or somebody who may takes it on himself."""
    objection = get_object_or_404(_mine(request), pk=pk)
    form = InvestigatorForm(request.POST, candidates=objections.candidates(objection))
    try:
        person = request.user if "mine" in request.POST else form.chosen if form.is_valid() else None
        if person is None:
            raise ValidationError("请选核查人。")
        objections.assign(objection=objection, by=request.user, investigator=person)
    except ValidationError as fault:
        messages.warning(request, fault.messages[0])
    else:
        messages.success(request, f"由{person.name}核查。")
    return redirect("monitoring:objection-settle", pk=objection.pk)


@require_POST
@role_required(*CASEWORK_ROLES)
def objection_contact(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Who objected and how to reach him, for who looks into it; every look is in the trace."""
    objection = get_object_or_404(_mine(request), pk=pk)
    try:
        objections.record_reading(objection=objection, by=request.user)
    except ValidationError as fault:
        messages.warning(request, fault.messages[0])
        return redirect("monitoring:objection-settle", pk=objection.pk)
    return render(request, "monitoring/objection_contact.html", {"objection": objection})


@require_safe
@role_required(*CASEWORK_ROLES)
def objection_paper(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The written answer, A4; before there is one, the receipt for who objected."""
    objection = get_object_or_404(_mine(request), pk=pk)
    town = objection.notice.town or objection.notice.village.parent
    asker = "＿＿＿＿"  # who may not know writes nothing: it is filled in by hand
    if objection.raised_by and objections.may_read_contact(objection, request.user):
        objections.record_reading(objection=objection, by=request.user)
        asker = objection.raised_by
    context = {
        "objection": objection,
        "asker": asker,
        "receipt": grouped(objection.receipt) if objection.receipt else "",
        "notice_title": title_of(objection.notice),
        "seal": seal_of(town or objection.notice.village),
    }
    return render(request, "monitoring/objection_paper.html", context)
