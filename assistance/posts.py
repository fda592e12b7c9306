"""公益岗位 (003 二（二）7、8): posts opened, places offered and taken, never more people than places; a place is a delivery."""

import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils import timezone

from accounts import audit
from accounts.idempotency import made, spend, spend_on
from accounts.models import Region, User
from accounts.roles import CASEWORK_ROLES, Role
from assistance.catalogue import Condition
from assistance.conditions import Answer, answer, circumstances_of
from assistance.exclusions import check_exclusive
from assistance.limits import check_term
from assistance.measures import Known, measure_of
from assistance.models import Delivery, Every, OfferAnswer, Post, PostOffer
from assistance.models.posts import PostOfferQuerySet, PostQuerySet
from assistance.places import near
from assistance.services import ALREADY, end_delivery, hold, standing, told_by
from households.models import Member
from households.money import format_yuan

PUBLIC_POST = "public_post"
FULL = "名额已经满了（有人在岗或者等答复），没有再安排。"
GONE_ON = "这个人的安排刚被别人办过，请刷新再看。"
CLOSED = "这个岗位已经停了，不能再安排人。"


def posts_for(user: User, *roles: Role) -> PostQuerySet:
    """Posts in somebody's regions, and those of the town and district over them, which his villagers may be offered."""
    return near(Post.objects.all(), user, *roles).select_related("region__parent")


def with_places(posts: PostQuerySet, day: datetime.date) -> PostQuerySet:
    """Each with how many places are held, and how many are offered and not answered."""
    held = Count("offers", filter=_held("offers__", day), distinct=True)
    waiting = Count("offers", filter=Q(offers__answer=OfferAnswer.OPEN), distinct=True)
    return posts.annotate(held=held, waiting=waiting)


def _held(prefix: str, day: datetime.date) -> Q:
    """Who has taken a place, is still there, and has not ended before the day."""
    ended = Q(**{f"{prefix}delivery__ended_on": None}) | Q(**{f"{prefix}delivery__ended_on__gte": day})
    return ended & Q(**{f"{prefix}answer": OfferAnswer.TAKEN, f"{prefix}member__left_on": None})


def holders(post: Post, day: datetime.date) -> PostOfferQuerySet:
    """Who has a place of the post on the day."""
    return post.offers.filter(_held("", day))


def free_places(post: Post, day: datetime.date) -> int:
    """Places that nobody has and nobody was offered: an offer keeps its place until it is answered."""
    return post.places - holders(post, day).count() - post.offers.filter(answer=OfferAnswer.OPEN).count()


@transaction.atomic
def open_post(
    *,
    by: User,
    region: Region,
    title: str,
    places: int,
    wage: int,
    fund: str,
    unit: str,
    opens_on: datetime.date,
    closes_on: datetime.date | None,
    idempotency_key: str,
) -> Post:
    """A kind of post with its places; sent twice it is one. Raises PermissionDenied, ValidationError."""
    if by.posting_over(region, *CASEWORK_ROLES) is None:
        raise PermissionDenied("公益岗位由本村、本镇（街）或区（市）登记。")
    if earlier := made(idempotency_key, by, Post.objects.all()):
        return earlier
    if places < 1:
        raise ValidationError("名额至少 1 个。")
    if wage < 1:
        raise ValidationError("请填月工资。")
    if closes_on and closes_on < opens_on:
        raise ValidationError("结束日期不能早于开始日期。")
    post = Post.objects.create(
        region=region, title=title.strip(), places=places, wage=wage, fund=fund, unit=unit.strip(), opens_on=opens_on,
        closes_on=closes_on, entered_by=by,
    )  # fmt: skip
    if not spend(idempotency_key, by, str(post.pk)):
        raise ValidationError("刚才已经登记过，请刷新。")
    told = {"title": post.title, "places": places, "wage": format_yuan(wage)}
    audit.record(action="post.open", actor=by, target=post, region=region, **told)
    return post


