"""What is missing in a household's file, stage by stage, and where each is entered.

Each requirement is written once, as two claims about a household that the database judges: whether it applies, and
whether it is there. The page of one household, the list of a village and its counts ask the same claims.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Case as Choose
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.urls import resolve, reverse

from accounts.models import Region, User
from assistance import visit_plan
from assistance.models import Delivery, Helper, Plan, PlanStage, TeamMember, Visit
from households.codes import IdType
from households.models import Attachment, AttachmentKind, Household, Member, Survey
from monitoring.models import Authorisation, Ballot, Case, CaseEvent, CaseKind, Notice, Removal, Stage
from monitoring.policy.values import months_before

SURVEY_MONTHS = 12
NEITHER = (Stage.REFUSED, Stage.CLOSED)
SENT_BACK_TO = (Stage.WATCH, Stage.AUTHORISE, Stage.SURVEY)


class Part(models.TextChoices):
    """The stages of a file."""

    BASIC = "basic", "基本情况"
    FOUND = "found", "发现和调查"
    DECIDED = "decided", "认定程序"
    HELPED = "helped", "帮扶"
    OVER = "over", "风险消除"


@dataclass(frozen=True)
class Requirement:
    """One paper or entry: to which stage it belongs, when it applies, when it is there, and where it is entered.

    ``page`` is a URL name, ``about`` the column of a household of ``with_files`` that it takes as its key.
    """

    key: str
    part: Part
    title: str
    applies: Q
    there: Q
    page: str
    about: str = "pk"

    def address(self, household: Any, user: User) -> str:
        """Where this person enters it; empty where somebody else has to."""
        url = reverse(self.page, args=[getattr(household, self.about)])
        return url if user.posting_over(household.village, *resolve(url).func.roles) else ""


@dataclass(frozen=True)
class Line:
    """A requirement that applies to a household."""

    requirement: Requirement
    there: bool
    url: str


@dataclass(frozen=True)
class PartLines:
    """A stage with its lines."""

    label: str
    lines: list[Line]

    @property
    def missing(self) -> list[Line]:
        """Those that are not there."""
        return [line for line in self.lines if not line.there]

    @property
    def there(self) -> list[Line]:
        """Those that are."""
        return [line for line in self.lines if line.there]


@dataclass(frozen=True)
class Meter:
    """How complete one household's file is."""

    parts: list[PartLines]

    @property
    def lines(self) -> list[Line]:
        """All lines in the order of the file."""
        return [line for part in self.parts for line in part.lines]

    @property
    def missing(self) -> list[Line]:
        """Those that are not there."""
        return [line for line in self.lines if not line.there]

    @property
    def total(self) -> int:
        """How much applies."""
        return len(self.lines)

    @property
    def done(self) -> int:
        """How much of it is there."""
        return self.total - len(self.missing)


ALWAYS = Q()
HELPED = Q(is_helped=True)
REQUIREMENTS = (
    Requirement("address", Part.BASIC, "家庭住址", ALWAYS, ~Q(address=""), "households:edit"),
    Requirement("group", Part.BASIC, "村民小组", ALWAYS, Q(group_no__isnull=False), "households:edit"),
    Requirement("phone", Part.BASIC, "联系电话", ALWAYS, ~Q(phone=""), "households:edit"),
    Requirement("ids", Part.BASIC, "成员证件号码", ALWAYS, Q(lacks_number=False), "households:members"),
    Requirement("survey", Part.FOUND, "一年内的入户调查", ALWAYS, Q(surveyed=True), "households:survey"),
    Requirement("photo", Part.FOUND, "入户照片", ALWAYS, Q(photographed=True), "households:attachment-new"),
    Requirement(
        "authorisation", Part.DECIDED, "承诺授权书", Q(passed_authorise=True), Q(authorised=True) | Q(consent_filed=True),
        "households:attachment-new",
    ),
    Requirement("meeting", Part.DECIDED, "民主评议记录", Q(passed_meeting=True), Q(file_meeting__isnull=False), "monitoring:case", "file_case"),
    Requirement(
        "sign_in", Part.DECIDED, "评议签到表、会议记录", Q(file_meeting__isnull=False), Q(meeting_papers=True) | Q(minutes_filed=True),
        "households:attachment-new",
    ),
    Requirement("notice", Part.DECIDED, "村内公示", Q(passed_notice=True), Q(file_notice__isnull=False), "monitoring:case", "file_case"),
    Requirement(
        "notice_photo", Part.DECIDED, "公示张贴照片", Q(file_notice__isnull=False, asks_photo=True), Q(notice_photos=True),
        "monitoring:notice-photo", "file_notice",
    ),
    Requirement("main_risk", Part.DECIDED, "主要返贫风险", Q(is_decided=True), Q(has_risk=True), "monitoring:correction-new", "file_case"),
    Requirement("helper", Part.HELPED, "帮扶联系人", HELPED, Q(has_helper=True), "assistance:helper-change"),
    Requirement("helper_phone", Part.HELPED, "联系人电话（印在明白卡上）", Q(has_helper=True), Q(helper_phone=True), "assistance:helper-change"),
    Requirement("team", Part.HELPED, "一户一专班", HELPED, Q(has_team=True), "assistance:team"),
    Requirement("plan", Part.HELPED, "确认过的一户一策", HELPED, Q(has_plan=True), "assistance:plan"),
    Requirement("measures", Part.HELPED, "落实的帮扶措施", HELPED, Q(has_measure=True), "assistance:delivery-new"),
    Requirement("visit", Part.HELPED, "到期的走访", Q(visit_planned=True), Q(visit_late=False), "assistance:visit-new"),
    Requirement(
        "removal", Part.OVER, "消除前的入户核实", Q(is_removed=True, file_removal__isnull=False), Q(removal_visited=True),
        "monitoring:case", "file_removal",
    ),
)  # fmt: skip
BY_KEY = {one.key: one for one in REQUIREMENTS}


