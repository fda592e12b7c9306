"""The administrator's pages: add, move, disable people."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import services
from accounts.forms import EndForm, IdentityForm, MoveForm, PersonForm, PostingForm, accepted
from accounts.models import Posting, Region, User
from accounts.roles import Role, role_required

PER_PAGE = 20
admin_only = role_required(Role.SYSTEM_ADMIN)


@require_safe
@admin_only
def users(request: HttpRequest) -> HttpResponse:
    """People in the administrator's regions."""
    people = User.objects.visible_to(request.user).order_by("-is_active", "username")
    words, role = request.GET.get("q", "").strip(), request.GET.get("role", "")
    if words:
        people = people.filter(Q(name__contains=words) | Q(username__icontains=words) | Q(unit__contains=words))
    in_force = Posting.objects.in_force(timezone.localdate())
    if role in Role.values:
        people = people.filter(postings__in=in_force.filter(role=role)).distinct()
    people = people.prefetch_related(Prefetch("postings", in_force.select_related("region")))
    page = Paginator(people, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/users.html", {"page_obj": page, "q": words, "role": role, "roles": Role.choices})


@never_cache
@require_http_methods(["GET", "POST"])
@admin_only
def user_new(request: HttpRequest) -> HttpResponse:
    """Add a person with a first posting; the one-time password is shown once, on this answer only."""
    form = PersonForm(_regions(request), request.POST or None)
    if form.is_valid():
        try:
            person, password = services.add_person(by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            return render(request, "accounts/one_time_password.html", {"person": person, "password": password})
    return render(request, "accounts/user_form.html", {"form": form})


@require_safe
@admin_only
def user(request: HttpRequest, pk: int) -> HttpResponse:
    """One person, his postings past and present."""
    person = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    postings = Posting.objects.visible_to(request.user).filter(user=person).select_related("region", "on_behalf_of")
    today = timezone.localdate()
    return render(request, "accounts/user.html", {"person": person, "postings": postings, "today": today})


@never_cache
@require_http_methods(["GET", "POST"])
@admin_only
def user_identity(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whose account it is; the number that is typed is kept nowhere, so the box is always empty."""
    person = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    form = IdentityForm(request.POST or None)
    if form.is_valid():
        try:
            others = services.set_identity(by=request.user, person=person, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            same = f"他还有 {others} 个账号，两个人办的事只算一个人。" if others else "没有查到他的其他账号。"
            messages.success(
                request, f"已登记。{same}" if form.cleaned_data["identity_index"] else "已清除 1 人的登记。"
            )
            return redirect("accounts:user", pk=person.pk)
    title = "登记身份证号" if not person.identity_index else "重新登记身份证号（留空保存就是清除）"
    return render(request, "accounts/posting_form.html", {"form": form, "person": person, "title": title})


@require_http_methods(["GET", "POST"])
@admin_only
def posting_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a person one more posting."""
    person = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    form = PostingForm(_regions(request), request.POST or None)
    if form.is_valid() and accepted(
        form, lambda: services.add_posting(by=request.user, person=person, **form.cleaned_data)
    ):
        messages.success(request, f"已给{person}增加岗位。")
        return redirect("accounts:user", pk=person.pk)
    return render(request, "accounts/posting_form.html", {"form": form, "person": person, "title": "增加岗位"})


@require_http_methods(["GET", "POST"])
@admin_only
def posting_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a person to another region or role."""
    posting = get_object_or_404(Posting.objects.visible_to(request.user).select_related("user", "region"), pk=pk)
    form = MoveForm(_regions(request), request.POST or None, initial={"role": posting.role})
    if form.is_valid() and accepted(
        form, lambda: services.move_person(by=request.user, posting=posting, **form.cleaned_data)
    ):
        messages.success(request, f"{posting.user}已调动，原岗位在前一天结束。")
        return redirect("accounts:user", pk=posting.user_id)
    title = f"调动：从{posting}"
    return render(request, "accounts/posting_form.html", {"form": form, "person": posting.user, "title": title})


@require_http_methods(["GET", "POST"])
@admin_only
def posting_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a posting."""
    posting = get_object_or_404(Posting.objects.visible_to(request.user).select_related("user", "region"), pk=pk)
    form = EndForm(request.POST or None)
    if form.is_valid() and accepted(
        form, lambda: services.end_posting(by=request.user, posting=posting, **form.cleaned_data)
    ):
        return redirect("accounts:user", pk=posting.user_id)
    title = f"结束岗位：{posting}"
    return render(request, "accounts/posting_form.html", {"form": form, "person": posting.user, "title": title})


@never_cache
@require_POST
@admin_only
def user_reset(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a person a new one-time password."""
    person = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    try:
        password = services.reset_password(by=request.user, person=person)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
        return redirect("accounts:user", pk=person.pk)
    return render(request, "accounts/one_time_password.html", {"person": person, "password": password})


@require_POST
@admin_only
def user_activity(request: HttpRequest, pk: int) -> HttpResponse:
    """Disable a person, or enable him again."""
    person = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    active = request.POST.get("active") == "1"
    try:
        services.set_active(by=request.user, person=person, active=active)
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, f"{person}的账号已{'启用' if active else '停用'}。")
    return redirect("accounts:user", pk=person.pk)


def _regions(request: HttpRequest) -> Any:
    return Region.objects.visible_to(request.user, Role.SYSTEM_ADMIN)