@transaction.atomic
def close_post(*, post: Post, by: User, closes_on: datetime.date) -> None:
    """Nobody is offered a place from then on; who has one keeps it to the end of his term. Raises ValidationError."""
    if by.posting_over(post.region, *CASEWORK_ROLES) is None:
        raise PermissionDenied("这个岗位由开设它的单位停。")
    locked = Post.objects.select_for_update().get(pk=post.pk)
    if closes_on < locked.opens_on:
        raise ValidationError("停的日期不能早于开始日期。")
    if locked.closes_on and locked.closes_on <= closes_on:
        raise ValidationError(f"这个岗位到 {locked.closes_on} 为止，不能往后改。")
    Post.objects.filter(pk=post.pk).update(closes_on=closes_on)
    audit.record(action="post.close", actor=by, target=post, region=post.region, ends_on=closes_on)


@transaction.atomic
def offer_place(
    *, post: Post, member: Member, by: User, idempotency_key: str, monitored: bool, reason: str = ""
) -> bool:
    """Offer a place to somebody; it is kept for him until he answers. Sent twice it acts once, and the second gives False.

    ``monitored`` says whether he is of a household that comes first; for anybody else a reason is needed. Raises
    PermissionDenied, and ValidationError where no place is free or the person cannot take it.
    """
    _check_may(post, member, by)
    locked, today = Post.objects.select_for_update().get(pk=post.pk), timezone.localdate()
    hold(member.household)  # whoever offers him another post at this moment waits, and finds him waiting for this one
    if not spend_on(idempotency_key, by, f"offer:{post.pk}:{member.pk}"):
        return False
    if not monitored and not reason.strip():
        raise ValidationError("这个人家里不是监测对象，为什么先安排他，请写明原因。")
    if locked.closes_on and locked.closes_on < today:
        raise ValidationError(CLOSED)
    if free_places(locked, today) < 1:
        raise ValidationError(FULL)
    _check_able(member, today)
    try:
        with transaction.atomic():
            made_offer = PostOffer.objects.create(
                post=locked, member=member, offered_on=today, reason=reason.strip(), entered_by=by
            )
    except IntegrityError as fault:
        raise ValidationError("这个岗位已经安排过这个人，没有重复安排。") from fault
    trace("post.offer", made_offer, by, reason=reason.strip())
    return True


def _check_may(post: Post, member: Member, by: User) -> None:
    village = member.household.village
    if by.posting_over(village, *CASEWORK_ROLES) is None:
        raise PermissionDenied("只能给自己辖区的人安排岗位。")
    if not post.region.contains(village):
        raise ValidationError(f"这个岗位是{post.region.name}的，不能安排别处的人。")


def _check_able(member: Member, day: datetime.date) -> None:
    """Raises ValidationError for who left, cannot work, or has or is offered a post already."""
    if member.left_on or member.household.closed_on:
        raise ValidationError("这个人已经不在这一户，不能安排。")
    known = circumstances_of([member.household], day)[member.household_id]
    for condition in (Condition.SOME_LABOUR, Condition.ADULT):
        if answer(condition, known, member) == Answer.NOT_MET:
            raise ValidationError(f"不符合“{condition.label}”，不能安排。")
    if any(one.measure == PUBLIC_POST and one.member_id == member.pk for one in known.in_place()):
        raise ValidationError("这个人已有公益岗位。")
    if PostOffer.objects.filter(member=member, answer=OfferAnswer.OPEN).exists():
        raise ValidationError("这个人已有一个岗位在等答复，先答复再说。")


@transaction.atomic
def refuse_place(*, offer: PostOffer, by: User, reason: str) -> None:
    """He does not want it, or the offer is taken back; the place is free again. Raises ValidationError without a reason."""
    _check_may(offer.post, offer.member, by)
    if not reason.strip():
        raise ValidationError("请写明为什么不愿意。")
    waiting = PostOffer.objects.filter(pk=offer.pk, answer=OfferAnswer.OPEN)
    if not waiting.update(answer=OfferAnswer.REFUSED, reason=reason.strip()):
        raise ValidationError(GONE_ON)
    trace("post.refuse", offer, by, reason=reason.strip())


