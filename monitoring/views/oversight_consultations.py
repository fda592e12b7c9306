"""专题会商: the list, a new one with its decisions, the minutes on A4, and what became of a decision."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import accepted
from accounts.keys import key_or_none
from accounts.roles import CASEWORK_ROLES, HOUSEHOLD_READERS, OFFICE_ROLES, Role, role_required
from monitoring import oversight_consultations
from monitoring.models import Case, Consultation, Decision, DecisionState
from monitoring.models.oversight import ConsultationQuerySet
from monitoring.oversight_forms import ConsultationForm, DecisionFormSet, SettleForm
from monitoring.oversight_page import decision_lines

READERS = (*OFFICE_ROLES, Role.INSPECTOR)
PER_PAGE = 20


def _visible(request: HttpRequest) -> ConsultationQuerySet:
    return Consultation.objects.visible_to(request.user).select_related("region__parent", "recorded_by")


@require_safe
@role_required(*READERS)
def consultation_list(request: HttpRequest) -> HttpResponse:
    """Consultations, the newest first, with what of each is not carried out."""
    waiting = Count("decisions", filter=~Q(decisions__state=DecisionState.DONE))
    found = _visible(request).annotate(decided=Count("decisions"), waiting=waiting)
    found = found.order_by(*Consultation._meta.ordering, "pk")  # grouped rows forget the order of their model
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "may_record": request.user.holds(*OFFICE_ROLES)}
    return render(request, "monitoring/consultations.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*OFFICE_ROLES)
def consultation_new(request: HttpRequest) -> HttpResponse:
    """Write down a consultation; ``?case=key`` puts that household on its list."""
    form = ConsultationForm(request.POST or None, user=request.user, initial={"named": _asked_number(request)})
    decisions = DecisionFormSet(request.POST or None, prefix="decisions")
    if form.is_valid() and decisions.is_valid() and (made := _recorded(request, form, decisions)):
        messages.success(request, f"专题会商已登记，议定 {made.decisions.count()} 件。请打印会商记录签名。")
        return redirect("monitoring:consultation", pk=made.pk)
    return render(request, "monitoring/consultation_new.html", {"form": form, "decisions": decisions})


def _asked_number(request: HttpRequest) -> str:
    """The household number of the case that was asked for, when it is the person's to see; else nothing."""
    key = key_or_none(request.GET.get("case", ""))
    case = Case.objects.visible_to(request.user, *OFFICE_ROLES).filter(pk=key).select_related("household").first()
    return case.household.number if case else ""


def _recorded(request: HttpRequest, form: ConsultationForm, decisions: DecisionFormSet) -> Consultation | None:
    data = dict(form.cleaned_data)
    try:
        resolved = [one.resolved(data["region"], data["cases"]) for one in decisions]
        return oversight_consultations.record_consultation(
            by=request.user, decisions=[one for one in resolved if one], **data
        )
    except ValidationError as fault:
        form.add_error(None, fault)
        return None


@require_safe
@role_required(*READERS)
def consultation_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One consultation with its households and what became of each decision."""
    return render(request, "monitoring/consultation.html", _shown(get_object_or_404(_visible(request), pk=pk), request))


@require_safe
@role_required(*READERS)
def consultation_paper(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The minutes on A4, with places to sign."""
    shown = _shown(get_object_or_404(_visible(request), pk=pk), request)
    return render(request, "monitoring/consultation_paper.html", {**shown, "printed_at": timezone.localtime()})


def _shown(consultation: Consultation, request: HttpRequest) -> dict:
    decisions = list(
        consultation.decisions.select_related("answerable", "case__household", "settled_by", "consultation__region")
    )
    return {
        "consultation": consultation,
        "cases": list(consultation.cases.select_related("household", "village").order_by("village__path", "pk")),
        "lines": decision_lines(decisions),
        "may_settle": {one.pk for one in decisions if oversight_consultations.may_settle(one, request.user)},
    }


@require_http_methods(["GET", "POST"])
@role_required(*HOUSEHOLD_READERS, Role.DEPARTMENT_CLERK)
def decision(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One decision, for who carries it out: what, until when, and what became of it."""
    related = ("consultation__region", "answerable", "case__household", "settled_by")
    found = get_object_or_404(Decision.objects.visible_to(request.user).select_related(*related), pk=pk)
    may_settle = found.state != DecisionState.DONE and oversight_consultations.may_settle(found, request.user)
    if request.method == "POST" and not (may_settle and request.user.holds(*CASEWORK_ROLES, Role.DEPARTMENT_CLERK)):
        raise PermissionDenied(f"这一件由{found.unit}办。")
    form = SettleForm(request.POST or None, version=found.version) if may_settle else None
    if form is not None and form.is_valid():
        data = form.cleaned_data
        if accepted(form, lambda: oversight_consultations.settle_decision(decision=found, by=request.user, **data)):
            messages.success(request, "落实情况已登记。")
            return redirect("monitoring:decision", pk=found.pk)
    context = {"decision": found, "line": decision_lines([found])[0], "form": form}
    context["open"] = _visible(request).filter(pk=found.consultation_id).exists() and request.user.holds(*READERS)
    return render(request, "monitoring/decision.html", context)
