"""The worklist of the national system as a workbook: who may take it out, masked or whole, and what is in it."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.jobs import JobState
from accounts.models import AuditEvent, User
from households.models import Household
from ledgers.models import Export, ExportKind
from ledgers.tasks import produce_export
from monitoring import national_entry
from monitoring.models import Case
from tests.factories import Make, Place
from tests.ledgers.conftest import designate


def ask(client: Client, user: User, region: Any, **changes: Any) -> Any:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    typed = {"region": region.code, "purpose": "", "idempotency_key": str(uuid.uuid4()), **changes}
    return client.post(reverse("ledgers:national-export"), typed)


def opened(export: Export) -> Any:
    produce_export(str(export.pk))
    export.refresh_from_db()
    assert export.state == JobState.DONE, export.message
    return load_workbook(export.path)


def rows(page: Any) -> list[dict[str, Any]]:
    head, *rest = page.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rest]


@pytest.fixture
def household(place: Place, make: Make) -> Household:
    """One that was just designated, with a name that a spreadsheet would calculate."""
    home = make.household(place.village, "=1+2", phone="13800001234")
    designate(home)
    return home


def test_masked_it_has_both_sheets_in_the_order_of_the_form_with_names_and_codes(
    client, place, staff, household
) -> None:
    assert ask(client, staff.reviewer, place.town).status_code == 302
    book = opened(Export.objects.get())
    home, people = rows(book["户信息"])[0], rows(book["人员信息"])
    assert (home["要办什么"], home["监测对象类别"], home["致贫返贫风险1代码"]) == (
        "要新录",
        "边缘易致贫户",
        "100A27001",
    )
    assert home["户联系电话"] == "138****1234"
    assert [one["与户主关系"] for one in people] == ["户主", "配偶", "之子"]
    assert people[0]["性别代码"] == "1"
    assert "*" in people[0]["证件号码"]
    cell = next(cell for row in book["人员信息"].iter_rows(min_row=2) for cell in row if cell.value == "=1+2")
    assert cell.data_type == "s"


def test_whole_numbers_want_a_purpose_an_office_and_leave_a_trace(client, place, staff, household) -> None:
    ask(client, staff.reviewer, place.town, full_ids="on")
    assert not Export.objects.exists()
    ask(client, staff.reviewer, place.town, full_ids="on", purpose="录入国家系统")
    export = Export.objects.get()
    assert export.kind == ExportKind.NATIONAL
    numbers = {one["证件号码"] for one in rows(opened(export)["人员信息"])}
    assert numbers == {member.id_number for member in household.members.all()}
    assert client.get(reverse("ledgers:export-file", args=[export.pk])).status_code == 200
    assert set(AuditEvent.objects.filter(action__startswith="ledger.").values_list("action", flat=True)) == {
        "ledger.request", "ledger.make", "ledger.fetch",
    }  # fmt: skip
    assert "国家系统录入清单" in client.get(reverse("ledgers:export-detail", args=[export.pk])).content.decode()


@pytest.mark.parametrize(
    ("desk", "status"), [("cadre", 403), ("inspector", 403), ("clerk", 403), ("foreign_officer", 404)]
)
def test_other_desks_take_nothing_out(client, place, staff, household, desk, status) -> None:
    assert ask(client, getattr(staff, desk), place.town).status_code == status
    assert not Export.objects.exists()


def test_what_was_ticked_is_not_in_it_and_an_empty_list_says_so(client, place, staff, household) -> None:
    case = Case.objects.get()
    sheet = next(national_entry.sheets([case]))
    national_entry.tick(
        case=case, by=staff.reviewer, keyed_on=timezone.localdate(),
        digest=national_entry.prints_of(sheet).digest,
    )  # fmt: skip
    ask(client, staff.reviewer, place.town)
    assert opened(Export.objects.get())["户信息"]["C1"].value == "没有要录的户"
