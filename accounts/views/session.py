"""Log in, log out, change the password, and one's own page."""

from axes.decorators import axes_dispatch
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import audit, services
from accounts.forms import DelegationForm, LoginForm, PasswordForm


@axes_dispatch
@sensitive_post_parameters()
@never_cache
@login_not_required
@require_http_methods(["GET", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """Check account and password; five failures lock for a quarter of an hour."""
    target = _safe_target(request)
    if request.user.is_authenticated:
        return redirect(target)
    form = LoginForm(request.POST or None)
    if form.is_valid():
        user = authenticate(request, **form.cleaned_data)
        if user is not None:
            login(request, user)
            audit.record(action="session.login", actor=user)
            return redirect(target)
        if not getattr(request, "axes_locked_out", False):
            form.add_error(None, "账号或密码不对。连续输错 5 次，这个账号要等 15 分钟。")
    return render(request, "accounts/login.html", {"form": form, "next": target})


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    audit.record(action="session.logout", actor=request.user)
    logout(request)
    return redirect("accounts:login")


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Choose a new password; other sessions of the person end."""
    form = PasswordForm(request.user, request.POST or None)
    if form.is_valid():
        services.change_own_password(by=request.user, password=form.cleaned_data["new"])
        update_session_auth_hash(request, request.user)
        messages.success(request, "密码已修改，下次用新密码登录。")
        return redirect("accounts:me")
    return render(request, "accounts/password.html", {"form": form})


@require_http_methods(["GET", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """One's own postings, and handing one of them to a colleague for a leave."""
    form = DelegationForm(request.user, request.POST or None)
    if form.is_valid():
        try:
            stand_in = services.delegate(by=request.user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, f"已委托 {stand_in.user}，到 {stand_in.ends_on:%Y-%m-%d} 为止。")
            return redirect("accounts:me")
    given = request.user.delegations.select_related("user", "region").order_by("-begins_on")[:10]
    return render(request, "accounts/me.html", {"form": form, "given": given})


def _safe_target(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else "/"
