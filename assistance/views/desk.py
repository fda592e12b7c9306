"""The desk of a department: measures that it leads, marked one or many at once; and what runs out in a village."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import accepted
from accounts.roles import CASEWORK_ROLES, HOUSEHOLD_READERS, Role, role_required
from assistance import department_work
from assistance.delivery_papers import add_papers
from assistance.delivery_steps import DeliveryStep, Pick, mark_deliveries, steps_for
from assistance.desk_forms import MarkForm, PapersForm, StepForm, picks_of
from assistance.lead_units import DESK_ROLES, desks
from assistance.lists import confirmed_by
from assistance.models import Delivery

PER_PAGE = 50
TOLD = 5
STEPS_OF_VIEW = {
    department_work.WAITING: [DeliveryStep.TAKE_UP, DeliveryStep.PUT_IN_PLACE, DeliveryStep.DROP],
    department_work.LATE: [DeliveryStep.TAKE_UP, DeliveryStep.PUT_IN_PLACE, DeliveryStep.DROP],
    department_work.RUNNING_OUT: [DeliveryStep.PROLONG, DeliveryStep.END],
    department_work.IN_PLACE: [DeliveryStep.PROLONG, DeliveryStep.END],
}


@require_safe
@role_required(*DESK_ROLES)
def department_desk(request: HttpRequest) -> HttpResponse:
    """The measures that the person's department leads, with their terms."""
    return render(
        request, "assistance/desk.html", _desk(request, MarkForm(steps=STEPS_OF_VIEW.get(_view(request), [])))
    )


@require_POST
@role_required(*DESK_ROLES)
def department_mark(request: HttpRequest) -> HttpResponse:
    """Mark what was ticked; what somebody changed meanwhile is left and told."""
    sent = request.POST.copy()
    form = MarkForm(sent, steps=STEPS_OF_VIEW.get(_view(request), []))
    if form.is_valid() and accepted(form, lambda: _mark(request, picks_of(request.POST.getlist("pick")), form)):
        return redirect(f"{reverse('assistance:desk')}?{request.GET.urlencode()}")
    sent["idempotency_key"] = str(uuid4())  # some may be done: those that are left are another order
    return render(request, "assistance/desk.html", _desk(request, form))


def _mark(request: HttpRequest, picks: list[Pick], form: MarkForm) -> None:
    """Raises ValidationError with what was left, and why; it stays ticked."""
    allowed = set(
        department_work.led_by(request.user).filter(pk__in=[one.pk for one in picks]).values_list("pk", flat=True)
    )
    mine = [one for one in picks if one.pk in allowed]
    if picks and not mine:
        raise ValidationError("选的都不归您的单位办，请刷新。")
    mark = form.mark()
    result = mark_deliveries(
        picks=mine, mark=mark, by=request.user, idempotency_key=form.cleaned_data["idempotency_key"]
    )
    if result.done:
        messages.success(request, f"已标为{mark.step.label} {result.done} 项。")
    if result.left:
        more = len(result.left) - TOLD
        raise ValidationError([*result.left[:TOLD], *([f"还有 {more} 项没有办，原因类似。"] if more > 0 else [])])


def _view(request: HttpRequest) -> str:
    asked = request.GET.get("view", "")
    return asked if asked in department_work.VIEWS else department_work.WAITING


def _desk(request: HttpRequest, form: MarkForm) -> dict[str, Any]:
    today, view, mine = timezone.localdate(), _view(request), department_work.led_by(request.user)
    tally = department_work.tally(mine, today)
    names = {one["measure"]: one["name"] for one in tally}
    measure = request.GET.get("measure", "")
    measure = measure if measure in names else ""
    chosen = mine.filter(measure=measure) if measure else mine
    counts = {key: sum(one[key] for one in tally if measure in ("", one["measure"])) for key in department_work.VIEWS}
    paginator = Paginator(department_work.view_of(chosen, view, today).values_list("pk", flat=True), PER_PAGE)
    paginator.count = counts[view]
    page = paginator.get_page(request.GET.get("page"))
    page.object_list = department_work.loaded(page.object_list)
    return {
        "form": form,
        "view": view,
        "tabs": [(key, label, counts[key]) for key, label in department_work.VIEWS.items()],
        "measure": measure,
        "measures": sorted(names.items(), key=lambda one: one[1]),
        "page_obj": page,
        "rows": _rows(list(page), today),
        "picked": request.POST.getlist("pick"),
        "units": sorted({desk.unit for desk in desks(request.user) if desk.unit}),
        "reads_households": request.user.holds(Role.DISTRICT_OFFICER),
        "may_mark": bool(STEPS_OF_VIEW.get(view)),
    }


