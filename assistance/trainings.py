"""Trainings (003 二（二）9, 004 三（三）): courses with their roster, who passed, and what came of it three months later."""

import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils import timezone

from accounts import audit
from accounts.idempotency import made, spend
from accounts.models import Region, User
from accounts.roles import CASEWORK_ROLES, HOUSEHOLD_READERS, Role
from assistance.limits import months_after
from assistance.measures import measure_of
from assistance.models import Delivery, Trainee, TraineeOutcome, Training
from assistance.models.posts import TraineeQuerySet, TrainingQuerySet
from assistance.places import near
from assistance.services import hold, standing, told_by
from households.models import Member

SKILL_TRAINING = "skill_training"
# 文件未规定，参数: who passed is asked three months later what came of it.
MONTHS_TO_FOLLOW = 3
CHANGED = "刚被别人登记过，请刷新再看。"


def trainings_for(user: User, *roles: Role) -> TrainingQuerySet:
    """Courses in somebody's regions, and those of the town and district over them, which his villagers attend."""
    return near(Training.objects.all(), user, *roles).select_related("region__parent")


def with_figures(trainings: TrainingQuerySet) -> TrainingQuerySet:
    """Each with how many are on its roster, passed, and found work."""
    return trainings.annotate(
        attending=Count("trainees"),
        passed=Count("trainees", filter=Q(trainees__passed=True)),
        working=Count("trainees", filter=Q(trainees__outcome__in=(TraineeOutcome.JOB, TraineeOutcome.OWN))),
    )


def to_follow(user: User, today: datetime.date, *roles: Role) -> TraineeQuerySet:
    """Who passed three months ago or earlier and was not asked yet, of somebody's regions."""
    passed = Trainee.objects.visible_to(user, *(roles or HOUSEHOLD_READERS)).filter(passed=True)
    due = months_after(today, -MONTHS_TO_FOLLOW)
    return passed.filter(outcome=TraineeOutcome.NOT_ASKED, training__ends_on__lte=due, member__left_on=None)


@transaction.atomic
def add_training(
    *,
    by: User,
    region: Region,
    title: str,
    unit: str,
    begins_on: datetime.date,
    ends_on: datetime.date,
    idempotency_key: str,
) -> Training:
    """A course; sent twice it is one. Raises PermissionDenied, ValidationError."""
    if by.posting_over(region, *CASEWORK_ROLES) is None:
        raise PermissionDenied("培训由办它的村、镇（街）或区（市）登记。")
    if earlier := made(idempotency_key, by, Training.objects.all()):
        return earlier
    if ends_on < begins_on:
        raise ValidationError("结束日期不能早于开始日期。")
    training = Training.objects.create(
        region=region, title=title.strip(), unit=unit.strip(), begins_on=begins_on, ends_on=ends_on, entered_by=by
    )
    if not spend(idempotency_key, by, str(training.pk)):
        raise ValidationError("刚才已经登记过，请刷新。")
    audit.record(action="training.add", actor=by, target=training, region=region, title=training.title)
    return training


@transaction.atomic
def enrol(*, training: Training, member: Member, by: User) -> Trainee:
    """Put somebody on the roster. Raises PermissionDenied, and ValidationError where he stands there already."""
    _check_may(member, by)
    if not training.region.contains(member.household.village):
        raise ValidationError(f"这是{training.region.name}的培训，不能登记别处的人。")
    if member.left_on or member.household.closed_on:
        raise ValidationError("这个人已经不在这一户。")
    try:
        with transaction.atomic():
            trainee = Trainee.objects.create(training=training, member=member, entered_by=by)
    except IntegrityError as fault:
        raise ValidationError("花名册里已经有这个人，没有重复登记。") from fault
    _record("training.enrol", trainee, by)
    return trainee


