"""Features of the second grade and key groups (六安2019) as bits: what was answered, and what the registers say already."""

from collections.abc import Iterable, Sequence

from django.db.models import Q, TextField
from django.db.models.functions import Cast

from households.codes import (
    ABLE_TO_WORK,
    KEY_GROUP_BITS,
    LEVEL_TWO_BITS,
    UNSAFE_HOUSING,
    Dibao,
    Health,
    KeyGroup,
    LabourSkill,
    LevelTwoFeature,
    RiskCause,
    Tekun,
)
from households.models import Household, Member, Survey
from households.models.households import MemberQuerySet

# What follows from the members alone.
FEATURES = LEVEL_TWO_BITS[LevelTwoFeature.WEAK_SKILLS]
GROUPS = sum(
    KEY_GROUP_BITS[group] for group in (KeyGroup.DIBAO, KeyGroup.TEKUN_AT_HOME, KeyGroup.ILL, KeyGroup.DISABLED)
)


def yellow_bits(survey: Survey, together: Sequence[Member]) -> int:
    """The features that were answered, and 劳动技能不强: who can work at all is 弱劳动力或半劳动力."""
    skills = {member.labour_skill for member in together}
    weak = LabourSkill.WEAK in skills and not skills.intersection(ABLE_TO_WORK)
    answered = sum(LEVEL_TWO_BITS[LevelTwoFeature(feature)] for feature in set(survey.level_two_features or ()))
    return answered | (FEATURES if weak else 0)


def key_group_bits(survey: Survey, together: Iterable[Member]) -> int:
    """The groups that were answered, and those that house, members, causes and losses put the household in."""
    found = {KeyGroup(group) for group in survey.key_groups or ()}
    if _is_unsafe(survey):
        found.add(KeyGroup.UNSAFE_HOUSE)
    if RiskCause.DISASTER in survey.risk_causes or survey.rigid_disaster:
        found.add(KeyGroup.DISASTER)
    for member in together:
        found |= _groups_of(member)
    return sum(KEY_GROUP_BITS[group] for group in found)


def register_group_bits(household: Household, together: Iterable[Member]) -> int:
    """The groups that the register alone puts a household in, while nobody has visited it."""
    found = {KeyGroup.UNSAFE_HOUSE} if household.unsafe_house else set()
    for member in together:
        found |= _groups_of(member)
    return sum(KEY_GROUP_BITS[group] for group in found)


def only_in_a_group(members: MemberQuerySet) -> MemberQuerySet:
    """Of these members those who put their household in one of the groups: ``_groups_of``, asked of the database."""
    ill = Q()
    for health in (Health.SERIOUS, Health.CHRONIC, Health.DISABLED):
        ill |= Q(health_words__contains=health.value)
    told = ~Q(dibao=Dibao.NONE) | Q(tekun=Tekun.RURAL_HOME) | ~Q(disability_category="")
    return members.alias(health_words=Cast("health", TextField())).filter(told | ill)


def _is_unsafe(survey: Survey) -> bool:
    """The grade seen on the visit; where none was given, what the roster says."""
    return survey.housing_grade in UNSAFE_HOUSING if survey.housing_grade else bool(survey.household.unsafe_house)


def _groups_of(member: Member) -> set[KeyGroup]:
    groups = {
        KeyGroup.DIBAO: member.dibao != Dibao.NONE,
        KeyGroup.TEKUN_AT_HOME: member.tekun == Tekun.RURAL_HOME,
        KeyGroup.ILL: Health.SERIOUS in member.health or Health.CHRONIC in member.health,
        KeyGroup.DISABLED: Health.DISABLED in member.health or bool(member.disability_category),
    }
    return {group for group, holds in groups.items() if holds}