@transaction.atomic
def take_place(
    *, offer: PostOffer, by: User, begun_on: datetime.date, runs_until: datetime.date | None = None
) -> Delivery:
    """He begins: the place is his, and in the same transaction it is a delivery with its wage and its term.

    Without ``runs_until`` the term is that of the post. Raises ValidationError where the place is gone, a day will not do,
    or the same person has a post already.
    """
    _check_may(offer.post, offer.member, by)
    # Whoever takes or offers a place of this post at the same moment waits here, and counts after us.
    post, today = Post.objects.select_for_update().get(pk=offer.post_id), timezone.localdate()
    if not PostOffer.objects.filter(pk=offer.pk, answer=OfferAnswer.OPEN).exists():
        raise ValidationError(GONE_ON)
    if holders(post, min(begun_on, today)).count() >= post.places:
        raise ValidationError(FULL)
    until = runs_until or post.closes_on
    _check_days(post, begun_on, until, today)
    delivery = _deliver(offer, post, by, begun_on, until)
    mine = PostOffer.objects.filter(pk=offer.pk, answer=OfferAnswer.OPEN)
    if not mine.update(answer=OfferAnswer.TAKEN, delivery=delivery):
        raise ValidationError(GONE_ON)
    trace("post.take", offer, by, begun_on=begun_on, ends_on=until)
    return delivery


def _check_days(post: Post, begun_on: datetime.date, until: datetime.date | None, today: datetime.date) -> None:
    if begun_on > today:
        raise ValidationError("上岗日期不能晚于今天。")
    if begun_on < post.opens_on:
        raise ValidationError(f"这个岗位 {post.opens_on} 才开始。")
    if until is None:
        raise ValidationError("岗位没有结束日期，请填协议到哪天。")
    if post.closes_on and until > post.closes_on:
        raise ValidationError(f"这个岗位到 {post.closes_on} 为止，协议不能更长。")


def _deliver(offer: PostOffer, post: Post, by: User, begun_on: datetime.date, until: datetime.date | None) -> Delivery:
    """A new delivery, or the one that a plan has promised him."""
    member, household = offer.member, offer.member.household
    if member.left_on:
        raise ValidationError("这个人已经不在这一户，不能上岗。")
    measure, day = measure_of(PUBLIC_POST, household.village), timezone.localdate()
    check_term(measure, begun_on, until)
    hold(household)
    # Locked before anything is looked at: a department's list may put it in place at this moment.
    promised = Delivery.objects.select_for_update().filter(
        household=household, member=member, measure=PUBLIC_POST, begun_on=None, dropped_on=None, list_row=None
    )
    delivery = promised.first()
    if standing(household, measure, member, begun_on, None).exists():
        raise ValidationError(ALREADY)
    known = circumstances_of([household], day)[household.pk]
    check_exclusive(measure, member, known, Known([household.village], day).at(household.village))
    agreed = {
        "begun_on": begun_on, "runs_until": until, "amount": post.wage, "every": Every.MONTH, "fund": post.fund,
        "unit": post.unit, "note": post.title,
    }  # fmt: skip
    if delivery:
        for name, value in agreed.items():
            setattr(delivery, name, value)
        delivery.version += 1
        delivery.save(update_fields=[*agreed, "version"])
        return delivery
    return Delivery.objects.create(
        household=household, member=member, **told_by(measure), **agreed, promised_on=offer.offered_on, entered_by=by
    )


@transaction.atomic
def leave_place(*, offer: PostOffer, by: User, ended_on: datetime.date, reason: str) -> None:
    """The last day at work: the delivery ends, and the place is free from the next day on. Raises ValidationError."""
    _check_may(offer.post, offer.member, by)
    if not reason.strip():
        raise ValidationError("请写明为什么离岗。")
    if offer.delivery is None:
        raise ValidationError("这个人没有上岗。")
    end_delivery(delivery=offer.delivery, by=by, ended_on=ended_on)
    trace("post.leave", offer, by, ended_on=ended_on, reason=reason.strip())


def trace(action: str, offer: PostOffer, by: User, **details: object) -> None:
    """What was done about somebody's place, under his household."""
    household = offer.member.household
    audit.record(action=action, actor=by, target=household, region=household.village, title=offer.post.title, **details)
