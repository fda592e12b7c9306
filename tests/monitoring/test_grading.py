"""三色分级: what the village proposes, the town reviews, the county files; who may, what is missing, what becomes of it."""

import datetime
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import AuditEvent, Notification, Posting
from accounts.roles import Role
from households.codes import HouseholdType, MonitorClass
from households.models import Household
from monitoring import grading
from monitoring.grading_grounds import ground_of
from monitoring.models import Case, Grade, GradeLevel, Grading, GradingStage, Stage
from monitoring.workflow import open_case
from tests.monitoring.graded import RED, begin, filed, lifted, take_luan, visited
from tests.monitoring.surveyed import visit


@pytest.fixture
def luan(place, staff):
    take_luan(place, staff)
    return place


@pytest.fixture
def round_(luan, staff):
    return begin(luan, staff)


@pytest.fixture
def blue(round_, place, staff, make):
    """A household that the rules suggest 三级蓝 for, visited in the round by somebody else than who proposes."""
    return visited(lifted(make, place.village), staff.cadre)


def today():
    return timezone.localdate()


def test_the_village_proposes_the_town_reviews_the_county_files(blue, round_, staff):
    done = filed(blue, staff, GradeLevel.BLUE)
    assert (done.stage, done.filed_on, done.round) == (GradingStage.FILED, today(), round_)
    grade = Grade.objects.get(household=blue)
    assert (grade.level, grade.suggested, grade.begins_on, grade.replaced_on) == (3, 3, today(), None)
    assert [event.step for event in done.events.all()] == ["propose", "agree", "file"]
    actions = AuditEvent.objects.filter(action__startswith="grading.").order_by("pk")
    assert [event.action for event in actions] == ["grading.propose", "grading.agree", "grading.file"]


def test_another_level_than_suggested_needs_a_reason(blue, staff):
    with pytest.raises(ValidationError, match="要写原因"):
        grading.propose(household=blue, level=GradeLevel.RED, by=staff.team)
    proposed = grading.propose(household=blue, level=GradeLevel.RED, by=staff.team, reason="户主上月摔伤，不能下地")
    assert (proposed.suggested, proposed.level, proposed.differs) == (3, 1, True)


