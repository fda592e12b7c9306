"""A case for which every condition of every step holds, and a crowd: each role in each relation to what was done before."""

import datetime
import uuid
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Posting, Region, User
from accounts.roles import Role
from assistance.catalogue import MEASURES
from assistance.models import Delivery
from assistance.services import told_by
from households.models import Household, Survey
from monitoring import screening
from monitoring.models import (
    Authorisation,
    Case,
    CaseEvent,
    CaseKind,
    ComparisonAnswer,
    Meeting,
    Notice,
    NoticeKind,
    Objection,
    PolicyValue,
    Removal,
    Stage,
)  # fmt: skip
from monitoring.policy.values import policy_in_force
from monitoring.procedures import Procedure, pin
from monitoring.removal_gates import Visitors
from monitoring.workflow import take
from tests.factories import Make, Place, Staff, add_user
from tests.monitoring.expected_steps import STEPS
from tests.monitoring.surveyed import visit

LONG_AGO = datetime.date(2020, 1, 1)
ROLES = {
    "cadre": Role.VILLAGE_CADRE, "team": Role.VILLAGE_TEAM, "reviewer": Role.TOWN_REVIEWER, "officer": Role.DISTRICT_OFFICER,
    "clerk": Role.DEPARTMENT_CLERK, "inspector": Role.INSPECTOR, "admin": Role.SYSTEM_ADMIN,
}  # fmt: skip
# How somebody stands to what was done before, and the desk at which he therefore has acted.
RELATIONS = {
    "did nothing before": "",
    "opened it": "village",
    "submitted it": "village",
    "entered a survey": "village",
    "acted at the town": "town",
    "acted at the district": "district",
    "explained a hit": "",  # what both offices may do is nobody's desk
    "was stood in for by who submitted": "village",
    "stands in for who submitted": "village",
    "is delegated by who submitted": "village",
    "is delegated by who did nothing": "",
    "second account of who submitted": "village",
    "second account of who did nothing": "",
}
DONE_BEFORE = {
    "opened it": "open",
    "submitted it": "complete_survey",
    "acted at the town": "return_to_meeting",
    "acted at the district": "return_to_town",
    "explained a hit": "explain_hold",
}
NEEDS_A_SECOND_DAY = datetime.timedelta(days=40)


@dataclass(frozen=True)
class Actor:
    """Somebody who tries; ``did`` is the desk at which he acted before, empty for none."""

    user: User
    role: str
    relation: str
    did: str
    posted_here: bool = True


@dataclass
class Scene:
    """The case, who tries, and everything that the steps need."""

    case: Case
    actors: list[Actor]
    data: dict[str, Any]
    result: Notice

    def stand_at(self, stage: str) -> None:
        """The case stands at a stage, as if brought there."""
        decided = stage in (Stage.DISTRICT, Stage.ANNOUNCE, Stage.REGISTERED, Stage.REMOVED, Stage.DONE)
        today = timezone.localdate()
        Case.objects.filter(pk=self.case.pk).update(
            stage=stage, decided_on=today if decided else None, removed_on=today if stage == Stage.REMOVED else None
        )
        self.case.refresh_from_db()

    def attempt(self, name: str, by: User | None, wanted: str) -> None:
        """Take a step, which must come to what is wanted; nothing is left behind."""
        if not wanted.startswith("to ") and not STEPS[name].of_a_household_that_is_gone:
            assert self._take(name, by) == wanted  # what is refused leaves nothing
            return
        with transaction.atomic():
            if STEPS[name].of_a_household_that_is_gone:
                Household.objects.filter(pk=self.case.household_id).update(closed_on=timezone.localdate())
            assert self._take(name, by) == wanted
            transaction.set_rollback(True)

    def _take(self, name: str, by: User | None) -> str:
        data = {**self.data, "notice": self.result} if name == "announce" else self.data
        try:
            return f"to {take(name, case=self.case, by=by, note='原因', **data).stage}"
        except PermissionDenied:
            return "not allowed"
        except ValidationError as fault:
            return refused(fault.messages[0])


