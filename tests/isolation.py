"""Every address of the product, with what it points at: a new page cannot forget to join the isolation test."""

import datetime
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, get_resolver
from django.utils import timezone

from accounts.models import Notification, NotificationKind, Posting, Region, User
from accounts.roles import Role
from assistance.catalogue import MEASURES
from assistance.models import (
    Delivery,
    DepartmentList,
    DistrictMeasure,
    DossierJob,
    Entity,
    GuaranteeTask,
    Handover,
    Helper,
    Plan,
    PlanItem,
    Post,
    PostOffer,
    Snapshot,
    TeamMember,
    Tie,
    TieReceipt,
    Trainee,
    Training,
    Visit,
)
from assistance.services import told_by
from assistance.snapshots import Figures, Line
from households.attachments import store
from households.facts import write_facts
from households.models import Attachment, BatchKind, Household, ImportBatch, Member, Survey
from ledgers.models import Export
from monitoring.grading_rounds import district_of
from monitoring.models import (
    Assessment,
    Case,
    ClueDigest,
    ComparisonAnswer,
    Consultation,
    Correction,
    Decision,
    Declaration,
    DepartmentFigure,
    DistrictDate,
    Finding,
    Grading,
    GradingRound,
    Lead,
    Meeting,
    Notice,
    Objection,
    PolicyTrial,
    PolicyValue,
    Screening,
    Stage,
    TrialCount,
)
from tests.factories import Make
from tests.households.sent_files import PDF, sent

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
    answer: ComparisonAnswer
    figure: DepartmentFigure
    meeting: Meeting
    notice: Notice
    objection: Objection
    grading: Grading
    grading_round: GradingRound
    correction: Correction
    batch: ImportBatch
    screening: Screening
    digest: ClueDigest
    lead: Lead
    assessment: Assessment
    export: Export
    delivery: Delivery
    list: DepartmentList
    visit: Visit
    task: GuaranteeTask
    value: PolicyValue
    trial: PolicyTrial
    notification: Notification
    district_date: DistrictDate
    attachment: Attachment
    finding: Finding
    consultation: Consultation
    decision: Decision
    post: Post
    post_offer: PostOffer
    entity: Entity
    tie: Tie
    receipt: TieReceipt
    training: Training
    trainee: Trainee
    dossier_job: DossierJob
    snapshot: Snapshot
    handover: Handover
    plan: Plan
    plan_item: PlanItem
    team_member: TeamMember
    own_measure: DistrictMeasure


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
    return Things(
        village=village,
        person=by,
        posting=by.postings.get(),
        household=household,
        member=member,
        survey=survey,
        case=case,
        answer=ComparisonAnswer.objects.create(
            case=case, item="vehicle", hit=True, detail=f"{head}有车", answered_on=today, entered_by=second
        ),
        figure=DepartmentFigure.objects.create(
            household=household, village=village, item="wage", amount=YUAN, department=f"{head}局", as_of=today,
            entered_by=second,
        ),
        meeting=Meeting.objects.create(village=village, held_on=today, present=9, minutes="某记录", recorded_by=by),
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
        lead=_lead(household, by),
        assessment=assessment,
        export=Export.objects.create(region=village, on=today, requested_by=by),
        visit=Visit.objects.create(
            household=household, visited_on=today, mood="same", sentence="还好", visitor=by, contact_phone="13800000001"
        ),
        task=GuaranteeTask.objects.create(
            household=household, kind="unsafe_house", lead="建设局", opened_on=today, due_on=today, survey=survey
        ),
        delivery=Delivery.objects.create(household=household, member=member, **told_by(MEASURES["dibao"]), begun_on=today),
        list=_list(village, by),
        value=PolicyValue.objects.create(
            region=village, ruleset="zaozhuang_2020", key="income_line", value="5100", starts_on=today, source="某文",
            proposed_by=second,
        ),
        trial=_trial(village, by),
        grading=_grading(household, survey),
        grading_round=_round(village),
        district_date=DistrictDate.objects.create(
            region=village.parent.parent, date=today + datetime.timedelta(days=30), title=f"{head}会", source="某文", set_by=by
        ),
        notification=Notification.objects.create(
            person=by, kind=NotificationKind.RETURNED, text=f"{head}户退回", link="/", key=f"k{village.pk}", region=village
        ),
        **_oversight(case, by, head),
        **_posted(household, member, by, head),
        **_taken_along(household, member, by, head),
        dossier_job=DossierJob.objects.create(region=village, form="print", requested_by=by),
        snapshot=_snapshot(village.parent, head),
        handover=_handover(household, by, head),
        **_planned(household, member, by, head),
        attachment=store(sent(PDF, f"{head}.pdf"), kind="evidence", village=village, household=household, by=by),
    )  # fmt: skip