def test_the_database_refuses_another_level_without_a_reason(blue, staff):
    proposed = grading.propose(household=blue, level=GradeLevel.BLUE, by=staff.team)
    with pytest.raises(IntegrityError, match=r"level_other_than_suggested|CHECK"), transaction.atomic():
        Grading.objects.filter(pk=proposed.pk).update(level=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Grading.objects.filter(pk=proposed.pk).update(suggested=None)


@pytest.mark.parametrize("ago", [41, 100])
def test_a_visit_before_the_round_is_too_old(round_, place, staff, make, ago):
    old = visited(lifted(make, place.village), staff.cadre, days_ago=ago)
    with pytest.raises(ValidationError, match="先去实地了解"):
        grading.propose(household=old, level=GradeLevel.BLUE, by=staff.team)
    assert not Grading.objects.exists()


def test_a_visit_thirty_days_before_the_round_counts(round_, place, staff, make):
    fresh = visited(lifted(make, place.village), staff.cadre, days_ago=40)
    assert grading.propose(household=fresh, level=GradeLevel.BLUE, by=staff.team).round == round_


def test_without_a_visit_nothing_can_be_said(round_, place, staff, make):
    with pytest.raises(ValidationError, match="还没有入户调查"):
        grading.propose(household=lifted(make, place.village), level=GradeLevel.BLUE, by=staff.team)


def test_where_the_rules_cannot_say_the_village_says_why(round_, place, staff, make):
    unclear = visited(lifted(make, place.village), staff.cadre, wage=None)
    assert ground_of(unclear, today()).suggested is None
    with pytest.raises(ValidationError, match="系统没有建议"):
        grading.propose(household=unclear, level=GradeLevel.YELLOW, by=staff.team)
    assert (
        grading.propose(household=unclear, level=GradeLevel.YELLOW, by=staff.team, reason="打零工，说不准").level == 2
    )


@pytest.mark.parametrize("kind", [HouseholdType.ORDINARY, HouseholdType.REGISTERED_POOR])
def test_only_the_types_that_the_rule_set_grades_are_graded(round_, place, staff, make, kind):
    other = visited(make.household(place.village, household_type=kind), staff.cadre)
    with pytest.raises(ValidationError, match="不分红黄蓝"):
        grading.propose(household=other, level=GradeLevel.BLUE, by=staff.team, reason="看着不错")


def test_where_the_rule_set_has_no_colours_nobody_is_graded(place, staff, make):
    household = visited(lifted(make, place.village), staff.cadre)
    with pytest.raises(ValidationError, match="不分红黄蓝"):
        grading.propose(household=household, level=GradeLevel.BLUE, by=staff.team, reason="某因")


@pytest.mark.parametrize("desk", ["reviewer", "officer", "inspector", "neighbour_cadre", "clerk", "admin"])
def test_only_the_village_itself_proposes(blue, staff, desk):
    with pytest.raises(PermissionDenied):
        grading.propose(household=blue, level=GradeLevel.BLUE, by=getattr(staff, desk))


@pytest.mark.parametrize("desk", ["cadre", "officer", "other_reviewer", "inspector"])
def test_only_the_town_reviews(blue, staff, desk):
    proposed = grading.propose(household=blue, level=GradeLevel.BLUE, by=staff.team)
    with pytest.raises(PermissionDenied):
        grading.take("agree", grading=proposed, by=getattr(staff, desk))


def test_nobody_reviews_what_he_proposed(blue, place, staff):
    Posting.objects.create(user=staff.team, role=Role.TOWN_REVIEWER, region=place.town, begins_on=today())
    proposed = grading.propose(household=blue, level=GradeLevel.BLUE, by=staff.team)
    with pytest.raises(ValidationError, match="要请另一位同事办"):
        grading.take("agree", grading=proposed, by=staff.team)
    assert Grading.objects.get().stage == GradingStage.PROPOSED


def test_nobody_reviews_what_he_proposed_by_delegation_either(blue, place, staff):
    """Who stands in for the reviewer, and who stands in for the cadre."""
    Posting.objects.create(
        user=staff.team, role=Role.TOWN_REVIEWER, region=place.town, begins_on=today(), on_behalf_of=staff.reviewer
    )
    proposed = grading.propose(household=blue, level=GradeLevel.BLUE, by=staff.team)
    with pytest.raises(ValidationError, match="要请另一位同事办"):
        grading.take("agree", grading=proposed, by=staff.team)
    Posting.objects.create(
        user=staff.second_reviewer, role=Role.VILLAGE_TEAM, region=place.village, begins_on=today(),
        on_behalf_of=staff.team,
    )  # fmt: skip
    with pytest.raises(ValidationError, match="要请另一位同事办"):
        grading.take("agree", grading=proposed, by=staff.second_reviewer)
    assert grading.take("agree", grading=proposed, by=staff.reviewer).stage == GradingStage.TOWN_REVIEWED


def test_who_visited_does_not_review(round_, place, staff, make):
    household = visited(lifted(make, place.village), staff.reviewer)
    proposed = grading.propose(household=household, level=GradeLevel.BLUE, by=staff.team)
    with pytest.raises(ValidationError, match="入户调查是您办理"):
        grading.take("agree", grading=proposed, by=staff.reviewer)
    assert grading.take("agree", grading=proposed, by=staff.second_reviewer).stage == GradingStage.TOWN_REVIEWED


def test_who_reviewed_does_not_file(blue, place, staff):
    Posting.objects.create(user=staff.reviewer, role=Role.DISTRICT_OFFICER, region=place.zone, begins_on=today())
    proposed = grading.propose(household=blue, level=GradeLevel.BLUE, by=staff.team)
    reviewed = grading.take("agree", grading=proposed, by=staff.reviewer)
    with pytest.raises(ValidationError, match="要请另一位同事办"):
        grading.take("file", grading=reviewed, by=staff.reviewer)
    assert not Grade.objects.exists()


def test_a_return_needs_a_reason_and_acting_again_is_no_second_capacity(blue, staff):
    proposed = grading.propose(household=blue, level=GradeLevel.RED, by=staff.team, reason="老人多病")
    with pytest.raises(ValidationError, match="请写明原因"):
        grading.take("return_to_village", grading=proposed, by=staff.reviewer)
    returned = grading.take("return_to_village", grading=proposed, by=staff.reviewer, note="老人的医保报了没有，写清楚")
    assert returned.stage == GradingStage.RETURNED
    again = grading.propose(household=blue, level=GradeLevel.YELLOW, by=staff.team, reason="自付六千，药费每月三百")
    assert (again.pk, again.level, again.stage) == (proposed.pk, 2, GradingStage.PROPOSED)
    agreed = grading.take("agree", grading=again, by=staff.reviewer)
    back = grading.take("return_to_town", grading=agreed, by=staff.officer, note="请再看一次")
    agreed = grading.take("agree", grading=back, by=staff.reviewer)
    assert grading.take("file", grading=agreed, by=staff.officer).stage == GradingStage.FILED


def test_the_bell_tells_the_desk_to_which_it_came_back(blue, staff):
    proposed = grading.propose(household=blue, level=GradeLevel.BLUE, by=staff.team)
    assert not Notification.objects.exists()
    returned = grading.take("return_to_village", grading=proposed, by=staff.reviewer, note="写清楚")
    told = set(Notification.objects.values_list("person", flat=True))
    assert told == {staff.cadre.pk, staff.second_cadre.pk, staff.team.pk}
    assert "退回村里" in Notification.objects.first().text
    assert returned.stage == GradingStage.RETURNED


def test_the_town_takes_its_agreement_back_before_the_county_files(blue, staff):
    proposed = grading.propose(household=blue, level=GradeLevel.BLUE, by=staff.team)
    agreed = grading.take("agree", grading=proposed, by=staff.reviewer)
    back = grading.take("take_back", grading=agreed, by=staff.reviewer, note="看错了一户")
    assert back.stage == GradingStage.PROPOSED


def test_what_was_withdrawn_can_be_proposed_again_in_the_same_round(blue, round_, staff):
    proposed = grading.propose(household=blue, level=GradeLevel.BLUE, by=staff.team)
    grading.take("withdraw", grading=proposed, by=staff.cadre, note="点错了")
    assert grading.propose(household=blue, level=GradeLevel.BLUE, by=staff.team).round == round_


def test_a_household_has_one_open_grading(blue, staff):
    grading.propose(household=blue, level=GradeLevel.BLUE, by=staff.team)
    with pytest.raises(ValidationError, match="已经提出"):
        grading.propose(household=blue, level=GradeLevel.BLUE, by=staff.cadre)
    mine = Grading.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Grading.objects.create(
            household=blue, village=blue.village, survey=mine.survey, suggested=3, level=3, stage="returned",
            stage_since=timezone.now(),
        )  # fmt: skip


def test_a_replayed_form_changes_nothing(blue, staff):
    key = str(uuid.uuid4())
    for _each in range(2):
        proposed = grading.propose(household=blue, level=GradeLevel.BLUE, by=staff.team, idempotency_key=key)
    assert proposed.events.count() == 1
    key = str(uuid.uuid4())
    for _each in range(2):
        grading.take("agree", grading=proposed, by=staff.reviewer, idempotency_key=key)
    assert proposed.events.count() == 2


def test_who_comes_second_is_told_who_was_first(blue, staff):
    proposed = grading.propose(household=blue, level=GradeLevel.BLUE, by=staff.team)
    grading.take("agree", grading=proposed, by=staff.reviewer)
    with pytest.raises(grading.AlreadyGraded, match="已由 李敏 办理，没有重复提交"):
        grading.take("agree", grading=proposed, by=staff.second_reviewer)


def test_a_page_that_was_opened_before_a_new_visit_proposes_nothing(blue, staff):
    seen = grading.basis_of(ground_of(blue, today()))
    visited(blue, staff.cadre, days_ago=0, **RED)
    with pytest.raises(ValidationError, match="刚有新的入户"):
        grading.propose(household=blue, level=GradeLevel.BLUE, by=staff.team, expected_basis=seen)


def test_what_changes_while_it_is_on_its_way_goes_back(blue, staff):
    proposed = grading.propose(household=blue, level=GradeLevel.BLUE, by=staff.team)
    visited(blue, staff.cadre, days_ago=0, **RED)
    with pytest.raises(ValidationError, match="系统建议变为一级·红"):
        grading.take("agree", grading=proposed, by=staff.reviewer)


def test_a_big_change_regrades_at_once_outside_of_a_round(blue, round_, staff):
    first = filed(blue, staff, GradeLevel.BLUE)
    assert not ground_of(blue, today()).changed
    visited(blue, staff.cadre, days_ago=0, **RED)
    ground = ground_of(blue, today())
    assert (ground.changed, ground.round) == (True, None)
    second = filed(blue, staff, GradeLevel.RED)
    assert (second.round, second.level) == (None, 1)
    history = list(Grade.objects.filter(household=blue).order_by("pk"))
    assert [(one.grading, one.replaced_on) for one in history] == [(first, today()), (second, None)]


def test_a_level_that_people_set_otherwise_is_no_change(blue, staff):
    filed(blue, staff, GradeLevel.YELLOW, reason="儿子刚失业")
    assert not ground_of(blue, today()).changed
    with pytest.raises(ValidationError, match="不在评定时间里"):
        grading.propose(household=blue, level=GradeLevel.BLUE, by=staff.team)
    assert grading.propose(household=blue, level=GradeLevel.BLUE, by=staff.team, reason="儿子找到工作了").round is None


def test_without_a_round_a_household_that_was_never_graded_can_be(luan, place, staff, make):
    household = visited(lifted(make, place.village), staff.cadre)
    assert filed(household, staff, GradeLevel.BLUE).round is None


def test_the_case_carries_the_grade(blue, staff):
    case = open_case(household=blue, by=staff.cadre, note="老人住院")
    filed(blue, staff, GradeLevel.YELLOW, reason="老人住院")
    case.refresh_from_db()
    assert case.risk_level == 2


def test_a_case_that_begins_later_carries_it_too(blue, staff):
    filed(blue, staff, GradeLevel.BLUE)
    case = open_case(household=blue, by=staff.cadre, note="老人住院")
    case.refresh_from_db()
    assert case.risk_level == 3
    assert Case.objects.filter(stage=Stage.WATCH, monitor_class=MonitorClass.RELAPSE).exists()


def test_a_household_that_is_gone_is_not_reviewed_but_can_be_taken_back(blue, staff):
    proposed = grading.propose(household=blue, level=GradeLevel.BLUE, by=staff.team)
    Household.objects.filter(pk=blue.pk).update(closed_on=today())
    with pytest.raises(ValidationError, match="已经注销"):
        grading.take("agree", grading=proposed, by=staff.reviewer)
    assert grading.take("withdraw", grading=proposed, by=staff.team, note="全家迁走").stage == GradingStage.WITHDRAWN


def test_a_household_that_moved_to_another_village_goes_back(blue, place, staff):
    proposed = grading.propose(household=blue, level=GradeLevel.BLUE, by=staff.team)
    Household.objects.filter(pk=blue.pk).update(village=place.neighbour)
    with pytest.raises(ValidationError, match="划到别的村"):
        grading.take("agree", grading=proposed, by=staff.reviewer)


def test_an_older_day_keeps_its_grade(blue, staff):
    filed(blue, staff, GradeLevel.BLUE)
    Grade.objects.update(begins_on=today() - datetime.timedelta(days=30))
    visited(blue, staff.cadre, days_ago=0, **RED)
    filed(blue, staff, GradeLevel.RED)
    yesterday = today() - datetime.timedelta(days=1)
    assert [one.level for one in Grade.objects.in_force_on(yesterday)] == [3]
    assert [one.level for one in Grade.objects.in_force_on(today())] == [1]


def test_a_correction_of_the_visit_gives_another_basis(blue, staff):
    before = grading.basis_of(ground_of(blue, today()))
    visit(blue, staff.cadre, today())
    assert grading.basis_of(ground_of(blue, today())) != before
