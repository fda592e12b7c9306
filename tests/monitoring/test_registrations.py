"""返贫、新致贫: into 建档立卡 by the procedure where the rule set has one, without a limit on numbers."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from households.codes import HouseholdType, MonitorClass
from monitoring import meetings, notices, registrations
from monitoring.models import Assessment, Case, CaseKind, Notice, NoticeKind, PolicyValue, Stage
from monitoring.policy.rulesets import ruleset
from monitoring.workflow import take
from tests.monitoring.casework import let_it_run_out, surveyed


def taking(place, staff, code):
    """The zone takes a rule set."""
    PolicyValue.objects.create(
        region=place.zone, ruleset=code, key="ruleset", value=code, starts_on=datetime.date(2020, 10, 1), source="某文",
        proposed_by=staff.officer, confirmed_by=staff.foreign_officer, confirmed_at=timezone.now(),
    )  # fmt: skip


@pytest.fixture
def family(place, staff, make):
    return surveyed(make.household(place.village, "何守田"), staff.cadre)


def walk(case, staff, today):
    case = take("complete_survey", case=case, by=staff.cadre)
    sitting = meetings.Sitting(today, "村部", 24, 21, "主任主持，会计记录。", "张三", "李四")
    vote = meetings.Vote(case, case.version, 20, 1, 0, True)
    case = meetings.record_meeting(by=staff.cadre, sitting=sitting, votes=[vote])[0]
    notices.post(cases=[case], by=staff.cadre, starts_on=today, ends_on=today + datetime.timedelta(days=9))
    notices.close(notice=let_it_run_out(Notice.objects.get(cases=case)), by=staff.cadre)
    case = take("endorse", case=Case.objects.get(pk=case.pk), by=staff.reviewer, main_risk="illness")
    return take("acknowledge", case=case, by=staff.officer)


@pytest.mark.parametrize("code", ["hubei_2020", "xinbei_2020", "luan_2019"])
def test_the_household_is_registered_as_poor_when_the_district_has_confirmed_it(place, staff, family, today, code):
    taking(place, staff, code)
    case = registrations.open_registration(household=family, by=staff.cadre, note="户主重病，一年没有收入")
    assert (case.stage, case.monitor_class) == (Stage.SURVEY, MonitorClass.EDGE)
    done = walk(case, staff, today)
    assert done.stage == Stage.DONE
    assert done.notices.get().kind == NoticeKind.REGISTRATION
    family.refresh_from_db()
    assert family.household_type == HouseholdType.REGISTERED_POOR
    assert family.type_since == today
    assert family.type_source == next(
        step.source for step in ruleset(code).procedure.path("registration") if step.stage == "district"
    )
    assert family.facts.get(replaced_on=None).household_type == HouseholdType.REGISTERED_POOR


@pytest.mark.parametrize("code", ["zaozhuang_2020", "national_2021"])
def test_where_the_rule_set_has_no_such_path_a_sentence_says_so(place, staff, family, at_desk, code):
    taking(place, staff, code)
    with pytest.raises(ValidationError, match="没有返贫、新致贫纳入建档立卡的程序"):
        registrations.open_registration(household=family, by=staff.cadre, note="某因")
    page = at_desk(staff.cadre).get(reverse("monitoring:registration-open", args=[family.pk]))
    assert "没有返贫、新致贫纳入建档立卡的程序" in page.content.decode()
    assert "发起核实 1 户" not in page.content.decode()


def test_a_reason_is_asked_for_only_where_the_rules_suspect_nothing(place, staff, family):
    taking(place, staff, "hubei_2020")
    with pytest.raises(ValidationError, match="请写明是怎么发现的"):
        registrations.open_registration(household=family, by=staff.cadre, note=" ")
    flags = [flag.code for flag in ruleset("hubei_2020").flags]
    standing = Assessment.objects.filter(household=family, replaced_on=None)
    standing.update(ruleset="hubei_2020", flag_bits=1 << flags.index("POOR_SUSPECT"))
    assert registrations.is_suspected(family)
    registrations.open_registration(household=family, by=staff.cadre, note="")


def test_it_goes_on_beside_a_designation_and_stands_once(place, staff, family):
    taking(place, staff, "hubei_2020")
    for _time in range(2):
        if _time:
            with pytest.raises(ValidationError):
                registrations.open_registration(household=family, by=staff.cadre, note="某因")
        else:
            registrations.open_registration(household=family, by=staff.cadre, note="某因")
    assert Case.objects.filter(household=family, kind=CaseKind.REGISTRATION).count() == 1


def test_only_village_and_town_begin_and_not_for_who_is_registered(place, staff, family):
    taking(place, staff, "hubei_2020")
    for desk in (staff.officer, staff.inspector, staff.neighbour_cadre):
        with pytest.raises(PermissionDenied):
            registrations.open_registration(household=family, by=desk, note="某因")
    type(family).objects.filter(pk=family.pk).update(household_type=HouseholdType.REGISTERED_POOR)
    with pytest.raises(ValidationError, match="已经是未脱贫建档立卡户"):
        registrations.open_registration(household=family, by=staff.cadre, note="某因")


def test_there_is_no_limit_on_numbers(place, staff, make):
    taking(place, staff, "hubei_2020")
    for number in range(30):
        household = make.household(place.village, f"户主{number}")
        registrations.open_registration(household=household, by=staff.cadre, note="受灾")
    assert Case.objects.filter(kind=CaseKind.REGISTRATION).count() == 30
