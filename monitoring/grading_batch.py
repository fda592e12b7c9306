"""One step of 三色分级 for many households at once: 同意系统等级, 审核同意, 备案; what cannot go is skipped and said so."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone

from accounts.idempotency import spend_on
from accounts.models import User
from households.models import Household
from monitoring import grading
from monitoring.grading_grounds import Ground, grounds_of
from monitoring.grading_steps import BY_NAME, PROPOSE
from monitoring.models import Assessment, GradeLevel, Grading, GradingEvent

MOST = 200


class BatchAction(NamedTuple):
    """A step that goes for many at once, from which tab, and its words."""

    step: str
    tab: str
    verb: str
    done: str


ACTIONS = {
    "propose": BatchAction(PROPOSE, "ready", "同意系统等级", "已按系统等级提出"),
    "agree": BatchAction("agree", "town", "审核同意", "已审核同意"),
    "file": BatchAction("file", "district", "备案", "已备案"),
}
OF_TAB = {action.tab: name for name, action in ACTIONS.items()}


@dataclass(frozen=True)
class GradingCandidate:
    """A household that was ticked: the level it would get, or in ``skip`` why it must be handled alone.

    ``seen`` is what the confirmation page shows of it: the basis of a proposal, or the version of a grading.
    """

    household: Household
    level: int | None
    suggested: int | None
    seen: str
    skip: str
    reason: str = ""
    grading: Grading | None = None
    ground: Ground | None = None

    @property
    def name(self) -> str:
        """The head's name, or the number."""
        return self.household.head_name or self.household.number


@dataclass
class GradingOutcome:
    """What came of a batch."""

    done: list[GradingCandidate] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def candidates(action: str, households: Sequence[Household], by: User) -> list[GradingCandidate]:
    """Each household with what would come of it; the number of queries does not grow with them."""
    listed = list(households[:MOST])
    if action == "propose":
        return _proposals(listed, by, timezone.localdate())
    return _reviews(BY_NAME[ACTIONS[action].step].name, listed, by)


def _proposals(households: list[Household], by: User, on: datetime.date) -> list[GradingCandidate]:
    found = []
    for household, ground in zip(households, grounds_of(households, on).values(), strict=True):
        skip = ground.why_not()
        if not skip and ground.open:
            skip = "是退回的，要看过原因单独提出"
        if not skip and ground.suggested is None:
            skip = "系统没有建议，要单独写原因"
        if not skip and (wanted := ground.reason_wanted(ground.suggested or 0)):
            skip = wanted
        if not by.posting_over(household.village, *BY_NAME[PROPOSE].roles):
            skip = "不是您村的户"
        found.append(
            GradingCandidate(
                household, ground.suggested, ground.suggested, grading.basis_of(ground), skip, ground=ground
            )
        )
    return found


def _reviews(name: str, households: list[Household], by: User) -> list[GradingCandidate]:
    step = BY_NAME[name]
    keys = [one.pk for one in households]
    waiting = Grading.objects.visible_to(by, *step.roles).filter(household__in=keys, stage__in=step.sources)
    waiting = waiting.select_related("survey", "village").prefetch_related(
        Prefetch("events", queryset=GradingEvent.objects.all())
    )
    mine = {one.household_id: one for one in waiting}
    standing = {
        one.household_id: one for one in Assessment.objects.filter(household__in=keys).standing_on(timezone.localdate())
    }
    found = []
    for household in households:
        if (one := mine.get(household.pk)) is None:
            found.append(GradingCandidate(household, None, None, "", "已经不在这一步"))
            continue
        one.household = household
        skip = grading.blocked(step, one, by, standing)
        if not skip and one.differs and step.name == "agree":
            skip = "和系统建议不同，要看过原因单独审核"
        found.append(GradingCandidate(household, one.level, one.suggested, str(one.version), skip, one.reason, one))
    return found


def take_many(
    *, action: str, households: Sequence[Household], seen: dict[str, str], by: User, note: str, idempotency_key: str
) -> GradingOutcome | None:
    """Take the step for each that still allows it; None when the form came a second time.

    ``seen`` is what the confirmation page said of each, by the household's key: whatever changed since is skipped and said.
    """
    outcome = GradingOutcome()
    with transaction.atomic():
        if not spend_on(idempotency_key, by, f"grading-batch:{action}"):
            return None
        for candidate in candidates(action, households, by):
            try:
                _take_one(action, candidate, seen.get(str(candidate.household.pk), ""), by, note)
            except ValidationError as fault:
                outcome.skipped.append(_named(candidate, fault.messages[0]))
            else:
                outcome.done.append(candidate)
    return outcome


def _take_one(action: str, candidate: GradingCandidate, seen: str, by: User, note: str) -> None:
    if candidate.skip:
        raise ValidationError(candidate.skip)
    if seen != candidate.seen:
        raise ValidationError("这户刚有新情况，没有一起办，请单独看过再办。")
    with transaction.atomic():
        if action == "propose":
            grading.propose(
                household=candidate.household, level=candidate.level or GradeLevel.BLUE, by=by, ground=candidate.ground
            )
        elif candidate.grading:
            grading.take(
                ACTIONS[action].step, grading=candidate.grading, by=by, note=note, expected_version=int(candidate.seen)
            )


def may_act(action: str, user: User) -> bool:
    """Whether the action is one of the person's own."""
    return action in ACTIONS and user.holds(*BY_NAME[ACTIONS[action].step].roles)


def check_action(action: str, user: User) -> BatchAction:
    """The action, where it is the person's own; raises PermissionDenied."""
    if not may_act(action, user):
        raise PermissionDenied("您的岗位不能批量办这一步。")
    return ACTIONS[action]


def _named(candidate: GradingCandidate, words: str) -> str:
    return words if words.startswith(candidate.name) else f"{candidate.name}：{words}"


def counts_by_level(going: Sequence[GradingCandidate]) -> dict[str, int]:
    """How many of each level go, red first."""
    return {name: sum(one.level == level for one in going) for name, level in (("red", 1), ("yellow", 2), ("blue", 3))}
