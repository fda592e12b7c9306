"""Leads: four sources, one open lead for a household, and what the people of a village do with it."""

import datetime
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accounts.models import AuditEvent, Posting
from accounts.roles import Role
from households import disclosure
from households.codes import RiskCause
from households.timeline import timeline
from monitoring import leads, leads_batch, screening, workdays
from monitoring.clues import clues
from monitoring.inbox import counts, todo
from monitoring.leads_list import my_leads, open_leads, rows_of, settled_leads
from monitoring.models import Assessment, Case, Lead, LeadEvidence, LeadSource, LeadState, Stage
from monitoring.workflow import open_case
from tests.monitoring.casework import surveyed
from tests.monitoring.surveyed import visit

DAY = datetime.timedelta(days=1)


@pytest.fixture
def family(place, make):
    return make.household(place.village, "王大海")


def reported(household, by, today, source=LeadSource.VISITED, **more):
    said = {"cause": RiskCause.ILLNESS, "words": "住院花了三万", **more}
    return leads.report(village=household.village, household=household, source=source, by=by, happened_on=today, **said)


def test_each_source_leaves_its_evidence_with_its_date(family, staff, today):
    for source in (LeadSource.DECLARED, LeadSource.VISITED, LeadSource.PUSHED):
        reported(family, staff.cadre, today - DAY, source, unit="区医保局" if source == LeadSource.PUSHED else "")
    lead = Lead.objects.get()
    assert [(one.source, one.happened_on) for one in lead.evidence.all()] == [
        (source, today - DAY) for source in ("declared", "visited", "pushed")
    ]


def test_a_household_has_one_open_lead_whatever_is_written(family, staff, today):
    reported(family, staff.cadre, today)
    with pytest.raises(IntegrityError), transaction.atomic():
        Lead.objects.create(household=family, village=family.village)


def test_what_a_family_said_is_not_readable_in_the_database(family, staff, today):
    reported(family, staff.cadre, today, words="得了重病")
    stored = LeadEvidence.objects.extra(select={"raw": "words"}).values_list("raw", flat=True)[0]
    assert stored.startswith("v1:")


def test_the_visit_is_due_after_the_days_of_the_rule_set(family, staff, today):
    lead = reported(family, staff.cadre, today)
    assert lead.due_on == workdays.add(today, 2, "工作日")


def test_a_date_to_come_and_one_of_years_ago_are_refused(family, staff, today):
    for day in (today + DAY, today - 400 * DAY):
        with pytest.raises(ValidationError, match="日期"):
            reported(family, staff.cadre, day)


def test_the_same_form_twice_is_one_piece_of_evidence(family, staff, today):
    key = str(uuid.uuid4())
    assert reported(family, staff.cadre, today, idempotency_key=key) == reported(
        family, staff.cadre, today, idempotency_key=key
    )
    assert LeadEvidence.objects.count() == 1


def test_another_village_cannot_report_assign_visit_or_close(family, place, staff, today):
    with pytest.raises(PermissionDenied):
        reported(family, staff.neighbour_cadre, today)
    lead = reported(family, staff.cadre, today)
    with pytest.raises(PermissionDenied):
        leads.assign(lead=lead, to=staff.cadre, by=staff.neighbour_cadre)
    with pytest.raises(PermissionDenied):
        leads.visit(lead=lead, by=staff.neighbour_cadre, visited_on=today, found="某事")
    with pytest.raises(PermissionDenied):
        leads.close(lead=lead, by=staff.neighbour_cadre, reason="income")
    assert not Lead.objects.visible_to(staff.neighbour_cadre).exists()


def test_the_district_assigns_and_does_not_close(family, staff, today):
    lead = reported(family, staff.officer, today, LeadSource.PUSHED, unit="区医保局")
    leads.assign(lead=lead, to=staff.cadre, by=staff.officer)
    with pytest.raises(PermissionDenied):
        leads.close(lead=lead, by=staff.officer, reason="income")
    assert list(my_leads(staff.cadre)) == [lead]


def test_a_lead_goes_to_people_of_its_village_only(family, place, staff, today):
    lead = reported(family, staff.cadre, today)
    assert {person.name for person in leads.people_of(place.village)} == {"张桂英", "赵有田", "周建设"}
    with pytest.raises(ValidationError, match="不在"):
        leads.assign(lead=lead, to=staff.neighbour_cadre, by=staff.reviewer)


def test_a_visit_is_written_down_and_the_lead_waits_no_longer(family, staff, today):
    lead = leads.visit(lead=reported(family, staff.cadre, today), by=staff.cadre, visited_on=today, found="报销了")
    assert (lead.found, lead.days_left, lead.state) == ("报销了", None, LeadState.OPEN)
    with pytest.raises(ValidationError, match="入户日期"):
        leads.visit(lead=lead, by=staff.cadre, visited_on=today - 3 * DAY, found="早了")


