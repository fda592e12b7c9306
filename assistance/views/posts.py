"""公益岗位: the posts, who is offered a place and who has one, the months, and wages that did not come."""

import datetime
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import accepted
from accounts.models import Region
from accounts.roles import CASEWORK_ROLES, HOUSEHOLD_READERS, OFFICE_ROLES, role_required
from assistance import post_candidates, post_months, posts
from assistance.models import OfferAnswer, Post, PostOffer
from assistance.post_forms import AttendForm, CloseForm, LeaveForm, OfferForm, PayForm, PostForm, RefuseForm, TakeForm
from assistance.post_months import Fault
from assistance.views.found import no_whole_number
from households.models import Member

casework = role_required(*CASEWORK_ROLES)
readers = role_required(*HOUSEHOLD_READERS)
FIRST_SHOWN = 20
PER_PAGE = 50


@require_safe
@readers
def post_list(request: HttpRequest) -> HttpResponse:
    """The posts of the person's regions and of those above, with their places."""
    today = timezone.localdate()
    rows = posts.with_places(posts.posts_for(request.user), today).order_by("region__path", "title", "pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    for post in page:
        post.free = max(0, post.places - post.held - post.waiting)
        post.over = post.closes_on is not None and post.closes_on < today
    return render(
        request, "assistance/posts.html", {"page_obj": page, "may_write": request.user.holds(*CASEWORK_ROLES)}
    )


@require_http_methods(["GET", "POST"])
@casework
def post_new(request: HttpRequest) -> HttpResponse:
    """Enter a post."""
    regions = Region.objects.visible_to(request.user, *CASEWORK_ROLES).order_by("path")
    form = PostForm(regions, request.POST or None)
    if form.is_valid() and accepted(form, lambda: posts.open_post(by=request.user, **form.cleaned_data)):
        messages.success(request, "已登记 1 个岗位。")
        return redirect("assistance:posts")
    return render(request, "assistance/post_new.html", {"form": form})


@require_safe
@readers
@no_whole_number
def post_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One post: who has a place, who is offered one, who comes first for the next."""
    return _post_page(request, _post(request, pk))


@require_POST
@casework
def post_offer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Offer a place to one of the list."""
    post, form = _post(request, pk), OfferForm(request.POST)
    if form.is_valid() and accepted(form, lambda: _offer(request, post, form)):
        return redirect("assistance:post", pk=pk)
    return _post_page(request, post, offering=form)


@require_POST
@casework
def post_close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Offer it to nobody any more."""
    post, form = _post(request, pk), CloseForm(request.POST)
    if form.is_valid() and accepted(form, lambda: posts.close_post(post=post, by=request.user, **form.cleaned_data)):
        messages.success(request, "已停这个岗位，在岗的人做到协议期满。")
        return redirect("assistance:post", pk=pk)
    return _post_page(request, post, closing=form)


@require_safe
@readers
def place(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One person's place with its months, or the offer that waits for an answer."""
    return _place_page(request, _offer_of(request, pk))


@require_POST
@casework
def place_step(request: HttpRequest, pk: UUID, step: str) -> HttpResponse:
    """He begins, he does not want it, he leaves, a month is noted, a month is paid."""
    if step not in STEPS:
        raise Http404("没有这一步。")
    offer = _offer_of(request, pk, CASEWORK_ROLES)
    form = _forms(offer, request.POST)[step]
    if form.is_valid() and accepted(form, lambda: STEPS[step](offer, request, form)):
        messages.success(request, TOLD[step])
        return redirect("assistance:place", pk=pk)
    return _place_page(request, offer, **{step: form})


@require_safe
@readers
def wages(request: HttpRequest) -> HttpResponse:
    """Months without attendance, without wage, not in full, or late; as many as the number says."""
    found = post_months.faulty(request.user, timezone.localdate(), *HOUSEHOLD_READERS)
    asked = request.GET.get("fault", Fault.UNPAID.value)
    rows = [month for month, fault in found if fault == asked]
    tabs = [(fault.value, fault.label, sum(one == fault for _month, one in found)) for fault in Fault]
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "assistance/wages.html", {"page_obj": page, "tabs": tabs, "asked": asked})


def _post(request: HttpRequest, pk: UUID) -> Post:
    return get_object_or_404(posts.posts_for(request.user), pk=pk)


def _offer_of(request: HttpRequest, pk: UUID, roles: tuple[Any, ...] = HOUSEHOLD_READERS) -> PostOffer:
    rows = PostOffer.objects.visible_to(request.user, *roles)
    at_hand = rows.select_related("post__region", "member__household__village", "delivery", "entered_by")
    return get_object_or_404(at_hand, pk=pk)


