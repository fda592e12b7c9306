"""verify_cases: what went by the book is clean, and every kind of damage is found and named."""

import datetime
import io

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils import timezone

from accounts.identity_numbers import digest_of
from accounts.models import Posting, User
from accounts.roles import Role
from households.models import Survey
from monitoring.models import (
    Assessment,
    Ballot,
    Case,
    CaseEvent,
    CaseKind,
    CaseSource,
    Meeting,
    Notice,
    Objection,
    PinnedProcedure,
    Reinstatement,
    Removal,
    Stage,
)
from monitoring.policy.rulesets import ruleset
from monitoring.proof import prove
from tests.factories import add_user, invented_id
from tests.support.casebook import Casebook

MANY = 100


@pytest.fixture
def book(place, staff):
    """A hundred households as the services would have left them, with every fate among them."""
    second = add_user("officer2", "韩东", Role.DISTRICT_OFFICER, place.zone)
    Casebook(place.village, staff, second).write(MANY)
    return second


def one(**wanted):
    """One case of that kind."""
    return Case.objects.filter(**{"kind": CaseKind.DESIGNATION, "source": CaseSource.PROCEDURE, **wanted}).order_by(
        "pk"
    )[0]


def registered():
    """A household on the register by the procedure that was never off it."""
    return Case.objects.filter(stage=Stage.REGISTERED, source="procedure", reinstatements=None).order_by("pk")[0]


def removal():
    """A removal that is done, of a household that is still off the register."""
    return Case.objects.filter(kind=CaseKind.REMOVAL, about__stage=Stage.REMOVED).order_by("pk")[0]


def event(case, step):
    return CaseEvent.objects.filter(case=case, step=step)


def test_what_went_by_the_book_is_clean(book):
    proof = prove()
    assert proof.faults == []
    assert sum(proof.cases.values()) == MANY + 20
    assert {Stage.REGISTERED, Stage.REMOVED, Stage.DONE, Stage.NOTICE_DUE, Stage.TOWN} <= set(proof.cases)


def test_the_command_prints_the_counts_and_ends_well(book):
    told = io.StringIO()
    call_command("verify_cases", stdout=told)
    assert "核验通过" in told.getvalue()
    assert f"共 {MANY + 20} 户" in told.getvalue()


def test_the_command_names_the_case_and_fails(book):
    case, told = registered(), io.StringIO()
    event(case, "meeting_recognise").delete()
    with pytest.raises(CommandError, match="核验没有通过"):
        call_command("verify_cases", stdout=told)
    assert f"{case.pk} 缺少“民主评议”这一步。" in told.getvalue()


# ---- each kind of damage ----


def no_step(case):
    event(case, "meeting_recognise").delete()
    return "missing"


def no_record(case):
    CaseEvent.objects.filter(case=case).delete()
    return "opening"


def other_opening(case):
    event(case, "open").update(step="correct", from_stage="watch")
    return "opening"


def jumped_over_the_notice(case):
    event(case, "meeting_recognise").update(to_stage=Stage.TOWN)
    event(case, "post_notice").delete()
    event(case, "close_notice").delete()
    return "target"


def steps_in_another_order(case):
    event(case, "endorse").update(at=F("at") - datetime.timedelta(days=13))
    return "gap"


def a_stage_set_by_hand(case):
    Case.objects.filter(pk=case.pk).update(stage=Stage.TOWN)
    return "stage"


def a_role_that_may_not(case):
    event(case, "endorse").update(by=User.objects.get(username="inspector"))
    return "role"


def posted_only_since(case):
    reviewer = User.objects.get(username="reviewer2")
    Posting.objects.filter(user=reviewer).update(begins_on=timezone.localdate())
    event(case, "endorse").update(by=reviewer)
    return "role"


def posted_elsewhere(case):
    event(case, "endorse").update(by=User.objects.get(username="other_reviewer"))
    return "role"