def test_a_lead_is_closed_once_and_the_second_person_is_told(family, staff, today):
    lead = reported(family, staff.cadre, today)
    seen = Lead.objects.get()
    leads.close(lead=lead, by=staff.cadre, reason="income")
    with pytest.raises(leads.AlreadyHandled, match="刚有人办过"):
        leads.close(lead=seen, by=staff.second_cadre, reason="settled")
    assert (lead.state, lead.settled_by) == (LeadState.CLOSED, staff.cadre)
    assert AuditEvent.objects.filter(action="lead.close").count() == 1


@pytest.mark.parametrize(
    ("reason", "note"), [("", ""), ("other", ""), ("nonsense", ""), ("other", "打 13800001234 问")]
)
def test_closing_asks_for_a_reason_that_a_family_may_read(family, staff, today, reason, note):
    lead = reported(family, staff.cadre, today)
    with pytest.raises(ValidationError):
        leads.close(lead=lead, by=staff.cadre, reason=reason, note=note)


def test_a_case_takes_its_leads_along_wherever_it_is_opened(family, place, make, staff, today):
    lead = reported(family, staff.cadre, today)
    case = leads.take_up(lead=lead, by=staff.cadre)
    lead.refresh_from_db()
    assert (lead.state, lead.case) == (LeadState.TAKEN_UP, case)
    assert case.events.get().note == f"线索：干部走访 {today:%m-%d} 因病"
    other = reported(make.household(place.village, "李四"), staff.cadre, today)
    opened = open_case(household=other.household, by=staff.reviewer, note="镇里要求关注")
    other.refresh_from_db()
    assert (other.state, other.case, other.settled_by) == (LeadState.TAKEN_UP, opened, staff.reviewer)


def test_the_words_of_a_family_do_not_go_into_the_case(family, staff, today):
    case = leads.take_up(lead=reported(family, staff.cadre, today, words="儿子出了车祸"), by=staff.cadre)
    assert "车祸" not in case.events.get().note


# ---- what the rules suggest, beside what people reported ----


def conclusion(household):
    return Assessment.objects.get(household=household, replaced_on=None)


def test_screening_writes_no_leads_and_both_stand_in_one_list(family, place, make, staff, today):
    surveyed(make.household(place.village, "李四"), staff.cadre)
    assert Lead.objects.count() == 0
    reported(family, staff.cadre, today)
    rows = rows_of([*open_leads(staff.cadre), *clues(staff.cadre)], staff.cadre)
    assert [(str(row.household), row.sources) for row in rows] == [("王大海户", ["干部走访"]), ("李四户", ["系统筛查"])]


def test_a_household_with_both_is_listed_once_with_what_the_rules_say(family, staff, today):
    surveyed(family, staff.cadre)
    reported(family, staff.cadre, today)
    assert clues(staff.cadre).count() == 0
    row = rows_of(open_leads(staff.cadre), staff.cadre)[0]
    assert row.explanation.outcome == "EDGE"


def test_a_closed_conclusion_is_not_asked_again_until_it_says_something_else(family, staff, today):
    surveyed(family, staff.cadre)
    lead = leads.store_conclusion(assessment=conclusion(family), by=staff.cadre)
    assert lead.evidence.get().outcome == "EDGE"
    leads.close(lead=lead, by=staff.cadre, reason="covered")
    assert clues(staff.cadre).count() == 0
    screening.assess_household(family, today)
    assert clues(staff.cadre).count() == 0
    visit(family, staff.cadre, today, risks=(RiskCause.ILLNESS, RiskCause.EDUCATION), wage=20_000_00)
    screening.assess_household(family, today)
    assert [clue.household for clue in clues(staff.cadre)] == [family]


def test_what_the_rules_said_when_another_lead_was_closed_is_not_asked_again_either(family, staff, today):
    surveyed(family, staff.cadre)
    leads.close(lead=reported(family, staff.cadre, today), by=staff.cadre, reason="settled")
    assert clues(staff.cadre).count() == 0
    assert {one.source for one in LeadEvidence.objects.all()} == {"visited", "screened"}


def test_a_conclusion_that_changed_while_the_page_stood_open_is_refused(family, staff, today):
    surveyed(family, staff.cadre)
    old = conclusion(family)
    visit(family, staff.cadre, today, wage=90_000_00)
    screening.assess_household(family, today)
    with pytest.raises(leads.AlreadyHandled, match="研判结论变了"):
        leads.store_conclusion(assessment=old, by=staff.cadre)


# ---- many at once ----


def test_many_are_closed_at_once_and_what_somebody_did_meanwhile_is_said(place, make, staff, today):
    families = [make.household(place.village, f"王{name}") for name in "甲乙丙"]
    stored = [reported(one, staff.cadre, today) for one in families[:2]]
    surveyed(families[2], staff.cadre)
    entries = [
        *(f"lead:{lead.pk}:{lead.version}" for lead in stored),
        f"clue:{conclusion(families[2]).pk}",
    ]
    picks = leads_batch.picked(staff.cadre, entries)
    leads.assign(lead=stored[0], to=staff.team, by=staff.reviewer)
    key = str(uuid.uuid4())
    outcome = leads_batch.close_many(picks=picks, by=staff.cadre, reason="income", note="", idempotency_key=key)
    assert (outcome.done, outcome.skipped) == (2, ["王甲户刚有人办过，没有重复提交，请刷新再看。"])
    assert settled_leads(staff.cadre).count() == 2
    again = leads_batch.close_many(picks=picks, by=staff.cadre, reason="income", note="", idempotency_key=key)
    assert again is None


