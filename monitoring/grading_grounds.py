"""What a household is graded by today: the visit, what the rules suggest, the grade in force, the round, and what is missing."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from accounts.models import Region
from households.models import Facts, Household
from monitoring.grading_rounds import VISIT_DAYS, district_of, round_of
from monitoring.models import Assessment, Grade, Grading, GradingRound, GradingStage
from monitoring.models.grading import OPEN_GRADINGS, SUGGESTS, GradeLevel
from monitoring.policy.values import Policy, policy_in_force

BELOW_DISTRICT = 8  # characters of a village's path under its district


@dataclass(frozen=True)
class Ground:
    """What stands of one household on a day.

    ``round`` is the latest round of the district while the household has not been filed in it; None when it has been, or
    when no round has begun: what is proposed then is a change outside of a round.
    """

    household: Household
    policy: Policy
    round: GradingRound | None
    facts: Facts | None
    assessment: Assessment | None
    grade: Grade | None
    open: Grading | None
    visited_from: datetime.date

    @property
    def suggested(self) -> GradeLevel | None:
        """The level that the rules suggest; None where they cannot say."""
        return SUGGESTS.get(self.assessment.level) if self.assessment else None

    @property
    def is_graded_type(self) -> bool:
        """Whether the rule set grades households of this type."""
        return self.household.household_type in self.policy.ruleset.graded_types

    @property
    def changed(self) -> bool:
        """Whether the rules suggest something else than when the grade was filed, and than the grade (随时调整)."""
        if self.grade is None or self.suggested is None:
            return False
        return self.suggested not in (self.grade.level, self.grade.suggested)

    @property
    def visit_missing(self) -> str:
        """Why the family must be visited first (评定前要实地了解), in a sentence; empty when the visit counts."""
        if self.facts is None:
            return "还没有入户调查，先去实地了解，再评定。"
        if self.facts.visited_on < self.visited_from:
            return (
                f"上次入户是 {self.facts.visited_on:%Y-%m-%d}，评定要用 {self.visited_from:%Y-%m-%d} 以后的入户，"
                "先去实地了解。"
            )
        return ""

    def why_not(self) -> str:
        """Why no level can be proposed today, in a sentence; empty when one can."""
        if self.household.closed_on:
            return "这户已经注销，不再评定。"
        if not self.is_graded_type:
            return f"{self.household.get_household_type_display()}不分红黄蓝，只评定脱贫户。"
        if self.open and self.open.stage != GradingStage.RETURNED:
            return f"这户的等级已经提出，现在“{self.open.get_stage_display()}”。"
        return self.visit_missing

    def reason_wanted(self, level: int) -> str:
        """Why a reason is needed for this level, as the hint of the box; empty when none is."""
        if self.suggested is None:
            return "系统没有建议（还有没问到的），要写为什么定这个等级。"
        if level != self.suggested:
            return "和系统建议不同，要写原因。"
        if self.round is None and self.grade is not None and not self.changed:
            return "不在评定时间里，要写家里有什么变化。"
        return ""


def ground_of(household: Household, on: datetime.date) -> Ground:
    """The ground of one household on a day; raises PolicyNotInForce before its rule set begins."""
    return grounds_of([household], on)[household.pk]


def grounds_of(households: Iterable[Household], on: datetime.date) -> dict[UUID, Ground]:
    """The grounds of many households, by key: five queries, and three for each district."""
    listed = list(households)
    keys = [one.pk for one in listed]
    facts = {one.household_id: one for one in Facts.objects.filter(household__in=keys, replaced_on=None)}
    standing = {one.household_id: one for one in Assessment.objects.filter(household__in=keys).standing_on(on)}
    grades = {one.household_id: one for one in Grade.objects.filter(household__in=keys, replaced_on=None)}
    begun = {one.household_id: one for one in Grading.objects.filter(household__in=keys, stage__in=OPEN_GRADINGS)}
    districts: dict[str, tuple[Policy, GradingRound | None]] = {}
    for one in listed:
        if one.village.path[:-BELOW_DISTRICT] not in districts:
            districts[one.village.path[:-BELOW_DISTRICT]] = _of_district(one.village, on)
    rounds = {found.pk for _policy, found in districts.values() if found}
    filed = set(
        Grading.objects.filter(household__in=keys, round__in=rounds, stage=GradingStage.FILED).values_list(
            "household_id", "round_id"
        )
    )
    grounds = {}
    for one in listed:
        policy, found = districts[one.village.path[:-BELOW_DISTRICT]]
        due = found if found and (one.pk, found.pk) not in filed else None
        grounds[one.pk] = Ground(
            household=one,
            policy=policy,
            round=due,
            facts=facts.get(one.pk),
            assessment=standing.get(one.pk),
            grade=grades.get(one.pk),
            open=begun.get(one.pk),
            visited_from=visits_count_from(policy, due, on),
        )
    return grounds


def visits_count_from(policy: Policy, found: GradingRound | None, on: datetime.date) -> datetime.date:
    """From when on a visit is fresh enough: in a round, the round's own day; outside, so many days before today."""
    if found:
        return found.visited_from
    days = policy.whole(VISIT_DAYS) if VISIT_DAYS in policy.ruleset.parameters else 0
    return on - datetime.timedelta(days=days)


def _of_district(village: Region, on: datetime.date) -> tuple[Policy, GradingRound | None]:
    policy = policy_in_force(village, on)
    return policy, round_of(district_of(village), on) if policy.ruleset.graded_types else None