def nobody_acted(case):
    event(case, "endorse").update(by=None)
    return "actor"


def in_two_capacities(case):
    cadre = User.objects.get(username="cadre")
    Posting.objects.create(
        user=cadre, role=Role.TOWN_REVIEWER, region=case.village.parent, begins_on=datetime.date(2020, 1, 1)
    )
    event(case, "endorse").update(by=cadre)
    return "capacity"


def through_a_second_account(case):
    User.objects.filter(username__in=("cadre", "reviewer2")).update(identity_index=digest_of(invented_id()))
    event(case, "endorse").update(by=User.objects.get(username="reviewer2"))
    return "capacity"


def who_surveyed_decides(case):
    Survey.objects.filter(pk=case.survey_id).update(entered_by=User.objects.get(username="reviewer"))
    return "capacity"


def no_survey(case):
    Case.objects.filter(pk=case.pk).update(survey=None)
    return "survey"


def a_survey_of_another_household(case):
    Case.objects.filter(pk=case.pk).update(survey=Survey.objects.exclude(household=case.household).first())
    return "survey"


def a_survey_after_it_was_said_to_be_in(case):
    Survey.objects.filter(pk=case.survey_id).update(visited_on=timezone.localdate())
    return "survey"


def no_ballot(case):
    Ballot.objects.filter(case=case).delete()
    return "meeting"


def more_votes_than_people(case):
    Ballot.objects.filter(case=case).update(in_favour=25, present=26)
    return "votes"


def fewer_for_it_than_against(case):
    Ballot.objects.filter(case=case).update(in_favour=3, against=18)
    return "votes"


def a_meeting_before_the_visit(case):
    Meeting.objects.filter(ballots__case=case).update(held_on=case.survey.visited_on - datetime.timedelta(days=1))
    return "meeting"


def no_notice(case):
    case.notices.clear()
    return "notice"


def a_notice_that_was_too_short(case):
    notice = case.notices.get()
    Notice.objects.filter(pk=notice.pk).update(ends_on=notice.starts_on + datetime.timedelta(days=2))
    return "notice_days"


def a_notice_that_still_hung(case):
    notice = case.notices.get()
    Notice.objects.filter(pk=notice.pk).update(ends_on=notice.ends_on + datetime.timedelta(days=30))
    return "notice_open"


def not_on_the_list(case):
    notice = case.notices.get()
    Notice.objects.filter(pk=notice.pk).update(row_cases=[key for key in notice.row_cases if key != str(case.pk)])
    return "notice_row"


def no_photo_of_the_notice(case):
    case.notices.update(photo_due_on=timezone.localdate())
    return "attachment"


def an_objection_left_open(case):
    notice = case.notices.get()
    Objection.objects.create(
        notice=notice, case=case, raised_on=notice.starts_on, content="某事", recorded_by=case.opened_by
    )
    return "objection"


def an_objection_that_was_right(case):
    notice = case.notices.get()
    Objection.objects.create(
        notice=notice, case=case, raised_on=notice.starts_on, content="某事", recorded_by=case.opened_by, upheld=True,
        finding="属实",
    )  # fmt: skip
    return "objection"


def a_hit_nobody_explained(case):
    flags = [flag.code for flag in ruleset(case.ruleset).flags]
    day = timezone.localdate(event(case, "open").get().at)
    facts = case.household.facts.create(
        survey=case.survey, village=case.village, begins_on=day, visited_on=day, household_type="ordinary", persons=3
    )
    Assessment.objects.create(
        household=case.household, village=case.village, facts=facts, on=day, visited_on=day, policy_date=day,
        ruleset=case.ruleset, outcome="EDGE", rule_bits=0, flag_bits=1 << flags.index("NEGATIVE_HOLD"), decision=0,
    )  # fmt: skip
    return "hit"


def another_day_of_decision(case):
    Case.objects.filter(pk=case.pk).update(decided_on=case.decided_on - datetime.timedelta(days=40))
    return "decision"