def _planned(household: Household, member: Member, by: User, head: str) -> dict[str, Any]:
    """A plan under way with one measure, somebody on the team, and a measure that the district wants to add."""
    today = timezone.localdate()
    plan = Plan.objects.create(household=household, number=1, goal=f"{head}户脱困", begun_by=by)
    item = plan.items.create(
        position=1,
        member=member,
        measure="medical_aid",
        name="医疗救助",
        goal="报销",
        unit="某局",
        person="某人",
        due_on=today,
    )
    district = household.village.parent.parent
    return {
        "plan": plan,
        "plan_item": item,
        "team_member": TeamMember.objects.create(
            household=household, part="village", name=f"{head}队员", unit="某村", begun_on=today, entered_by=by
        ),
        "own_measure": DistrictMeasure.objects.create(
            region=district, code=f"own_{household.pk.hex[:20]}", name=f"{head}补", group="jobs", given_to="person", lead="某局",
            causes=["illness"], document="某文", article="一", starts_on=today, entered_by=by,
        ),
    }  # fmt: skip


def _posted(household: Household, member: Member, by: User, head: str) -> dict[str, Any]:
    """A public post of the village with a place that somebody of the household has."""
    today = timezone.localdate()
    post = Post.objects.create(
        region=household.village, title=f"{head}岗", places=2, wage=600 * YUAN, fund="county", unit="某村", opens_on=today,
        entered_by=by,
    )  # fmt: skip
    delivery = Delivery.objects.create(
        household=household, member=member, **told_by(MEASURES["public_post"]), begun_on=today, amount=600 * YUAN
    )
    offer = PostOffer.objects.create(
        post=post, member=member, offered_on=today, answer="taken", delivery=delivery, entered_by=by
    )
    return {"post": post, "post_offer": offer}


def _taken_along(household: Household, member: Member, by: User, head: str) -> dict[str, Any]:
    """A firm of the village with the household tied to it, and a course with somebody on its roster."""
    today, village = timezone.localdate(), household.village
    entity = Entity.objects.create(region=village, kind="firm", name=f"{head}社", entered_by=by)
    tie = Tie.objects.create(entity=entity, household=household, kind="labour", begun_on=today, entered_by=by)
    training = Training.objects.create(
        region=village, title=f"{head}班", unit="某校", begins_on=today, ends_on=today, entered_by=by
    )
    return {
        "entity": entity,
        "tie": tie,
        "receipt": tie.receipts.create(received_on=today, amount=YUAN, note=head, entered_by=by),
        "training": training,
        "trainee": Trainee.objects.create(training=training, member=member, passed=True, entered_by=by),
    }


def _snapshot(town: Region, head: str) -> Snapshot:
    """The town's count of some day, in which a name stands where a place's would."""
    day = datetime.date(2020, 1, 1) + datetime.timedelta(days=Snapshot.objects.count())
    figures = Figures(None, [Line(name=f"{head}村")], Line(name="合计")).as_kept()
    return Snapshot.objects.create(region=town, on=day, figures=figures)


def _handover(household: Household, by: User, head: str) -> Handover:
    """Somebody is asked to take the household over."""
    handover = Handover.objects.create(
        region=household.village, from_name=f"{head}的联系人", from_unit="某局", to_user=by, to_name=by.name, to_unit="某村",
        begins_on=timezone.localdate(), reason="某因", proposed_by=by,
    )  # fmt: skip
    handover.households.add(household)
    return handover


