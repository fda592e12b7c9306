"""Leads: one with its evidence, a new one, and what is done with one or many; a declaration that must be matched."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import put_on
from accounts.keys import key_or_none
from accounts.roles import CASEWORK_ROLES, HOUSEHOLD_READERS, SURVEY_ROLES, role_required
from households.models import Household
from monitoring import leads, leads_batch
from monitoring.leads_batch import Pick, picked
from monitoring.leads_forms import AssignForm, CloseForm, LeadVisitForm, ReportForm
from monitoring.leads_list import conclusions_of, rows_of, with_evidence
from monitoring.models import CloseReason, Lead
from monitoring.models.leads import LeadQuerySet

MOST_FOUND = 20
ONE_TAP = [reason for reason in CloseReason if reason != CloseReason.OTHER]


def _visible(request: HttpRequest) -> LeadQuerySet:
    return Lead.objects.visible_to(request.user).select_related("household", "village", "case", "joined_to")


@require_safe
@role_required(*HOUSEHOLD_READERS)
def lead_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A lead: who noticed what and when, what the rules say, what was found, and what to do."""
    lead = get_object_or_404(_visible(request), pk=pk)
    if lead.joined_to_id:
        return redirect("monitoring:lead", pk=lead.joined_to_id)
    return render(request, "monitoring/lead.html", _shown(request, lead))


