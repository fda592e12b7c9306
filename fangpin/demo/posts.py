"""Public posts with their months, courses, firms with receipts, and amounts of measures in the demonstration."""

import datetime
import uuid
from collections.abc import Collection

from accounts.models import Region, User
from assistance import entities, post_candidates, post_months, posts, trainings
from assistance.limits import months_after
from assistance.models import (
    Delivery,
    EntityKind,
    Every,
    FundSource,
    OfferAnswer,
    Post,
    PostMonth,
    PostOffer,
    TieKind,
    Trainee,
    TraineeOutcome,
)
from fangpin.demo.population import YUAN, noon
from households.models import Household, Member
from monitoring.models import Case, CaseKind, Stage

CLEANER = "村内保洁员"
ONE_DAY = datetime.timedelta(days=1)
WAGE = 700 * YUAN
AMOUNTS = {
    "dibao": (360 * YUAN, Every.MONTH, FundSource.CENTRAL),
    "temporary_relief": (2_400 * YUAN, Every.ONCE, FundSource.COUNTY),
    "housing": (26_000 * YUAN, Every.ONCE, FundSource.PROVINCE),
    "donation": (300 * YUAN, Every.MONTH, FundSource.SOCIETY),
    "commercial_medical": (80 * YUAN, Every.YEAR, FundSource.CITY),
}


def add_posts(people: dict[str, User], told: Collection[Household], today: datetime.date) -> None:
    """In the stories' village and its town: a post with people at work, one offer open, one refused; a course; two firms."""
    village = people["cun1"].postings.get().region
    for code, (amount, every, fund) in AMOUNTS.items():
        known = Delivery.objects.filter(measure=code, amount=None, list_row=None, household__village=village)
        known.update(amount=amount, every=every, fund=fund)
    apart = {household.pk for household in told}
    _cleaners(village, people, apart, today)
    _open(people["zhen1"], village.parent, "护林员", 3, FundSource.PROVINCE, today)
    homes = [
        case.household
        for case in Case.objects.filter(village=village, kind=CaseKind.DESIGNATION, stage=Stage.REGISTERED)
        .exclude(household__in=apart)
        .select_related("household__village")
        .order_by("household__number")[:6]
    ]
    _course(homes, people, today)
    _firms(homes, people, today)


def _key() -> str:
    return str(uuid.uuid4())


def _open(by: User, region: Region, title: str, places: int, fund: FundSource, today: datetime.date) -> Post:
    return posts.open_post(
        by=by, region=region, title=title, places=places, wage=WAGE, fund=fund, unit=region.office_name or region.name,
        opens_on=today - 200 * ONE_DAY, closes_on=today + 165 * ONE_DAY, idempotency_key=_key(),
    )  # fmt: skip


def _cleaners(village: Region, people: dict[str, User], apart: Collection[uuid.UUID], today: datetime.date) -> None:
    """Two at work since five months, one asked, one who refused; wages late, short and missing among those in order."""
    post = _open(people["zhen1"], village, CLEANER, 4, FundSource.COUNTY, today)
    ranked = [one.member for one in post_candidates.candidates(post, people["cun1"], today)]
    able = [member for member in ranked if member.household_id not in apart][:4]
    begun_on = months_after(today.replace(day=1), -5)
    for place, member in enumerate(able):
        offer = offered(post, member, people["cun1"])
        if place < 2:
            _at_work(offer, people, begun_on, today)
        elif place == 2:
            posts.refuse_place(offer=offer, by=people["cun1"], reason="要照顾住院的老人，走不开")
    PostOffer.objects.filter(post=post).exclude(answer=OfferAnswer.OPEN).update(offered_on=begun_on)


def offered(post: Post, member: Member, by: User) -> PostOffer:
    """A place that somebody is offered today."""
    posts.offer_place(post=post, member=member, by=by, monitored=True, idempotency_key=_key())
    return PostOffer.objects.select_related("post", "member__household__village").get(post=post, member=member)


def _at_work(offer: PostOffer, people: dict[str, User], begun_on: datetime.date, today: datetime.date) -> None:
    delivery = posts.take_place(offer=offer, by=people["cun1"], begun_on=begun_on)
    Delivery.objects.filter(pk=delivery.pk).update(promised_on=begun_on, taken_up_on=begun_on)
    offer = PostOffer.objects.select_related("post", "member__household__village", "delivery").get(pk=offer.pk)
    for ago in (5, 4, 3, 2):
        first = months_after(today.replace(day=1), -ago)
        month = post_months.attend(offer=offer, by=people["cun1"], month=first, days=26 - ago)
        PostMonth.objects.filter(pk=month.pk).update(attended_at=noon(post_months.last_day(first)))
        late, short = ago == 4, ago == 3
        if ago > 2:
            paid_on = months_after(first, 2 if late else 1) + 9 * ONE_DAY
            paid = WAGE - 100 * YUAN if short else WAGE
            post_months.pay(month=month, by=people["zhen1"], paid=paid, paid_on=paid_on)


def _course(homes: list[Household], people: dict[str, User], today: datetime.date) -> None:
    town = homes[0].village.parent if homes else people["zhen1"].postings.get().region
    over = today - 110 * ONE_DAY
    told = {"by": people["zhen1"], "region": town, "unit": "职业中专"}
    past = trainings.add_training(
        title="家政服务培训", begins_on=over - 9 * ONE_DAY, ends_on=over, idempotency_key=_key(), **told
    )
    trainings.add_training(
        title="食用菌种植培训", begins_on=today, ends_on=today + 6 * ONE_DAY, idempotency_key=_key(), **told
    )
    for place, household in enumerate(homes[:3]):
        member = household.members.present().filter(born_on__lte=today - 18 * 366 * ONE_DAY).order_by("position").last()
        if member is None:
            continue
        trainee = trainings.enrol(training=past, member=member, by=people["cun1"])
        trainings.settle(trainee=trainee, by=people["cun1"], passed=place < 2)
        if place == 0:
            asked = Trainee.objects.select_related("training", "member__household__village").get(pk=trainee.pk)
            trainings.follow_up(
                trainee=asked, by=people["cun1"], outcome=TraineeOutcome.JOB, followed_on=today - 9 * ONE_DAY
            )


def _firms(homes: list[Household], people: dict[str, User], today: datetime.date) -> None:
    told = {"by": people["zhen1"], "region": people["zhen1"].postings.get().region}
    firm = entities.add_entity(kind=EntityKind.FIRM, name="演示菌业公司", idempotency_key=_key(), **told)
    club = entities.add_entity(kind=EntityKind.COOPERATIVE, name="演示果蔬合作社", idempotency_key=_key(), **told)
    for place, household in enumerate(homes):
        at, kind = (firm, TieKind.LABOUR) if place % 2 else (club, TieKind.SHARE)
        bond = entities.tie(
            entity=at, household=household, by=people["cun1"], kind=kind, begun_on=today - 300 * ONE_DAY
        )
        for ago in (40, 130):
            entities.receive(
                bond=bond, by=people["cun1"], amount=(900 + 70 * place + ago) * YUAN, received_on=today - ago * ONE_DAY,
                note="二次分红" if kind == TieKind.SHARE else "季度工资", idempotency_key=_key(),
            )  # fmt: skip