def refused(words: str) -> str:
    """The kind of refusal; the words themselves where it is none of these."""
    kinds = {"现在在": "wrong stage", "的程序里没有": "no such step", "请另一位同事办": "another person"}
    return next((kind for part, kind in kinds.items() if part in words), words)


def scene(rules: str, kind: str, place: Place, staff: Staff, make: Make) -> Scene:
    """Build it: the case has been opened by somebody who is none of those who try."""
    today, by = timezone.localdate(), staff.second_cadre
    PolicyValue.objects.create(
        region=place.zone, ruleset="xinbei_2020", key="income_line", value="5000", starts_on=LONG_AGO, source="某文",
        proposed_by=staff.officer, confirmed_by=staff.foreign_officer, confirmed_at=timezone.now(),
    )  # fmt: skip
    household = make.household(place.village)
    visit(household, by, today - datetime.timedelta(days=20), wage=24_000_00)
    case = _begun(rules, kind, household, place, by)
    last = visit(household, by, today, wage=24_000_00)
    Survey.objects.filter(pk=last.pk).update(submitted_at=timezone.now())
    actors = crowd(case, place)
    _judged(household)
    _meets_all_conditions(case, by, today)
    data, result = _papers(case, by, staff.team, today)
    return Scene(case, actors, data, result)


def _begun(rules: str, kind: str, household: Household, place: Place, by: User) -> Case:
    begun = timezone.now() - datetime.timedelta(days=9)
    columns = {
        "household": household, "village": place.village, "monitor_class": "edge", "ruleset": rules, "main_risk": "illness",
        "stage_since": begun, "opened_by": by,
    }  # fmt: skip
    about = None
    if kind == CaseKind.REMOVAL:
        registered = timezone.localdate() - datetime.timedelta(days=400)
        about = Case.objects.create(**columns, stage=Stage.REGISTERED, decided_on=registered)
    pinned = pin(policy_in_force(place.village, timezone.localdate(), rules), kind, lifted=False)
    case = Case.objects.create(**columns, kind=kind, about=about, procedure=pinned, stage=Stage.SURVEY)
    Case.objects.filter(pk=case.pk).update(opened_at=begun)
    opening = {CaseKind.REMOVAL: "open_removal", CaseKind.REGISTRATION: "open_registration"}.get(CaseKind(kind), "open")
    happened(case, opening, by, days_ago=9)
    happened(case, "removed", by, days_ago=1)
    if about:
        Removal.objects.create(case=case)
    return case


def happened(case: Case, step: str, by: User, *, in_name_of: User | None = None, days_ago: int = 3) -> None:
    """On the record, without having moved the case."""
    at = timezone.now() - datetime.timedelta(days=days_ago)
    CaseEvent.objects.create(case=case, step=step, to_stage=case.stage, by=by, on_behalf_of=in_name_of, at=at)


def _judged(household: Household) -> None:
    """Nothing but a hit on the negative list, which has been explained."""
    screening.assess_household(household, timezone.localdate())
    household.assessments.update(flag_bits=1)


def _meets_all_conditions(case: Case, by: User, today: datetime.date) -> None:
    """Of a removal, of a notice that is over, of a comparison."""
    Delivery.objects.create(household=case.household, **told_by(MEASURES["family_doctor"]), begun_on=LONG_AGO)
    happened(case, "explain_hold", by, days_ago=0)
    over = Notice.objects.create(
        village=case.village, starts_on=today - datetime.timedelta(days=9), ends_on=today - datetime.timedelta(days=1),
        posted_by=by,
    )  # fmt: skip
    over.cases.add(case)
    Objection.objects.create(notice=over, case=case, raised_on=today, content="某事", upheld=True, recorded_by=by)
    Authorisation.objects.create(case=case, signed_on=today, signed_by="某人", explained_by="某人", recorded_by=by)
    for item in Procedure.of(case.procedure.content).compares:
        ComparisonAnswer.objects.create(case=case, item=item, hit=False, answered_on=today, entered_by=by)


