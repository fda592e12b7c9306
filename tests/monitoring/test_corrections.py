"""Mending the register: a reason and a second person; nothing else changes what stands."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from accounts import services
from accounts.models import AuditEvent, Posting
from accounts.roles import Role
from assistance.models import Helper
from monitoring.corrections import propose_correction, settle_correction
from monitoring.models import Case, Correction, Stage
from tests.monitoring.casework import bring, surveyed


@pytest.fixture
def case(place, staff, make) -> Case:
    """On the register, recognised today, 因病."""
    household = surveyed(make.household(place.village), staff.cadre)
    return bring(household, Stage.REGISTERED, village=staff.cadre, town=staff.reviewer, district=staff.officer)


def propose(case: Case, by, **given) -> Correction:
    return propose_correction(
        case=case, by=by, **{"field": "main_risk", "new": "disability", "reason": "残疾证刚办下来", **given}
    )


@pytest.mark.parametrize(
    ("field", "new"), [("main_risk", "disability"), ("monitor_class", "relapse"), ("decided_on", "2020-03-01")]
)
def test_a_second_person_puts_a_correction_in_force(case, staff, field, new):
    correction = propose(case, staff.reviewer, field=field, new=new)
    before = Case.objects.get(pk=case.pk)
    assert str(getattr(before, field)) != new
    settle_correction(correction=correction, by=staff.officer, accept=True)
    after = Case.objects.get(pk=case.pk)
    assert str(getattr(after, field)) == new
    assert after.version == before.version + 1
    assert after.events.first().step == "correct"
    assert "残疾证刚办下来" in after.events.first().note
    assert AuditEvent.objects.filter(action="case.correct", actor=staff.officer).count() == 1


def test_the_contact_is_corrected_in_the_app_that_keeps_it(case, staff, today):
    Helper.objects.create(
        household=case.household, name="赵某", unit="某局", begun_on=today - datetime.timedelta(days=30)
    )
    correction = propose(case, staff.reviewer, field="contact", new={"name": "钱某", "unit": "区农业农村局"})
    assert correction.old == {"name": "赵某", "unit": "某局"}
    settle_correction(correction=correction, by=staff.officer, accept=True)
    assert Helper.objects.get(household=case.household, ended_on=None).name == "钱某"


def test_nobody_settles_his_own_correction(case, staff):
    correction = propose(case, staff.reviewer)
    with pytest.raises(ValidationError, match="另一位同事"):
        settle_correction(correction=correction, by=staff.reviewer, accept=True)


def test_nor_who_stands_in_for_the_proposer(case, place, staff):
    correction = propose(case, staff.reviewer)
    Posting.objects.create(
        user=staff.second_reviewer, role=Role.TOWN_REVIEWER, region=place.town, begins_on=datetime.date(2020, 1, 1),
        on_behalf_of=staff.reviewer,
    )  # fmt: skip
    with pytest.raises(ValidationError, match="另一位同事"):
        settle_correction(correction=correction, by=staff.second_reviewer, accept=True)


def test_nor_the_colleague_for_whom_it_was_proposed(case, staff, today):
    services.delegate(
        by=staff.reviewer, posting=staff.reviewer.postings.get(), deputy=staff.other_reviewer, begins_on=today,
        ends_on=today,
    )  # fmt: skip
    correction = propose(case, staff.other_reviewer)
    with pytest.raises(ValidationError, match="另一位同事"):
        settle_correction(correction=correction, by=staff.reviewer, accept=True)
    settle_correction(correction=correction, by=staff.officer, accept=True)


@pytest.mark.parametrize(
    "desk", ["cadre", "inspector", "admin", "clerk", "other_reviewer", "foreign_officer", "unposted"]
)
def test_only_town_or_district_of_the_place_settles(case, staff, desk):
    correction = propose(case, staff.reviewer)
    with pytest.raises(PermissionDenied):
        settle_correction(correction=correction, by=getattr(staff, desk), accept=True)


def test_a_correction_that_is_refused_changes_nothing(case, staff):
    settle_correction(correction=propose(case, staff.cadre), by=staff.reviewer, accept=False)
    assert Case.objects.get(pk=case.pk).main_risk == "illness"


def test_a_correction_is_settled_once(case, staff):
    correction = propose(case, staff.cadre)
    settle_correction(correction=correction, by=staff.reviewer, accept=False)
    with pytest.raises(ValidationError, match="没有重复办理"):
        settle_correction(correction=correction, by=staff.officer, accept=True)
    assert Case.objects.get(pk=case.pk).main_risk == "illness"


def test_one_correction_for_a_field_at_a_time(case, staff):
    propose(case, staff.cadre)
    with pytest.raises(ValidationError, match="等复核"):
        propose(case, staff.reviewer, new="accident")


def test_a_value_that_changed_meanwhile_is_not_overwritten(case, staff):
    correction = propose(case, staff.cadre)
    Case.objects.filter(pk=case.pk).update(main_risk="accident")
    with pytest.raises(ValidationError, match="又变了"):
        settle_correction(correction=correction, by=staff.reviewer, accept=True)
    assert Correction.objects.get(pk=correction.pk).accepted is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"reason": " "}, "更正原因"),
        ({"new": "illness"}, "和原来一样"),
        ({"new": "no such"}, "下拉菜单"),
        ({"field": "decided_on", "new": "9999-99-99"}, "要填日期"),
        ({"field": "decided_on", "new": "2999-01-01"}, "不能晚于今天|晚于今天"),
        ({"field": "contact", "new": {"name": "钱某", "unit": ""}}, "姓名和单位"),
        ({"field": "stage", "new": "closed"}, "不能这样更正"),
    ],
)
def test_what_cannot_be_is_refused(case, staff, given, words):
    with pytest.raises(ValidationError, match=words):
        propose(case, staff.reviewer, **given)


def test_only_a_designated_household_is_corrected(place, staff, make):
    household = surveyed(make.household(place.village), staff.cadre)
    waiting = bring(household, Stage.TOWN, village=staff.cadre, town=staff.reviewer, district=staff.officer)
    with pytest.raises(ValidationError, match="已经认定"):
        propose(waiting, staff.reviewer)