def _oversight(case: Case, by: User, head: str) -> dict[str, Any]:
    """A finding about the household, and a consultation with something for its village to do."""
    today, village = timezone.localdate(), case.village
    finding = Finding.objects.create(
        found_on=today, place=village, what=f"{head}家没有走访", household=case.household, case=case, answerable=village,
        due_on=today, recorded_by=by,
    )  # fmt: skip
    consultation = Consultation.objects.create(
        region=village, topic=f"{head}户住房", held_on=today, venue="某室", chair="某甲", minute_taker="某乙", present="某丙",
        minutes="某事", recorded_by=by,
    )  # fmt: skip
    consultation.cases.add(case)
    decision = consultation.decisions.create(
        position=1, what=f"给{head}修房", case=case, answerable=village, due_on=today
    )
    return {"finding": finding, "consultation": consultation, "decision": decision}


def _grading(household: Household, survey: Survey) -> Grading:
    """A level that the village has proposed."""
    return Grading.objects.create(
        household=household, village=household.village, survey=survey, suggested=3, level=3, stage="proposed",
        stage_since=timezone.now(),
    )  # fmt: skip


def _round(village: Region) -> GradingRound:
    """The round of the village's district, which has one in a half year."""
    today = timezone.localdate()
    days = {"begins_on": today, "due_on": today, "visited_from": today}
    district = district_of(village)
    return GradingRound.objects.get_or_create(district=district, year=today.year, half=2, defaults=days)[0]


def _list(village: Region, by: User) -> DepartmentList:
    """A preview with a line that nobody knows."""
    batch = DepartmentList.objects.create(
        region=village, department="某局", measure="dibao", month=timezone.localdate().replace(day=1), requested_by=by,
        file_name="a.xlsx", state="draft", phase="preview", counts={"lines": {"unknown": 1}, "writes": 0},
    )  # fmt: skip
    batch.rows.create(row_no=2, status="unknown", payload='{"name": "某某"}')
    return batch


