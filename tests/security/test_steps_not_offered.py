"""A step that is offered to nobody is sent all the same: nothing happens, and it is said in a sentence."""

import uuid

import pytest
from django.test import Client

from monitoring.models import Case, Stage
from monitoring.steps import STEPS
from tests.monitoring.noticed import at  # noqa: F401

FORGED = {
    "stage": "registered", "decided_on": "2020-01-01", "by": "1", "at": "2020-01-01", "meeting": "1", "notice": "1",
    "visitors": "1", "policy": "1", "evidence": "1", "village": "1",
}  # fmt: skip
STAGES = (Stage.WATCH, Stage.SURVEY, Stage.NOTICE_DUE, Stage.NOTICE, Stage.TOWN, Stage.DISTRICT, Stage.REGISTERED)


DESKS = ("cadre", "reviewer", "officer", "neighbour_cadre", "clerk")


@pytest.mark.parametrize("stage", STAGES)
def test_a_step_from_another_place_is_refused_with_a_sentence(at, staff, stage):  # noqa: F811
    case = at(stage)
    for desk in DESKS:
        client = Client()
        client.force_login(getattr(staff, desk))
        for step in STEPS:
            if stage in step.sources:
                continue
            typed = {
                "version": case.version,
                "note": "试试",
                "main_risk": "illness",
                "idempotency_key": str(uuid.uuid4()),
            }
            answer = client.post(f"/cases/{case.pk}/{step.name}/", typed | FORGED)
            assert answer.status_code in (302, 403, 404, 409), (desk, step.name, answer.status_code)
    kept = Case.objects.get(pk=case.pk)
    assert (kept.stage, kept.version, kept.decided_on) == (case.stage, case.version, case.decided_on)
