"""Why: the reasons of a conclusion in five parts, from the rule objects and the figures that were kept with it."""

from dataclasses import dataclass

from households.codes import HouseholdType
from monitoring.models import Assessment
from monitoring.policy.figures import Figures
from monitoring.policy.rule import Rule
from monitoring.policy.rules import rules_of
from monitoring.policy.rulesets import DatedValue
from monitoring.policy.values import FEN, Policy, policy_in_force


@dataclass(frozen=True)
class Reason:
    """One rule, met or not: what, how counted, threshold with its year, source, what next."""

    code: str
    title: str
    what: str
    how: str
    threshold: str
    source: str
    next: str
    office_only: bool


@dataclass(frozen=True)
class Explanation:
    """A conclusion with everything that led to it; screen, print and command print this and nothing else."""

    outcome: str
    label: str
    summary: str
    next: str
    flags: tuple[tuple[str, str], ...]
    reasons: tuple[Reason, ...]
    not_met: tuple[Reason, ...]
    figures: Figures

    def for_phone(self) -> "Explanation":
        """The same without what only the offices may see."""
        hidden = {"NEGATIVE_HOLD"}
        return Explanation(
            outcome=self.outcome,
            label=self.label,
            summary="",
            next=self.next,
            flags=tuple(flag for flag in self.flags if flag[0] not in hidden),
            reasons=tuple(reason for reason in self.reasons if not reason.office_only),
            not_met=tuple(reason for reason in self.not_met if not reason.office_only),
            figures=self.figures,
        )


def explain(assessment: Assessment, policy: Policy | None = None) -> Explanation:
    """Why the assessment says what it says, with the policy as it was known when it was made."""
    if policy is None:
        policy = policy_in_force(
            assessment.village, assessment.policy_date, assessment.ruleset, known_by=assessment.made_at
        )
    rules = policy.ruleset
    figures = Figures(assessment.figures, assessment.survey, _line_value(assessment, policy), assessment.on)
    in_force = [rule for rule in rules_of(rules) if rule.in_force_on(policy.on)]
    flags = [flag for flag in rules.flags if flag.code in assessment.flags]
    decision = rules.decisions[assessment.figures["decision"]]
    line = decision.reason_for(figures.household_type).format(
        per_capita=figures.per_capita, line=figures.line, risks=figures.risks
    )
    return Explanation(
        outcome=assessment.outcome,
        label=rules.labels[assessment.outcome],
        summary=line + "".join(flag.reason for flag in flags),
        next=rules.next_steps[assessment.outcome],
        flags=tuple((flag.code, flag.label) for flag in flags),
        reasons=tuple(_reason(rule, figures, met=True) for rule in in_force if rule.code in assessment.rules_met),
        not_met=tuple(_reason(rule, figures, met=False) for rule in in_force if rule.code not in assessment.rules_met),
        figures=figures,
    )


def _reason(rule: Rule, figures: Figures, *, met: bool) -> Reason:
    return Reason(
        code=rule.code,
        title=rule.title,
        what=rule.what(figures) if met else rule.otherwise(figures),
        how=rule.how(figures),
        threshold=rule.threshold(figures),
        source=f"{rule.clause}；数据：{figures.visit}",
        next=rule.next_step if met else "",
        office_only=rule.office_only,
    )


def _line_value(assessment: Assessment, policy: Policy) -> DatedValue | None:
    lifted = assessment.figures["household_type"] == HouseholdType.LIFTED
    value = policy.value("income_line" if lifted else "edge_line")
    return value if int(value.value * FEN) == assessment.figures["line"] else None
