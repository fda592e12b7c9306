"""Papers of one household: 明白卡, 走访记录 of a year, 一户一档, 一户一策 to edit; and the cards of a whole village."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import audit
from accounts.models import Region
from accounts.roles import HOUSEHOLD_READERS, role_required
from assistance import plan_document, visit_paper, wall_card
from assistance.dossier import dossiers
from assistance.models import Plan
from assistance.views.found import household_to_read
from households.models import Attachment, Household


@never_cache
@require_safe
@role_required(*HOUSEHOLD_READERS)
def household_card(request: HttpRequest, pk: UUID) -> HttpResponse:
    """帮扶明白卡 of one household."""
    household = household_to_read(request, pk)
    audit.record(action="dossier.card", actor=request.user, target=household, region=household.village)
    context = {"household": household, "cards": [wall_card.card_of(household)], "printed_at": timezone.localtime()}
    return render(request, "assistance/wall_cards.html", context)


@never_cache
@require_safe
@role_required(*HOUSEHOLD_READERS)
def village_cards(request: HttpRequest, code: str) -> HttpResponse:
    """帮扶明白卡 of every household of a village that has something on it, one behind the other."""
    villages = Region.objects.visible_to(request.user, *HOUSEHOLD_READERS).villages()
    village = get_object_or_404(villages, code=code)
    today = timezone.localdate()
    rows = wall_card.with_card(Household.objects.filter(village=village), today)
    cards = wall_card.cards_of(rows, today)
    audit.record(action="dossier.card", actor=request.user, target=village, region=village, households=len(cards))
    context = {"village": village, "cards": cards, "printed_at": timezone.localtime()}
    return render(request, "assistance/wall_cards.html", context)


@never_cache
@require_safe
@role_required(*HOUSEHOLD_READERS)
def household_visits(request: HttpRequest, pk: UUID) -> HttpResponse:
    """走访记录 of a year, with lines left to write on."""
    household = household_to_read(request, pk)
    typed = request.GET.get("year", "")
    if typed and not (typed.isdecimal() and len(typed) == 4):
        raise Http404
    return render(request, "assistance/visit_paper.html", visit_paper.context(household, int(typed) if typed else None))


@never_cache
@require_safe
@role_required(*HOUSEHOLD_READERS)
def household_dossier(request: HttpRequest, pk: UUID) -> HttpResponse:
    """一户一档, printed; each photo on it is opened as anywhere else, and so is in the trace."""
    household = household_to_read(request, pk)
    found = dossiers([household.pk], request.user, _address)[0]
    audit.record(action="dossier.print", actor=request.user, target=household, region=household.village)
    return render(request, "assistance/dossier.html", {"dossier": found, "printed_at": timezone.localtime()})


@never_cache
@require_safe
@role_required(*HOUSEHOLD_READERS)
def plan_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One version of 一户一策 as .docx."""
    plans = Plan.objects.visible_to(request.user).select_related("household__village__parent", "confirmed_by")
    plan = get_object_or_404(plans, pk=pk)
    audit.record(
        action="assistance.fetch_plan", actor=request.user, target=plan.household, region=plan.household.village,
        number=plan.number,
    )  # fmt: skip
    disposition = content_disposition_header(as_attachment=True, filename=plan_document.file_name(plan)) or "attachment"
    content = plan_document.document_of(plan, request.user)
    return HttpResponse(content, content_type=plan_document.DOCX, headers={"Content-Disposition": disposition})


def _address(attachment: Attachment, _number: int) -> str:
    return reverse("households:attachment", args=[attachment.pk])
