"""Forms for what changes a family."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.roles import CASEWORK_ROLES, role_required
from households import codes
from households.event_forms import EVENT_FORMS, EventForm
from households.life_events import record_life_event
from households.listing import live_case
from households.models import Household
from households.register import StaleHousehold
from households.register_forms import GuardForm
from households.views.writing import conflict, writable

Kind = codes.LifeEventKind
MOST_FOUND = 20
CLOSING = (Kind.CLOSED, Kind.MERGED)  # a household ends: its case, where it has one, does not end by itself
# What the button says, and what follows; the page says it before anything is written.
WORDS = {
    Kind.DEATH: ("登记去世", "这个人从家庭成员里去掉，以前的记录都保留。"),
    Kind.MARRIED_OUT: ("登记婚出", "这个人从本户去掉；到了新的户，由那边办婚入。"),
    Kind.MOVED_OUT: ("登记迁出", "这个人从本户去掉；全家都迁走的，请办整户注销。"),
    Kind.HEAD_CHANGED: ("更换户主", "各人与户主的关系跟着换，推算不出的记“其他”，请核对。"),
    Kind.SPLIT: ("分户", "选中的人成为新的一户，还在本村；原户其他人不变。"),
    Kind.MERGED: ("并户", "那一户的人都并到本户，那一户注销。"),
    Kind.CLOSED: ("注销这一户", "全家从在册农户里去掉，以前的记录都保留，以后不能再改。"),
}


@require_safe
@role_required(*CASEWORK_ROLES)
def life_events(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Choose what has happened."""
    household = writable(request, pk)
    leaving = [(kind, kind.label) for kind in (Kind.DEATH, Kind.MARRIED_OUT, Kind.MOVED_OUT)]
    arriving = [(kind, kind.label) for kind in (Kind.BIRTH, Kind.MARRIED_IN, Kind.MOVED_IN)]
    whole = [(Kind.HEAD_CHANGED, "更换户主"), (Kind.SPLIT, "分户"), (Kind.MERGED, "并户"), (Kind.CLOSED, "整户注销")]
    context = {"household": household, "leaving": leaving, "arriving": arriving, "whole": whole}
    return render(request, "households/life_events.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*CASEWORK_ROLES)
def life_event(request: HttpRequest, pk: UUID, kind: str) -> HttpResponse:
    """Record one event of the family."""
    if kind not in EVENT_FORMS:
        raise Http404
    household = writable(request, pk)
    absorbed = _absorbed(request, household) if kind == Kind.MERGED else None
    if kind == Kind.MERGED and absorbed is None:
        return _choose_household(request, household)
    guard = GuardForm.for_page(request.POST, household.version)
    form = EVENT_FORMS[kind](request.POST or None, household=household, absorbed=absorbed)
    if form.is_valid():
        try:
            done = record_life_event(kind=kind, household=household, by=request.user, **form.details(), **guard.taken())
        except StaleHousehold:
            return conflict(request, household, WORDS[Kind(kind)][0], _both_sides(household, form, kind))
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(request, f"已{WORDS[Kind(kind)][0]}。请核对家庭成员和与户主的关系。")
            return redirect("households:members", pk=done.pk if isinstance(done, Household) else household.pk)
    context = {"household": household, "absorbed": absorbed, "form": form, "guard": guard, "kind": kind}
    context["live_case"] = live_case(absorbed or household) if kind in CLOSING else None
    return render(request, "households/life_event.html", {**context, "words": WORDS[Kind(kind)]})


def _others(request: HttpRequest, household: Household) -> Any:
    rows = Household.objects.visible_to(request.user, *CASEWORK_ROLES).present()
    return rows.select_related("village").exclude(pk=household.pk)


def _absorbed(request: HttpRequest, household: Household) -> Household | None:
    """The other household of a merge, if it has been chosen."""
    asked = request.GET.get("other")
    if not asked:
        return None
    try:
        return get_object_or_404(_others(request, household), pk=UUID(asked))
    except ValueError as fault:
        raise Http404 from fault


def _choose_household(request: HttpRequest, household: Household) -> HttpResponse:
    """Find the household that comes, by name or number."""
    words = request.GET.get("q", "").strip()
    found = _others(request, household).matching(words).in_village_order()[:MOST_FOUND] if words else []
    return render(request, "households/merge_find.html", {"household": household, "q": words, "found": found})


def _both_sides(household: Household, form: EventForm, kind: str) -> list[dict[str, str]]:
    """The family as it is now, beside the event that was typed."""
    names = "、".join(f"{member.name}（{member.relation}）" for member in household.members.present().head_first())
    details = form.details()
    people = [details.get(name) for name in ("member", "new_head", "absorbed")]
    about = "、".join(str(person) for person in people if person)
    typed = f"{WORDS[Kind(kind)][0]} {about} {details['happened_on']:%Y-%m-%d}"
    return [{"label": "家庭成员", "stored": names, "typed": typed}]