def _papers(case: Case, by: User, second: User, today: datetime.date) -> tuple[dict[str, Any], Notice]:
    """What the steps are given: a meeting with its votes, a notice, two visitors; and a 结果公告."""
    meeting = Meeting.objects.create(
        village=case.village,
        held_on=today,
        due=24,
        present=21,
        minutes="会议",
        chair="某人",
        minute_taker="某人",
        recorded_by=by,
    )
    hung = {"village": case.village, "starts_on": today, "ends_on": today + NEEDS_A_SECOND_DAY, "posted_by": by}
    notice = Notice.objects.create(**hung)
    result = Notice.objects.create(**hung, kind=NoticeKind.RESULT)
    votes = {"in_favour": 20, "against": 1, "abstained": 0}
    visitors = Visitors(by, "", second)
    return {"meeting": meeting, "notice": notice, "visitors": visitors, "main_risk": "illness", **votes}, result


# ---- who tries ----


def crowd(case: Case, place: Place) -> list[Actor]:
    """Each role in each relation, each role posted elsewhere, and somebody who is posted nowhere."""
    here, elsewhere = _seats(place), _seats(place, abroad=True)
    actors = [_actor(case, here, role, relation) for role in ROLES for relation in RELATIONS]
    for role in ROLES:
        user = _posted(f"{role}-elsewhere", role, elsewhere)
        actors.append(Actor(user, role, "is posted elsewhere", "", posted_here=False))
    actors.append(Actor(add_user("nobody-at-all", "冯闲"), "nobody", "did nothing before", "", posted_here=False))
    for actor in actors:
        actor.user.remember_postings()
    return actors


def _seats(place: Place, *, abroad: bool = False) -> dict[str, Region]:
    village, town, zone = (
        (place.neighbour, place.other_town, place.foreign_county) if abroad else (place.village, place.town, place.zone)
    )
    return {
        "cadre": village, "team": village, "reviewer": town, "officer": zone, "clerk": zone, "inspector": zone, "admin": zone,
    }  # fmt: skip


def _posted(name: str, role: str, seats: dict[str, Region], *, in_name_of: User | None = None) -> User:
    user = add_user(name, name[:30])
    _post(user, role, seats, in_name_of)
    return user


def _post(user: User, role: str, seats: dict[str, Region], in_name_of: User | None = None) -> None:
    Posting.objects.create(user=user, role=ROLES[role], region=seats[role], begins_on=LONG_AGO, on_behalf_of=in_name_of)


def _actor(case: Case, seats: dict[str, Region], role: str, relation: str) -> Actor:
    name = f"{role} {relation}"[:40].replace(" ", "-")
    submits = relation.endswith("who submitted")
    if relation in DONE_BEFORE:
        user = _posted(name, role, seats)
        happened(case, DONE_BEFORE[relation], user)
    elif relation == "entered a survey":
        user = _posted(name, role, seats)
        _also_visited(case, user)
    elif relation.startswith("was stood in for"):
        user = _posted(name, role, seats)
        happened(case, "complete_survey", add_user(f"{role}-deputy", "代办"), in_name_of=user)
    elif relation.startswith("stands in for"):
        user = _posted(name, role, seats)
        _post(user, "clerk", seats, _other(case, f"{role}-colleague", "clerk", seats, submits))
    elif relation.startswith("is delegated"):
        user = _posted(name, role, seats, in_name_of=_other(case, f"{role}-of-{submits}", role, seats, submits))
    elif relation.startswith("second account"):
        other = _other(case, f"{role}-first-{submits}", "cadre", seats, submits)
        user = _posted(name, role, seats)
        User.objects.filter(pk__in=(user.pk, other.pk)).update(identity_index=f"one person {role} {submits}"[:40])
    else:
        user = _posted(name, role, seats)
    return Actor(user, role, relation, RELATIONS[relation])


def _also_visited(case: Case, by: User) -> None:
    """An earlier visit since the case was opened."""
    survey = case.household.surveys.earliest("visited_on")
    survey.pk, survey._state.adding, survey.entered_by, survey.submitted_at = uuid.uuid4(), True, by, timezone.now()
    survey.save(force_insert=True)


def _other(case: Case, name: str, role: str, seats: dict[str, Region], submits: bool) -> User:
    user = _posted(name, role, seats)
    if submits:
        happened(case, "complete_survey", user)
    return user
