"""The one list of leads: those that are stored, and beside them the conclusions that ask for somebody to look."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.roles import VILLAGE_ROLES, Role
from households.models import Household
from households.timeline import Entry
from monitoring.case_querysets import live_cases
from monitoring.clues import asking
from monitoring.explanations import explain_each
from monitoring.leads_batch import Pick
from monitoring.models import Assessment, Case, Lead, LeadEvidence, LeadState
from monitoring.models.leads import LeadQuerySet
from monitoring.models.screenings import AssessmentQuerySet
from monitoring.policy.explain import Explanation


class Joined:
    """Two querysets, one after the other, as a paginator asks for them."""

    def __init__(self, first: QuerySet[Any], second: QuerySet[Any]) -> None:
        self.first, self.second = first, second
        self.sizes = first.count(), second.count()

    def __len__(self) -> int:
        return sum(self.sizes)

    def __getitem__(self, part: slice) -> list[Any]:
        start, stop = part.start or 0, len(self) if part.stop is None else part.stop
        head = list(self.first[start:stop]) if start < self.sizes[0] else []
        rest = stop - max(start, self.sizes[0])
        tail = list(self.second[max(0, start - self.sizes[0]) :][:rest]) if rest > 0 else []
        return [*head, *tail]


@dataclass(frozen=True)
class LeadRow:
    """A line of the list: a lead, a conclusion, or both of one household; ``case`` where it is handled already."""

    lead: Lead | None
    clue: Assessment | None
    explanation: Explanation | None
    evidence: tuple[LeadEvidence, ...]
    case: Case | None

    @property
    def household(self) -> Any:
        """Of whom it is; None for a declaration that has not been matched."""
        return self.lead.household if self.lead else self.clue.household if self.clue else None

    @property
    def village(self) -> Any:
        """Where it is."""
        row = self.lead or self.clue
        return row.village if row else None

    @property
    def entry(self) -> str:
        """What its box in the form holds."""
        if self.lead:
            return Pick(lead=self.lead, version=self.lead.version).entry
        return Pick(conclusion=self.clue).entry

    @property
    def sources(self) -> list[str]:
        """Who noticed, each once."""
        said = [one.get_source_display() for one in self.evidence]
        if self.clue and not self.lead:
            said.append("系统筛查")
        return list(dict.fromkeys(said))

    @property
    def words(self) -> list[str]:
        """What is said of the household: by people first, then by the rules."""
        told = [_told(one) for one in self.evidence if one.words or one.cause]
        return [*told, *(reason.what for reason in (self.explanation.reasons if self.explanation else ()))]


def open_leads(user: User) -> LeadQuerySet:
    """What somebody still has to look at, soonest due first."""
    return with_evidence(Lead.objects.visible_to(user).open()).order_by(
        F("due_on").asc(nulls_last=True), "opened_on", "pk"
    )


def my_leads(user: User) -> LeadQuerySet:
    """What was given to this person."""
    return open_leads(user).filter(assigned_to=user)


def left_to(user: User) -> LeadQuerySet:
    """What somebody of the village must look at: given to him, or to nobody yet."""
    mine = with_evidence(Lead.objects.visible_to(user, *VILLAGE_ROLES).open())
    return mine.filter(Q(assigned_to=None) | Q(assigned_to=user)).order_by(F("due_on").asc(nulls_last=True), "pk")


class TownLeads(NamedTuple):
    """What a town must see to: leads that it has not given to anybody, and those that nobody has visited by their day."""

    unassigned: int
    overdue: int


def town_leads(user: User) -> TownLeads:
    """Both numbers; one query, and none for who is no town."""
    unvisited = Lead.objects.visible_to(user, Role.TOWN_REVIEWER).open().filter(visited_on=None)
    late = Q(due_on__lt=timezone.localdate())
    return TownLeads(
        **unvisited.aggregate(unassigned=Count("pk", filter=Q(assigned_to=None)), overdue=Count("pk", filter=late))
    )


def settled_leads(user: User) -> LeadQuerySet:
    """What was closed or taken up, the last first."""
    settled = Lead.objects.visible_to(user).filter(state__in=(LeadState.CLOSED, LeadState.TAKEN_UP))
    return with_evidence(settled).order_by("-settled_at", "pk")


def rows_of(found: Iterable[Lead | Assessment], user: User) -> list[LeadRow]:
    """The lines of a page, with what the rules say of each household now and its live case; the same queries however many."""
    listed = list(found)
    households = [one.household_id for one in listed if one.household_id]
    standing = {one.household_id: one for one in conclusions_of(user, [lead.household_id for lead in _leads(listed)])}
    standing |= {one.household_id: one for one in listed if isinstance(one, Assessment)}
    explained = {clue.pk: explanation for clue, explanation in explain_each(standing.values(), user)}
    cases = live_cases(Case.objects.visible_to(user), households)
    rows = []
    for one in listed:
        clue = standing.get(one.household_id)
        lead = one if isinstance(one, Lead) else None
        evidence = tuple(lead.evidence.all()) if lead else ()
        rows.append(LeadRow(lead, clue, explained[clue.pk] if clue else None, evidence, cases.get(one.household_id)))
    return rows


def conclusions_of(user: User, households: Iterable[Any]) -> AssessmentQuerySet:
    """What the rules ask now of these households."""
    found = Assessment.objects.visible_to(user).filter(asking(), replaced_on=None, household__in=list(households))
    return found.select_related("household", "village__parent", "facts__survey")


def with_evidence(leads: LeadQuerySet) -> LeadQuerySet:
    """With all that a line or a page prints of them."""
    shown = leads.select_related("household", "village__parent", "assigned_to", "case", "settled_by")
    return shown.prefetch_related("evidence__declaration", "evidence__entered_by")


def told_of(household: Household) -> Iterator[Entry]:
    """The household's leads for its timeline: without what the family said, which is for who handles them."""
    for lead in with_evidence(Lead.objects.filter(household=household)):
        for one in lead.evidence.all():
            who = f"{one.entered_by} 登记" if one.entered_by else ""
            title = f"线索：{one.get_source_display()}"
            yield Entry(one.happened_on, one.entered_at, title, who, one.get_cause_display() if one.cause else one.unit)
        if lead.visited_on:
            yield Entry(lead.visited_on, lead.settled_at or timezone.now(), "线索入户核实", "", lead.found)
        if lead.settled_at and lead.state == LeadState.CLOSED:
            on, why = timezone.localdate(lead.settled_at), lead.get_reason_display()
            yield Entry(on, lead.settled_at, "线索已核-无风险", str(lead.settled_by), lead.note or why)


def _leads(listed: Iterable[Lead | Assessment]) -> list[Lead]:
    return [one for one in listed if isinstance(one, Lead)]


def _told(evidence: LeadEvidence) -> str:
    cause = f"{evidence.get_cause_display()}：" if evidence.cause else ""
    return f"{cause}{evidence.words or ''}".rstrip("：")