def _rows(deliveries: list[Delivery], today: Any) -> list[dict[str, Any]]:
    """Each with its stage, what is left of its term, and the list that confirms it."""
    lists = confirmed_by(deliveries)
    return [
        {
            "delivery": one,
            "stage": one.stage_on(today),
            "days": ((one.runs_until or one.due_on) - today).days if (one.runs_until or one.due_on) else None,
            "list": lists.get(one.list_row_id or 0),
            "steps": steps_for(one, today),
            "pick": f"{one.pk}:{one.version}",
        }
        for one in deliveries
    ]


@require_safe
@role_required(*CASEWORK_ROLES)
def running_out(request: HttpRequest) -> HttpResponse:
    """What runs out within 30 days in the person's villages."""
    today = timezone.localdate()
    rows = department_work.running_out_near(request.user, today).select_related("household__village", "member")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "assistance/running_out.html", {"page_obj": page, "rows": _rows(list(page), today)})


@require_http_methods(["GET", "POST"])
@role_required(*CASEWORK_ROLES)
def delivery_step(request: HttpRequest, pk: UUID, delivery_pk: UUID) -> HttpResponse:
    """One measure of a household: in hand, in place, prolonged, ended, or given up with a reason."""
    mine = Delivery.objects.visible_to(request.user, *CASEWORK_ROLES).select_related("household__village", "member")
    delivery = get_object_or_404(mine, pk=delivery_pk, household=pk)
    steps = steps_for(delivery, timezone.localdate())
    form = StepForm(request.POST, steps=steps) if request.method == "POST" else StepForm.about(delivery, steps)
    if form.is_valid() and accepted(form, lambda: _step(request, delivery, form)):
        return redirect("households:assistance", pk=pk)
    context = {"household": delivery.household, "row": _rows([delivery], timezone.localdate())[0], "form": form}
    return render(request, "assistance/delivery_step.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*HOUSEHOLD_READERS)
def delivery_papers(request: HttpRequest, pk: UUID, delivery_pk: UUID) -> HttpResponse:
    """The papers of a measure, for whoever reads the household; more of them from whoever works for it."""
    mine = Delivery.objects.visible_to(request.user).select_related("household__village", "member")
    delivery = get_object_or_404(mine, pk=delivery_pk, household=pk)
    may_add = request.user.posting_over(delivery.household.village, *CASEWORK_ROLES) is not None
    if request.method == "POST" and not may_add:
        raise PermissionDenied
    form = PapersForm(request.POST or None, request.FILES or None)
    if form.is_valid() and accepted(form, lambda: add_papers(delivery=delivery, by=request.user, **form.cleaned_data)):
        messages.success(request, f"已上传{delivery.name}的凭证。")
        return redirect("assistance:delivery-papers", pk=pk, delivery_pk=delivery_pk)
    papers = [one.attachment for one in delivery.papers.select_related("attachment")]
    context = {
        "household": delivery.household,
        "delivery": delivery,
        "papers": papers,
        "form": form if may_add else None,
    }
    return render(request, "assistance/delivery_papers.html", context)


def _step(request: HttpRequest, delivery: Delivery, form: StepForm) -> None:
    mark, key = form.mark(), form.cleaned_data["idempotency_key"]
    picks = [Pick(delivery.pk, form.cleaned_data["version"])]
    result = mark_deliveries(picks=picks, mark=mark, by=request.user, idempotency_key=key)
    if result.left:
        raise ValidationError([sentence.split("：", 1)[1] for sentence in result.left])
    messages.success(request, f"{delivery.name}已标为{mark.step.label}。")
