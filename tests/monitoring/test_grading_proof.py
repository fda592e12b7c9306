"""grading_faults() finds nothing where every step was taken, and each kind of damage that is planted."""

import datetime

import pytest
from django.utils import timezone

from accounts.models import User
from monitoring import grading
from monitoring.grading_proof import grading_faults
from monitoring.models import Grade, GradeLevel, Grading, GradingEvent
from tests.monitoring.graded import begin, filed, lifted, take_luan, visited

DAY = datetime.timedelta(days=1)


@pytest.fixture
def done(place, staff, make):
    take_luan(place, staff)
    begin(place, staff)
    household = visited(lifted(make, place.village), staff.cadre)
    return filed(household, staff, GradeLevel.YELLOW, reason="刚做完手术")


def sentences():
    return " ".join(fault.sentence for fault in grading_faults())


def test_what_went_by_the_book_has_no_fault(done):
    assert list(grading_faults()) == []
    assert list(grading_faults([done])) == []


def test_what_is_on_its_way_or_was_withdrawn_has_no_fault(done, place, staff, make):
    for step in ("withdraw", "return_to_village", "agree"):
        household = visited(lifted(make, place.village), staff.cadre)
        proposed = grading.propose(household=household, level=GradeLevel.BLUE, by=staff.team)
        by = staff.team if step == "withdraw" else staff.reviewer
        grading.take(step, grading=proposed, by=by, note="某因")
    assert list(grading_faults()) == []


def plant_step(done, staff):
    GradingEvent.objects.filter(grading=done, step="agree").delete()


def plant_actor(done, staff):
    GradingEvent.objects.filter(grading=done, step="agree").update(by=staff.team)


def plant_delegate(done, staff):
    GradingEvent.objects.filter(grading=done, step="file").update(on_behalf_of=staff.reviewer)


def plant_visitor(done, staff):
    GradingEvent.objects.filter(grading=done, step="agree").update(by=staff.cadre)


def plant_second_account(done, staff):
    User.objects.filter(pk__in=(staff.team.pk, staff.second_reviewer.pk)).update(identity_index="one person")
    GradingEvent.objects.filter(grading=done, step="agree").update(by=staff.second_reviewer)


def plant_visitor_who_files(done, staff):
    GradingEvent.objects.filter(grading=done, step="file").update(by=staff.cadre)


def plant_stranger(done, staff):
    GradingEvent.objects.filter(grading=done, step="file").update(by=staff.clerk)


def plant_level(done, staff):
    Grade.objects.update(level=3)


def plant_no_grade(done, staff):
    Grade.objects.all().delete()


def plant_stage(done, staff):
    Grading.objects.update(stage="proposed", filed_on=None)


def plant_visit_after(done, staff):
    done.survey.visited_on = timezone.localdate() + DAY
    done.survey.save(update_fields=["visited_on"])


def plant_old_visit(done, staff):
    done.survey.visited_on = done.round.visited_from - DAY
    done.survey.save(update_fields=["visited_on"])


def plant_order(done, staff):
    GradingEvent.objects.filter(grading=done, step="file").update(at=timezone.now() - DAY)


DAMAGE = [
    (plant_step, "没有镇（街）审核"),
    (plant_actor, "在两个岗位上"),
    (plant_delegate, "在两个岗位上"),
    (plant_visitor, "审核的人就是入户的人"),
    (plant_second_account, "在两个岗位上"),
    (plant_visitor_who_files, "备案的人就是入户的人"),
    (plant_stranger, "没有办这件事的岗位"),
    (plant_level, "农户的等级和备案的不一样"),
    (plant_no_grade, "农户没有等级"),
    (plant_stage, "现在的环节和办理记录对不上"),
    (plant_visit_after, "入户在后"),
    (plant_old_visit, "入户太早"),
    (plant_order, "先后不对|以前的环节对不上"),
]


@pytest.mark.parametrize(("plant", "sentence"), DAMAGE, ids=[plant.__name__ for plant, _sentence in DAMAGE])
def test_each_kind_of_damage_is_found(done, staff, plant, sentence):
    plant(done, staff)
    assert any(one in sentences() for one in sentence.split("|"))