def _lead(household: Household, by: User) -> Lead:
    """An open lead of the household, with a declaration as its evidence."""
    lead = Lead.objects.create(household=household, village=household.village)
    declaration = Declaration.objects.create(
        village=household.village, name=household.head_name, phone="13800000001", sealed_id=uuid.uuid4()
    )
    lead.evidence.create(
        source="declared", happened_on=timezone.localdate(), words="家里有难处", declaration=declaration, entered_by=by
    )
    return lead


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
    "accounts:notifications": None,
    "accounts:notifications-read": None,
    "accounts:notification-open": at("notification"),
    "accounts:users": None,
    "accounts:user-new": None,
    "accounts:user": at("person"),
    "accounts:posting-new": at("person"),
    "accounts:user-identity": at("person"),
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
    "households:attachments": HOUSEHOLD,
    "households:attachment-new": HOUSEHOLD,
    "households:attachment": at("attachment"),
    "households:attachment-small": at("attachment"),
    "households:log": HOUSEHOLD,
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
    "monitoring:calendar": None,
    "monitoring:calendar-date-new": None,
    "monitoring:calendar-date-remove": at("district_date"),
    "monitoring:workdays": None,
    "monitoring:workdays-new": None,
    "monitoring:workdays-settle": None,
    "monitoring:basis": HOUSEHOLD,
    "monitoring:basis-paper": HOUSEHOLD,
    "monitoring:clues": None,
    "monitoring:lead-new": None,
    "monitoring:lead-act": None,
    "monitoring:lead-take-up": None,
    "monitoring:lead-of": HOUSEHOLD,
    "monitoring:declaration-paper": None,
    "monitoring:declaration-switch": None,
    "monitoring:lead-posters": None,
    "monitoring:lead-poster": lambda things: {"code": things.village.code},
    "monitoring:lead-poster-renew": lambda things: {"code": things.village.code},
    "monitoring:lead": at("lead"),
    "monitoring:lead-visit": at("lead"),
    "monitoring:lead-match": at("lead"),
    "monitoring:lead-reveal": at("lead"),
    "monitoring:lead-answer": at("lead"),
    "public:progress": None,
    "public:declare": lambda things: {"token": f"of-{things.village.code}"},
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
    "monitoring:figures": None,
    "monitoring:warnings": None,
    "monitoring:figure-new": CASE,
    "monitoring:figure-decide": lambda things: {"pk": things.case.pk, "figure_pk": things.figure.pk},
    "monitoring:late": None,
    "monitoring:case-extend": CASE,
    "monitoring:authorise": CASE,
    "monitoring:authorisation-paper": CASE,
    "monitoring:authorisation-withdraw": CASE,
    "monitoring:comparisons": None,
    "monitoring:comparison-request": None,
    "monitoring:comparison-upload": None,
    "monitoring:comparison": CASE,
    "monitoring:hit-explain": at("answer"),
    "monitoring:meeting-record": at("meeting"),
    "monitoring:meeting-record-paper": at("meeting"),
    "monitoring:case": CASE,
    "monitoring:case-paper": CASE,
    "monitoring:removal": CASE,
    "monitoring:removal-visit": CASE,
    "monitoring:removal-paper": CASE,
    "monitoring:reinstate": CASE,
    "monitoring:urgent": CASE,
    "monitoring:answer": CASE,
    "monitoring:course": CASE,
    "monitoring:registration-open": HOUSEHOLD,
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
    "monitoring:notice-result": None,
    "monitoring:notices-print": None,
    "monitoring:notice-photo": NOTICE,
    "monitoring:notice-correct": NOTICE,
    "monitoring:objection-assign": at("objection"),
    "monitoring:objection-contact": at("objection"),
    "monitoring:objection-paper": at("objection"),
    "public:notice": lambda things: {"token": things.notice.token},
    "public:objection": lambda things: {"token": things.notice.token},
    "public:reply": None,
    "monitoring:findings": None,
    "monitoring:findings-paper": None,
    "monitoring:finding-new": None,
    "monitoring:finding": at("finding"),
    "monitoring:finding-paper": at("finding"),
    "monitoring:finding-rectify": at("finding"),
    "monitoring:finding-judge": at("finding"),
    "monitoring:finding-withdraw": at("finding"),
    "monitoring:consultations": None,
    "monitoring:consultation-new": None,
    "monitoring:consultation": at("consultation"),
    "monitoring:consultation-paper": at("consultation"),
    "monitoring:decision": at("decision"),
    "monitoring:national-entries": None,
    "monitoring:national-entries-tick": None,
    "monitoring:national-entry": CASE,
    "monitoring:corrections": None,
    "monitoring:correction-settle": at("correction"),
    "monitoring:grading": None,
    "monitoring:grading-batch": None,
    "monitoring:grading-groups": None,
    "monitoring:grading-paper": None,
    "monitoring:grading-round-new": None,
    "monitoring:grading-round": at("grading_round"),
    "monitoring:grading-filing": at("grading_round"),
    "monitoring:grading-household": HOUSEHOLD,
    "monitoring:grading-step": at("grading", step="agree"),
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
    "assistance:delivery-papers": lambda things: {"pk": things.household.pk, "delivery_pk": things.delivery.pk},
    "assistance:helper-change": HOUSEHOLD,
    "assistance:visit-new": HOUSEHOLD,
    "assistance:visits": None,
    "assistance:visit-draft": HOUSEHOLD,
    "assistance:visit-same": HOUSEHOLD,
    "assistance:visit-undo": at("visit"),
    "assistance:visit-lead": at("visit"),
    "assistance:visit-contact": at("visit"),
    "assistance:tasks": None,
    "assistance:task": at("task"),
    "assistance:task-step": at("task"),
    "assistance:task-close": at("task"),
    "assistance:plan-list": None,
    "assistance:catalogue": None,
    "assistance:measure-new": None,
    "assistance:measure-settle": at("own_measure"),
    "assistance:gaps": HOUSEHOLD,
    "assistance:measure-begin": at("household", measure="public_post"),
    "assistance:plan": HOUSEHOLD,
    "assistance:plan-begin": HOUSEHOLD,
    "assistance:plan-add": HOUSEHOLD,
    "assistance:plan-edit": at("plan"),
    "assistance:plan-paper": at("plan"),
    "assistance:plan-item": lambda things: {"pk": things.plan.pk, "item_pk": things.plan_item.pk},
    "assistance:plan-item-remove": lambda things: {"pk": things.plan.pk, "item_pk": things.plan_item.pk},
    "assistance:plan-step": at("plan", step="propose"),
    "assistance:team": HOUSEHOLD,
    "assistance:team-end": lambda things: {"pk": things.household.pk, "member_pk": things.team_member.pk},
    "assistance:snapshots": None,
    "assistance:snapshot-take": None,
    "assistance:snapshot": at("snapshot"),
    "assistance:snapshot-file": at("snapshot"),
    "assistance:handovers": None,
    "assistance:handover-new": None,
    "assistance:handover": at("handover"),
    "assistance:handover-answer": lambda things: {"pk": things.handover.pk, "word": "take"},
    "assistance:card": HOUSEHOLD,
    "assistance:visits-paper": HOUSEHOLD,
    "assistance:dossier": HOUSEHOLD,
    "assistance:plan-file": at("plan"),
    "assistance:dossiers": None,
    "assistance:village-cards": lambda things: {"code": things.village.code},
    "assistance:dossier-new": None,
    "assistance:dossier-job": at("dossier_job"),
    "assistance:dossier-cancel": at("dossier_job"),
    "assistance:dossier-file": at("dossier_job"),
    "assistance:effect": None,
    "assistance:effect-list": None,
    "assistance:delivery-list": None,
    "assistance:funds": None,
    "assistance:fund-list": None,
    "assistance:posts": None,
    "assistance:post-new": None,
    "assistance:wages": None,
    "assistance:post": at("post"),
    "assistance:post-offer": at("post"),
    "assistance:post-close": at("post"),
    "assistance:place": at("post_offer"),
    "assistance:place-step": at("post_offer", step="attend"),
    "assistance:entities": None,
    "assistance:entity-new": None,
    "assistance:entity": at("entity"),
    "assistance:tie": at("tie"),
    "assistance:tie-receive": at("tie"),
    "assistance:tie-end": at("tie"),
    "assistance:receipt-strike": lambda things: {"pk": things.tie.pk, "receipt_pk": things.receipt.pk},
    "assistance:trainings": None,
    "assistance:training-new": None,
    "assistance:follow-list": None,
    "assistance:training": at("training"),
    "assistance:trainee-follow": at("trainee"),
    "assistance:trainee-settle": at("trainee", word="passed"),
    "assistance:desk": None,
    "assistance:desk-mark": None,
    "assistance:lists": None,
    "assistance:list-new": None,
    "assistance:list-template": None,
    "assistance:list-detail": at("list"),
    "assistance:list-confirm": at("list"),
    "assistance:list-undo": at("list"),
    "assistance:list-discard": at("list"),
    "assistance:list-answers": at("list"),
    "assistance:running-out": None,
    "assistance:delivery-step": lambda things: {"pk": things.household.pk, "delivery_pk": things.delivery.pk},
    "ledgers:home": None,
    "ledgers:dashboard": None,
    "ledgers:exports": None,
    "ledgers:export-new": None,
    "ledgers:national-export": None,
    "ledgers:export-detail": EXPORT,
    "ledgers:export-cancel": EXPORT,
    "ledgers:export-file": EXPORT,
}
# Fixed parts of addresses that point at nothing of anybody's.
FIXED: dict[str, dict[str, Any]] = {
    "assistance:list-template": {"measure": "dibao"},
    "households:group": {"group_no": 1},
    "monitoring:parameter-propose": {"key": "income_line"},
}
OPEN_TO_ALL = {
    ":ping", "accounts:login", "public:notice", "public:objection", "public:reply", "public:progress", "public:declare",
}  # fmt: skip
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
        "pick": [f"lead:{things.lead.pk}:1", f"clue:{things.assessment.pk}"],
        "act": "close",
        "reason": "income",
        "confirm": "1",
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
