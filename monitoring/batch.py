"""One step for many cases at once: what cannot go is skipped and said so."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.idempotency import spend_on
from accounts.models import User
from households.codes import RiskCause
from monitoring.models import Case, Stage
from monitoring.steps import Step
from monitoring.workflow import steps_for, take

# The step that a batch takes from each stage.
STEP_OF = {Stage.TOWN: "endorse", Stage.DISTRICT: "acknowledge"}
MOST = 20


@dataclass(frozen=True)
class Candidate:
    """A case that was ticked; ``skip`` says why it must be handled alone."""

    case: Case
    main_risk: str
    label: str
    skip: str

    @property
    def main_risk_words(self) -> str:
        """The main risk in words."""
        return RiskCause(self.main_risk).label if self.main_risk else ""


@dataclass(frozen=True)
class Together:
    """Cases of one confirmation page for which the step is called the same and has the same consequences."""

    label: str
    consequences: tuple[str, ...]
    candidates: list[Candidate]


@dataclass
class Outcome:
    """What came of a batch."""

    done: list[Case] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)


def candidates(cases: Sequence[Case], by: User, step_name: str) -> list[Candidate]:
    """Each case with the main risk it would get, or the reason why it is skipped."""
    return [_candidate(case, by, step_name) for case in cases]


def by_kind(going: Sequence[Candidate], step: Step) -> list[Together]:
    """The cases that go, each kind with its own words: a removal and a designation lie on the same desk."""
    found: dict[tuple[str, tuple[str, ...]], list[Candidate]] = {}
    for one in going:
        found.setdefault((one.label, step.consequences_for(one.case.kind)), []).append(one)
    return [Together(label, consequences, listed) for (label, consequences), listed in found.items()]


def take_many(
    *, step_name: str, cases: Sequence[Case], versions: dict[str, int], by: User, note: str, idempotency_key: str
) -> Outcome | None:
    """Take the batch step for each case that still allows it; None when the form came a second time.

    ``versions`` are those of the confirmation page: whatever somebody did meanwhile is said and not repeated.
    """
    outcome = Outcome()
    with transaction.atomic():
        if not spend_on(idempotency_key, by, f"batch:{step_name}"):
            return None
        for candidate in candidates(cases[:MOST], by, step_name):
            case = candidate.case
            try:
                if candidate.skip and case.version == versions.get(str(case.pk)):
                    raise ValidationError(candidate.skip)
                data = {"main_risk": candidate.main_risk} if step_name == "endorse" else {}
                version = versions.get(str(case.pk), 0)
                outcome.done.append(take(step_name, case=case, by=by, note=note, expected_version=version, **data))
            except ValidationError as fault:
                outcome.skipped.append(_named(case, fault.messages[0]))
    return outcome


def _candidate(case: Case, by: User, name: str) -> Candidate:
    choice = next((one for one in steps_for(case, by) if one.step.name == name), None)
    if choice is None:
        return Candidate(case, "", "", f"现在在“{case.get_stage_display()}”，您不能批量办理")
    risk = case.main_risk or (case.risk_causes[0] if len(case.risk_causes) == 1 else "")
    skip = choice.blocked
    if not skip and name == "endorse" and not risk:
        count = len(case.risk_causes)
        skip = f"有 {count} 个风险原因，要单独选主要风险" if count else "没有风险原因，要单独选主要风险"
    return Candidate(case, risk, choice.label, skip)


def _named(case: Case, words: str) -> str:
    head = case.household.head_name or case.household.number
    return words if words.startswith(head) else f"{head}：{words}"