def with_files(households: QuerySet[Household], village: Region, today: datetime.date) -> QuerySet[Household]:
    """The households of a village, each with everything that the requirements speak of; one query, however many."""
    rows = households.select_related("village").annotate(**_of_family(today), **_of_case(), **_of_help(today))
    # Asked for first: the plan of visits is a large query of its own, and a village is small.
    plan = visit_plan.in_plan(households, visit_plan.policies_over([village], today), today)
    due = dict(plan.order_by().values_list("pk", "due_on"))
    late = [key for key, day in due.items() if day < today]
    rows = rows.annotate(visit_planned=_claim(Q(pk__in=list(due))), visit_late=_claim(Q(pk__in=late)))
    rows = rows.annotate(**_of_meeting_and_notice())
    return rows.annotate(**{f"lacks_{one.key}": _claim(one.applies & ~one.there) for one in REQUIREMENTS})


def on_file(households: QuerySet[Household]) -> QuerySet[Household]:
    """Only those that have, or had, a file: a case that was not refused or dropped (两户, 002 五)."""
    cases = Case.objects.designations().exclude(stage__in=NEITHER).filter(household=OuterRef("pk"))
    return households.present().filter(Exists(cases))  # type: ignore[attr-defined]


def lacking(rows: QuerySet[Household], key: str) -> QuerySet[Household]:
    """Of households with files, those that lack one thing; an unknown word keeps all."""
    return rows.filter(**{f"lacks_{key}": True}) if key in BY_KEY else rows


def counts(rows: QuerySet[Household]) -> list[tuple[Requirement, int]]:
    """How many lack each thing, in the order of the file; those that nobody lacks are left out."""
    found = rows.order_by().aggregate(
        **{f"count_{one.key}": Count("pk", filter=Q(**{f"lacks_{one.key}": True})) for one in REQUIREMENTS}
    )
    return [(one, found[f"count_{one.key}"]) for one in REQUIREMENTS if found[f"count_{one.key}"]]


def meter_of(household: Household, user: User, today: datetime.date) -> Meter:
    """The meter of one household."""
    rows = with_files(Household.objects.filter(pk=household.pk), household.village, today)
    row = rows.annotate(**_applying()).get()
    parts = [PartLines(str(part.label), list(_lines(row, part, user))) for part in Part]
    return Meter([part for part in parts if part.lines])


def missing_lines(row: Any, user: User) -> list[Line]:
    """What a household of ``with_files`` lacks."""
    lacks = [one for one in REQUIREMENTS if getattr(row, f"lacks_{one.key}")]
    return [Line(one, there=False, url=one.address(row, user)) for one in lacks]


def _applying() -> dict[str, Any]:
    return {f"asks_{one.key}": _claim(one.applies) for one in REQUIREMENTS}


