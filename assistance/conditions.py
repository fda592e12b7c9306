"""Whether a household, or one of its members, meets the conditions of a measure: met, not met, or to be asked."""

import datetime
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import TextChoices

from assistance.catalogue import OF_THE_HOUSEHOLD, CatalogueMeasure, Condition
from assistance.models import Delivery, Stage
from households import codes
from households.codes import GUARANTEE_BITS, Guarantee, Health, LabourSkill
from households.models import Facts, Household, Member
from households.models.households import full_years

OLD_FROM = 60
WORKS_FROM = 16
COMPULSORY_AGES = range(6, 16)
STUDENT_AGES = range(3, 26)  # within them a blank 在校生状况 may as well be one that nobody filled in
NOT_YET_AT_SCHOOL = "学龄前儿童"
PUPILS = ("小学", "七年级", "八年级", "九年级")
GRADUATES = ("大专", "本科及以上")
SEVERE = ("一级", "二级")
LOANS = ("small_loan", "loan_extension")


class Answer(TextChoices):
    """What is known of a condition."""

    MET = "met", "符合"
    NOT_MET = "not_met", "不符合"
    ASK = "ask", "要问"


@dataclass(frozen=True)
class Checked:
    """One condition with its answer."""

    condition: Condition
    answer: Answer

    @property
    def words(self) -> str:
        """For the page: the condition, and whether it holds."""
        return f"{self.condition.label}：{self.answer.label}"


@dataclass
class Circumstances:
    """What is known of a household on a day: its members, what was found on the newest visit, its measures."""

    household: Household
    on: datetime.date
    members: list[Member] = field(default_factory=list)  # present, the head first
    facts: Facts | None = None
    deliveries: list[Delivery] = field(default_factory=list)  # all of them, whatever became of them

    @property
    def together(self) -> list[Member]:
        """Who shares income and spending."""
        return [member for member in self.members if member.lives_here]

    @property
    def able(self) -> list[Member]:
        """Who can work."""
        return [member for member in self.together if can_work(member, self.on) == Answer.MET]

    def of_those_here(self) -> list[Delivery]:
        """Measures of the household and of the members who are present."""
        return [one for one in self.deliveries if one.member is None or one.member.left_on is None]

    def in_place(self) -> list[Delivery]:
        """Measures 已落实 on the day."""
        return [one for one in self.of_those_here() if is_in_place(one, self.on)]

    def waiting(self) -> list[Delivery]:
        """Measures that are promised, and neither there yet nor given up."""
        return [one for one in self.of_those_here() if is_waiting(one, self.on)]


def is_in_place(delivery: Delivery, day: datetime.date) -> bool:
    """The same as DeliveryQuerySet.in_place_on, of a row that was read: what was granted counts in its own year."""
    begun = delivery.begun_on
    if begun is None or begun > day:
        return False
    if delivery.is_grant:
        return begun.year == day.year
    return delivery.stage_on(day) == Stage.IN_PLACE


def is_waiting(delivery: Delivery, day: datetime.date) -> bool:
    """Promised or in hand: also what was begun without a promise and is not finished (危房改造)."""
    return delivery.stage_on(day) in (Stage.PROMISED, Stage.IN_HAND)


def circumstances_of(households: Iterable[Household], day: datetime.date) -> dict[uuid.UUID, Circumstances]:
    """Of these households, in three queries however many they are."""
    found = {household.pk: Circumstances(household, day) for household in households}
    for member in Member.objects.filter(household__in=found).present().defer("id_number", "phone").head_first():
        found[member.household_id].members.append(member)
    for facts in Facts.objects.filter(household__in=found, replaced_on=None).select_related("survey"):
        found[facts.household_id].facts = facts
    for delivery in Delivery.objects.filter(household__in=found).select_related("member"):
        found[delivery.household_id].deliveries.append(delivery)
    return found


def check(measure: CatalogueMeasure, known: Circumstances, member: Member | None = None) -> list[Checked]:
    """Every condition of a measure for the household, or for one of its members."""
    return [Checked(condition, answer(condition, known, member)) for condition in measure.checks]


def verdict(checked: Iterable[Checked]) -> Answer:
    """Not met where one is not met, to be asked where one must be asked, else met."""
    answers = {one.answer for one in checked}
    for worst in (Answer.NOT_MET, Answer.ASK):
        if worst in answers:
            return worst
    return Answer.MET


def answer(condition: Condition, known: Circumstances, member: Member | None = None) -> Answer:
    """Whether a condition holds; one about a person asks all who live together where nobody is named."""
    if condition in OF_THE_HOUSEHOLD:
        return _HOUSEHOLD[condition](known)
    people = [member] if member else known.together
    return _any(_PERSON[condition](person, known.on) for person in people)


# ---- of the household ----


def _has_labour(known: Circumstances) -> Answer:
    if known.household.whole_without_labour:
        return Answer.NOT_MET
    return _any(can_work(member, known.on) for member in known.together)


def _unsafe_house(known: Circumstances) -> Answer:
    return _unsolved(known, Guarantee.HOUSING, known.household.unsafe_house)


def _unsafe_water(known: Circumstances) -> Answer:
    safe = known.household.safe_water
    return _unsolved(known, Guarantee.WATER, None if safe is None else not safe)


