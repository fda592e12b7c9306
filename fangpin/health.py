"""One address that says the server is up."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def ping(request: HttpRequest) -> HttpResponse:
    """Answers ok while the server answers at all; asks nothing of the database."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")
