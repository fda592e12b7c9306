"""Whom a place is offered first (000 三2, 003 二（二）7、8): members of monitored households, 红 before 黄 before others."""

import datetime
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef

from accounts.models import User
from accounts.roles import CASEWORK_ROLES
from assistance.catalogue import Condition, Group
from assistance.conditions import Answer, Circumstances, answer, circumstances_of
from assistance.measures import groups_by_code, measure_of
from assistance.models import OfferAnswer, Post, PostOffer
from assistance.posts import PUBLIC_POST
from households.codes import RiskCause
from households.models import Household, Member
from households.models.households import HouseholdQuerySet
from monitoring.models import Case, Grade, GradeLevel

NOT_GRADED = 9
EARNING = (Group.JOBS, Group.PUBLIC_POSTS)


@dataclass
class Candidate:
    """Somebody who could take a place, why he stands where he stands, and what he must be asked first."""

    member: Member
    level: int | None
    reasons: list[str] = field(default_factory=list)
    asks: list[str] = field(default_factory=list)
    monitored: bool = True
    refused: str = ""  # what he said when this post was offered to him before
    helped: bool = False  # somebody of the household earns by help already
    fits: bool = False  # a risk of the household is one that a post answers
    key: uuid.UUID = field(default_factory=uuid.uuid4)  # of his button: however often it is tapped, one offer

    @property
    def place(self) -> tuple[object, ...]:
        """Where he stands in the list; the first is offered first."""
        home = self.member.household
        return (
            bool(self.refused), not self.monitored, self.level or NOT_GRADED, bool(self.asks), self.helped, not self.fits,
            home.village.path, home.group_no or 0, home.number, self.member.position,
        )  # fmt: skip


def candidates(post: Post, user: User, day: datetime.date) -> list[Candidate]:
    """Members of monitored households in the post's region, of those whom the person may offer it to; the first first."""
    return _ranked(post, monitored(_near(post, user), day), day)


def others(post: Post, user: User, words: str, day: datetime.date) -> list[Candidate]:
    """Members of households that are not monitored, found by the words typed; they come after all the others."""
    found = _near(post, user).matching(words).exclude(pk__in=monitored(_near(post, user), day).values("pk"))[:20]
    ranked = _ranked(post, Household.objects.filter(pk__in=[one.pk for one in found]), day)
    for one in ranked:
        one.monitored = False
        one.reasons.insert(0, "不是监测对象")
    return ranked


def is_monitored(household: Household, day: datetime.date) -> bool:
    """Whether the household is on the register, or has a grade in force."""
    return monitored(Household.objects.filter(pk=household.pk), day).exists()


def monitored(households: HouseholdQuerySet, day: datetime.date) -> HouseholdQuerySet:
    """Of these the ones on the register or graded."""
    cases = Case.objects.designated_on(day).filter(household=OuterRef("pk"))
    grades = Grade.objects.in_force_on(day).filter(household=OuterRef("pk"))
    return households.filter(Exists(cases) | Exists(grades))


def _near(post: Post, user: User) -> HouseholdQuerySet:
    mine = Household.objects.visible_to(user, *CASEWORK_ROLES).present()
    return mine.in_regions([post.region]).select_related("village__parent")


def _ranked(post: Post, households: HouseholdQuerySet, day: datetime.date) -> list[Candidate]:
    listed = list(households.select_related("village__parent"))
    keys = [one.pk for one in listed]
    levels, risks = _levels(keys, day), _risks(keys, day)
    taken, refused = _offered(post, keys)
    known, groups = circumstances_of(listed, day), groups_by_code()
    answered = set(measure_of(PUBLIC_POST, post.region).causes)
    found = []
    for household in listed:
        here = known[household.pk]
        standing = [*here.in_place(), *here.waiting()]
        posted = {one.member_id for one in here.in_place() if one.measure == PUBLIC_POST} | taken
        helped = any(groups.get(one.measure) in EARNING for one in standing)
        for member in here.together:
            if member.pk in posted or (one := _candidate(member, here)) is None:
                continue
            one.level, one.refused = levels.get(household.pk), refused.get(member.pk, "")
            one.helped, causes = helped, risks.get(household.pk, [])
            one.fits = bool(answered.intersection(causes))
            one.reasons = [*_why(one, [cause for cause in causes if cause in answered]), *one.reasons]
            found.append(one)
    return sorted(found, key=lambda one: one.place)


def _candidate(member: Member, known: Circumstances) -> Candidate | None:
    """With what is known of his labour; None for a child, a pupil, and who cannot work."""
    answers = {condition: answer(condition, known, member) for condition in (Condition.ADULT, Condition.SOME_LABOUR)}
    if Answer.NOT_MET in answers.values():
        return None
    member.household = known.household  # at hand, with its village
    asks = [condition.label for condition, told in answers.items() if told == Answer.ASK]
    return Candidate(member, None, [member.get_labour_skill_display()] if member.labour_skill else [], asks)


def _why(one: Candidate, causes: Iterable[str]) -> list[str]:
    words = [f"{GradeLevel(one.level).label}"] if one.level else ["监测对象，没有评定等级"]
    words += [f"{RiskCause(cause).label}，岗位能对上" for cause in causes]
    return [*words, "家里已有就业帮扶" if one.helped else "家里还没有就业帮扶"]


def _levels(households: list[uuid.UUID], day: datetime.date) -> dict[uuid.UUID, int]:
    """The grade in force; where nobody grades, the level of the case."""
    cases = Case.objects.designated_on(day).filter(household__in=households).exclude(risk_level=None).order_by()
    grades = Grade.objects.in_force_on(day).filter(household__in=households).order_by()
    return {**dict(cases.values_list("household", "risk_level")), **dict(grades.values_list("household", "level"))}


def _risks(households: list[uuid.UUID], day: datetime.date) -> dict[uuid.UUID, list[str]]:
    found: dict[uuid.UUID, list[str]] = {}
    cases = Case.objects.designated_on(day).filter(household__in=households).order_by("decided_on")
    for household, main, causes in cases.values_list("household", "main_risk", "risk_causes"):
        found[household] = [one for one in dict.fromkeys([main, *causes]) if one in RiskCause.values]
    return found


def _offered(post: Post, households: list[uuid.UUID]) -> tuple[set[uuid.UUID], dict[uuid.UUID, str]]:
    """Who waits for an answer or has a place of any post, and who has refused this one, with his words."""
    offers = PostOffer.objects.filter(member__household__in=households)
    waiting = set(offers.filter(answer=OfferAnswer.OPEN).values_list("member", flat=True))
    refused = offers.filter(post=post, answer=OfferAnswer.REFUSED).order_by("entered_at")
    words = {
        member: f"{on} 答复不愿意：{reason}"
        for member, on, reason in refused.values_list("member", "offered_on", "reason")
    }
    return waiting, words
