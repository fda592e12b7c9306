"""村内公示: what runs, a new one, its paper, objections; the public page; and the switch of the district."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Region
from accounts.roles import CASEWORK_ROLES, HOUSEHOLD_READERS, VILLAGE_ROLES, Role, role_required
from monitoring import notices
from monitoring.case_forms import FindingForm, NoticeForm, ObjectionForm
from monitoring.case_querysets import IN_GROUP_ORDER
from monitoring.models import Case, Notice, Objection, Stage
from monitoring.models.cases import NoticeQuerySet
from monitoring.views.meetings import village_with

POSTERS = (*VILLAGE_ROLES, Role.TOWN_REVIEWER)
PER_PAGE = 20
FIRST_NAMES = 3


def _visible(request: HttpRequest) -> NoticeQuerySet:
    return Notice.objects.visible_to(request.user).select_related("village__parent", "posted_by")


@require_safe
@role_required(*HOUSEHOLD_READERS)
def notice_list(request: HttpRequest) -> HttpResponse:
    """What waits to be posted, what runs, what is over, and what has objections."""
    listed = _visible(request).prefetch_related("objections")
    over = Paginator(listed.exclude(closed_on=None), PER_PAGE).get_page(request.GET.get("page"))
    due = Case.objects.visible_to(request.user, *POSTERS).filter(stage=Stage.NOTICE_DUE).select_related("village")
    waiting: dict[Region, int] = {}
    for case in due:
        waiting[case.village] = waiting.get(case.village, 0) + 1
    context = {
        "waiting": sorted(waiting.items(), key=lambda item: item[0].path),
        "running": [_line(notice) for notice in listed.filter(closed_on=None)],
        "over": [_line(notice) for notice in over],
        "page_obj": over,
        "may_post": request.user.holds(*POSTERS),
        "may_switch": request.user.holds(Role.DISTRICT_OFFICER),
    }
    return render(request, "monitoring/notices.html", context)


def _line(notice: Notice) -> dict:
    objections = list(notice.objections.all())
    return {
        "notice": notice,
        "first": notice.snapshot[:FIRST_NAMES],
        "countdown": notices.countdown(notice),
        "objections": len(objections),
        "open_objections": sum(objection.upheld is None for objection in objections),
    }


@require_http_methods(["GET", "POST"])
@role_required(*POSTERS)
def notice_new(request: HttpRequest) -> HttpResponse:
    """Choose households and days, look at the notice, post it."""
    village, villages, cases = village_with(request, Stage.NOTICE_DUE)
    form = NoticeForm(request.POST or None, village=village)
    ticked = set(request.POST.getlist("case")) if request.POST else {_entry(case) for case in cases}
    chosen = [case for case in cases if _entry(case) in ticked]
    confirming = form.is_valid() and bool(chosen)
    if confirming and "post" in request.POST and (notice := _posted(request, form, chosen)):
        return redirect("monitoring:notice", pk=notice.pk)
    context = {
        "village": village,
        "villages": villages,
        "form": form,
        "cases": [(case, _entry(case), _entry(case) in ticked) for case in cases],
        "preview": _preview(form, chosen) if confirming and form.is_valid() and "change" not in request.POST else None,
        "nothing_chosen": bool(request.POST) and not chosen,
    }
    return render(request, "monitoring/notice_new.html", context)


def _entry(case: Case) -> str:
    return f"{case.pk}:{case.version}"


def _posted(request: HttpRequest, form: NoticeForm, chosen: list[Case]) -> Notice | None:
    data = dict(form.cleaned_data)
    try:
        notice = notices.post(cases=chosen, by=request.user, **data)
    except ValidationError as fault:
        form.add_error(None, fault)
        return None
    messages.success(
        request, f"已登记公示 {len(notice.snapshot)} 户，公示到 {notice.ends_on:%m 月 %d 日}。请打印张贴。"
    )
    return notice


def _preview(form: NoticeForm, chosen: list[Case]) -> dict:
    data = form.cleaned_data
    days = (data["ends_on"] - data["starts_on"]).days + 1
    return {
        "rows": [notices.public_row(case) for case in chosen],
        "entries": [_entry(case) for case in chosen],
        "days": days,
    }


@require_safe
@role_required(*HOUSEHOLD_READERS)
def notice_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One notice: how far it is, its households, its objections, and what to do next."""
    notice = get_object_or_404(_visible(request), pk=pk)
    web = notices.web_notices_enabled(notice.village) and not notice.closed_on
    context = {
        **_line(notice),
        "cases": notice.cases.select_related("household").order_by(IN_GROUP_ORDER),
        "objection_list": notice.objections.select_related("case__household", "recorded_by").order_by("raised_on"),
        "standing": notice.cases.filter(stage=Stage.NOTICE).count(),
        "may_close": bool(request.user.posting_over(notice.village, *VILLAGE_ROLES)),
        "may_record": bool(request.user.posting_over(notice.village, *CASEWORK_ROLES)),
        "web_url": request.build_absolute_uri(reverse("monitoring:public-notice", args=[notice.token])) if web else "",
        "idempotency_key": uuid.uuid4(),
    }
    return render(request, "monitoring/notice.html", context)


