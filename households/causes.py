"""Propose risk causes from who lives in a household and what it spent; the cadre ticks them, the system does not."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from households import codes
from households.codes import Health, RiskCause
from households.models import Member

# Self-paid amounts a year above which a proposal is made, in fen. Counties push 5,000 (医保, registered households)
# and 10,000 (school cost a year); the lower one serves for both, because it is only a proposal.
BIG_MEDICAL = BIG_EDUCATION = 5_000_00
# Wages that fall by this share or more point at unstable work.
BIG_FALL_PERCENT = 30
# Compulsory schooling ends with the ninth year.
COMPULSORY = ("学龄前儿童", "学前教育", "小学", "七年级", "八年级", "九年级")


class Proposal(NamedTuple):
    """A cause, and what it is read from."""

    cause: RiskCause
    reason: str


def propose_causes(
    members: Iterable[Member], answers: Mapping[str, int | None], last: Mapping[str, int | None] | None = None
) -> list[Proposal]:
    """Causes that the members and the amounts (fen; a missing one is unknown) point at, in the order of the code list."""
    together = [member for member in members if member.left_on is None and member.lives_here]
    found: dict[RiskCause, list[str]] = {}
    for cause, reason in (*_of_people(together), *_of_amounts(answers, last or {})):
        found.setdefault(cause, []).append(reason)
    return [Proposal(cause, "，".join(found[cause])) for cause in RiskCause if cause in found]


def _of_people(members: list[Member]) -> Iterator[Proposal]:
    for member in members:
        if Health.SERIOUS in member.health:
            yield Proposal(RiskCause.ILLNESS, f"{member.name}患有大病")
        elif Health.CHRONIC in member.health:
            yield Proposal(RiskCause.ILLNESS, f"{member.name}有长期慢性病")
        if Health.DISABLED in member.health or member.disability_category:
            yield Proposal(RiskCause.DISABILITY, f"{member.name}残疾{member.disability_level}")
        if member.student_status and member.student_status not in COMPULSORY:
            yield Proposal(RiskCause.EDUCATION, f"{member.name}在读{member.student_status}")
    if members and not any(member.labour_skill in codes.ABLE_TO_WORK for member in members):
        yield Proposal(RiskCause.NO_LABOUR, "家里没有普通或技能劳动力")


def _of_amounts(answers: Mapping[str, int | None], last: Mapping[str, int | None]) -> Iterator[Proposal]:
    def of(name: str) -> int:
        return answers.get(name) or 0

    if of("rigid_medical") >= BIG_MEDICAL:
        yield Proposal(RiskCause.ILLNESS, f"看病自付 {_yuan(of('rigid_medical'))} 元")
    if of("rigid_education") >= BIG_EDUCATION:
        yield Proposal(RiskCause.EDUCATION, f"上学花了 {_yuan(of('rigid_education'))} 元")
    if of("rigid_disability"):
        yield Proposal(RiskCause.DISABILITY, f"残疾康复花了 {_yuan(of('rigid_disability'))} 元")
    if of("rigid_disaster"):
        yield Proposal(RiskCause.DISASTER, f"受灾损失 {_yuan(of('rigid_disaster'))} 元")
    if fell_much(last.get("wage"), answers.get("wage")):
        yield Proposal(RiskCause.UNSTABLE_JOB, f"打工收入从 {_yuan(last['wage'])} 元降到 {_yuan(answers['wage'])} 元")
    loss = of("operating_cost") - of("operating_gross")
    if loss > 0 and None not in (answers.get("operating_cost"), answers.get("operating_gross")):
        yield Proposal(RiskCause.FAILED_VENTURE, f"种养、买卖亏了 {_yuan(loss)} 元")


def fell_much(before: int | None, now: int | None) -> bool:
    """Whether an amount fell by 30 percent or more; unknown amounts did not."""
    if not before or now is None:
        return False
    return (before - now) * 100 >= before * BIG_FALL_PERCENT


def changed_much(before: int | None, now: int | None) -> bool:
    """Whether an amount went up or down by 30 percent or more; from nothing to something is a change too."""
    if before is None or now is None or before == now:
        return False
    return abs(before - now) * 100 >= before * BIG_FALL_PERCENT


def _yuan(fen: int | None) -> str:
    return f"{(fen or 0) // 100:,}"
