"""A list of thirty rows costs as many queries as one of three, on every page that lists something."""

import datetime
import uuid
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import audit
from accounts.jobs import JobState
from accounts.models import Posting
from accounts.roles import Role
from assistance.models import Visit, VisitMood
from households.codes import MonitorClass, RiskCause
from households.models import BatchKind, ImportBatch
from households.models.imports import BatchPhase
from ledgers.models import Export
from monitoring.models import Case, Correction, Notice, Objection, PolicyTrial, PolicyValue, Screening, Stage
from tests.factories import Make, Place, Staff, add_user

DECIDED = datetime.date(2020, 3, 20)
MOST_QUERIES = 60
STAGES = (Stage.SURVEY, Stage.MEETING, Stage.NOTICE_DUE, Stage.NOTICE, Stage.TOWN, Stage.DISTRICT, Stage.REGISTERED)
PAGES = (
    ("ledgers:home", {}, ("cadre", "reviewer", "officer")),
    ("ledgers:dashboard", {}, ("officer",)),
    ("ledgers:exports", {}, ("reviewer",)),
    ("monitoring:cases", {"stage": "town"}, ("cadre", "reviewer", "officer")),
    ("monitoring:cases", {"stage": "registered"}, ("inspector",)),
    ("monitoring:notices", {}, ("cadre", "reviewer")),
    ("monitoring:notice-new", {}, ("cadre",)),
    ("monitoring:meeting", {}, ("cadre",)),
    ("monitoring:corrections", {}, ("reviewer",)),
    ("monitoring:screenings", {}, ("officer",)),
    ("monitoring:whatifs", {}, ("officer", "reviewer")),
    ("monitoring:parameters", {}, ("officer", "inspector")),
    ("households:import-list", {}, ("reviewer",)),
    ("assistance:visits", {}, ("cadre",)),
    ("assistance:dossiers", {}, ("cadre",)),
    ("accounts:users", {}, ("admin",)),
    ("accounts:audit", {}, ("admin", "officer")),
    ("accounts:status", {}, ("admin",)),
)


def add_rows(number: int, place: Place, staff: Staff, make: Make) -> None:
    """So many of everything that a page lists, each with what hangs on it."""
    today = timezone.localdate()
    for _each in range(number):
        cases = {stage: _case(make.household(place.village), stage, staff) for stage in STAGES}
        notice = Notice.objects.create(village=place.village, starts_on=today, ends_on=today, posted_by=staff.cadre)
        notice.cases.add(cases[Stage.NOTICE])
        Objection.objects.create(
            notice=notice, case=cases[Stage.NOTICE], raised_on=today, content="有新房", recorded_by=staff.cadre
        )
        registered = cases[Stage.REGISTERED]
        Correction.objects.create(
            case=registered, field="main_risk", old="illness", new="education", reason="录错", proposed_by=staff.cadre
        )
        Visit.objects.create(household=registered.household, visited_on=today, mood=VisitMood.SAME, visitor=staff.cadre)
        _jobs(place, staff, today)
        _person(place, staff)


def _case(household: Any, stage: Stage, staff: Staff) -> Case:
    return Case.objects.create(
        household=household,
        village=household.village,
        monitor_class=MonitorClass.EDGE,
        stage=stage,
        stage_since=timezone.now(),
        ruleset="zaozhuang_2020",
        main_risk=RiskCause.ILLNESS,
        decided_on=DECIDED if stage == Stage.REGISTERED else None,
        opened_by=staff.cadre,
    )


def _jobs(place: Place, staff: Staff, today: datetime.date) -> None:
    mine = {"requested_by": staff.reviewer, "region": place.town}
    Export.objects.create(on=today, file_name="台账.xlsx", state=JobState.DONE, **mine)
    ImportBatch.objects.create(kind=BatchKind.ROSTER, phase=BatchPhase.APPLIED, state=JobState.DONE, **mine)
    Screening.objects.create(on=today, ruleset="zaozhuang_2020", state=JobState.DONE, **mine)
    trial = {"region": place.zone, "requested_by": staff.officer, "ruleset": "zaozhuang_2020", "state": JobState.DONE}
    PolicyTrial.objects.create(on=today, starts_on=today, values={"edge_line": "5600"}, **trial)
    number = {"region": place.zone, "ruleset": "zaozhuang_2020", "key": "edge_line", "value": "5600", "source": "某文"}
    PolicyValue.objects.create(starts_on=today, proposed_by=staff.officer, **number)


def _person(place: Place, staff: Staff) -> None:
    person = add_user(f"u{uuid.uuid4().hex[:12]}", "新来", Role.VILLAGE_TEAM, place.village)
    Posting.objects.create(
        user=person, role=Role.VILLAGE_CADRE, region=place.neighbour, begins_on=DECIDED, on_behalf_of=staff.cadre
    )
    audit.record(action="user.add", actor=person, target=person, region=place.village, on_behalf_of=staff.cadre)


def test_thirty_rows_cost_as_many_queries_as_three(client: Client, place: Place, staff: Staff, make: Make) -> None:
    def cost(person: str, name: str, query: dict[str, str]) -> int:
        client.force_login(getattr(staff, person), backend="django.contrib.auth.backends.ModelBackend")
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse(name), query).status_code == 200
        return len(asked)

    pages = [(person, name, query) for name, query, people in PAGES for person in people]
    add_rows(3, place, staff, make)
    few = [cost(*page) for page in pages]
    add_rows(27, place, staff, make)
    many = [cost(*page) for page in pages]
    assert [
        (*page, before, after) for page, before, after in zip(pages, few, many, strict=True) if after > before
    ] == []
    assert [(*page, after) for page, after in zip(pages, many, strict=True) if after > MOST_QUERIES] == []
