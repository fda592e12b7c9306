"""审核办理: the list with the evidence beside it, a case's own page, one step, and a step for many."""

import uuid
from collections import Counter

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.keys import key_or_none
from accounts.models import User
from accounts.roles import CASEWORK_ROLES, HOUSEHOLD_READERS, OFFICE_ROLES, Role, role_required
from households.models import Household
from monitoring import batch
from monitoring.case_forms import OpenForm, StepForm
from monitoring.case_offers import TURNED_DOWN
from monitoring.case_querysets import BY_NAME as TABS_BY_NAME
from monitoring.case_querysets import CaseFilter, Row, Tab, first_tab, in_tab, rows, tab_counts
from monitoring.evidence import case_page
from monitoring.models import Case
from monitoring.models.cases import CaseQuerySet
from monitoring.procedures import pinned
from monitoring.steps import AT_VILLAGE_OR_TOWN, BY_NAME, Step
from monitoring.workflow import AlreadyMoved, class_of, label_of, open_case, steps_for, take

PAGE_SIZE = 20
# Steps that have a page of their own, because they need more than a note.
OWN_PAGES = {
    "meeting_recognise": "monitoring:meeting",
    "meeting_refuse": "monitoring:meeting",
    "post_notice": "monitoring:notice-new",
    "announce": "monitoring:notice-result",
}


# What of the list's address leads back to the same place in it.
PLACE = ("stage", "village", "monitor_class", "q", "page", "case")


def visible_cases(request: HttpRequest) -> CaseQuerySet:
    """The cases that the person may see, with what every page prints of them."""
    cases = Case.objects.visible_to(request.user)
    return cases.select_related("household", "village__parent", "survey", "decided_by", "stock_batch", "procedure")


