"""村内公示: the list by tabs, a new one, its papers and photos, its end, its correction; and the switch of the district."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import put_on
from accounts.models import User
from accounts.roles import CASEWORK_ROLES, HOUSEHOLD_READERS, VILLAGE_ROLES, Role, role_required
from monitoring import notices
from monitoring.case_querysets import IN_GROUP_ORDER
from monitoring.leads_paper import public_address
from monitoring.models import Case, Notice, NoticeKind, Stage
from monitoring.models.notices import NoticeQuerySet
from monitoring.notices_calendar import DayRule
from monitoring.notices_forms import NoticeForm, PhotoForm
from monitoring.notices_list import DISPUTED, DUE, RUNNING, TABS, Due, in_tab, line_of, lines, tab_counts, waiting_for
from monitoring.notices_sheet import PublicRow, public_rows, sheet_of
from monitoring.objections import soonest_first, why_not
from monitoring.public.qr import qr_code
from monitoring.steps import AT_VILLAGE_OR_TOWN
from monitoring.views.meetings import village_with

PER_PAGE = 20
MOST_PRINTED = 60
FOOT = "扫码核对公示内容。公示期满后网页自动撤下。"


def visible(request: HttpRequest, *roles: Role) -> NoticeQuerySet:
    """The notices of the person's villages."""
    found = Notice.objects.visible_to(request.user, *roles)
    return found.select_related("village__parent", "town", "posted_by", "corrects")


def _first_tab(user: User, mine: NoticeQuerySet, waiting: list[Due]) -> str:
    """Offices look into objections, which are what the menu counts for them; villages post."""
    if not user.works_in_village and in_tab(mine, DISPUTED).exists():
        return DISPUTED
    return DUE if waiting else RUNNING


@require_safe
@role_required(*HOUSEHOLD_READERS)
def notice_list(request: HttpRequest) -> HttpResponse:
    """What waits to be posted, what hangs, what is over, what is disputed: a tab each."""
    mine, waiting = Notice.objects.visible_to(request.user), waiting_for(request.user)
    tab = request.GET.get("tab") or _first_tab(request.user, mine, waiting)
    tab = tab if tab in dict(TABS) else RUNNING
    page = Paginator(in_tab(mine, tab), PER_PAGE).get_page(request.GET.get("page")) if tab != DUE else None
    context = {
        "tab": tab,
        "tabs": tab_counts(mine, waiting),
        "waiting": waiting,
        "lines": lines(in_tab(mine, tab).filter(pk__in=[one.pk for one in page])) if page is not None else [],
        "page_obj": page,
        "may_switch": request.user.holds(Role.DISTRICT_OFFICER),
        "may_record": request.user.holds(*CASEWORK_ROLES),
        "may_photograph": request.user.holds(*AT_VILLAGE_OR_TOWN),
    }
    return render(request, "monitoring/notices.html", context)


@require_http_methods(["GET", "POST"])
@role_required(*AT_VILLAGE_OR_TOWN)
def notice_new(request: HttpRequest, *, result: bool = False) -> HttpResponse:
    """Choose households and days, look at the notice, post it; ``result`` announces what was decided."""
    village, villages, waiting = village_with(request, Stage.ANNOUNCE if result else Stage.NOTICE_DUE)
    cases = _of_kind(waiting, request.GET.get("kind", ""))
    ticked = set(request.POST.getlist("case")) if request.POST else {_entry(case) for case in cases}
    chosen = [case for case in cases if _entry(case) in ticked]
    form = NoticeForm(request.POST or None, village=village, cases=chosen or cases)
    confirming = form.is_valid() and bool(chosen) and len(chosen) == len(ticked)
    if confirming and "post" in request.POST and (notice := _posted(request, form, chosen)):
        return redirect("monitoring:notice", pk=notice.pk)
    context = {
        "village": village,
        "villages": villages,
        "form": form,
        "kind": notices.kind_for(cases) if cases else None,
        "kinds": _kinds(waiting),
        "cases": [(case, _entry(case), _entry(case) in ticked) for case in cases],
        "preview": _preview(form, chosen) if confirming and form.is_valid() and "change" not in request.POST else None,
        "nothing_chosen": bool(request.POST) and not chosen,
        "some_gone": bool(chosen) and len(chosen) < len(ticked),
    }
    return render(request, "monitoring/notice_new.html", context)


def _kinds(cases: list[Case]) -> list[NoticeKind]:
    """What these cases need, each kind once."""
    return sorted({notices.kind_for([case]) for case in cases})


def _of_kind(cases: list[Case], asked: str) -> list[Case]:
    """Those of the kind asked for; of the first kind that is there, when none was."""
    kinds = _kinds(cases)
    kind = asked if asked in kinds else kinds[0] if kinds else ""
    return [case for case in cases if notices.kind_for([case]) == kind]


def _entry(case: Case) -> str:
    return f"{case.pk}:{case.version}"


def _posted(request: HttpRequest, form: NoticeForm, chosen: list[Case]) -> Notice | None:
    data = dict(form.cleaned_data)
    try:
        notice = notices.post(cases=chosen, by=request.user, **data)
    except ValidationError as fault:
        put_on(form, fault)
        return None
    messages.success(
        request,
        f"已登记{notice.number}，{len(notice.snapshot)} 户，到 {notice.ends_on:%m 月 %d 日}。请打印张贴。",
    )
    return notice


def _preview(form: NoticeForm, chosen: list[Case]) -> dict[str, Any]:
    data = form.cleaned_data
    result = chosen[0].stage == Stage.ANNOUNCE
    rule = notices.LEAST if result else notices.rule_for(chosen, chosen[0].village, data["starts_on"])
    days = len(rule.counted(data["starts_on"], data["ends_on"]))
    return {
        "rows": public_rows(chosen),
        "entries": [_entry(case) for case in chosen],
        "length": DayRule(days, rule.unit, rule.counts_first_day).length,
        "result": result,
    }


