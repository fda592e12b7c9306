"""Enter, end and mend measures of one household, and change who keeps in touch with it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import accepted
from accounts.roles import CASEWORK_ROLES, role_required
from assistance import services
from assistance.catalogue import LedgerColumn
from assistance.forms import DeliveryForm, HelperForm, RemovalForm, TickForm
from assistance.models import Delivery, Helper
from assistance.ticks import ticks_on
from assistance.views.found import household_to_help
from households.models import Household

casework = role_required(*CASEWORK_ROLES)


@require_http_methods(["GET", "POST"])
@casework
def delivery_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The ten policies as one tick sheet for the household and each of its members."""
    household = household_to_help(request, pk)
    form = _sheet(household, request.POST or None)
    if form.is_valid():
        sheet = {name: form.cleaned_data[name] for name in ("begun_on", "idempotency_key")}
        wishes = form.wishes()
        if accepted(form, lambda: services.tick_measures(household=household, by=request.user, wishes=wishes, **sheet)):
            messages.success(request, f"已登记 {len(wishes)} 项措施。")
            return redirect("households:assistance", pk=household.pk)
    context = {"household": household, "form": form, "preview": _preview(household), "mine": _open(household)}
    return render(request, "assistance/delivery_new.html", context)


@require_http_methods(["GET", "POST"])
@casework
def delivery_edit(request: HttpRequest, pk: UUID, delivery_pk: UUID) -> HttpResponse:
    """Mend what was entered of a measure, or end it by giving its last day."""
    delivery = _delivery(request, pk, delivery_pk)
    form = DeliveryForm(delivery, request.POST or None)
    if form.is_valid() and accepted(
        form,
        lambda: services.change_delivery(
            delivery=delivery, by=request.user, version=form.cleaned_data["version"], to=form.correction()
        ),
    ):
        messages.success(request, "已保存 1 项措施。")
        return redirect("households:assistance", pk=pk)
    return _edit_page(request, delivery, form, RemovalForm())


@require_POST
@casework
def delivery_remove(request: HttpRequest, pk: UUID, delivery_pk: UUID) -> HttpResponse:
    """Take out what was entered by mistake, with a reason."""
    delivery = _delivery(request, pk, delivery_pk)
    form = RemovalForm(request.POST)
    if form.is_valid() and accepted(
        form, lambda: services.remove_delivery(delivery=delivery, by=request.user, **form.cleaned_data)
    ):
        messages.success(request, "已删除 1 项措施。")
        return redirect("households:assistance", pk=pk)
    return _edit_page(request, delivery, DeliveryForm(delivery), form)


@require_http_methods(["GET", "POST"])
@casework
def helper_change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Appoint the 帮扶联系人; the former one ends on that day."""
    household = household_to_help(request, pk)
    form = HelperForm(request.POST or None)
    if form.is_valid() and accepted(
        form, lambda: services.change_helper(household=household, by=request.user, **form.cleaned_data)
    ):
        messages.success(request, "已更换联系人。")
        return redirect("households:assistance", pk=household.pk)
    former = Helper.objects.visible_to(request.user).filter(household=household, ended_on=None).first()
    return render(request, "assistance/helper_change.html", {"household": household, "form": form, "former": former})


def _delivery(request: HttpRequest, pk: UUID, delivery_pk: UUID) -> Delivery:
    mine = Delivery.objects.visible_to(request.user, *CASEWORK_ROLES).select_related("household__village", "member")
    return get_object_or_404(mine, pk=delivery_pk, household=pk)


def _edit_page(request: HttpRequest, delivery: Delivery, form: DeliveryForm, removal: RemovalForm) -> HttpResponse:
    context = {"household": delivery.household, "delivery": delivery, "form": form, "removal": removal}
    return render(request, "assistance/delivery_edit.html", context)


def _open(household: Household) -> list[Delivery]:
    """Measures that stand today or are not finished yet."""
    today = timezone.localdate()
    of_household = household.deliveries.select_related("member").prefetch_related("papers")
    return list(
        of_household.filter(Q(pk__in=household.deliveries.in_place_on(today)) | Q(ended_on=None, dropped_on=None))
    )


def _sheet(household: Household, typed: Any) -> TickForm:
    members = household.members.present().head_first()
    # Relief can be granted again, so that it stays on offer.
    standing = [delivery for delivery in _open(household) if not delivery.is_grant]
    return TickForm(members, standing, ticks_on(timezone.localdate(), [household.pk]), typed)


def _preview(household: Household) -> list[tuple[str, bool]]:
    """The ten columns as the household's ledger shows them today."""
    today = timezone.localdate()
    members = household.members.present().values_list("pk", flat=True)
    have = ticks_on(today, [household.pk]).of(household=household.pk, members=members)
    return [(column.label, column in have) for column in LedgerColumn]