def another_person_decided(case):
    Case.objects.filter(pk=case.pk).update(decided_by=User.objects.get(username="officer"))
    return "decision"


def no_main_risk(case):
    Case.objects.filter(pk=case.pk).update(main_risk="")
    return "decision"


def help_before_without_a_reason(case):
    Case.objects.filter(pk=case.pk).update(urgent_on=timezone.localdate())
    return "urgent"


def returned_without_a_reason(case):
    last = event(case, "endorse").get()
    event(case, "acknowledge").update(at=F("at") + datetime.timedelta(days=9))
    Case.objects.filter(pk=case.pk).update(acknowledged_on=case.acknowledged_on + datetime.timedelta(days=9))
    for days, step, before, after in ((1, "return_to_town", "district", "town"), (2, "endorse", "town", "district")):
        at = last.at + datetime.timedelta(days=2 + days)
        by = User.objects.get(username="officer" if days == 1 else "reviewer")
        CaseEvent.objects.create(case=case, step=step, from_stage=before, to_stage=after, by=by, at=at)
    Case.objects.filter(pk=case.pk).update(decided_on=timezone.localdate(last.at) + datetime.timedelta(days=4))
    return "reason"


def said_to_be_stock(case):
    Case.objects.filter(pk=case.pk).update(source=CaseSource.STOCK, stock_batch=None)
    return "opening"


def a_pinned_procedure_that_asks_for_more(case):
    more = PinnedProcedure.objects.get(pk=case.procedure_id)
    more.pk, more.digest = None, "0" * 64
    more.content["steps"].insert(0, {**more.content["steps"][0], "stage": "authorise"})
    more.save(force_insert=True)
    Case.objects.filter(pk=case.pk).update(procedure=more)
    return "missing"


