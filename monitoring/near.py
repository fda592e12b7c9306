"""临界: households close to a line, or one condition short of a class, and registered ones whose risk may be over."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Case, F, IntegerField, Q, Value, When

from accounts.models import User
from monitoring.clues import counting_now, taken_up
from monitoring.models import CLASSES, Assessment, Outcome, RiskLevel, Stage
from monitoring.models import Case as MonitoringCase
from monitoring.models.screenings import AssessmentQuerySet
from monitoring.policy.explain import Explanation, Reason
from monitoring.policy.rules import RULES
from monitoring.policy.rulesets import RuleSet, known_codes, ruleset
from monitoring.policy.table import CLASS_CODES

ELIM_REVIEW, BORDER_HINT = "ELIM_REVIEW", "BORDER_HINT"
WITHIN, LACKS_ONE = Q(near_bits__gt=0) | Q(outcome=Outcome.BORDER), Q(lacks_one=True, level="")


@dataclass(frozen=True)
class Near:
    """A household close by, with how far it is in words."""

    assessment: Assessment
    explanation: Explanation

    @property
    def words(self) -> list[str]:
        """One sentence for each line close by, and each condition that alone is missing, once."""
        return distances(self.assessment, self.explanation) + missing(self.explanation, but=self.assessment.near)


def within_a_tenth(user: User) -> AssessmentQuerySet:
    """距线 10% 以内: a line is not met by a tenth of it or less, or the rule set itself says 临界; the nearest first."""
    return _marked(_not_a_class(user), BORDER_HINT, also=WITHIN)


def lacking_one(user: User) -> AssessmentQuerySet:
    """只差一项: all conditions of a class but one are met; the nearest first."""
    return _not_a_class(user).filter(LACKS_ONE)


def near_misses(user: User) -> AssessmentQuerySet:
    """Either of the two: whom to visit so that nobody slips below a line unseen."""
    return _marked(_not_a_class(user), BORDER_HINT, also=WITHIN | LACKS_ONE)


def elimination_reviews(user: User) -> AssessmentQuerySet:
    """建议复核风险消除: households on the register that the rule set flags so; nothing is done but to look."""
    registered = MonitoringCase.objects.visible_to(user).filter(stage=Stage.REGISTERED)
    flagged = _marked(counting_now(user).filter(household__in=registered.values("household")), ELIM_REVIEW)
    return flagged.order_by("village__path", "household__number")


def distances(assessment: Assessment, explanation: Explanation) -> list[str]:
    """How far the household is from each line close by: 人均纯收入 5,433.00 元，不低于参考线 5,000 元；比线高 433 元（8.7%）。"""
    reasons = {reason.code: reason for reason in explanation.rules}
    return [_with_gap(reasons[code]) for code in assessment.near if code in reasons]


def missing(explanation: Explanation, but: Sequence[str] = ()) -> list[str]:
    """What alone is missing to a class: 只差“有返贫致贫风险”。 Without the rules in ``but``."""
    reasons = {reason.code: reason for reason in explanation.rules if reason.code not in but}
    met, kind = {reason.code for reason in explanation.reasons}, explanation.figures.household_type
    alone = [
        reasons[code]
        for code in missing_rules(explanation.policy.ruleset, met)
        if code in reasons and RULES[code].only_for in ("", kind)
    ]
    return [
        f"只差一项：{_with_gap(reason)}" if RULES[reason.code].gap else f"只差“{reason.title}”。" for reason in alone
    ]


def missing_rules(rules: RuleSet, met: set[str]) -> list[str]:
    """The rules that alone are missing in some way into a class, each once."""
    ways = [
        set(way)
        for row in rules.decisions
        if set(row.outcome.values()) & set(CLASS_CODES)
        for way in row.met
        if len(way) > 1
    ]
    return list(dict.fromkeys(code for way in ways if len(way - met) == 1 for code in way - met))


def _with_gap(reason: Reason) -> str:
    """What was found, and how far that is from the threshold, which the explanation says last of it."""
    _threshold, between, gap = reason.threshold.rpartition("；")
    return f"{reason.what.removesuffix('。')}；{gap}。" if between and RULES[reason.code].gap else reason.what


def _not_a_class(user: User) -> AssessmentQuerySet:
    """Conclusions that make no household 监测对象, of households that nobody has taken up."""
    found = counting_now(user).exclude(outcome__in=(*CLASSES, Outcome.NA)).exclude(taken_up())
    graded = found.exclude(level__in=(RiskLevel.RED, RiskLevel.YELLOW))
    return graded.order_by(F("margin").asc(nulls_last=True), "village__path", "household__number")


def _marked(found: AssessmentQuerySet, flag: str, also: Q | None = None) -> AssessmentQuerySet:
    """Those with this flag, whose place among the bits each rule set has for itself, or for which ``also`` holds."""
    places = {
        code: place for code in known_codes() for place, one in enumerate(ruleset(code).flags) if one.code == flag
    }
    bits = Case(
        *(When(ruleset=code, then=F("flag_bits").bitand(1 << place)) for code, place in places.items()),
        default=Value(0),
        output_field=IntegerField(),
    )
    wanted = Q(marks__gt=0)
    return found.alias(marks=bits).filter(wanted if also is None else wanted | also)
