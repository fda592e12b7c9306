"""凭证 of a measure: put there by who works for the household, shown to who reads it, kept when a list is taken back."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, User
from assistance.models import Delivery, DeliveryPaper
from households.models import Attachment, AttachmentKind
from tests.assistance.department_lists import civil_affairs, line_of, undone, upload, written
from tests.assistance.test_visits import photo
from tests.factories import Make, Place, Staff
from tests.ledgers.conftest import give

pytestmark = pytest.mark.usefixtures("db")
__all__ = ["civil_affairs"]


@pytest.fixture
def measure(place: Place, make: Make) -> Delivery:
    """家庭医生 of a household of the village."""
    return give(make.household(place.village), "family_doctor")


def address(measure: Delivery) -> str:
    return reverse("assistance:delivery-papers", args=[measure.household_id, measure.pk])


def add(client: Client, user: User, measure: Delivery, key: str, *files: Any) -> Any:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client.post(address(measure), {"idempotency_key": key, "files": list(files)})


def test_a_paper_stands_with_the_measure_and_with_the_household_once(
    client: Client, measure: Delivery, staff: Staff
) -> None:
    key = str(uuid.uuid4())
    for _click in range(2):
        assert add(client, staff.cadre, measure, key, photo()).status_code == 302
    assert add(client, staff.team, measure, str(uuid.uuid4()), photo()).status_code == 302  # the same photo
    paper = DeliveryPaper.objects.get()
    assert (paper.attachment.kind, paper.attachment.household) == (AttachmentKind.EVIDENCE, measure.household)
    assert AuditEvent.objects.filter(action="assistance.add_papers").count() == 2
    page = client.get(address(measure)).content.decode()
    assert reverse("households:attachment", args=[paper.attachment_id]) in page
    tab = client.get(reverse("households:assistance", args=[measure.household_id])).content.decode()
    assert "凭证 1" in tab


def test_what_is_no_photo_is_refused_with_a_sentence(client: Client, measure: Delivery, staff: Staff) -> None:
    file = photo(name="a.pdf")
    file.file.seek(0)
    file.file.write(b"MZ no photo")
    file.file.seek(0)
    answer = add(client, staff.cadre, measure, str(uuid.uuid4()), file)
    assert answer.status_code == 200
    assert answer.context["form"].errors["files"]
    assert not Attachment.objects.exists()


def test_who_only_reads_sees_them_and_adds_none(client: Client, measure: Delivery, staff: Staff) -> None:
    assert add(client, staff.inspector, measure, str(uuid.uuid4()), photo()).status_code == 403
    page = client.get(address(measure))
    assert (page.status_code, "上传凭证" in page.content.decode()) == (200, False)
    assert add(client, staff.neighbour_cadre, measure, str(uuid.uuid4()), photo()).status_code == 404
    assert add(client, staff.clerk, measure, str(uuid.uuid4()), photo()).status_code == 403
    assert not DeliveryPaper.objects.exists()


def test_a_measure_with_a_paper_stays_when_its_list_is_taken_back(
    client: Client, place: Place, make: Make, staff: Staff, civil_affairs: User
) -> None:
    head = make.household(place.village).members.get(relation="户主")
    batch = written(upload(civil_affairs, place.zone, [line_of(head)]), civil_affairs)
    measure = Delivery.objects.get(member=head)
    assert add(client, staff.cadre, measure, str(uuid.uuid4()), photo()).status_code == 302  # locked, and yet proved
    assert undone(batch, civil_affairs).counts["undone"] == {"restored": 0, "deleted": 0, "kept": 1}
    measure.refresh_from_db()
    assert (measure.is_locked, measure.papers.count()) == (False, 1)