@require_safe
@role_required(*HOUSEHOLD_READERS)
def case_list(request: HttpRequest) -> HttpResponse:
    """The tabs with their counts, the list at the left, and the chosen case at the right (htmx asks for that alone)."""
    tab = TABS_BY_NAME.get(request.GET.get("stage", ""))
    visible = visible_cases(request)
    if request.htmx and request.GET.get("case"):
        return _pane(request, visible, tab or first_tab(request.user))
    counts = tab_counts(Case.objects.visible_to(request.user))
    tab = tab or _with_work(request.user, dict(counts))
    sieve = CaseFilter(request.GET, queryset=in_tab(visible, tab), user=request.user)
    page = Paginator(sieve.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    listed = rows(page.object_list)
    chosen = _chosen(request, visible, listed)
    context = {
        "tab": tab,
        "tabs": [(one, count) for one, count in counts if count or one == tab or not one.in_some_places],
        "filter": sieve,
        "page": page,
        "rows": listed,
        "batch_step": _batch_step(request, tab),
        "may_compare": request.user.holds(*OFFICE_ROLES),
    }
    on_phone = request.user.works_in_village
    if chosen and not on_phone:
        context["pane"] = _pane_context(request, chosen, tab, page)
    return render(request, "monitoring/cases_phone.html" if on_phone else "monitoring/cases.html", context)


def _with_work(user: User, counts: dict[Tab, int]) -> Tab:
    """The tab that opens first; the comparison where the town's own tab is empty and something is being compared."""
    first, compare = first_tab(user), TABS_BY_NAME["compare"]
    return compare if first.name == "town" and not counts[first] and counts[compare] else first


def _pane(request: HttpRequest, visible: CaseQuerySet, tab: Tab) -> HttpResponse:
    case = get_object_or_404(visible, pk=key_or_none(request.GET["case"]))
    sieve = CaseFilter(request.GET, queryset=in_tab(visible, tab), user=request.user)
    page = Paginator(sieve.qs, PAGE_SIZE).get_page(request.GET.get("page"))
    response = render(request, "monitoring/_case_pane.html", {"pane": _pane_context(request, case, tab, page)})
    response["Vary"] = "HX-Request"
    return response


def _chosen(request: HttpRequest, visible: CaseQuerySet, listed: list[Row]) -> Case | None:
    if request.GET.get("case"):
        return get_object_or_404(visible, pk=key_or_none(request.GET["case"]))
    return listed[0].case if listed else None


def _pane_context(request: HttpRequest, case: Case, tab: Tab, page: Page) -> dict:
    keys = [one.pk for one in page.object_list]
    place = keys.index(case.pk) if case.pk in keys else None
    near = {"previous": None, "next": None, "place": None}
    if place is not None:
        near = {
            "previous": keys[place - 1] if place else None,
            "next": keys[place + 1] if place + 1 < len(keys) else None,
            "place": page.start_index() + place,
        }
    return {**_shown(request, case), "tab": tab, "total": page.paginator.count, **near}


def _shown(request: HttpRequest, case: Case) -> dict:
    shown = case_page(case, request.user)
    main = next((choice for choice in shown["choices"] if choice.step.name in batch.STEP_OF.values()), None)
    return {
        **shown,
        "main_choice": main,
        "main_form": StepForm(step=main.step, case=case) if main else None,
        "side": request.GET.get("side", "evidence"),
        "may_act": bool(shown["choices"]),
        "may_enter": request.user.posting_over(case.village, *OFFICE_ROLES) is not None,
    }


def _batch_step(request: HttpRequest, tab: Tab) -> Step | None:
    roles = {"town": Role.TOWN_REVIEWER, "district": Role.DISTRICT_OFFICER}
    name = {"town": "endorse", "district": "acknowledge"}.get(tab.name)
    return BY_NAME[name] if name and request.user.holds(roles[tab.name]) else None


@require_safe
@role_required(*HOUSEHOLD_READERS)
def case_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A case on a page of its own: on the phone the only one, in the office the same evidence as in the pane."""
    case = get_object_or_404(visible_cases(request), pk=pk)
    template = "monitoring/case_phone.html" if request.user.works_in_village else "monitoring/case.html"
    return render(request, template, _shown(request, case))


@require_safe
@role_required(*HOUSEHOLD_READERS)
def case_paper(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """镇（街）审核表, to print on A4."""
    case = get_object_or_404(visible_cases(request), pk=pk)
    shown = _shown(request, case)
    # The paper goes into a file that others open: without what only the offices may see.
    explanation = shown["explanation"].for_phone() if shown["explanation"] else None
    return render(request, "monitoring/case_paper.html", {**shown, "explanation": explanation})


@require_http_methods(["GET", "POST"])
@role_required(*CASEWORK_ROLES)
def case_step(request: HttpRequest, pk: uuid.UUID, step: str) -> HttpResponse:
    """Confirm one step with its consequences, and take it."""
    case = get_object_or_404(visible_cases(request), pk=pk)
    choice = next((one for one in steps_for(case, request.user) if one.step.name == step), None)
    if step not in BY_NAME or (choice is None and request.method == "GET"):
        raise Http404
    if step in OWN_PAGES:
        return redirect(f"{reverse(OWN_PAGES[step])}?village={case.village.code}&case={case.pk}")
    form = StepForm(request.POST or None, step=BY_NAME[step], case=case)
    if form.is_valid() and (answer := _take(request, case, BY_NAME[step], form)):
        return answer
    context = {**_shown(request, case), "choice": choice, "step": BY_NAME[step], "form": form}
    context |= {"label": label_of(BY_NAME[step], case), "consequences": BY_NAME[step].consequences_for(case.kind)}
    context |= {"queue": _place(request), "back": _back_to(request, case, case)}
    context["clause"] = BY_NAME[step].clause_in(pinned(case), case.stage)
    return render(request, "monitoring/case_step.html", context, status=409 if choice is None else 200)


def _take(request: HttpRequest, case: Case, step: Step, form: StepForm) -> HttpResponse | None:
    data = dict(form.cleaned_data)
    version = data.pop("version")
    try:
        moved = take(step.name, case=case, by=request.user, expected_version=version, **data)
    except AlreadyMoved as fault:
        messages.warning(request, fault.messages[0])
        return redirect("monitoring:case", pk=case.pk)
    except ValidationError as fault:
        form.add_error(None, fault)
        return None
    words = f"{case.household.head_name}：{label_of(step, case)}，已办。现在是“{moved.get_stage_display()}”。"
    if moved.stage in TURNED_DOWN:
        words += "给农户的告知书在“已办结”里打印。"
    messages.success(request, words)
    return redirect(_back_to(request, case, moved))


def _back_to(request: HttpRequest, before: Case, moved: Case) -> str:
    """The reviewer goes on where he was in his queue, at the next household; the village stays with its household."""
    stays = moved.stage == before.stage
    place = _place(request, moved if stays else None)
    if request.user.works_in_village or (stays and not place):
        return reverse("monitoring:case", args=[moved.pk])
    return f"{reverse('monitoring:cases')}?{place or f'stage={before.stage}'}"


def _place(request: HttpRequest, case: Case | None = None) -> str:
    """Where in the list the step was begun, of that only what the list knows; empty when it was begun elsewhere."""
    given = QueryDict(request.POST.get("queue") or request.GET.get("queue") or "")
    kept = QueryDict(mutable=True)
    kept.update({name: given[name] for name in PLACE if given.get(name)})
    if kept.get("stage") not in TABS_BY_NAME or ("case" in kept and key_or_none(kept["case"]) is None):
        return ""
    if case is not None:
        kept["case"] = str(case.pk)
    return kept.urlencode()


@require_http_methods(["GET", "POST"])
@role_required(*AT_VILLAGE_OR_TOWN)
def case_open(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Put a household under 预警关注."""
    households = Household.objects.visible_to(request.user, *AT_VILLAGE_OR_TOWN).select_related("village")
    household = get_object_or_404(households, pk=pk)
    live = visible_cases(request).designations().live().filter(household=household).first()
    if live and request.method == "GET":
        return redirect("monitoring:case", pk=live.pk)
    form = OpenForm(request.POST or None)
    if form.is_valid():
        try:
            case = open_case(household=household, by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(request, f"{household}已列为预警关注，报镇（街）备案。")
            return redirect("monitoring:case", pk=case.pk)
    context = {"household": household, "form": form, "class_words": class_of(household).label}
    return render(request, "monitoring/case_open.html", context)


@require_POST
@role_required(*OFFICE_ROLES)
def case_batch(request: HttpRequest) -> HttpResponse:
    """First a page with all names and what will be skipped; confirmed, what still holds."""
    step = BY_NAME.get(request.POST.get("step", ""))
    if step is None or step.name not in batch.STEP_OF.values():
        raise Http404
    entries = dict(entry.partition(":")[::2] for entry in request.POST.getlist("case"))
    keys = [key for key in map(key_or_none, entries) if key]
    cases = list(visible_cases(request).filter(pk__in=keys).order_by("stage_since")[: batch.MOST])
    if not cases:
        messages.warning(request, "请先勾选要办的户。")
        return redirect(f"{reverse('monitoring:cases')}?stage={step.sources[0]}")
    if "confirm" in request.POST:
        return _take_batch(request, step, cases, entries)
    found = batch.candidates(cases, request.user, step.name)
    going = [one for one in found if not one.skip]
    context = {
        "step": step,
        "going": going,
        "kinds": batch.by_kind(going, step),
        "skipped": [one for one in found if one.skip],
        "form": OpenForm(),
    }
    return render(request, "monitoring/case_batch.html", context)


def _take_batch(request: HttpRequest, step: Step, cases: list[Case], entries: dict[str, str]) -> HttpResponse:
    versions = {key: int(version) for key, version in entries.items() if version.isdecimal() and len(version) < 10}
    given = {"note": request.POST.get("note", "")[:500], "idempotency_key": request.POST.get("idempotency_key", "")}
    try:
        outcome = batch.take_many(step_name=step.name, cases=cases, versions=versions, by=request.user, **given)
    except ValidationError as fault:
        messages.warning(request, fault.messages[0])
        return redirect(f"{reverse('monitoring:cases')}?stage={step.sources[0]}")
    if outcome is None:
        messages.warning(request, "这批已经办过了，没有重复提交。")
    else:
        for label, count in Counter(label_of(step, case) for case in outcome.done).items():
            messages.success(request, f"{label}：已办 {count} 户。")
        for words in outcome.skipped:
            messages.warning(request, words)
    return redirect(f"{reverse('monitoring:cases')}?stage={step.sources[0]}")
