"""一户一档 (001 四, 002 五): everything that is on file of a household, in the order in which it is filed.

One shape for the page of one household and for the job of a whole village. Numbers and telephones are masked by the
templates; attachments that only some may open are left out; what was found of hits is for the offices that handle cases.
"""

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from accounts.models import Region, User
from accounts.roles import OFFICE_ROLES
from assistance.models import Delivery, Helper, Plan, PlanItem, PlanStage, TeamMember, Visit
from assistance.paper_words import amount_words, giver_words, term_words
from assistance.plans import needs_words
from households import income, listing
from households.models import Attachment, Household, Member, Survey
from monitoring.case_course import Course, course_of
from monitoring.explanations import explain_each
from monitoring.models import Assessment, Ballot, Case, CaseKind, Notice
from monitoring.policy.explain import Explanation

PRINTED_PHOTOS = 12  # the newest; the catalogue of attachments names all
Picture = Callable[[Attachment, int], str]  # where a browser finds a photo, by the photo and its number in the file


@dataclass(frozen=True)
class Item:
    """A line of the catalogue: what it is, how much of it there is, from when to when."""

    number: int
    title: str
    count: int
    unit: str
    first: datetime.date | None = None
    last: datetime.date | None = None


@dataclass(frozen=True)
class Decision:
    """A case with everything that was done on it and by which clause, and why the rules spoke of the household."""

    case: Case
    course: Course
    assessment: Assessment | None = None
    explanation: Explanation | None = None


@dataclass(frozen=True)
class PlanLine:
    """One measure of the plan as it is printed."""

    item: PlanItem
    needs: str
    amount: str


@dataclass(frozen=True)
class Given:
    """One measure as it was delivered."""

    delivery: Delivery
    stage: str
    amount: str
    term: str
    giver: str


@dataclass(frozen=True)
class Photo:
    """A photo on paper: its number, and where the browser finds it; nowhere when it cannot be read."""

    attachment: Attachment
    number: int
    src: str


@dataclass
class Dossier:
    """One household's file."""

    household: Household
    place: list[Region]
    members: list[Member]
    left: list[Member]
    live_case: Case | None
    grade: int | None
    helper: Helper | None
    team: list[TeamMember]
    surveys: list[Survey]
    decisions: list[Decision]
    ballots: list[Ballot]
    notices: list[Notice]
    plan: Plan | None
    plan_lines: list[PlanLine]
    given: list[Given]
    visits: list[Visit]
    attachments: list[Attachment]
    photos: list[Photo] = field(default_factory=list)

    @property
    def income_rows(self) -> list[income.Row]:
        """Income of three years."""
        return income.income_rows(self.surveys)

    @property
    def expense_rows(self) -> list[income.Row]:
        """Rigid expenses of three years."""
        return income.expense_rows(self.surveys)

    @property
    def year_before(self) -> Survey | None:
        """The first survey, where it says what the family had the year before and fewer than three years are known."""
        first = self.surveys[0] if self.surveys and len(self.surveys) < income.YEARS else None
        return first if first and first.last_year_income is not None else None

    @property
    def catalogue(self) -> list[Item]:
        """The parts of the file, whether there is something in them or not."""
        done = [line for one in self.decisions for line in one.course.lines]
        parts: list[tuple[str, Sequence[Any], str, Callable[[Any], datetime.date | None]]] = [
            ("家庭成员", self.members, "人", lambda one: one.joined_on),
            ("三年收入和刚性支出", self.surveys, "年", lambda one: one.visited_on),
            ("认定、消除的办理和依据", done, "条", lambda one: one.on),
            ("民主评议", self.ballots, "次", lambda one: one.meeting.held_on),
            ("村内公示、公告", self.notices, "次", lambda one: one.starts_on),
            ("一户一策", [self.plan] if self.plan else [], "份", _plan_day),
            ("帮扶措施", self.given, "项", lambda one: one.delivery.begun_on),
            ("走访记录", self.visits, "次", lambda one: one.visited_on),
            ("照片和附件", self.attachments, "份", lambda one: timezone.localdate(one.uploaded_at)),
        ]
        return [_item(number, *part) for number, part in enumerate(parts, start=1)]


def dossiers(keys: Iterable[Any], reader: User, picture: Picture) -> list[Dossier]:
    """The files of these households as the reader may see them, in the order of the keys; whose scope was asked before."""
    today = timezone.localdate()
    found = Household.objects.filter(pk__in=keys).select_related("village").prefetch_related(*_whole(today))
    rows = {one.pk: one for one in found}
    places: dict[int, list[Region]] = {}
    whole = [rows[key] for key in keys if key in rows]
    return [_dossier(one, reader, picture, today, places) for one in whole]


def in_office(reader: User, village: Region) -> bool:
    """Whether the reader is of the offices that handle the cases of a village."""
    return reader.posting_over(village, *OFFICE_ROLES) is not None


