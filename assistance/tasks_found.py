"""Which things of the guarantees a survey found unsolved, and the tasks that follow: opened, not doubled, withdrawn, carried."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone

from accounts import audit
from accounts.models import User
from assistance.catalogue import MEASURES, LedgerColumn
from assistance.models import Delivery, GuaranteeTask, TaskKind
from assistance.services import hold
from households import codes
from households.models import Household, Member, Survey
from households.models.households import full_years
from monitoring.models import Case, Grade
from monitoring.policy.values import PolicyNotInForce, policy_in_force

# The measure of the catalogue that solves it: its department leads the task.
SOLVED_BY = {
    TaskKind.DROPOUT: "back_to_school",
    TaskKind.UNSAFE_HOUSE: "housing",
    TaskKind.UNSAFE_WATER: "water",
    TaskKind.UNINSURED: "insurance_subsidy",
    TaskKind.NO_DOCTOR: "family_doctor",
}
TERMS = {
    TaskKind.DROPOUT: "task_dropout_days",
    TaskKind.UNSAFE_HOUSE: "task_house_days",
    TaskKind.UNSAFE_WATER: "task_water_days",
    TaskKind.UNINSURED: "task_insured_days",
    TaskKind.NO_DOCTOR: "task_doctor_days",
}
SCHOOL_AGE = range(6, 16)  # 义务教育: full years


@dataclass(frozen=True)
class Unsolved:
    """One thing, of the household (``member`` None) or of one of its members."""

    kind: TaskKind
    member: Member | None = None


def unsolved(survey: Survey) -> list[Unsolved]:
    """What a survey found unsolved; a person is named where the register knows him, else it is the household's."""
    members = list(survey.household.members.present().head_first())
    return [
        *_dropouts(survey, members),
        *([Unsolved(TaskKind.UNSAFE_HOUSE)] if _unsafe_house(survey) else []),
        *([Unsolved(TaskKind.UNSAFE_WATER)] if survey.water_ok is False else []),
        *_uninsured(survey, members),
        *([Unsolved(TaskKind.NO_DOCTOR)] if _lacks_doctor(survey.household) else []),
    ]


def follow(*, survey: Survey, by: User | None) -> None:
    """Open what a submitted survey found; withdraw what a correction says is none. Runs in the survey's transaction.

    A thing that is a task already keeps its day: finding it again does not give more time.
    """
    household = survey.household
    hold(household)
    found = unsolved(survey)
    standing = list(GuaranteeTask.objects.filter(household=household).unsolved())
    if survey.supersedes_id:
        wrong = [task for task in standing if task.survey_id == survey.supersedes_id]
        still = {(one.kind, one.member.pk if one.member else None) for one in found}
        for task in wrong:
            if (task.kind, task.member_id) in still:
                GuaranteeTask.objects.filter(pk=task.pk).update(survey=survey)
            else:
                withdraw(task=task, by=by, because="入户调查已更正，没有这件事。")
    known = {(task.kind, task.member_id) for task in standing}
    for one in found:
        if (one.kind, one.member.pk if one.member else None) not in known:
            _open(one, survey, by)


def withdraw(*, task: GuaranteeTask, by: User | None, because: str) -> None:
    """Take a task back: there is nothing to solve. Acts once."""
    changed = GuaranteeTask.objects.filter(pk=task.pk, closed_on=None).update(
        closed_on=timezone.localdate(), withdrawn=True, outcome=because, version=task.version + 1
    )
    if changed:
        trace("task.withdraw", task, by, reason=because)


def leave_with(*, household: Household, by: User | None) -> None:
    """Withdraw the tasks of members who are not in the household any more, and all of a household that is closed."""
    tasks = GuaranteeTask.objects.filter(household=household).unsolved().select_related("member", "household__village")
    for task in tasks:
        if household.closed_on:
            withdraw(task=task, by=by, because="这一户已注销。")
        elif task.member and task.member.left_on:
            withdraw(task=task, by=by, because="本人已不在这一户。")


def carry_over(*, old: Member, new: Member) -> None:
    """A person who leaves with a new family takes his own tasks along."""
    GuaranteeTask.objects.filter(member=old, closed_on=None).update(member=new, household=new.household)


def _open(one: Unsolved, survey: Survey, by: User | None) -> None:
    today = timezone.localdate()
    try:
        days = policy_in_force(survey.village, today).whole(TERMS[one.kind])
    except PolicyNotInForce:
        return  # before a rule set begins nobody can say until when
    task = GuaranteeTask.objects.create(
        household=survey.household,
        member=one.member,
        kind=one.kind,
        survey=survey,
        lead=MEASURES[SOLVED_BY[one.kind]].lead,
        opened_on=today,
        due_on=today + datetime.timedelta(days=days),
    )
    trace("task.open", task, by, due_on=task.due_on)


def trace(action: str, task: GuaranteeTask, by: User | None, **detail: object) -> None:
    """What was done about a task, under its household."""
    village = task.household.village
    audit.record(action=action, actor=by, target=task.household, region=village, task_kind=task.kind, **detail)


def _dropouts(survey: Survey, members: list[Member]) -> Iterator[Unsolved]:
    """Children of school age who go to no school; where the register knows of none, it is asked of the household."""
    if survey.education_ok is not False:
        return
    children = [
        one
        for one in members
        if one.born_on and full_years(one.born_on, survey.visited_on) in SCHOOL_AGE and not one.student_status
    ]
    yield from (Unsolved(TaskKind.DROPOUT, one) for one in children or [None])


def _unsafe_house(survey: Survey) -> bool:
    return survey.housing_ok is False or survey.housing_grade in codes.UNSAFE_HOUSING


def _uninsured(survey: Survey, members: list[Member]) -> Iterator[Unsolved]:
    """Who the register says is not insured, unless the survey says that all are; a 没有 without a name is the household's."""
    if survey.medical_ok:
        return
    named = [one for one in members if one.medical_insured is False]
    nobody = [None] if survey.medical_ok is False else []
    yield from (Unsolved(TaskKind.UNINSURED, one) for one in named or nobody)


def _lacks_doctor(household: Household) -> bool:
    """家庭医生 is for who is watched, on the register or graded (003 二（四）15: 困难人口)."""
    today = timezone.localdate()
    watched = Case.objects.filter(household=household).live().exists()
    if not watched and not Grade.objects.filter(household=household).in_force_on(today).exists():
        return False
    signed = Delivery.objects.filter(household=household, column=LedgerColumn.FAMILY_DOCTOR).in_place_on(today)
    return not signed.exists()