@transaction.atomic
def strike(*, trainee: Trainee, by: User) -> None:
    """Take somebody off the roster who was put there by mistake; not after it was said whether he passed."""
    _check_may(trainee.member, by)
    deleted, _kinds = Trainee.objects.filter(pk=trainee.pk, passed=None).delete()
    if not deleted:
        raise ValidationError(CHANGED)
    _record("training.strike", trainee, by)


@transaction.atomic
def settle(*, trainee: Trainee, by: User, passed: bool) -> Delivery | None:
    """Whether he passed; who passed has been given a training, which is a delivery of the course's last day.

    Raises ValidationError before the course is over, and where somebody has said so already.
    """
    _check_may(trainee.member, by)
    training, today = trainee.training, timezone.localdate()
    if training.ends_on > today:
        raise ValidationError(f"培训到 {training.ends_on} 才结束，现在不能登记结业。")
    # Who says it first wins, and the delivery is made once.
    if not Trainee.objects.filter(pk=trainee.pk, passed=None).update(passed=passed):
        raise ValidationError(CHANGED)
    delivery = _deliver(trainee, by) if passed else None
    if delivery:
        Trainee.objects.filter(pk=trainee.pk).update(delivery=delivery)
    _record("training.settle", trainee, by, passed=passed)
    return delivery


def _deliver(trainee: Trainee, by: User) -> Delivery:
    """What a list has confirmed or a plan has promised is taken for it; else it is a new one."""
    member, household, training = trainee.member, trainee.member.household, trainee.training
    measure = measure_of(SKILL_TRAINING, household.village)
    hold(household)
    # Locked before anything is looked at: a department's list may put it in place at this moment.
    promised = Delivery.objects.select_for_update().filter(
        household=household, member=member, measure=SKILL_TRAINING, begun_on=None, dropped_on=None, list_row=None
    )
    delivery = promised.first()
    same_day = standing(household, measure, member, training.ends_on, training.ends_on)
    # Two courses may end on one day; a delivery belongs to one of them.
    if there := same_day.exclude(pk__in=Trainee.objects.exclude(delivery=None).values("delivery")).first():
        return there
    if delivery:
        delivery.begun_on, delivery.unit, delivery.note = training.ends_on, training.unit, training.title
        delivery.version += 1
        delivery.save(update_fields=["begun_on", "unit", "note", "version"])
        return delivery
    return Delivery.objects.create(
        household=household, member=member, **told_by(measure), begun_on=training.ends_on, unit=training.unit,
        note=training.title, entered_by=by,
    )  # fmt: skip


@transaction.atomic
def follow_up(*, trainee: Trainee, by: User, outcome: str, followed_on: datetime.date) -> None:
    """What came of it; may be told again when it changes, and never before he passed. Raises ValidationError."""
    _check_may(trainee.member, by)
    if outcome not in TraineeOutcome.values or outcome == TraineeOutcome.NOT_ASKED:
        raise ValidationError("请选培训后怎样。")
    if not trainee.training.ends_on <= followed_on <= timezone.localdate():
        raise ValidationError("回访日期要在培训结束以后，不能晚于今天。")
    # What this page showed is part of the WHERE clause: of two people who ask at once one is told to look again.
    asked = Trainee.objects.filter(pk=trainee.pk, passed=True, outcome=trainee.outcome, followed_on=trainee.followed_on)
    if not asked.update(outcome=outcome, followed_on=followed_on):
        raise ValidationError("结业以后才回访；如果已经结业，是" + CHANGED)
    _record("training.follow_up", trainee, by, trainee_outcome=outcome, on=followed_on)


def _check_may(member: Member, by: User) -> None:
    if by.posting_over(member.household.village, *CASEWORK_ROLES) is None:
        raise PermissionDenied("只能登记自己辖区的人。")


def _record(action: str, trainee: Trainee, by: User, **details: object) -> None:
    household = trainee.member.household
    audit.record(
        action=action, actor=by, target=household, region=household.village, title=trainee.training.title, **details
    )
