"""联系人交接: whose households there are, hand them over, take them."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import accepted
from accounts.models.people import same_people
from accounts.roles import CASEWORK_ROLES, role_required
from assistance import handovers
from assistance.handover_forms import AnswerForm, HandoverForm
from assistance.models import Handover, HandoverStage

casework = role_required(*CASEWORK_ROLES)
PER_PAGE = 50
LAST_SHOWN = 10
WORDS = ("take", "refuse", "withdraw")


@require_safe
@casework
def handover_list(request: HttpRequest) -> HttpResponse:
    """Everybody who keeps in touch with households here, and the last handovers; with ``?show=all`` all of these."""
    words, past = request.GET.get("q", "").strip()[:40], request.GET.get("show") == "all"
    made = handovers.handovers_for(request.user)
    page = Paginator(made if past else handovers.contacts_of(request.user, words), PER_PAGE)
    context = {
        "past": past,
        "q": words,
        "page_obj": page.get_page(request.GET.get("page")),
        "last": [] if past else made[:LAST_SHOWN],
        "count": made.count(),
    }
    return render(request, "assistance/handovers.html", context)


@require_http_methods(["GET", "POST"])
@casework
def handover_new(request: HttpRequest) -> HttpResponse:
    """Hand over the households of the 联系人 whose name and unit were chosen."""
    chosen = request.POST if request.method == "POST" else request.GET
    name, unit = chosen.get("name", ""), chosen.get("unit", "")
    helpers = list(handovers.caseload(request.user, name, unit))
    if not helpers:
        raise Http404("这位联系人没有户可交接。")
    takers = handovers.takers_for(handovers.region_around(helpers), request.user)
    form = HandoverForm(takers, helpers, request.POST or None)
    if form.is_valid():
        made: list[Handover] = []

        def propose() -> None:
            made.append(handovers.propose(by=request.user, name=name, unit=unit, **form.cleaned_data))

        if accepted(form, propose):
            messages.success(request, f"已请{made[0].to_name}接手，等他确认。")
            return redirect("assistance:handover", pk=made[0].pk)
    context = {"form": form, "name": name, "unit": unit, "count": len(helpers)}
    return render(request, "assistance/handover_new.html", context)


@require_safe
@casework
def handover_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is handed over, and the buttons of who was asked."""
    return _page(request, _handover(request, pk), AnswerForm())


@require_POST
@casework
def handover_answer(request: HttpRequest, pk: UUID, word: str) -> HttpResponse:
    """Take, refuse or withdraw."""
    if word not in WORDS:
        raise Http404("没有这一步。")
    handover = _handover(request, pk)
    form = AnswerForm(request.POST)
    if form.is_valid() and accepted(form, lambda: _act(request, handover, word, form)):
        return redirect("assistance:handover", pk=pk)
    return _page(request, handover, form)


def _act(request: HttpRequest, handover: Handover, word: str, form: AnswerForm) -> None:
    if word == "take":
        taken = handovers.take_over(handover=handover, by=request.user, **form.cleaned_data)
        messages.success(request, f"已接手 {taken.households} 户。")
        for why, number in (taken.kept or {}).items():
            messages.warning(request, f"{number} 户没有换：{why}。")
    elif word == "refuse":
        handovers.refuse(handover=handover, by=request.user, answer=form.cleaned_data["answer"])
        messages.success(request, "已回复不接手，户还在原联系人名下。")
    else:
        handovers.withdraw(handover=handover, by=request.user)
        messages.success(request, "已撤回。")


def _page(request: HttpRequest, handover: Handover, form: AnswerForm) -> HttpResponse:
    waiting = handover.stage == HandoverStage.PROPOSED
    mine = same_people({request.user.pk})
    households = handover.households.visible_to(request.user, *CASEWORK_ROLES).select_related("village")
    context = {
        "handover": handover,
        "households": households.in_village_order(),
        "form": form,
        "may_answer": waiting and handover.to_user_id in mine,
        "may_withdraw": waiting and handover.proposed_by_id in mine,
    }
    return render(request, "assistance/handover.html", context)


def _handover(request: HttpRequest, pk: UUID) -> Handover:
    return get_object_or_404(handovers.handovers_for(request.user), pk=pk)
