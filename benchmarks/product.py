"""The product on the demonstration district: 2,000 households screened, their ledger written, the main pages shown."""

import tempfile
from collections.abc import Callable
from io import StringIO
from pathlib import Path

from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Region, User
from benchmarks.timing import benchmark
from households.models import Household

ZONE = "370490000000"
OFFICER = "qu1"


def silently(command: str, *arguments: str) -> None:
    """Run a management command without its output."""
    call_command(command, *arguments, stdout=StringIO())


def load() -> None:
    """The demonstration, once."""
    if not Household.objects.exists():
        silently("load_demo")


@benchmark("screening, one household of a zone", limit=0.02)
def screening() -> tuple[Callable[[], object], int]:
    load()
    today = timezone.localdate().isoformat()
    households = Household.objects.in_regions([Region.objects.by_code(ZONE)]).count()
    return lambda: silently("rescreen", "--region", ZONE, "--on", today), households


@benchmark("ledger of a zone, the whole workbook", limit=30)
def ledger() -> tuple[Callable[[], object], int]:
    load()
    file = Path(tempfile.mkdtemp()) / "ledger.xlsx"
    today = timezone.localdate().isoformat()
    return lambda: silently("export_ledger", "--region", ZONE, "--on", today, "--out", str(file)), 1


def page(name: str) -> tuple[Callable[[], object], int]:
    """One page as the district's officer sees it."""
    load()
    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.get(username=OFFICER), backend="django.contrib.auth.backends.ModelBackend")
    address = reverse(name)

    def show() -> None:
        answer = client.get(address)
        assert answer.status_code == 200, f"{address}: {answer.status_code}"

    return show, 1


@benchmark("page, home of the district", limit=2)
def home() -> tuple[Callable[[], object], int]:
    return page("ledgers:dashboard")


@benchmark("page, list of households", limit=2)
def household_list() -> tuple[Callable[[], object], int]:
    return page("households:list")
