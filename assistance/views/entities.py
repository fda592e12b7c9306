"""带动主体: firms, cooperatives and 致富带头人, the households tied to them, and what each received."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import accepted
from accounts.models import Region
from accounts.roles import CASEWORK_ROLES, HOUSEHOLD_READERS, role_required
from assistance import entities
from assistance.entity_forms import EntityForm, ReceiptForm, StrikeForm, TieForm, UntieForm
from assistance.models import Entity, Tie, TieReceipt
from assistance.views.found import household_to_help, no_whole_number
from households.models import Household

casework = role_required(*CASEWORK_ROLES)
readers = role_required(*HOUSEHOLD_READERS)
PER_PAGE = 50
FOUND = 20


@require_safe
@readers
def entity_list(request: HttpRequest) -> HttpResponse:
    """The entities near the person, with households tied and what these received this year."""
    year = timezone.localdate().year
    rows = entities.with_figures(entities.entities_for(request.user), request.user, year)
    page = Paginator(rows.order_by("region__path", "name", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    context = {"page_obj": page, "year": year, "may_write": request.user.holds(*CASEWORK_ROLES)}
    return render(request, "assistance/entities.html", context)


@require_http_methods(["GET", "POST"])
@casework
def entity_new(request: HttpRequest) -> HttpResponse:
    """Enter one."""
    regions = Region.objects.visible_to(request.user, *CASEWORK_ROLES).order_by("path")
    form = EntityForm(regions, request.POST or None)
    if form.is_valid() and accepted(form, lambda: entities.add_entity(by=request.user, **form.cleaned_data)):
        messages.success(request, "已登记 1 个带动主体。")
        return redirect("assistance:entities")
    return render(request, "assistance/entity_new.html", {"form": form})


@require_http_methods(["GET", "POST"])
@readers
@no_whole_number
def entity(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One entity: the households tied to it, of those the person may read; tie another."""
    found = get_object_or_404(entities.entities_for(request.user), pk=pk)
    form = TieForm(request.POST) if request.method == "POST" and request.user.holds(*CASEWORK_ROLES) else None
    if form and form.is_valid() and accepted(form, lambda: _tie(request, found, form)):
        messages.success(request, "已登记 1 户的带动关系。")
        return redirect("assistance:entity", pk=pk)
    words = request.GET.get("q", "").strip()[:40]
    page = Paginator(_ties(request, found), PER_PAGE).get_page(request.GET.get("page"))
    received = entities.received_by(page.object_list)
    context = {
        "entity": found,
        "page_obj": page,
        "rows": [(one, received.get(one.pk, 0)) for one in page],
        "total": sum(entities.received_by(_ties(request, found)).values()),
        "q": words,
        "found": _households(request, words) if words else [],
        "form": form or TieForm(initial={"begun_on": timezone.localdate()}),
        "may_write": request.user.holds(*CASEWORK_ROLES),
    }
    return render(request, "assistance/entity.html", context)


@require_safe
@readers
def tie(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One household's tie with everything it received."""
    return _tie_page(request, _bond(request, pk))


@require_POST
@casework
def tie_receive(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Enter what it received."""
    bond, form = _bond(request, pk, *CASEWORK_ROLES), ReceiptForm(request.POST)
    if form.is_valid() and accepted(form, lambda: entities.receive(bond=bond, by=request.user, **form.cleaned_data)):
        messages.success(request, "已登记 1 笔收入。")
        return redirect("assistance:tie", pk=pk)
    return _tie_page(request, bond, receipt=form)


@require_POST
@casework
def tie_end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End the tie."""
    bond, form = _bond(request, pk, *CASEWORK_ROLES), UntieForm(request.POST)
    if form.is_valid() and accepted(form, lambda: entities.untie(bond=bond, by=request.user, **form.cleaned_data)):
        messages.success(request, "已登记结束。")
        return redirect("assistance:tie", pk=pk)
    return _tie_page(request, bond, untie=form)


@require_http_methods(["GET", "POST"])
@casework
def receipt_strike(request: HttpRequest, pk: UUID, receipt_pk: UUID) -> HttpResponse:
    """Take out a receipt that was entered by mistake."""
    bond, form = _bond(request, pk, *CASEWORK_ROLES), StrikeForm(request.POST or None)
    receipt = get_object_or_404(TieReceipt.objects.select_related("tie__household__village"), pk=receipt_pk, tie=bond)
    told = {"receipt": receipt, "by": request.user}
    if form.is_valid() and accepted(form, lambda: entities.strike_receipt(**told, **form.cleaned_data)):
        messages.success(request, "已删除 1 笔。")
        return redirect("assistance:tie", pk=pk)
    return render(request, "assistance/receipt_strike.html", {"tie": bond, "receipt": receipt, "form": form})


def _ties(request: HttpRequest, found: Entity) -> Any:
    rows = entities.ties_for(request.user).filter(entity=found).select_related("household__village__parent")
    return rows.order_by("household__village__path", "household__number", "begun_on", "pk")


def _households(request: HttpRequest, words: str) -> list[Household]:
    mine = Household.objects.visible_to(request.user, *CASEWORK_ROLES).present().matching(words)
    return list(mine.select_related("village__parent").order_by("village__path", "number")[:FOUND])


def _tie(request: HttpRequest, found: Entity, form: TieForm) -> None:
    told = dict(form.cleaned_data)
    household = household_to_help(request, told.pop("household"))
    entities.tie(entity=found, household=household, by=request.user, **told)


def _bond(request: HttpRequest, pk: UUID, *roles: Any) -> Tie:
    rows = Tie.objects.visible_to(request.user, *(roles or HOUSEHOLD_READERS))
    return get_object_or_404(rows.select_related("household__village", "entity__region"), pk=pk)


def _tie_page(
    request: HttpRequest, bond: Tie, receipt: ReceiptForm | None = None, untie: UntieForm | None = None
) -> HttpResponse:
    receipts = list(bond.receipts.select_related("entered_by"))
    context = {
        "tie": bond,
        "receipts": receipts,
        "total": sum(one.amount for one in receipts),
        "receipt": receipt or ReceiptForm(),
        "untie": untie or UntieForm(),
        "may_write": request.user.posting_over(bond.household.village, *CASEWORK_ROLES) is not None,
    }
    return render(request, "assistance/tie.html", context)
