"""What the attacks on the policy's pages share: desks, a screening, a trial, a proposal, and two households apart."""

import datetime
import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from households.codes import RiskCause
from households.models import Household
from monitoring import screening, whatif
from monitoring.models import PolicyTrial, PolicyValue, Screening
from monitoring.parameters import propose_value
from tests.factories import Place, Staff
from tests.monitoring.surveyed import visit

ZAOZHUANG, SOURCE = "zaozhuang_2020", "某区文〔2021〕3号 第一条"
ONE_DAY = datetime.timedelta(days=1)
ILL = (RiskCause.ILLNESS,)
HEADS = ("王大海", "赵大山")


def key() -> str:
    return str(uuid.uuid4())


def sit(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(answer: Any) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def screened(region: Any, today: datetime.date, mode: str = "changed") -> Screening:
    asked = screening.request_screening(region=region, on=today, by=None, mode=mode, ring=False)
    screening.run(Screening.claim(asked.pk))
    return asked


def tried(place: Place, staff: Staff, today: datetime.date, **values: str) -> PolicyTrial:
    given = {"ruleset_code": ZAOZHUANG, "values": values or {"edge_line": "5600"}, "starts_on": today, "ring": False}
    trial = PolicyTrial.claim(whatif.request_trial(region=place.zone, by=staff.officer, **given).pk)
    whatif.run(trial)
    return trial


@pytest.fixture
def two_places(place, staff, make, today) -> tuple[Household, Household]:
    """A household in 北石桥 and one in 柳河, judged, and told in a digest of each village."""
    found = [
        make.household(village, head) for village, head in zip((place.village, place.other_village), HEADS, strict=True)
    ]
    for household in found:
        visit(household, staff.cadre, today, risks=ILL)
    screened(place.zone, today)
    return found[0], found[1]


def proposed(place: Place, by: Any, value: str = "5600", **given: Any) -> PolicyValue:
    return propose_value(
        region=place.zone, by=by, key="edge_line", value=value, starts_on=timezone.localdate(), source=SOURCE, **given
    )
