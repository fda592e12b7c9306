"""认定依据 of a household on a day: for whom, what stands written beside it, and the same as one JSON object."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import Region, User
from accounts.roles import OFFICE_ROLES
from households.models import Household
from monitoring.models import Assessment
from monitoring.policy.districts import Policies
from monitoring.policy.explain import Audience, Explanation, Reason, explain, explain_on
from monitoring.policy.values import Policy, policy_in_force


@dataclass(frozen=True)
class Basis:
    """What the rules say on a day, or the sentence why nothing can be said, and the conclusion kept for that day."""

    on: datetime.date
    explanation: Explanation | None
    refusal: str
    kept: Assessment | None
    kept_explanation: Explanation | None

    @property
    def differs(self) -> bool:
        """Whether the conclusion that was kept says something else than the rules say now of that day."""
        if self.kept_explanation is None:
            return False
        return self.explanation is None or not self.explanation.same_answer(self.kept_explanation)


def audience_for(user: User, village: Region) -> Audience:
    """Town and district, who handle the case, see everything; whoever else reads it as the village does."""
    return Audience.OFFICE if user.posting_over(village, *OFFICE_ROLES) else Audience.PHONE


def basis_of(household: Household, on: datetime.date, audience: Audience) -> Basis:
    """Ask the rules about a household on a day, and find the conclusion that was kept for that day."""
    explanation, refusal = None, ""
    try:
        explanation = explain_on(household, on).seen_by(audience)
    except ValidationError as nothing:
        refusal = nothing.messages[0]
    kept = Assessment.objects.filter(household=household).standing_on(on).with_facts().order_by("-on").first()
    return Basis(on, explanation, refusal, kept, explain(kept).seen_by(audience) if kept else None)


def present_beside(kept: Explanation, household: Household, on: datetime.date) -> Explanation | None:
    """What the rules say on a day, as the same audience may see it, when that is not what was kept; None when it is."""
    try:
        present = explain_on(household, on).seen_by(kept.audience)
    except ValidationError:
        return None
    return None if present.same_answer(kept) else present


def explain_each(found: Iterable[Assessment], user: User) -> list[tuple[Assessment, Explanation]]:
    """Each assessment of a list with its reasons, as the user may see them there.

    The policy is asked for once for each district and policy date, with what is known today.
    """
    known: dict[datetime.date, Policies] = {}
    rows = []
    for assessment in found:
        policies = known.setdefault(assessment.policy_date, Policies(assessment.policy_date))
        explanation = explain(assessment, _policy_of(assessment, policies))
        rows.append((assessment, explanation.seen_by(audience_for(user, assessment.village))))
    return rows


def _policy_of(assessment: Assessment, policies: Policies) -> Policy:
    policy = policies.of(assessment.village)
    if policy is None or policy.ruleset.code != assessment.ruleset:
        return policy_in_force(assessment.village, assessment.policy_date, assessment.ruleset)
    return policy


def document_of(household: Household, on: datetime.date, explanation: Explanation) -> dict[str, Any]:
    """The explanation as one object of plain values; the household by its number alone."""
    rules = explanation.policy.ruleset
    return {
        "household": household.number,
        "on": f"{on:%Y-%m-%d}",
        "visited_on": f"{explanation.figures.survey.visited_on:%Y-%m-%d}",
        "ruleset": {"code": rules.code, "title": rules.title, "version": rules.version, "document": rules.document},
        "policy": explanation.values,
        "code": explanation.code,
        "label": explanation.label,
        "outcome": explanation.outcome,
        "level": explanation.level,
        "flags": [code for code, _label in explanation.flags],
        "reason": explanation.summary,
        "next": explanation.next,
        "rules": [_rule(reason) for reason in explanation.rules],
    }


def _rule(reason: Reason) -> dict[str, Any]:
    names = ("code", "title", "met", "what", "how", "threshold", "source", "next")
    return {name: getattr(reason, name) for name in names}
