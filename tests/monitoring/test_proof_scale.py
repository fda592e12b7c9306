"""Thousands of generated cases are clean, and one damaged among them is found.

PROOF_HOUSEHOLDS=42000 makes 50,400 cases of them: the second cases of those who were removed are counted too.
"""

import os

import pytest

from accounts.roles import Role
from monitoring.models import Ballot, Case, CaseKind, Stage
from monitoring.proof import prove
from tests.factories import add_user
from tests.support.casebook import Casebook

HOUSEHOLDS = int(os.environ.get("PROOF_HOUSEHOLDS", "2000"))


@pytest.mark.timeout(900)
def test_thousands_of_cases_are_clean_and_one_damaged_case_is_found(place, staff):
    Casebook(place.village, staff, add_user("officer2", "韩东", Role.DISTRICT_OFFICER, place.zone)).write(HOUSEHOLDS)
    proof = prove()
    assert proof.faults == []
    assert sum(proof.cases.values()) > HOUSEHOLDS
    case = Case.objects.filter(stage=Stage.REGISTERED, kind=CaseKind.DESIGNATION, source="procedure").order_by("-pk")[0]
    Ballot.objects.filter(case=case).delete()
    near = Case.objects.filter(pk__gte=case.pk)
    assert {(fault.key, fault.code) for fault in prove(near).faults} == {(case.pk, "meeting")}
