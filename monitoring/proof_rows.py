"""What the proof reads of a case: its rows, a few thousand cases at once, each kind of row by one query."""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Posting, Region, User
from households.models import Survey
from monitoring.models import (
    Assessment,
    Authorisation,
    Ballot,
    Case,
    CaseEvent,
    ComparisonAnswer,
    Correction,
    Notice,
    Objection,
    PinnedProcedure,
    Reinstatement,
    Removal,
)
from monitoring.models.cases import EXPLAIN_HOLD
from monitoring.policy.rulesets import known_codes, ruleset
from monitoring.policy.values import policy_as_shipped
from monitoring.procedures import Procedure, from_policy

CHUNK = 2000
ZONE = timezone.get_default_timezone()
Row = Any  # a row with the names of the columns that were asked for

CASE = (
    "pk", "kind", "stage", "source", "household_id", "village_id", "procedure_id", "ruleset", "monitor_class", "survey_id",
    "main_risk", "decided_on", "decided_by_id", "acknowledged_on", "removed_on", "about_id", "about__decided_on",
    "about__household_id", "urgent_on", "stock_batch_id", "household__household_type", "household__type_since",
    "household__closed_on",
)  # fmt: skip
EVENT = ("case_id", "step", "from_stage", "to_stage", "by_id", "on_behalf_of_id", "note", "at")
SURVEY = ("pk", "household_id", "visited_on", "submitted_at", "entered_by_id", "on_behalf_of_id")
BALLOT = (
    "case_id", "present", "in_favour", "against", "abstained", "recognised", "meeting__held_on", "meeting__present",
    "meeting__due", "meeting__village_id",
)  # fmt: skip
NOTICE = (
    "cases", "pk", "kind", "village_id", "starts_on", "ends_on", "counts_first_day", "counted_days", "snapshot", "row_cases",
    "photo_due_on", "photographed",
)  # fmt: skip
OBJECTION = ("case_id", "notice_id", "upheld", "settled_at")
ANSWER = ("case_id", "item", "hit", "explained_at", "proved")
REMOVAL = (
    "case_id", "first_visitor", "first_account_id", "second_visitor", "second_account_id", "survey_id",
    "opening_conditions", "visit_conditions", "decision_conditions",
)  # fmt: skip
REINSTATEMENT = ("case_id", "removed_on", "reinstated_on", "survey_id", "by_id", "at", "proved")


@dataclass
class Dossier:
    """One case with all its rows; lists are empty where there is nothing."""

    case: Row
    procedure: Procedure | None
    events: list[Row] = field(default_factory=list)
    surveys: list[Row] = field(default_factory=list)  # of the household, all of them
    ballots: list[Row] = field(default_factory=list)
    notices: list[Row] = field(default_factory=list)
    objections: list[Row] = field(default_factory=list)
    answers: list[Row] = field(default_factory=list)
    authorised: bool = False
    removal: Row | None = None
    reinstatements: list[Row] = field(default_factory=list)
    corrected: bool = False  # the day of the decision, by two people
    held_since: list[tuple[datetime.date, datetime.date | None]] = field(
        default_factory=list
    )  # hits on the negative list
    removals: list[Row] = field(default_factory=list)  # the events with which removals of this designation were done


class Held(NamedTuple):
    """A posting as the proof asks for it."""

    role: str
    path: str
    begins_on: datetime.date
    ends_on: datetime.date | None
    on_behalf_of: int | None


class People:
    """Who was posted where and when, and which accounts are one person's."""

    def __init__(self) -> None:
        self.postings: dict[int, list[Held]] = defaultdict(list)
        rows = Posting.objects.values_list(
            "user_id", "role", "region__path", "begins_on", "ends_on", "on_behalf_of_id"
        )  # fmt: skip
        for user, *rest in rows.iterator():
            self.postings[user].append(Held._make(rest))
        first: dict[str, int] = {}
        known = User.objects.exclude(identity_index="").order_by("pk").values_list("pk", "identity_index")
        self.person = {user: first.setdefault(index, user) for user, index in known}
        self.paths = dict(Region.objects.villages().values_list("pk", "path"))

    def persons(self, accounts: Iterable[int | None]) -> set[int]:
        """The persons behind these accounts."""
        return {self.person.get(account, account) for account in accounts if account is not None}

    def was_posted(
        self, user: int, on_behalf_of: int | None, village: int, roles: Sequence[str], on: datetime.date
    ) -> bool:
        """Whether the person held one of the roles over the village on the day, as himself or standing in for that one."""
        path = self.paths[village]
        return any(
            held.role in roles
            and held.on_behalf_of == on_behalf_of
            and held.begins_on <= on
            and (held.ends_on is None or held.ends_on >= on)
            and path.startswith(held.path)
            for held in self.postings.get(user, ())
        )


class Procedures:
    """The pinned procedures, and for cases of before there were any the path of their rule set."""

    def __init__(self) -> None:
        self.pinned = {row.pk: Procedure.of(row.content) for row in PinnedProcedure.objects.all()}
        self.shipped: dict[tuple[str, str, bool], Procedure] = {}

    def of(self, case: Row, *, lifted: bool) -> Procedure:
        """What the case has to walk."""
        if case.procedure_id:
            return self.pinned[case.procedure_id]
        key = (case.ruleset, case.kind, lifted)
        if key not in self.shipped:
            rules = ruleset(case.ruleset)
            self.shipped[key] = from_policy(policy_as_shipped(rules, rules.begins_on), case.kind, lifted=lifted)
        return self.shipped[key]