def place_of(village: Region) -> list[Region]:
    """District, town and village: the levels of the archive (002 五)."""
    return list(Region.objects.filter(path__in=village.ancestor_paths).exclude(level="city").order_by("path"))


def _whole(today: datetime.date) -> tuple[Any, ...]:
    cases = Case.objects.select_related("village", "household", "procedure", "stock_batch").order_by("opened_at", "pk")
    ballots = Ballot.objects.select_related("meeting").order_by("meeting__held_on", "pk")
    plans = Plan.objects.filter(stage=PlanStage.CONFIRMED).select_related("confirmed_by")
    return (
        Prefetch("members", Member.objects.head_first(), to_attr="people"),
        Prefetch("surveys", Survey.objects.filter(superseded_by=None).order_by("visited_on", "submitted_at"), to_attr="asked"),
        Prefetch("cases", cases),
        Prefetch("cases__ballots", ballots, to_attr="voted"),
        Prefetch("cases__notices", Notice.objects.order_by("starts_on", "posted_at"), to_attr="posted"),
        "grades",
        Prefetch("helpers", Helper.objects.in_force(today), to_attr="contacts"),
        Prefetch("team", TeamMember.objects.in_force(today), to_attr="on_team"),
        Prefetch("plans", plans, to_attr="confirmed_plans"),
        Prefetch("confirmed_plans__items", PlanItem.objects.select_related("member").order_by("position")),
        Prefetch("deliveries", Delivery.objects.select_related("member").order_by("promised_on", "begun_on", "pk"), to_attr="measures"),
        Prefetch("visits", Visit.objects.select_related("visitor").order_by("visited_on", "entered_at"), to_attr="visited"),
        Prefetch("attachments", Attachment.objects.for_everybody_here().newest_first(), to_attr="papers"),
    )  # fmt: skip


def _dossier(
    household: Any, reader: User, picture: Picture, today: datetime.date, places: dict[int, list[Region]]
) -> Dossier:
    if household.village_id not in places:
        places[household.village_id] = place_of(household.village)
    plan = next(iter(household.confirmed_plans), None)
    cases = list(household.cases.all())
    return Dossier(
        household=household,
        place=places[household.village_id],
        members=[one for one in household.people if one.left_on is None],
        left=[one for one in household.people if one.left_on],
        live_case=listing.live_case(household),
        grade=listing.grade_of(household),
        helper=next(iter(household.contacts), None),
        team=household.on_team,
        surveys=income.last_of_each_year(household.asked),
        decisions=_decisions(household, cases, reader, today),
        ballots=[ballot for case in cases for ballot in case.voted],
        notices=_once(notice for case in cases for notice in case.posted),
        plan=plan,
        plan_lines=[_plan_line(item) for item in plan.items.all()] if plan else [],
        given=[_given(one, today) for one in household.measures],
        visits=household.visited,
        attachments=household.papers,
        photos=_photos(household.papers, picture),
    )


def _decisions(household: Household, cases: list[Case], reader: User, today: datetime.date) -> list[Decision]:
    kept = [_assessment(household, case, today) for case in cases]
    told = {one.pk: said for one, said in explain_each([one for one in kept if one], reader)}
    office = in_office(reader, household.village)
    return [
        Decision(case, course_of(case, in_office=office), one, told[one.pk] if one else None)
        for case, one in zip(cases, kept, strict=True)
    ]


def _assessment(household: Household, case: Case, today: datetime.date) -> Assessment | None:
    """What the rules said on the day of the designation; of one under way, what they say now."""
    if case.kind != CaseKind.DESIGNATION:
        return None
    found = Assessment.objects.filter(household=household).standing_on(case.decided_on or today)
    return found.with_facts().order_by("-on").first()


def _plan_line(item: PlanItem) -> PlanLine:
    return PlanLine(item, needs_words(item), amount_words(item.amount, item.every))


def _given(delivery: Delivery, today: datetime.date) -> Given:
    return Given(
        delivery,
        str(delivery.stage_on(today).label),
        amount_words(delivery.amount, delivery.every),
        term_words(delivery, today),
        giver_words(delivery),
    )


def _photos(attachments: list[Attachment], picture: Picture) -> list[Photo]:
    numbered = [(number, one) for number, one in enumerate(attachments, start=1) if one.is_photo]
    return [Photo(one, number, picture(one, number)) for number, one in numbered[:PRINTED_PHOTOS]]


def _once(notices: Iterable[Notice]) -> list[Notice]:
    """A notice may name two cases of a household."""
    return list({notice.pk: notice for notice in notices}.values())


def _plan_day(plan: Plan) -> datetime.date | None:
    return timezone.localdate(plan.confirmed_at) if plan.confirmed_at else None


def _item(number: int, title: str, rows: Sequence[Any], unit: str, day: Callable[[Any], datetime.date | None]) -> Item:
    days = [found for found in map(day, rows) if found]
    return Item(number, title, len(rows), unit, min(days, default=None), max(days, default=None))