@require_safe
@role_required(*HOUSEHOLD_READERS)
def notice_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One notice: how far it is, its households, photos and objections, and what to do next."""
    notice = get_object_or_404(visible(request), pk=pk)
    cases = _in_order(
        notice, list(notice.cases.select_related("household").prefetch_related("objections").order_by(IN_GROUP_ORDER))
    )
    objections = notice.objections.select_related("case__household", "investigator", "notice__village")
    standing = {case.pk for case in cases if case.stage == Stage.NOTICE}
    disputed = {case.pk for case in cases if any(one.upheld is None for one in case.objections.all())}
    context = {
        "line": line_of(notice),
        "notice": notice,
        "cases": [(case, _changed(notice, case, row)) for case, row in zip(cases, public_rows(cases), strict=True)],
        "objection_list": [
            (one, one.upheld is None and not why_not(one, request.user))
            for one in objections.order_by(*soonest_first())
        ],
        "standing": len(standing),
        "disputed": len(standing & disputed),
        "ready": len(standing - disputed),
        "may_close": bool(request.user.posting_over(notice.village, *VILLAGE_ROLES)),
        "may_post": bool(request.user.posting_over(notice.village, *AT_VILLAGE_OR_TOWN)),
        "may_record": notice.waits and bool(request.user.posting_over(notice.village, *CASEWORK_ROLES)),
        "fallen": notices.fallen_back(Notice.objects.filter(pk=notice.pk)).get(notice, []),
        "web_url": _web_address(request, notice),
        "photos": notice.photos.newest_first(),
        "idempotency_key": uuid.uuid4(),
    }
    return render(request, "monitoring/notice.html", context)


def _in_order(notice: Notice, cases: list[Case]) -> list[Case]:
    """As they stand on the notice."""
    places = {key: place for place, key in enumerate(notice.row_cases)}
    return sorted(cases, key=lambda case: places.get(str(case.pk), len(places)))


def _changed(notice: Notice, case: Case, row: PublicRow) -> bool:
    """Whether the household is no longer as it was posted: split, merged, another head, closed."""
    if case.stage != Stage.NOTICE or str(case.pk) not in notice.row_cases:
        return False
    posted = notice.snapshot[notice.row_cases.index(str(case.pk))]
    return bool(case.household.closed_on) or posted != vars(row)


def _web_address(request: HttpRequest, notice: Notice) -> str:
    """Where everybody may read it; empty where the district has the pages off, or when it is over."""
    if notice.closed_on or not notices.web_notices_enabled(notice.village):
        return ""
    return public_address(request, reverse("public:notice", args=[notice.token]))


@require_POST
@role_required(*VILLAGE_ROLES)
def notice_close(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The notice is over: its households go to the town."""
    notice = get_object_or_404(visible(request), pk=pk)
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
    notice = get_object_or_404(visible(request), pk=pk)
    return render(
        request, "monitoring/notice_print.html", {"papers": [_paper(request, notice)], "title": notice.number}
    )


@require_safe
@role_required(*HOUSEHOLD_READERS)
def notices_print(request: HttpRequest) -> HttpResponse:
    """Every notice that hangs now, a sheet each."""
    hanging = in_tab(visible(request), RUNNING)[:MOST_PRINTED]
    papers = [_paper(request, notice) for notice in hanging]
    return render(request, "monitoring/notice_print.html", {"papers": papers, "title": f"公示中 {len(papers)} 张"})


def _paper(request: HttpRequest, notice: Notice) -> dict[str, Any]:
    address = _web_address(request, notice)
    return {
        "sheet": sheet_of(notice, masked=False),
        "code": qr_code(address, level="m") if address else None,
        "foot": FOOT,
    }


@require_http_methods(["GET", "POST"])
@role_required(*AT_VILLAGE_OR_TOWN)
def notice_photo(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Photos of the notice on its board."""
    notice = get_object_or_404(visible(request, *AT_VILLAGE_OR_TOWN), pk=pk)
    form = PhotoForm(request.POST, request.FILES) if request.method == "POST" else PhotoForm()
    if form.is_valid():
        try:
            kept = notices.add_photos(notice=notice, files=form.cleaned_data["files"], by=request.user)
        except ValidationError as fault:
            form.add_error("files", fault)
        else:
            messages.success(request, f"已上传 {kept} 张张贴照片。")
            return redirect("monitoring:notice", pk=notice.pk)
    return render(request, "monitoring/notice_photo.html", {"notice": notice, "form": form})


@require_http_methods(["GET", "POST"])
@role_required(*AT_VILLAGE_OR_TOWN)
def notice_correct(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """撤销更正: the households that were posted and did not go on, and one button."""
    notice = get_object_or_404(visible(request, *AT_VILLAGE_OR_TOWN), pk=pk)
    if request.method == "POST":
        try:
            key = request.POST.get("idempotency_key", "")
            posted = notices.correct(notice=notice, by=request.user, idempotency_key=key)
        except ValidationError as fault:
            messages.warning(request, fault.messages[0])
            return redirect("monitoring:notice", pk=notice.pk)
        messages.success(request, f"更正公告{posted.number}已登记，请打印张贴。")
        return redirect("monitoring:notice", pk=posted.pk)
    fallen = notices.fallen_back(Notice.objects.filter(pk=notice.pk)).get(notice, [])
    rows = zip(fallen, public_rows(fallen), strict=True)
    context = {"notice": notice, "rows": list(rows), "idempotency_key": uuid.uuid4()}
    return render(request, "monitoring/notice_correct.html", context)


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
