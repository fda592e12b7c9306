"""Why: every rule in force, met or not, in five parts, from the rule objects and the figures of the query that decided."""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from string import Formatter
from typing import Any

from django.core.exceptions import ValidationError

from households.models import Facts, Household
from monitoring.models import Assessment
from monitoring.policy.distance import POVERTY_STANDARD
from monitoring.policy.engine import verdicts
from monitoring.policy.facts import facts_in_force
from monitoring.policy.figures import Figures
from monitoring.policy.rule import Rule
from monitoring.policy.rules import RULES, rules_of
from monitoring.policy.rulesets import Decision, Flag, RuleSet
from monitoring.policy.values import Policy, policy_in_force

NOTHING_TO_DO = "没有触发，不用办。"
FULL_WIDTH = str.maketrans({";": "；", ":": "：", "(": "（", ")": "）"})
LEVELS = {"RED": 1, "YELLOW": 2, "BLUE": 3}


class NotVisited(ValidationError):
    """No visit counts on the day, so that nothing can be said of the household."""


class Audience(StrEnum):
    """For whom an explanation is written."""

    OFFICE = "office"  # town and district: everything
    PHONE = "phone"  # the village, and whoever only reads
    HOUSEHOLD = "household"  # a paper that the family is given


@dataclass(frozen=True)
class Reason:
    """One rule, met or not: what, how counted, threshold with its year, source, what next."""

    code: str
    title: str
    met: bool
    what: str
    how: str
    threshold: str
    source: str
    next: str
    mark: str  # in a few characters: of which year the threshold is, or when the figures were asked
    office_only: bool


@dataclass(frozen=True)
class Explanation:
    """A conclusion with everything that led to it; screen, print and command print this and nothing else."""

    outcome: str
    level: str
    label: str
    summary: str
    open_summary: str
    next: str
    flags: tuple[tuple[str, str], ...]
    rules: tuple[Reason, ...]
    figures: Figures
    audience: Audience = Audience.OFFICE

    @property
    def code(self) -> str:
        """The level where there is one, else the class."""
        return self.level or self.outcome

    @property
    def level_number(self) -> int:
        """1 red, 2 yellow, 3 blue; 0 without a level."""
        return LEVELS.get(self.level, 0)

    @property
    def policy(self) -> Policy:
        """The rule set and the values it was judged by."""
        return self.figures.policy

    @property
    def deciders(self) -> str:
        """Who decides in the end, as the rule set has it."""
        procedure = self.policy.ruleset.procedure
        before = "村评议、" if procedure.has("meeting") else ""
        return before + ("镇（街）认定" if procedure.decides == "town" else "镇（街）审核、区（县）审定")

    @property
    def title(self) -> str:
        """The label as a page prints it, with full-width brackets."""
        return self.label.translate(FULL_WIDTH)

    @property
    def sentence(self) -> str:
        """The summary as a page prints it."""
        words = re.sub(r",(?!\d)|(?<!\d),", "，", self.summary.translate(FULL_WIDTH))
        return f"{words}。" if words else ""

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The rules that are met, in the rule set's order."""
        return tuple(reason for reason in self.rules if reason.met)

    @property
    def not_met(self) -> tuple[Reason, ...]:
        """The rules that are not met."""
        return tuple(reason for reason in self.rules if not reason.met)

    @property
    def duties(self) -> tuple[Reason, ...]:
        """What the offices must find out and answer, because it is shown to them alone (待核实)."""
        return tuple(reason for reason in self.reasons if reason.office_only)

    @property
    def values(self) -> list[dict[str, str]]:
        """The numbers it was judged by, each with its source."""
        return [
            {
                "key": key,
                "title": parameter.title,
                "value": self.figures.number_of(key),
                "from": f"{found.starts_on:%Y-%m-%d}" if (found := self.figures.value_of(key)) else "",
                "set_by": found.set_by if found else "",
                "source": found.source if found else parameter.source,
            }
            for key, parameter in self.policy.ruleset.parameters.items()
            if self.audience == Audience.OFFICE or key != POVERTY_STANDARD
        ]

    def seen_by(self, audience: Audience) -> "Explanation":
        """As this audience may see it."""
        if audience == Audience.OFFICE:
            return self
        return replace(
            self,
            audience=audience,
            summary=self.open_summary,
            flags=tuple(flag for flag in self.flags if is_open(self.policy.ruleset, flag[0])),
            rules=tuple(reason for reason in self.rules if not reason.office_only),
        )

    def for_phone(self) -> "Explanation":
        """Without what only town and district may see: the negative list, and whether somebody may be poor."""
        return self.seen_by(Audience.PHONE)

    def same_answer(self, other: "Explanation") -> bool:
        """Whether the other says the same of the household: class, level, flags and rules met."""
        return self._answer == other._answer

    @property
    def _answer(self) -> tuple[Any, ...]:
        return self.outcome, self.level, self.label, self.flags, [reason.code for reason in self.reasons]