def _lines(row: Any, part: Part, user: User) -> Iterable[Line]:
    for one in REQUIREMENTS:
        if one.part == part and getattr(row, f"asks_{one.key}"):
            yield Line(one, there=not getattr(row, f"lacks_{one.key}"), url=one.address(row, user))


def _claim(condition: Q) -> Any:
    """A condition as a column that is true or false, never unknown."""
    if not condition:
        return Value(True)
    return Choose(When(condition, then=Value(True)), default=Value(False))


def _of_family(today: datetime.date) -> dict[str, Any]:
    here = {"household": OuterRef("pk")}
    since = months_before(today, SURVEY_MONTHS)
    unnumbered = Member.objects.present().filter(id_digest="", **here).exclude(id_type=IdType.NOT_YET)
    papers = Attachment.objects.filter(**here)
    visits = Visit.objects.filter(photo__isnull=False, **here)
    return {
        "lacks_number": Exists(unnumbered),
        "surveyed": Exists(Survey.objects.filter(superseded_by=None, visited_on__gt=since, **here)),
        "photographed": Exists(papers.filter(kind=AttachmentKind.VISIT_PHOTO)) | Exists(visits),
        "consent_filed": Exists(papers.filter(kind=AttachmentKind.CONSENT)),
        "minutes_filed": Exists(papers.filter(kind__in=(AttachmentKind.SIGN_IN, AttachmentKind.MINUTES))),
    }


def _of_case() -> dict[str, Any]:
    """The newest designation that was not refused, how far it came, and what became of it."""
    cases = Case.objects.designations().exclude(stage__in=NEITHER)
    mine = cases.filter(household=OuterRef("pk")).order_by("-opened_at", "-pk")
    decided = mine.filter(decided_on__isnull=False)
    removals = Case.objects.filter(household=OuterRef("pk"), kind=CaseKind.REMOVAL, stage=Stage.DONE)
    return {
        "file_case": Subquery(mine.values("pk")[:1]),
        "is_decided": Exists(decided),
        "has_risk": Exists(decided.exclude(main_risk="")),
        "is_removed": Exists(mine.filter(stage=Stage.REMOVED)),
        "file_removal": Subquery(removals.order_by("-opened_at").values("pk")[:1]),
        "is_helped": Exists(mine.filter(Q(stage=Stage.REGISTERED) | Q(urgent_on__isnull=False, decided_on=None))),
    }


def _of_help(today: datetime.date) -> dict[str, Any]:
    here = {"household": OuterRef("pk")}
    helpers = Helper.objects.in_force(today).filter(**here)
    return {
        "has_helper": Exists(helpers),
        "helper_phone": Exists(helpers.exclude(phone="")),
        "has_team": Exists(TeamMember.objects.in_force(today).filter(**here)),
        "has_plan": Exists(Plan.objects.filter(stage=PlanStage.CONFIRMED, **here)),
        "has_measure": Exists(Delivery.objects.in_place_on(today).filter(**here)),
    }


def _of_meeting_and_notice() -> dict[str, Any]:
    """What lies behind the steps that the case has left; a case entered as stock has left none."""
    events = CaseEvent.objects.filter(case=OuterRef("file_case")).exclude(to_stage__in=NEITHER)
    left = events.exclude(to_stage__in=SENT_BACK_TO)
    ballots = Ballot.objects.filter(case=OuterRef("file_case")).order_by("-meeting__held_on", "-meeting__recorded_at")
    notices = Notice.objects.filter(cases=OuterRef("file_case")).order_by("-starts_on", "-posted_at")
    return {
        "passed_authorise": Exists(events.filter(from_stage=Stage.AUTHORISE).exclude(to_stage=Stage.WATCH)),
        "passed_meeting": Exists(left.filter(from_stage=Stage.MEETING)),
        "passed_notice": Exists(left.filter(from_stage=Stage.NOTICE)),
        "asks_photo": Exists(notices.filter(photo_due_on__isnull=False)),
        "authorised": Exists(Authorisation.objects.filter(case=OuterRef("file_case"), papers__isnull=False)),
        "file_meeting": Subquery(ballots.values("meeting")[:1]),
        "meeting_papers": Exists(ballots.filter(meeting__papers__isnull=False)),
        "file_notice": Subquery(notices.values("pk")[:1]),
        "notice_photos": Exists(notices.filter(photos__isnull=False)),
        "removal_visited": Exists(Removal.objects.filter(case=OuterRef("file_removal"), survey__isnull=False)),
    }
