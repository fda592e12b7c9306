"""What is printed for declarations: the QR code of a village's page, the blank form, the answer to a family."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import Region
from monitoring.models import DeclarationPage
from monitoring.public.forms import CAUSES
from monitoring.public.qr import QRCode, qr_code

__all__ = [
    "QRCode",
    "causes_in_words",
    "declaration_address",
    "office_of",
    "progress_address",
    "public_address",
    "qr_code",
]


def public_address(request: HttpRequest, path: str) -> str:
    """The whole address of a public page: on the host of its own where there is one."""
    return f"{settings.PUBLIC_URL}{path}" if settings.PUBLIC_URL else request.build_absolute_uri(path)


def declaration_address(request: HttpRequest, page: DeclarationPage) -> str:
    """Where a village's people declare."""
    return public_address(request, reverse("public:declare", args=[page.token]))


def progress_address(request: HttpRequest) -> str:
    """Where somebody with a receipt asks."""
    return public_address(request, reverse("public:progress"))


def causes_in_words() -> list[str]:
    """The kinds of trouble, as the blank form lists them."""
    return [words for _code, words in CAUSES]


def office_of(village: Region) -> str:
    """Whose seal stands on an answer."""
    return village.office_name or village.name
