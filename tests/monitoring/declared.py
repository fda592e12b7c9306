"""A district that takes declarations by QR code, and a form as a villager sends it."""

import uuid
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import Region
from monitoring import leads_intake
from monitoring.models import DeclarationPage
from tests.factories import Place, Staff, invented_id

PHONE = "13800001234"
TAIL = PHONE[-4:]


def switch_on(place: Place, staff: Staff) -> DeclarationPage:
    """The page of the village, after the district has switched declarations on."""
    place.zone.refresh_from_db()
    leads_intake.switch(district=place.zone, by=staff.officer, on=True)
    return DeclarationPage.objects.get(village=place.village)


def page_of(village: Region) -> DeclarationPage:
    """The village's page."""
    return DeclarationPage.objects.get(village=village)


def filled_in(**given: Any) -> dict[str, Any]:
    """Four texts and two choices."""
    return {
        "name": "王大海",
        "phone": PHONE,
        "id_number": invented_id(),
        "difficulty": "老伴住院花了三万多，地里没人种",
        "group": "",
        "cause": "illness",
        "form_key": str(uuid.uuid4()),
        **given,
    }


def declare(page: DeclarationPage, client: Client | None = None, **given: Any) -> str:
    """Send the form; the receipt number without its spaces."""
    answer = (client or Client()).post(reverse("public:declare", args=[page.token]), filled_in(**given))
    assert answer.status_code == 200, answer.status_code
    return str(answer.context["receipt"]).replace(" ", "")


def ask(receipt: str, tail: str = TAIL, client: Client | None = None, **more: Any) -> Any:
    """Ask what has become of it."""
    return (client or Client()).post(reverse("public:progress"), {"receipt": receipt, "phone_tail": tail}, **more)
