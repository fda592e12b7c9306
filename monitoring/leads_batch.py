"""Many leads at once: what was ticked in the list, whether stored or only a conclusion, closed or assigned together."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.idempotency import spend_on
from accounts.keys import key_or_none
from accounts.models import Region, User
from monitoring import leads
from monitoring.clues import clues
from monitoring.models import Assessment, Lead

MOST = 50
STORED, ASKING = "lead", "clue"


@dataclass(frozen=True)
class Pick:
    """One line of the list that was ticked, as it was seen: a lead with its version, or a conclusion."""

    lead: Lead | None = None
    conclusion: Assessment | None = None
    version: int | None = None

    @property
    def entry(self) -> str:
        """What the box in the form holds."""
        if self.lead is not None:
            return f"{STORED}:{self.lead.pk}:{self.version}"
        return f"{ASKING}:{self.conclusion.pk}" if self.conclusion else ""

    @property
    def village(self) -> Region | None:
        """Where it is."""
        row = self.lead or self.conclusion
        return row.village if row else None

    @property
    def name(self) -> str:
        """Of whom it is."""
        household = self.lead.household if self.lead else self.conclusion.household if self.conclusion else None
        return str(household) if household else "还没对上户的申报"

    def stored(self, by: User) -> Lead:
        """The lead; of a conclusion it is made now."""
        if self.lead is not None:
            return self.lead
        assert self.conclusion is not None
        return leads.store_conclusion(assessment=self.conclusion, by=by)


@dataclass
class Outcome:
    """What came of it."""

    done: int = 0
    skipped: list[str] = field(default_factory=list)
    last: Lead | None = None


def picked(user: User, entries: Iterable[str]) -> list[Pick]:
    """The ticked lines that the person may see, at most MOST of them; what is not his or no entry at all is left out."""
    wanted = [entry.split(":") for entry in list(entries)[:MOST]]
    versions = {
        key: int(parts[2])
        for parts in wanted
        if parts[0] == STORED and len(parts) == 3 and _is_number(parts[2]) and (key := key_or_none(parts[1]))
    }
    numbers = [int(parts[1]) for parts in wanted if parts[0] == ASKING and len(parts) == 2 and _is_number(parts[1])]
    mine = Lead.objects.visible_to(user).filter(pk__in=versions).select_related("household", "village")
    asked = clues(user).filter(pk__in=numbers).select_related("household", "village")
    return [
        *(Pick(lead=lead, version=versions[lead.pk]) for lead in mine),
        *(Pick(conclusion=one) for one in asked),
    ]


def close_many(*, picks: list[Pick], by: User, reason: str, note: str, idempotency_key: str) -> Outcome | None:
    """Close each that is still as it was seen; None when the form came a second time."""

    def one(pick: Pick) -> Lead:
        return leads.close(lead=pick.stored(by), by=by, reason=reason, note=note, version=pick.version)

    return _each(picks, one, by, f"leads:close:{reason}", idempotency_key)


def assign_many(*, picks: list[Pick], by: User, to: User, idempotency_key: str) -> Outcome | None:
    """Give each to one person; None when the form came a second time."""

    def one(pick: Pick) -> Lead:
        return leads.assign(lead=pick.stored(by), to=to, by=by, version=pick.version)

    return _each(picks, one, by, f"leads:assign:{to.pk}", idempotency_key)


def _each(
    picks: list[Pick], act: Callable[[Pick], Lead], by: User, subject: str, idempotency_key: str
) -> Outcome | None:
    outcome = Outcome()
    with transaction.atomic():
        if not spend_on(idempotency_key, by, subject):
            return None
        for pick in picks:
            try:
                with transaction.atomic():
                    outcome.last = act(pick)
                    outcome.done += 1
            except ValidationError as fault:
                outcome.skipped.append(fault.messages[0])
            except PermissionDenied as fault:
                outcome.skipped.append(f"{pick.name}：{fault}")
    return outcome


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 18
