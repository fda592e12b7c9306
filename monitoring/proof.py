"""The proof that every household was treated by the book: each case against its pinned procedure, and the gradings."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from monitoring.grading_proof import grading_faults
from monitoring.models import Case
from monitoring.proof_papers import endings, papers
from monitoring.proof_rows import Dossier, People, dossiers
from monitoring.proof_way import Targets, actors, walk


class Fault(NamedTuple):
    """One thing that is wrong: the case (or the household of a grading), a code for the kind, and a sentence."""

    key: UUID
    code: str
    sentence: str


@dataclass
class Proof:
    """What was looked at, and everything that was wrong with it."""

    cases: Counter[str] = field(default_factory=Counter)  # by stage
    steps: int = 0
    faults: list[Fault] = field(default_factory=list)


def prove(cases: QuerySet[Case] | None = None, *, with_gradings: bool = True) -> Proof:
    """Look at these cases (all); households entered as stock or by a ledger must show that, and nothing else of before."""
    proof, people, targets = Proof(), People(), Targets()
    for dossier in dossiers(cases):
        proof.cases[dossier.case.stage] += 1
        proof.steps += len(dossier.events)
        proof.faults += [Fault(dossier.case.pk, *found) for found in faults_of(dossier, people, targets)]
    if with_gradings:
        proof.faults += [Fault(fault.household, "grading", fault.sentence) for fault in grading_faults(people=people)]
    return proof


def faults_of(dossier: Dossier, people: People, targets: Targets) -> Iterator[tuple[str, str]]:
    """Everything that is wrong with one case."""
    way, found = walk(dossier, targets)
    yield from found
    yield from actors(dossier, way, people)
    yield from papers(dossier, way)
    yield from endings(dossier, way, people)