def _unsolved(known: Circumstances, guarantee: Guarantee, roster: bool | None) -> Answer:
    """What the newest visit found; where it did not ask, what the roster says."""
    bit, facts = GUARANTEE_BITS[guarantee], known.facts
    if facts is not None and facts.guarantee_bits & bit:
        return Answer.MET
    if facts is not None and not facts.guarantees_unanswered & bit:
        return Answer.NOT_MET
    return Answer.ASK if roster is None else _yes(roster)


def _has_loan(known: Circumstances) -> Answer:
    return _yes(any(one.measure in LOANS for one in known.in_place()))


def _old_person(known: Circumstances) -> Answer:
    return _any(_of_age(member, known.on, lambda years: years >= OLD_FROM) for member in known.together)


# ---- of a person ----


def can_work(member: Member, day: datetime.date) -> Answer:
    """Ordinary or skilled labour; a child never, and where nothing is filled in somebody must ask."""
    return _skill(member, day, codes.ABLE_TO_WORK)


def _some_labour(member: Member, day: datetime.date) -> Answer:
    return _skill(member, day, (*codes.ABLE_TO_WORK, LabourSkill.WEAK))


def _no_labour(member: Member, _day: datetime.date) -> Answer:
    if not member.labour_skill:
        return Answer.ASK
    return _yes(member.labour_skill in (LabourSkill.LOST, LabourSkill.NONE))


def _skill(member: Member, day: datetime.date, skills: tuple[LabourSkill, ...]) -> Answer:
    years = _years(member, day)
    if years is not None and years < WORKS_FROM:
        return Answer.NOT_MET
    return _yes(member.labour_skill in skills) if member.labour_skill else Answer.ASK


def _student(member: Member, day: datetime.date) -> Answer:
    if member.student_status:
        return _yes(member.student_status != NOT_YET_AT_SCHOOL)
    return Answer.ASK if _may_be(member, day, STUDENT_AGES) else Answer.NOT_MET


def _pupil(member: Member, day: datetime.date) -> Answer:
    if member.student_status:
        return _yes(member.student_status in PUPILS)
    return Answer.ASK if _may_be(member, day, COMPULSORY_AGES) else Answer.NOT_MET


def _school_age(member: Member, day: datetime.date) -> Answer:
    return _of_age(member, day, COMPULSORY_AGES.__contains__)


def _graduate(member: Member, day: datetime.date) -> Answer:
    if not member.education:
        return Answer.NOT_MET if _is_child(member, day) else Answer.ASK
    return _yes(member.education in GRADUATES and not member.student_status)


def _ill(member: Member, _day: datetime.date) -> Answer:
    if not member.health:
        return Answer.ASK
    return _yes(Health.SERIOUS in member.health or Health.CHRONIC in member.health)


def _disabled(member: Member, _day: datetime.date) -> Answer:
    """The category stands on the card; who is only said to be disabled may have none."""
    if member.disability_category or member.disability_level:
        return Answer.MET
    return Answer.ASK if not member.health or Health.DISABLED in member.health else Answer.NOT_MET


def _severely_disabled(member: Member, day: datetime.date) -> Answer:
    if member.disability_level:
        return _yes(member.disability_level in SEVERE)
    return Answer.NOT_MET if _disabled(member, day) == Answer.NOT_MET else Answer.ASK


def _adult(member: Member, day: datetime.date) -> Answer:
    if member.student_status:
        return Answer.NOT_MET
    return _of_age(member, day, lambda years: years >= WORKS_FROM)


# ---- of ages and answers ----


def _years(member: Member, day: datetime.date) -> int | None:
    return None if member.born_on is None else full_years(member.born_on, day)


def _is_child(member: Member, day: datetime.date) -> bool:
    years = _years(member, day)
    return years is not None and years < WORKS_FROM


def _of_age(member: Member, day: datetime.date, holds: Callable[[int], bool]) -> Answer:
    years = _years(member, day)
    return Answer.ASK if years is None else _yes(holds(years))


def _may_be(member: Member, day: datetime.date, ages: range) -> bool:
    years = _years(member, day)
    return years is None or years in ages


def _yes(holds: bool) -> Answer:
    return Answer.MET if holds else Answer.NOT_MET


def _any(answers: Iterator[Answer]) -> Answer:
    """Met by one is met; else, where one must be asked, that; nobody there is not met."""
    told = set(answers)
    for best in (Answer.MET, Answer.ASK):
        if best in told:
            return best
    return Answer.NOT_MET


_HOUSEHOLD: dict[Condition, Callable[[Circumstances], Answer]] = {
    Condition.HAS_LABOUR: _has_labour,
    Condition.UNSAFE_HOUSE: _unsafe_house,
    Condition.UNSAFE_WATER: _unsafe_water,
    Condition.HAS_LOAN: _has_loan,
    Condition.OLD_PERSON: _old_person,
}
_PERSON: dict[Condition, Callable[[Member, datetime.date], Answer]] = {
    Condition.CAN_WORK: can_work,
    Condition.SOME_LABOUR: _some_labour,
    Condition.NO_LABOUR_PERSON: _no_labour,
    Condition.STUDENT: _student,
    Condition.PUPIL: _pupil,
    Condition.SCHOOL_AGE: _school_age,
    Condition.GRADUATE: _graduate,
    Condition.ILL: _ill,
    Condition.DISABLED: _disabled,
    Condition.SEVERELY_DISABLED: _severely_disabled,
    Condition.ADULT: _adult,
}