def dossiers(cases: QuerySet[Case] | None = None) -> Iterator[Dossier]:
    """Every case (of these) with its rows, in the order of their keys; memory holds a few thousand at once."""
    wanted = Case.objects.all() if cases is None else cases
    procedures, last = Procedures(), uuid.UUID(int=0)
    flags = _hold_flags()
    while chunk := list(wanted.filter(pk__gt=last).order_by("pk").values_list(*CASE, named=True)[:CHUNK]):
        first, last = chunk[0].pk, chunk[-1].pk
        yield from _with_rows(chunk, first, last, procedures, flags)


def _with_rows(
    chunk: list[Row], first: uuid.UUID, last: uuid.UUID, procedures: Procedures, flags: Q
) -> Iterator[Dossier]:
    near = {"case_id__gte": first, "case_id__lte": last}
    events = _by_case(CaseEvent.objects.filter(**near).order_by("at"), EVENT)
    ballots = _by_case(Ballot.objects.filter(**near), BALLOT)
    objections = _by_case(Objection.objects.filter(**near), OBJECTION)
    proved = Exists(ComparisonAnswer.evidence.through.objects.filter(comparisonanswer=OuterRef("pk")))
    answers = _by_case(ComparisonAnswer.objects.filter(**near).annotate(proved=proved), ANSWER)
    removals = _by_case(Removal.objects.filter(**near), REMOVAL)
    backed = Exists(Reinstatement.evidence.through.objects.filter(reinstatement=OuterRef("pk")))
    returns = _by_case(Reinstatement.objects.filter(**near).annotate(proved=backed).order_by("at"), REINSTATEMENT)
    authorised = set(Authorisation.objects.filter(**near).values_list("case_id", flat=True))
    corrected = Correction.objects.filter(**near, accepted=True, field="decided_on")
    corrections = set(corrected.values_list("case_id", flat=True))
    done = CaseEvent.objects.filter(case__about_id__gte=first, case__about_id__lte=last, to_stage="done")
    removed_by = _grouped(
        done.exclude(from_stage="done").values_list("case__about_id", *EVENT[1:], named=True), "case__about_id"
    )
    notices = _notices(first, last)
    households = Case.objects.filter(pk__gte=first, pk__lte=last).values("household")
    surveys = _grouped(
        Survey.objects.filter(household__in=households).order_by("submitted_at").values_list(*SURVEY, named=True),
        "household_id",
    )
    holds: dict[uuid.UUID, list[tuple[datetime.date, datetime.date | None]]] = defaultdict(list)
    hits = Assessment.objects.filter(flags, household__in=households)
    for household, on, until in hits.values_list("household_id", "on", "replaced_on"):
        holds[household].append((on, until))
    for case in chunk:
        key, household = case.pk, case.household_id
        lifted = case.monitor_class == "relapse"
        yield Dossier(
            case=case, procedure=procedures.of(case, lifted=lifted), events=events.get(key, []),
            surveys=surveys.get(household, []), ballots=ballots.get(key, []), notices=notices.get(key, []),
            objections=objections.get(key, []), answers=answers.get(key, []), authorised=key in authorised,
            removal=next(iter(removals.get(key, [])), None), reinstatements=returns.get(key, []), corrected=key in corrections,
            held_since=holds.get(household, []), removals=removed_by.get(key, []),
        )  # fmt: skip


def _by_case(rows: QuerySet, columns: tuple[str, ...]) -> dict[uuid.UUID, list[Row]]:
    return _grouped(rows.values_list(*columns, named=True), "case_id")


def _grouped(rows: Iterable[Row], key: str) -> dict[uuid.UUID, list[Row]]:
    found: dict[uuid.UUID, list[Row]] = defaultdict(list)
    for row in rows:
        found[getattr(row, key)].append(row)
    return found


def _notices(first: uuid.UUID, last: uuid.UUID) -> dict[uuid.UUID, list[Row]]:
    """The notices that cases stand on; one notice is told once for each of its cases."""
    photographed = Exists(Notice.photos.through.objects.filter(notice=OuterRef("pk")))
    rows = Notice.objects.filter(cases__gte=first, cases__lte=last).annotate(photographed=photographed)
    return _grouped(rows.order_by("starts_on", "posted_at").values_list(*NOTICE, named=True), "cases")


def _hold_flags() -> Q:
    """The bit of a hit on the negative list, which each rule set has at another place."""
    wanted = Q(pk__in=[])
    for code in known_codes():
        for place, flag in enumerate(ruleset(code).flags):
            if flag.code == "NEGATIVE_HOLD":
                bits = 1 << place
                wanted |= Q(ruleset=code, flag_bits__in=_with_bit(bits, len(ruleset(code).flags)))
    return wanted


def _with_bit(bit: int, flags: int) -> list[int]:
    """Every number of so many flags in which this one is set: a list that both databases can look up."""
    return [number for number in range(1 << flags) if number & bit]


def day_of(at: datetime.datetime) -> datetime.date:
    """The day in Shanghai; the proof asks for hundreds of thousands, so that the zone is looked up once."""
    return at.astimezone(ZONE).date()


def explained_at(dossier: Dossier) -> list[datetime.datetime]:
    """When hits on the negative list were explained."""
    return [event.at for event in dossier.events if event.step == EXPLAIN_HOLD]