def _offer(request: HttpRequest, post: Post, form: OfferForm) -> None:
    mine = Member.objects.visible_to(request.user, *CASEWORK_ROLES).select_related("household__village")
    member = get_object_or_404(mine, pk=form.cleaned_data["member"])
    monitored = post_candidates.is_monitored(member.household, timezone.localdate())
    told = {name: form.cleaned_data[name] for name in ("reason", "idempotency_key")}
    if posts.offer_place(post=post, member=member, by=request.user, monitored=monitored, **told):
        messages.success(request, f"已给{member.name}留了 1 个名额，等他答复。")


def _post_page(
    request: HttpRequest, post: Post, offering: OfferForm | None = None, closing: CloseForm | None = None
) -> HttpResponse:
    today, words = timezone.localdate(), request.GET.get("q", "").strip()[:40]
    may_write = request.user.holds(*CASEWORK_ROLES)
    seen = PostOffer.objects.visible_to(request.user).filter(post=post)
    offers = list(seen.select_related("member__household__village", "delivery").order_by("-offered_on", "pk"))
    first = post_candidates.candidates(post, request.user, today) if may_write else []
    context = {
        "post": post,
        "held": posts.holders(post, today).count(),
        "free": posts.free_places(post, today),
        "is_over": post.closes_on is not None and post.closes_on < today,
        "there": [one for one in offers if one.answer == OfferAnswer.TAKEN and not _gone(one)],
        "waiting": [one for one in offers if one.answer == OfferAnswer.OPEN],
        "gone": [one for one in offers if one.answer == OfferAnswer.REFUSED or _gone(one)],
        "candidates": first[:FIRST_SHOWN],
        "candidate_count": len(first),
        "others": post_candidates.others(post, request.user, words, today) if words and may_write else [],
        "q": words,
        "may_write": may_write,
        "offering": offering,
        "closing": closing or CloseForm(initial={"closes_on": today}),
        "may_close": request.user.posting_over(post.region, *CASEWORK_ROLES) is not None,
    }
    return render(request, "assistance/post.html", context)


def _gone(offer: PostOffer) -> bool:
    ended = offer.delivery.ended_on if offer.delivery else None
    return offer.answer == OfferAnswer.TAKEN and bool((ended and ended < timezone.localdate()) or offer.member.left_on)


def _place_page(request: HttpRequest, offer: PostOffer, **typed: Any) -> HttpResponse:
    today, village = timezone.localdate(), offer.member.household.village
    taken = offer.answer == OfferAnswer.TAKEN
    months = post_months.months_of(offer, today) if taken else []
    may_write = request.user.posting_over(village, *CASEWORK_ROLES) is not None
    context = {
        "offer": offer,
        "months": months,
        "may_write": may_write,
        "is_open": offer.answer == OfferAnswer.OPEN,
        "is_there": taken and not _gone(offer),
        "may_pay": any(one.may_be_paid for one in months) and request.user.posting_over(village, *OFFICE_ROLES),
        **{name: typed.get(name, form) for name, form in _forms(offer, None).items()},
    }
    return render(request, "assistance/place.html", context)


def _forms(offer: PostOffer, typed: Any) -> dict[str, Any]:
    return {
        "take": TakeForm(offer, typed, auto_id="take_%s"),
        "refuse": RefuseForm(typed, auto_id="refuse_%s"),
        "leave": LeaveForm(typed, auto_id="leave_%s"),
        "attend": AttendForm(typed, auto_id="attend_%s", initial={"month": _next_month(offer)}),
        "pay": PayForm(offer, typed, auto_id="pay_%s"),
    }


def _next_month(offer: PostOffer) -> datetime.date | None:
    """The first month of which nobody has noted the attendance."""
    months = post_months.months_of(offer, timezone.localdate()) if offer.delivery else []
    return next((month.first for month in reversed(months) if month.kept is None), None)


STEPS: dict[str, Callable[[PostOffer, HttpRequest, Any], Any]] = {
    "take": lambda offer, request, form: posts.take_place(offer=offer, by=request.user, **form.cleaned_data),
    "refuse": lambda offer, request, form: posts.refuse_place(offer=offer, by=request.user, **form.cleaned_data),
    "leave": lambda offer, request, form: posts.leave_place(offer=offer, by=request.user, **form.cleaned_data),
    "attend": lambda offer, request, form: post_months.attend(offer=offer, by=request.user, **form.cleaned_data),
    "pay": lambda offer, request, form: post_months.pay(by=request.user, **form.cleaned_data),
}
TOLD = {
    "take": "已上岗，帮扶措施里也登记了。",
    "refuse": "已登记不愿意，名额空出来了。",
    "leave": "已登记离岗，名额第二天空出来。",
    "attend": "已记考勤。",
    "pay": "已登记工资。",
}
