"""Every address of the product, with what it points at: a new page cannot forget to join the isolation test."""

import datetime
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, get_resolver
from django.utils import timezone

from accounts.models import Posting, Region, User
from accounts.roles import Role
from assistance.models import Delivery, Helper, Measure, Visit
from households.facts import write_facts
from households.models import BatchKind, Household, ImportBatch, Member, Survey
from ledgers.models import Export
from monitoring.models import (
    Assessment,
    Case,
    ClueDigest,
    Correction,
    Notice,
    Objection,
    PolicyTrial,
    PolicyValue,
    Screening,
    Stage,
    TrialCount,
)
from tests.factories import Make

YUAN = 100


@dataclass
class Things:
    """One of everything in a village."""

    village: Region
    person: User
    posting: Posting
    household: Household
    member: Member
    survey: Survey
    case: Case
    notice: Notice
    objection: Objection
    correction: Correction
    batch: ImportBatch
    screening: Screening
    digest: ClueDigest
    export: Export
    delivery: Delivery
    value: PolicyValue
    trial: PolicyTrial


def one_of_everything(village: Region, by: User, second: User, head: str, stage: Stage = Stage.TOWN) -> Things:
    """A household with everything that can hang on it."""
    today = timezone.localdate()
    household = Make().household(village, head, phone="10012345678")
    member = household.members.get(relation="户主")
    survey = Survey.objects.create(
        household=household, village=village, visited_on=today - datetime.timedelta(days=9), entered_by=by, persons=3,
        period_start=datetime.date(2019, 6, 1), period_end=datetime.date(2020, 5, 31), wage=3000 * YUAN, operating_gross=0,
        operating_cost=0, property_income=0, transfer=0, transfer_expense=0, risk_causes=["illness"],
    )  # fmt: skip
    facts = write_facts(survey)
    assessment = Assessment.objects.create(
        household=household, village=village, facts=facts, on=survey.visited_on, visited_on=survey.visited_on,
        policy_date=survey.visited_on, ruleset="zaozhuang_2020", outcome="EDGE", rule_bits=0b1100000, flag_bits=0,
        decision=4,
    )  # fmt: skip
    case = Case.objects.create(
        household=household, village=village, monitor_class="edge", stage=stage, stage_since=timezone.now(),
        ruleset="zaozhuang_2020", survey=survey, risk_causes=["illness"], opened_by=by,
    )  # fmt: skip
    notice = Notice.objects.create(
        village=village, starts_on=today, ends_on=today + datetime.timedelta(days=4), posted_by=by,
        snapshot=[{"group_no": 1, "head_name": head, "persons": 3, "monitor_class": "边缘户"}],
    )  # fmt: skip
    notice.cases.add(case)
    digest = ClueDigest.objects.create(village=village, begins_on=today, ends_on=today, changed_at=timezone.now())
    digest.entries.create(household=household, now=assessment)
    Helper.objects.create(household=household, name="赵某", unit="某局", begun_on=today)
    Visit.objects.create(household=household, visited_on=today, mood="same", sentence="还好", visitor=by)
    return Things(
        village=village,
        person=by,
        posting=by.postings.get(),
        household=household,
        member=member,
        survey=survey,
        case=case,
        notice=notice,
        objection=Objection.objects.create(notice=notice, case=case, raised_on=today, content="某事", recorded_by=by),
        correction=Correction.objects.create(
            case=case, field="main_risk", old="", new="illness", reason="某因", proposed_by=second
        ),
        batch=ImportBatch.objects.create(
            kind=BatchKind.ROSTER, region=village, file_name="a.xlsx", requested_by=by, state="draft", phase="preview"
        ),
        screening=Screening.objects.create(region=village, on=today, ruleset="zaozhuang_2020", requested_by=by),
        digest=digest,
        export=Export.objects.create(region=village, on=today, requested_by=by),
        delivery=Delivery.objects.create(household=household, member=member, measure=Measure.DIBAO, begun_on=today),
        value=PolicyValue.objects.create(
            region=village, ruleset="zaozhuang_2020", key="income_line", value="5100", starts_on=today, source="某文",
            proposed_by=second,
        ),
        trial=_trial(village, by),
    )  # fmt: skip


def _trial(village: Region, by: User) -> PolicyTrial:
    """A what-if run that is done, with a household of the village that would move."""
    trial = PolicyTrial.objects.create(
        region=village, on=timezone.localdate(), starts_on=timezone.localdate(), ruleset="zaozhuang_2020",
        values={"edge_line": "5600"}, requested_by=by, state="done",
    )  # fmt: skip
    TrialCount.objects.create(trial=trial, village=village, before="NONE", after="EDGE", households=1)
    return trial


Target = Callable[[Things], dict[str, Any]] | None


def at(name: str, **more: Any) -> Target:
    """The thing of this name as ``pk``, and fixed parts of the address beside it."""
    return lambda things: {"pk": getattr(things, name).pk, **more}