def explain(
    assessment: Assessment, policy: Policy | None = None, in_words: Mapping[str, str] | None = None
) -> Explanation:
    """Why the assessment says what it says, with the policy as it was known when it was made, or when its run was asked for.

    ``in_words`` is what a worked case says in its own words, by the name of the figure.
    """
    if policy is None:
        known_by = assessment.screening.created_at if assessment.screening else assessment.made_at
        policy = policy_in_force(assessment.village, assessment.policy_date, assessment.ruleset, known_by=known_by)
    figures = Figures(assessment.figures, assessment.facts, policy, assessment.on, in_words or {})
    return _explained(figures, assessment.outcome, assessment.level, assessment.rules_met, assessment.flags)


def explain_on(household: Household, on: datetime.date, *, known_by: datetime.datetime | None = None) -> Explanation:
    """What the engine says of a household on a day, with the facts, the rule set and the values of that day.

    ``known_by`` takes only the values that had been confirmed by then. Raises NotVisited where no visit counts on that
    day, PolicyNotInForce for a day before the rule set begins; both say so in a sentence.
    """
    policy = policy_in_force(household.village, on, known_by=known_by)
    verdict = next(verdicts(facts_in_force(policy).filter(household=household), policy), None)
    if verdict is None:
        validity = policy.whole("survey_validity_months")
        raise NotVisited(f"到 {on:%Y-%m-%d} 为止的 {validity} 个月里没有入户调查（或已注销），没有结论。")
    facts = Facts.objects.select_related("survey").get(pk=verdict.facts_id)
    figures = Figures(verdict.figures, facts, policy, on)
    return _explained(figures, verdict.outcome, verdict.level, verdict.rules_met, verdict.flags)


def is_open(ruleset: RuleSet, flag_code: str) -> bool:
    """Whether the village and the family may see a flag: it is as open as its rule."""
    return not any(RULES[flag.rule].office_only for flag in ruleset.flags if flag.code == flag_code)


def names_in(sentence: str) -> set[str]:
    """The names in braces of a sentence: parameters, or figures."""
    return {name for _text, name, _spec, _how in Formatter().parse(sentence) if name}


def _explained(figures: Figures, outcome: str, level: str, met: list[str], marked: list[str]) -> Explanation:
    policy, rules, kind = figures.policy, figures.policy.ruleset, figures.household_type
    decision = rules.decisions[figures.values["decision"]]
    flags = [flag for flag in rules.flags if flag.code in marked]
    in_force = [rule for rule in rules_of(rules) if rule.in_force_on(policy.on)]
    return Explanation(
        outcome=outcome,
        level=level,
        label=rules.label_of(decision, kind),
        summary=_summary(decision, flags, figures),
        open_summary=_summary(decision, [flag for flag in flags if is_open(rules, flag.code)], figures),
        next=rules.next_step_of(decision, kind),
        flags=tuple((flag.code, flag.label) for flag in flags),
        rules=tuple(_reason(rule, figures, met=rule.code in met) for rule in in_force),
        figures=figures,
    )


def _summary(decision: Decision, flags: list[Flag], figures: Figures) -> str:
    kind = figures.household_type
    sentences = [decision.reason_for(kind), *(flag.reason_for(kind) for flag in flags)]
    return "".join(_filled(sentence, figures) for sentence in sentences)


def _filled(sentence: str, figures: Figures) -> str:
    known = figures.policy.ruleset.parameters
    words = {
        name: f"{figures.policy.value(name).value:f}" if name in known else getattr(figures, name)
        for name in names_in(sentence)
    }
    return sentence.format(**words)


def _reason(rule: Rule, figures: Figures, *, met: bool) -> Reason:
    threshold = rule.threshold(figures)
    dated = re.search(r"(\d{4})-\d\d-\d\d 起", threshold)
    return Reason(
        code=rule.code,
        title=rule.title,
        met=met,
        what=rule.what(figures) if met else rule.otherwise(figures),
        how=rule.how(figures),
        threshold=threshold,
        source=f"{rule.clause}；数据：{figures.data_of(rule.facts)}",
        next=rule.next_step if met else NOTHING_TO_DO,
        mark=f"{dated[1]} 年参数" if dated else f"{figures.survey.visited_on:%m-%d} 入户",
        office_only=rule.office_only,
    )
