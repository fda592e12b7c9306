"""带动主体: households tied once, receipts in fen within the tie, sums that equal their lists, only one's own households."""

import datetime
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from assistance import entities
from assistance.models import Entity, EntityKind, Tie, TieKind, TieReceipt
from tests.assistance.test_posts import at_once

ONE_DAY = datetime.timedelta(days=1)
YUAN = 100


def key():
    return str(uuid.uuid4())


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def firm(place, staff):
    return entities.add_entity(
        by=staff.reviewer, region=place.town, kind=EntityKind.FIRM, name="青石菌业", idempotency_key=key()
    )


def tied(firm, family, by, today, kind=TieKind.LABOUR):
    return entities.tie(entity=firm, household=family, by=by, kind=kind, begun_on=today - 100 * ONE_DAY)


def test_what_each_household_received_adds_up(client, place, staff, make, firm, today):
    here, neighbour = make.household(place.village, "王大海"), make.household(place.neighbour, "冯桂香")
    first, second = tied(firm, here, staff.cadre, today), tied(firm, neighbour, staff.neighbour_cadre, today)
    entities.receive(bond=first, by=staff.cadre, amount=1_200_50, received_on=today, idempotency_key=key())
    entities.receive(bond=first, by=staff.cadre, amount=300_00, received_on=today - ONE_DAY, idempotency_key=key())
    entities.receive(bond=second, by=staff.reviewer, amount=77, received_on=today, idempotency_key=key())
    assert entities.received_by([first, second]) == {first.pk: 1_500_50, second.pk: 77}
    client.force_login(staff.reviewer)
    page = client.get(reverse("assistance:entity", args=[firm.pk]))
    assert page.context["total"] == sum(received for _tie, received in page.context["rows"]) == 1_501_27
    shown = entities.with_figures(entities.entities_for(staff.reviewer), staff.reviewer, today.year).get(pk=firm.pk)
    assert shown.households == 2
    client.force_login(staff.cadre)
    mine = client.get(reverse("assistance:entity", args=[firm.pk]))
    assert mine.context["total"] == 1_500_50
    assert "冯桂香" not in mine.content.decode()


def test_a_receipt_lies_within_the_tie_and_is_entered_once(place, staff, make, firm, today):
    bond = tied(firm, make.household(place.village), staff.cadre, today)
    for amount, day in ((0, today), (100, today + ONE_DAY), (100, today - 101 * ONE_DAY)):
        with pytest.raises(ValidationError):
            entities.receive(bond=bond, by=staff.cadre, amount=amount, received_on=day, idempotency_key=key())
    told = {"bond": bond, "by": staff.cadre, "amount": 100, "received_on": today, "idempotency_key": key()}
    assert [entities.receive(**told), entities.receive(**told)] == [True, False]
    with pytest.raises(ValidationError, match="还有收入"):
        entities.untie(bond=bond, by=staff.cadre, ended_on=today - ONE_DAY)
    entities.untie(bond=bond, by=staff.cadre, ended_on=today)
    with pytest.raises(ValidationError, match="已经结束"):
        entities.untie(bond=bond, by=staff.cadre, ended_on=today)
    receipt = TieReceipt.objects.get()
    entities.strike_receipt(receipt=receipt, by=staff.cadre, reason="录错户")
    with pytest.raises(ValidationError, match="删掉"):
        entities.strike_receipt(receipt=receipt, by=staff.cadre, reason="录错户")
    assert AuditEvent.objects.get(action="entity.strike_receipt").detail["received"] == "1"


def test_the_same_tie_stands_once_and_again_after_it_ended(place, staff, make, firm, today):
    family = make.household(place.village)
    bond = tied(firm, family, staff.cadre, today)
    with pytest.raises(ValidationError, match="没有重复登记"):
        tied(firm, family, staff.reviewer, today)
    tied(firm, family, staff.cadre, today, TieKind.SHARE)
    entities.untie(bond=bond, by=staff.cadre, ended_on=today - ONE_DAY)
    entities.tie(entity=firm, household=family, by=staff.cadre, kind=TieKind.LABOUR, begun_on=today)
    assert Tie.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_two_at_once_tie_a_household_once(place, staff, make, firm, today):
    family = make.household(place.village)
    assert at_once([lambda by=by: tied(firm, family, by, today) for by in (staff.cadre, staff.second_cadre)]) == [
        entities.TIED
    ]
    assert Tie.objects.count() == 1


def test_only_ones_own_households(client, place, staff, make, firm, today):
    family = make.household(place.village)
    for user in (staff.neighbour_cadre, staff.other_reviewer, staff.inspector):
        with pytest.raises(PermissionDenied):
            tied(firm, family, user, today)
    bond = tied(firm, family, staff.cadre, today)
    client.force_login(staff.neighbour_cadre)
    assert client.get(reverse("assistance:tie", args=[bond.pk])).status_code == 404
    assert client.post(reverse("assistance:tie-receive", args=[bond.pk]), {"amount": "1"}).status_code == 404
    sent = {"household": family.pk, "kind": "share", "begun_on": f"{today}"}
    assert client.post(reverse("assistance:entity", args=[firm.pk]), sent).status_code == 404
    client.force_login(staff.inspector)
    assert client.post(reverse("assistance:entity", args=[firm.pk]), sent).status_code == 200
    assert Tie.objects.count() == 1


def test_the_way_through_the_pages(client, place, staff, make, today):
    family = make.household(place.village, "王大海")
    client.force_login(staff.cadre)
    told = {"region": place.village.code, "kind": "leader", "name": "大棚老赵", "idempotency_key": key()}
    assert client.post(reverse("assistance:entity-new"), told).status_code == 302
    assert client.post(reverse("assistance:entity-new"), told).status_code == 302
    again = client.post(reverse("assistance:entity-new"), {**told, "idempotency_key": key()})
    assert "同名" in again.content.decode()
    url = reverse("assistance:entity", args=[Entity.objects.get().pk])
    assert family in client.get(url, {"q": "王大海"}).context["found"]
    nobody = client.post(f"{url}?q=王大海", {"kind": "order", "begun_on": f"{today}"}).content.decode()
    assert "请选一户" in nobody
    assert f'value="{family.pk}" checked' in nobody  # the only one that was found
    assert client.post(url, {"household": family.pk, "kind": "order", "begun_on": f"{today}"}).status_code == 302
    bond = Tie.objects.get()
    receipt = {"amount": "1,200.5", "received_on": f"{today}", "note": "卖菜", "idempotency_key": key()}
    assert client.post(reverse("assistance:tie-receive", args=[bond.pk]), receipt).status_code == 302
    assert "1,200.50" in client.get(reverse("assistance:tie", args=[bond.pk])).content.decode()
    one = TieReceipt.objects.get()
    strike = reverse("assistance:receipt-strike", args=[bond.pk, one.pk])
    assert client.post(strike, {"reason": ""}).status_code == 200
    assert client.post(strike, {"reason": "录错"}).status_code == 302
    assert client.post(reverse("assistance:tie-end", args=[bond.pk]), {"ended_on": f"{today}"}).status_code == 302