HOUSEHOLD, CASE, NOTICE, BATCH, EXPORT = at("household"), at("case"), at("notice"), at("batch"), at("export")
TARGETS: dict[str, Target] = {
    ":ping": None,
    "accounts:login": None,
    "accounts:logout": None,
    "accounts:password": None,
    "accounts:me": None,
    "accounts:users": None,
    "accounts:user-new": None,
    "accounts:user": at("person"),
    "accounts:posting-new": at("person"),
    "accounts:user-reset": at("person"),
    "accounts:user-activity": at("person"),
    "accounts:posting-move": at("posting"),
    "accounts:posting-end": at("posting"),
    "accounts:regions": None,
    "accounts:region-edit": lambda things: {"code": things.village.code},
    "accounts:audit": None,
    "accounts:status": None,
    "accounts:unlock": None,
    "households:list": None,
    "households:new": None,
    "households:detail": HOUSEHOLD,
    "households:members": HOUSEHOLD,
    "households:income": HOUSEHOLD,
    "households:cases": HOUSEHOLD,
    "households:assistance": HOUSEHOLD,
    "households:log": HOUSEHOLD,
    "households:card": HOUSEHOLD,
    "households:reveal": HOUSEHOLD,
    "households:edit": HOUSEHOLD,
    "households:member-new": HOUSEHOLD,
    "households:member-edit": lambda things: {"pk": things.household.pk, "member_pk": things.member.pk},
    "households:life-events": HOUSEHOLD,
    "households:life-event": at("household", kind="death"),
    "households:import-list": None,
    "households:import-new": None,
    "households:import-template": None,
    "households:import-detail": BATCH,
    "households:import-confirm": BATCH,
    "households:import-undo": BATCH,
    "households:import-discard": BATCH,
    "households:import-refused": BATCH,
    "households:group": None,
    "households:survey": HOUSEHOLD,
    "households:survey-draft": HOUSEHOLD,
    "households:survey-detail": at("survey"),
    "households:survey-correct": at("survey"),
    "households:survey-paper": HOUSEHOLD,
    "monitoring:survey-result": at("survey"),
    "monitoring:basis": HOUSEHOLD,
    "monitoring:basis-paper": HOUSEHOLD,
    "monitoring:clues": None,
    "monitoring:digests": None,
    "monitoring:digest": at("digest"),
    "monitoring:screenings": None,
    "monitoring:screening-new": None,
    "monitoring:screening-detail": at("screening"),
    "monitoring:screening-cancel": at("screening"),
    "monitoring:case-open": HOUSEHOLD,
    "monitoring:cases": None,
    "monitoring:cases-batch": None,
    "monitoring:meeting": None,
    "monitoring:meeting-paper": None,
    "monitoring:case": CASE,
    "monitoring:case-paper": CASE,
    "monitoring:correction-new": CASE,
    "monitoring:case-step": at("case", step="return_to_survey"),
    "monitoring:notices": None,
    "monitoring:notice-new": None,
    "monitoring:web-switch": None,
    "monitoring:notice": NOTICE,
    "monitoring:notice-print": NOTICE,
    "monitoring:notice-close": NOTICE,
    "monitoring:objection-new": NOTICE,
    "monitoring:objection-settle": at("objection"),
    "monitoring:public-notice": lambda things: {"token": things.notice.token},
    "monitoring:corrections": None,
    "monitoring:correction-settle": at("correction"),
    "monitoring:parameters": None,
    "monitoring:parameter-propose": None,
    "monitoring:parameter-settle": at("value"),
    "monitoring:parameters-paper": None,
    "monitoring:ruleset-propose": None,
    "monitoring:whatifs": None,
    "monitoring:whatif-new": None,
    "monitoring:whatif": at("trial"),
    "monitoring:whatif-paper": at("trial"),
    "monitoring:whatif-households": at("trial"),
    "monitoring:whatif-propose": at("trial"),
    "monitoring:whatif-cancel": at("trial"),
    "assistance:overview": None,
    "assistance:delivery-new": HOUSEHOLD,
    "assistance:delivery-edit": lambda things: {"pk": things.household.pk, "delivery_pk": things.delivery.pk},
    "assistance:delivery-remove": lambda things: {"pk": things.household.pk, "delivery_pk": things.delivery.pk},
    "assistance:helper-change": HOUSEHOLD,
    "assistance:visit-new": HOUSEHOLD,
    "assistance:visits": None,
    "ledgers:home": None,
    "ledgers:dashboard": None,
    "ledgers:exports": None,
    "ledgers:export-new": None,
    "ledgers:export-detail": EXPORT,
    "ledgers:export-cancel": EXPORT,
    "ledgers:export-file": EXPORT,
}
# Fixed parts of addresses that point at nothing of anybody's.
FIXED: dict[str, dict[str, Any]] = {
    "households:group": {"group_no": 1},
    "monitoring:parameter-propose": {"key": "income_line"},
}
OPEN_TO_ALL = {":ping", "accounts:login", "monitoring:public-notice"}
ROLES = {
    "cadre": Role.VILLAGE_CADRE,
    "team": Role.VILLAGE_TEAM,
    "reviewer": Role.TOWN_REVIEWER,
    "officer": Role.DISTRICT_OFFICER,
    "clerk": Role.DEPARTMENT_CLERK,
    "inspector": Role.INSPECTOR,
    "admin": Role.SYSTEM_ADMIN,
    "unposted": None,
}


def routes() -> Iterator[tuple[str, URLPattern]]:
    """Every named address of the product."""
    yield from _walk(get_resolver().url_patterns, "")


def _walk(patterns: Any, namespace: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from _walk(pattern.url_patterns, pattern.namespace or namespace)
        else:
            yield f"{namespace}:{pattern.name}", pattern


def forged(things: Things) -> dict[str, Any]:
    """Every field by which a form could name somebody else's thing."""
    return {
        "idempotency_key": str(uuid.uuid4()),
        "version": "1",
        "case": [str(things.case.pk)],
        "cases": [str(things.case.pk)],
        "household": str(things.household.pk),
        "village": str(things.village.pk),
        "region": things.village.code,
        "survey": str(things.survey.pk),
        "member": str(things.member.pk),
        "on": timezone.localdate().isoformat(),
        "row_mode": "member",
        "confirmed": "1",
        "web": "1",
    }