@require_POST
@role_required(*VILLAGE_ROLES)
def notice_close(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The notice is over: its households go to the town."""
    notice = get_object_or_404(_visible(request), pk=pk)
    try:
        closed, stay = notices.close(
            notice=notice, by=request.user, idempotency_key=request.POST.get("idempotency_key", "")
        )
    except ValidationError as fault:
        messages.warning(request, fault.messages[0])
    else:
        if closed:
            messages.success(request, f"公示期满，{len(closed)} 户已报镇（街）认定。")
        for words in stay:
            messages.warning(request, words)
    return redirect("monitoring:notice", pk=notice.pk)


@require_safe
@role_required(*HOUSEHOLD_READERS)
def notice_print(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The notice for the board, A4, with full names."""
    notice = get_object_or_404(_visible(request), pk=pk)
    return render(request, "monitoring/notice_print.html", _paper(notice, masked=False))


def _paper(notice: Notice, *, masked: bool) -> dict:
    meeting_days = notice.cases.filter(meetings__recognised=True).values_list("meetings__held_on", flat=True)
    town = notice.village.lineage().get("town")
    return {
        **_line(notice),
        "rows": notice.snapshot,
        "masked": masked,
        "met_on": max(meeting_days, default=None),
        "town": town,
        "days": (notice.ends_on - notice.starts_on).days + 1,
    }


@require_http_methods(["GET", "POST"])
@role_required(*CASEWORK_ROLES)
def objection_new(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Write down an objection to a household on a running notice."""
    notice = get_object_or_404(_visible(request), pk=pk)
    cases = list(notice.cases.filter(stage=Stage.NOTICE).select_related("household"))
    form = ObjectionForm(request.POST or None, cases=cases)
    if form.is_valid():
        data = dict(form.cleaned_data)
        data["case"] = next(case for case in cases if str(case.pk) == data["case"])
        try:
            notices.record_objection(notice=notice, by=request.user, **data)
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(request, "异议已登记，核查完以前这一户不能报镇（街）。")
            return redirect("monitoring:notice", pk=notice.pk)
    return render(request, "monitoring/objection_new.html", {"notice": notice, "form": form, "cases": cases})


@require_http_methods(["GET", "POST"])
@role_required(*POSTERS)
def objection_settle(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Write down what was found; an objection that is right sends the household back to the meeting."""
    mine = Notice.objects.visible_to(request.user, *POSTERS)
    objections = Objection.objects.filter(notice__in=mine).select_related("case__household", "notice__village")
    objection = get_object_or_404(objections, pk=pk)
    form = FindingForm(request.POST or None)
    if form.is_valid():
        try:
            notices.settle_objection(objection=objection, by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            form.add_error(None, fault)
        else:
            messages.success(request, "核查结论已登记。")
            return redirect("monitoring:notice", pk=objection.notice_id)
    return render(request, "monitoring/objection_settle.html", {"objection": objection, "form": form})


@login_not_required
@require_safe
def public_notice(request: HttpRequest, token: str) -> HttpResponse:
    """What anybody with the address may see: masked names while the notice runs, and nothing afterwards."""
    try:
        notice = notices.public_notice(token)
    except notices.NoticeGone:
        return _unlisted(render(request, "monitoring/public_notice_over.html", status=410))
    if notice is None:
        raise Http404
    return _unlisted(render(request, "monitoring/public_notice.html", _paper(notice, masked=True)))


def _unlisted(response: HttpResponse) -> HttpResponse:
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "POST"])
@role_required(Role.DISTRICT_OFFICER)
def web_switch(request: HttpRequest) -> HttpResponse:
    """The district switches the public pages on or off; off by default."""
    mine = [one.region for one in request.user.postings_in_force() if one.role == Role.DISTRICT_OFFICER]
    if request.method == "POST":
        district = next((region for region in mine if str(region.pk) == request.POST.get("district")), None)
        if district is None:
            raise PermissionDenied
        on = request.POST.get("switch") == "on"
        if notices.switch_web_notices(district=district, by=request.user, on=on):
            messages.success(request, f"{district}网上公示已{'开通' if on else '关闭'}。")
        return redirect("monitoring:web-switch")
    return render(request, "monitoring/web_switch.html", {"districts": mine, "today": timezone.localdate()})