DAMAGES = [
    no_step, no_record, other_opening, jumped_over_the_notice, steps_in_another_order, a_stage_set_by_hand, a_role_that_may_not,
    posted_only_since, posted_elsewhere, nobody_acted, in_two_capacities, through_a_second_account, who_surveyed_decides,
    no_survey, a_survey_of_another_household, a_survey_after_it_was_said_to_be_in, no_ballot, more_votes_than_people,
    fewer_for_it_than_against, a_meeting_before_the_visit, no_notice, a_notice_that_was_too_short, a_notice_that_still_hung,
    not_on_the_list, no_photo_of_the_notice, an_objection_left_open, an_objection_that_was_right, a_hit_nobody_explained,
    another_day_of_decision, another_person_decided, no_main_risk, help_before_without_a_reason, returned_without_a_reason,
    said_to_be_stock, a_pinned_procedure_that_asks_for_more,
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_damage_to_a_registered_case_is_found(book, damage):
    case = registered()
    code = damage(case)
    found = [fault for fault in prove().faults if fault.key == case.pk]
    assert code in {fault.code for fault in found}, found
    assert all(fault.sentence.endswith("。") for fault in found)


# ---- removals, returns, and what came from elsewhere ----


def one_visitor(case):
    Removal.objects.filter(pk=case.pk).update(second_visitor="")
    return "visitors", case.pk


def the_same_visitor_twice(case):
    Removal.objects.filter(pk=case.pk).update(second_visitor=User.objects.get(username="cadre").name)
    return "visitors", case.pk


def the_visit_was_before(case):
    Survey.objects.filter(pk=case.survey_id).update(submitted_at=F("submitted_at") - datetime.timedelta(days=20))
    return "removal_survey", case.pk


def a_condition_that_did_not_hold(case):
    rows = case.removal.decision_conditions
    rows[0]["met"] = False
    Removal.objects.filter(pk=case.pk).update(decision_conditions=rows)
    return "conditions", case.pk


def a_condition_nobody_looked_at(case):
    Removal.objects.filter(pk=case.pk).update(visit_conditions=case.removal.visit_conditions[1:])
    return "conditions", case.pk


def removed_after_a_month(case):
    Case.objects.filter(pk=case.about_id).update(decided_on=timezone.localdate(case.events.first().at))
    return "conditions", case.pk


def an_income_below_the_line(case):
    rows = case.removal.decision_conditions
    next(row for row in rows if row["key"] == "income")["amount"] = 900_000
    Removal.objects.filter(pk=case.pk).update(decision_conditions=rows)
    return "conditions", case.pk


def no_record_of_the_removal(case):
    Removal.objects.filter(pk=case.pk).delete()
    return "removal", case.pk


def removed_without_a_removal(case):
    about = case.about_id
    Removal.objects.filter(pk=case.pk).delete()
    Ballot.objects.filter(case=case).delete()
    case.notices.clear()
    case.events.all().delete()
    case.delete()
    return "removed", about


def another_day_of_removal(case):
    Case.objects.filter(pk=case.about_id).update(removed_on=timezone.localdate())
    return "removed", case.about_id


def a_removal_of_another_household(case):
    other = Case.objects.filter(stage=Stage.REGISTERED).exclude(pk=case.about_id).order_by("pk")[0]
    Case.objects.filter(pk=case.pk).update(about=other)
    return "removal", case.pk


@pytest.mark.parametrize(
    "damage",
    [
        one_visitor, the_same_visitor_twice, the_visit_was_before, a_condition_that_did_not_hold,
        a_condition_nobody_looked_at, removed_after_a_month, an_income_below_the_line, no_record_of_the_removal,
        removed_without_a_removal, another_day_of_removal, a_removal_of_another_household,
    ],
    ids=lambda damage: damage.__name__,
)  # fmt: skip
def test_damage_to_a_removal_is_found(book, damage):
    code, key = damage(removal())
    found = [fault for fault in prove().faults if fault.key == key]
    assert code in {fault.code for fault in found}, found


def test_who_removed_it_cannot_have_reinstated_it(book, staff):
    row = Reinstatement.objects.order_by("pk")[0]
    Reinstatement.objects.filter(pk=row.pk).update(by=staff.officer)
    assert [(fault.key, fault.code) for fault in prove().faults] == [(row.case_id, "reinstated")]


def test_a_return_without_evidence_is_found(book):
    row = Reinstatement.objects.order_by("pk")[0]
    Reinstatement.objects.filter(pk=row.pk).update(survey=None)
    assert [(fault.key, fault.code) for fault in prove().faults] == [(row.case_id, "reinstated")]


def test_a_return_that_left_no_row_is_found(book):
    row = Reinstatement.objects.order_by("pk")[0]
    Reinstatement.objects.filter(pk=row.pk).delete()
    assert [(fault.key, fault.code) for fault in prove().faults] == [(row.case_id, "reinstated")]


def test_stock_needs_its_provenance_and_nothing_else(book):
    case = Case.objects.filter(source=CaseSource.STOCK).order_by("pk")[0]
    assert case.events.count() == 1
    CaseEvent.objects.filter(case=case).update(note="")
    assert [(fault.key, fault.code) for fault in prove().faults] == [(case.pk, "provenance")]


def test_the_provenance_of_stock_does_not_excuse_what_came_after(book, staff):
    case = Case.objects.filter(source=CaseSource.STOCK).order_by("pk")[0]
    at = timezone.now()
    CaseEvent.objects.create(
        case=case, step="removed", from_stage="registered", to_stage="removed", by=staff.officer, at=at
    )
    Case.objects.filter(pk=case.pk).update(stage=Stage.REMOVED, removed_on=timezone.localdate(at))
    assert {(fault.key, fault.code) for fault in prove().faults} == {(case.pk, "removed")}


def test_an_open_case_is_proved_up_to_where_it_stands(book):
    case = one(stage=Stage.TOWN)
    Ballot.objects.filter(case=case).delete()
    assert {(fault.key, fault.code) for fault in prove().faults} == {(case.pk, "meeting")}