def test_what_is_ticked_elsewhere_or_is_nonsense_is_left_out(place, make, staff, foreign_lead):
    entries = [f"lead:{foreign_lead.pk}:1", "lead:x:1", "clue:x", "clue:999999999999999999999", "", "lead", "x:y:z:1"]
    assert leads_batch.picked(staff.cadre, entries) == []


@pytest.fixture
def foreign_lead(place, make, staff):
    household = make.household(place.foreign_village, "外人")
    return Lead.objects.create(household=household, village=household.village)


# ---- work ----


def test_the_village_finds_leads_in_its_work_and_the_town_what_nobody_was_given(family, staff, today):
    lead = reported(family, staff.reviewer, today)
    for person in (staff.cadre, staff.team):
        assert [(item.kind, item.due) for item in todo(person)] == [("lead", lead.due_on)]
        assert counts(person)["ledgers:home"] == 1
    assert [item.title for item in todo(staff.reviewer)] == ["1 条线索还没分派"]
    leads.assign(lead=lead, to=staff.team, by=staff.reviewer)
    assert todo(staff.cadre) == []
    assert [item.kind for item in todo(staff.team)] == ["lead"]
    assert todo(staff.reviewer) == []


def test_a_household_in_a_case_can_have_a_lead_that_is_closed_as_such(family, staff, today):
    open_case(household=family, by=staff.cadre, note="某因")
    lead = reported(family, staff.cadre, today)
    with pytest.raises(ValidationError, match="已经在办"):
        leads.take_up(lead=lead, by=staff.cadre)
    leads.close(lead=lead, by=staff.cadre, reason="already")
    assert Case.objects.get().stage == Stage.WATCH


def test_the_town_is_told_of_leads_that_nobody_visited_by_their_day(family, staff, today):
    lead = leads.assign(lead=reported(family, staff.cadre, today), to=staff.cadre, by=staff.reviewer)
    Lead.objects.update(opened_on=today - 5 * DAY, due_on=today - DAY)
    assert [item.title for item in todo(staff.reviewer)] == ["1 条线索到期没有入户"]
    assert todo(staff.cadre)[0].overdue
    lead.refresh_from_db()
    leads.visit(lead=lead, by=staff.cadre, visited_on=today, found="看过了")
    assert todo(staff.reviewer) == []


def test_the_timeline_tells_of_a_lead_without_what_the_family_said(family, staff, today):
    lead = reported(family, staff.cadre, today, words="儿子出了车祸")
    leads.visit(lead=lead, by=staff.cadre, visited_on=today, found="已经报销")
    leads.close(lead=lead, by=staff.cadre, reason="settled")
    told = [(entry.title, entry.text) for entry in timeline(family)]
    assert ("线索：干部走访", "因病") in told
    assert ("线索入户核实", "已经报销") in told
    assert ("线索已核-无风险", "困难已经解决，报销或救助已到账") in told
    assert "车祸" not in str(told)


@pytest.mark.parametrize(
    ("note", "words"),
    [("电话一三八零零零零一二三四问过", "电话号码"), ("他患有尿毒症", "病情"), ("证件 370499196405170011", "身份证号")],
)
def test_a_reason_that_the_family_reads_names_no_number_and_no_illness(family, staff, today, note, words):
    lead = reported(family, staff.cadre, today)
    with pytest.raises(ValidationError, match=words):
        leads.close(lead=lead, by=staff.cadre, reason="other", note=note)
    lead.refresh_from_db()
    assert lead.state == LeadState.OPEN
    leads.close(lead=lead, by=staff.cadre, reason="other", note="人均收入 12,000 元，够线")


def test_who_may_go_to_several_villages_is_asked_once_whatever_their_number(place, staff, django_assert_num_queries):
    Posting.objects.create(user=staff.team, role=Role.VILLAGE_TEAM, region=place.neighbour, begins_on="2020-01-01")
    with django_assert_num_queries(1):
        assert leads.people_of(place.village, place.neighbour) == [staff.team]
    assert {person.name for person in leads.people_of(place.neighbour)} == {"周建设", "钱春生"}


def test_the_telephone_of_a_declaration_counts_with_the_numbers_shown_today(family, staff, today, monkeypatch):
    monkeypatch.setattr("households.disclosure.MOST_A_DAY", 2)
    lead = reported(family, staff.cadre, today)
    leads.reveal_phone(lead=lead, by=staff.cadre)
    disclosure.reveal(
        household=family, member=family.head, secret="id_number", reason="identity", note="", by=staff.cadre
    )
    with pytest.raises(ValidationError, match="今天已经显示过 2 次"):
        leads.reveal_phone(lead=lead, by=staff.cadre)
    leads.reveal_phone(lead=lead, by=staff.second_cadre)
