"""Why: the reasons of a conclusion in five parts, from the rule objects and the figures that were kept with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from monitoring.models import Assessment
from monitoring.policy.figures import Figures
from monitoring.policy.rule import Rule
from monitoring.policy.rules import rules_of
from monitoring.policy.rulesets import DatedValue
from monitoring.policy.values import Policy, policy_in_force


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


def explain(
    assessment: Assessment, policy: Policy | None = None, in_words: Mapping[str, str] | None = None
) -> Explanation:
    """Why the assessment says what it says, with the policy as it was known when it was made.

    ``in_words`` is what a worked case says in its own words, by the name of the figure.
    """
    if policy is None:
        policy = policy_in_force(
            assessment.village, assessment.policy_date, assessment.ruleset, known_by=assessment.made_at
        )
    rules = policy.ruleset
    line_value = _line_value(assessment, policy)
    figures = Figures(assessment.figures, assessment.survey, line_value, assessment.on, in_words or {})
    in_force = [rule for rule in rules_of(rules) if rule.in_force_on(policy.on)]
    flags = [flag for flag in rules.flags if flag.code in assessment.flags]
    decision = rules.decisions[assessment.figures["decision"]]
    kind = figures.household_type
    sentences = [decision.reason_for(kind), *(flag.reason_for(kind) for flag in flags)]
    return Explanation(
        outcome=assessment.outcome,
        label=rules.label_of(decision, kind),
        summary="".join(_filled(sentence, figures, policy) for sentence in sentences),
        next=rules.next_steps[assessment.outcome],
        flags=tuple((flag.code, flag.label) for flag in flags),
        reasons=tuple(_reason(rule, figures, met=True) for rule in in_force if rule.code in assessment.rules_met),
        not_met=tuple(_reason(rule, figures, met=False) for rule in in_force if rule.code not in assessment.rules_met),
        figures=figures,
    )


def names_in(sentence: str) -> set[str]:
    """The names in braces of a sentence: parameters, or figures."""
    return {name for _text, name, _spec, _how in Formatter().parse(sentence) if name}


def _filled(sentence: str, figures: Figures, policy: Policy) -> str:
    known = policy.ruleset.parameters
    words = {
        name: f"{policy.value(name).value:f}" if name in known else getattr(figures, name)
        for name in names_in(sentence)
    }
    return sentence.format(**words)


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
    kind = assessment.figures["household_type"]
    same = int(policy.line(kind)) == assessment.figures["line"]
    return policy.value(policy.ruleset.line_of(kind)) if same else None