@require_safe
@role_required(*HOUSEHOLD_READERS)
def lead_of(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The lead of a household; where only the rules ask, that conclusion with the same things to do."""
    household = get_object_or_404(Household.objects.visible_to(request.user).select_related("village"), pk=pk)
    lead = _visible(request).open().filter(household=household).first()
    if lead:
        return redirect("monitoring:lead", pk=lead.pk)
    row = next(iter(rows_of(conclusions_of(request.user, [household.pk]), request.user)), None)
    if row is None:
        raise Http404
    return render(request, "monitoring/lead.html", _context(request, row))


def _shown(request: HttpRequest, lead: Lead, **more: Any) -> dict[str, Any]:
    whole = with_evidence(Lead.objects.visible_to(request.user).filter(pk=lead.pk))
    row = rows_of(whole, request.user)[0]
    return {**_context(request, row), **more}


def _context(request: HttpRequest, row: Any) -> dict[str, Any]:
    user, village = request.user, row.village
    may_assign, may_work = (bool(user.posting_over(village, *roles)) for roles in (CASEWORK_ROLES, SURVEY_ROLES))
    is_open = row.lead is None or row.lead.state == "open"
    return {
        "row": row,
        "is_open": is_open,
        "may_work": is_open and may_work,
        "may_reveal": may_work and any(one.declaration_id for one in row.evidence),
        "assign_form": AssignForm(people=leads.people_of(village)) if is_open and may_assign else None,
        "reasons": ONE_TAP,
        "keys": [str(uuid.uuid4()) for _form in range(3)],
        "on_phone": user.works_in_village,
    }


@require_http_methods(["GET", "POST"])
@role_required(*CASEWORK_ROLES)
def lead_new(request: HttpRequest) -> HttpResponse:
    """Choose the household, then write down what a source says of it."""
    households = Household.objects.visible_to(request.user, *CASEWORK_ROLES).present().select_related("village")
    words, key = request.GET.get("q", "").strip()[:60], key_or_none(request.GET.get("household", ""))
    if key is None:
        found = households.matching(words).in_village_order()[: MOST_FOUND + 1] if words else []
        return render(request, "monitoring/lead_choose.html", {"found": found, "words": words, "most": MOST_FOUND})
    household = get_object_or_404(households, pk=key)
    form = ReportForm(request.POST or None)
    if form.is_valid() and (lead := _reported(request, form, household)):
        return redirect("monitoring:lead", pk=lead.pk)
    return render(request, "monitoring/lead_new.html", {"household": household, "form": form})


def _reported(request: HttpRequest, form: ReportForm, household: Household) -> Lead | None:
    try:
        lead = leads.report(village=household.village, household=household, by=request.user, **form.cleaned_data)
    except ValidationError as fault:
        put_on(form, fault)
        return None
    messages.success(request, f"已登记 1 条线索：{household}。")
    return lead


@require_POST
@role_required(*CASEWORK_ROLES)
def lead_act(request: HttpRequest) -> HttpResponse:
    """Close or assign what was ticked: first a page with all names, then, confirmed, what still holds."""
    picks = picked(request.user, request.POST.getlist("pick"))
    act = request.POST.get("act", "")
    if not picks or act not in ("close", "assign"):
        messages.warning(request, "请先勾选线索；已经有人办过的，刷新以后就不在了。")
        return redirect("monitoring:clues")
    form = _form_of(request, act, picks)
    if "confirm" in request.POST and form.is_valid() and (answer := _acted(request, act, picks, form)):
        return answer
    return render(request, "monitoring/lead_act.html", {"act": act, "picks": picks, "form": form})


def _form_of(request: HttpRequest, act: str, picks: list[Pick]) -> CloseForm | AssignForm:
    data = request.POST if "confirm" in request.POST else None
    if act == "close":
        return CloseForm(data)
    return AssignForm(data, people=leads.people_of(*{pick.village for pick in picks if pick.village}))


def _acted(request: HttpRequest, act: str, picks: list[Pick], form: Any) -> HttpResponse | None:
    key = form.cleaned_data["idempotency_key"]
    try:
        if act == "close":
            outcome = leads_batch.close_many(picks=picks, by=request.user, **form.cleaned_data)
        else:
            outcome = leads_batch.assign_many(picks=picks, by=request.user, to=form.person, idempotency_key=key)
    except ValidationError as fault:
        form.add_error(None, fault)
        return None
    if outcome is None:
        messages.warning(request, "刚才已经办过了，没有重复提交。")
    else:
        _tell(request, act, outcome)
    one = outcome.last if outcome and len(picks) == 1 and outcome.last and act == "assign" else None
    return redirect("monitoring:lead", pk=one.pk) if one else redirect("monitoring:clues")


def _tell(request: HttpRequest, act: str, outcome: leads_batch.Outcome) -> None:
    if outcome.done:
        done = "已核-无风险" if act == "close" else "已分派"
        messages.success(request, f"{done}：{outcome.done} 条。")
    for words in outcome.skipped:
        messages.warning(request, words)


@require_POST
@role_required(*SURVEY_ROLES)
def lead_take_up(request: HttpRequest) -> HttpResponse:
    """列为预警关注, straight from one lead or conclusion."""
    pick = next(iter(picked(request.user, request.POST.getlist("pick"))), None)
    if pick is None:
        messages.warning(request, "这条线索刚有人办过，请刷新再看。")
        return redirect("monitoring:clues")
    try:
        lead = pick.stored(request.user)
        case = leads.take_up(lead=lead, by=request.user, version=pick.version)
    except ValidationError as fault:
        messages.warning(request, fault.messages[0])
        return redirect("monitoring:clues")
    messages.success(request, f"{pick.name}已列为预警关注，报镇（街）备案。")
    return redirect("monitoring:case", pk=case.pk)


@require_http_methods(["GET", "POST"])
@role_required(*SURVEY_ROLES)
def lead_visit(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Write down a visit."""
    lead = get_object_or_404(_visible(request).open(), pk=pk)
    form = LeadVisitForm(request.POST or None, initial={"version": lead.version})
    if form.is_valid():
        data = {name: form.cleaned_data[name] for name in ("visited_on", "found", "version")}
        try:
            leads.visit(lead=lead, by=request.user, **data)
        except ValidationError as fault:
            put_on(form, fault)
        else:
            messages.success(request, "入户情况已记下。接着办结，或者列为预警关注。")
            return redirect("monitoring:lead", pk=lead.pk)
    return render(request, "monitoring/lead_visit.html", {"lead": lead, "form": form})


@require_http_methods(["GET", "POST"])
@role_required(*SURVEY_ROLES)
def lead_match(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Find by hand whose declaration it is, among the households of the village."""
    lead = get_object_or_404(_visible(request).open().filter(household=None), pk=pk)
    here = Household.objects.visible_to(request.user, *SURVEY_ROLES).present().filter(village=lead.village)
    declared = [one.declaration for one in lead.evidence.exclude(declaration=None).select_related("declaration")]
    if request.method == "POST":
        return _matched(request, lead, get_object_or_404(here, pk=key_or_none(request.POST.get("household", ""))))
    words = request.GET.get("q", "").strip()[:60] or (declared[0].name if declared else "")
    found = here.matching(words).in_village_order()[:MOST_FOUND] if words else []
    context = {"lead": lead, "declared": declared, "found": found, "words": words}
    return render(request, "monitoring/lead_match.html", context)


def _matched(request: HttpRequest, lead: Lead, household: Household) -> HttpResponse:
    version = request.POST.get("version", "")
    try:
        known = int(version) if version.isdecimal() and len(version) < 10 else 0
        kept = leads.match(lead=lead, household=household, by=request.user, version=known)
    except ValidationError as fault:
        messages.warning(request, fault.messages[0])
        return redirect("monitoring:lead-match", pk=lead.pk)
    messages.success(request, f"已对上：{household}。")
    return redirect("monitoring:lead", pk=kept.pk)


@require_POST
@role_required(*SURVEY_ROLES)
def lead_reveal(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Show the telephone that the family declared, to call it; who looked is recorded."""
    lead = get_object_or_404(_visible(request), pk=pk)
    if not request.user.posting_over(lead.village, *SURVEY_ROLES):
        raise PermissionDenied
    try:
        phones = leads.reveal_phone(lead=lead, by=request.user)
    except ValidationError as fault:
        messages.warning(request, fault.messages[0])
        return redirect("monitoring:lead", pk=lead.pk)
    return render(request, "monitoring/lead.html", _shown(request, lead, phones=phones))
