"""What the pages that write the register have in common: who may, and what happens when somebody else was first."""

import uuid
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.roles import CASEWORK_ROLES
from households.models import Household

NOT_REPEATED = ("csrfmiddlewaretoken", "version", "idempotency_key", "absorbed_version")
SECRET_BOXES = ("phone", "id_text", "head-phone", "head-id_text")


def writable(request: HttpRequest, pk: UUID) -> Household:
    """A present household in a region where the person has casework to do; else 404."""
    rows = Household.objects.visible_to(request.user, *CASEWORK_ROLES).present()
    return get_object_or_404(rows.select_related("village__parent"), pk=pk)


def conflict(request: HttpRequest, household: Household, title: str, rows: list[dict[str, str]]) -> HttpResponse:
    """409: what is stored now beside what was typed, and the choice between them. Nothing has been written."""
    household.refresh_from_db()
    repeated = [(name, value) for name, values in request.POST.lists() if name not in NOT_REPEATED for value in values]
    context = {
        "household": household,
        "title": title,
        "rows": rows,
        "repeated": repeated,
        "version": household.version,
        "idempotency_key": str(uuid.uuid4()),
        "last_event": household.life_events.select_related("recorded_by").order_by("-recorded_at").first(),
    }
    return render(request, "households/conflict.html", context, status=409)


def two_versions(form: Any, stored: Any) -> list[dict[str, str]]:
    """Each box of a model form that differs from what is stored: its label, what is stored, and what was typed."""
    rows = []
    for name in form.fields:
        if name in SECRET_BOXES:
            if form.cleaned_data.get(name) and form[name].value():
                rows.append({"label": form[name].label, "stored": "（打星保存）", "typed": "（改为您填的号码）"})
            continue
        old, new = getattr(stored, name, None), form.cleaned_data.get(name)
        if hasattr(stored, name) and old != new:
            field = form.fields[name]
            rows.append({"label": form[name].label, "stored": shown(field, old), "typed": shown(field, new)})
    return rows


def shown(field: Any, value: Any) -> str:
    """A value as people read it: the label of a choice, 是 or 否, or 没有填."""
    if value in (None, "", []):
        return "没有填"
    if isinstance(value, bool):
        return "是" if value else "否"
    labels = dict(getattr(field, "choices", ()) or ())
    values = value if isinstance(value, list) else [value]
    return "、".join(str(labels.get(one, one)) for one in values)
