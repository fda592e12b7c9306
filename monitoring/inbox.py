"""待办: what somebody must do, soonest first; each item leads to where it is done."""

import datetime
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.navigation import HOME
from accounts.roles import OFFICE_ROLES, VILLAGE_ROLES, Role
from monitoring import national_entry, notices_todo, oversight_todo
from monitoring.case_querysets import returned_notes
from monitoring.clocks import CALENDAR_DAYS, Clock, clocks, late_below
from monitoring.clues import clues
from monitoring.digests import households_in, unread_in_the_village, waiting_for
from monitoring.grading_inbox import GradingWork, grading_work, menu_count
from monitoring.leads_list import left_to, town_leads
from monitoring.models import Assessment, Case, Correction, Notice, Objection, PolicyValue, Stage, WorkdayOverride
from monitoring.models.cases import OPEN_STAGES, CaseQuerySet, CorrectionQuerySet
from monitoring.models.notices import NoticeQuerySet
from monitoring.models.screenings import AssessmentQuerySet
from monitoring.models.values import PolicyValueQuerySet
from monitoring.near import elimination_reviews
from monitoring.parameters import SETTERS
from monitoring.signals import work_asked, work_counted

LAST = datetime.date.max
LISTED = "inbox"  # under which the list is noted for the length of a request
CASES, NOTICES, FINDINGS, PARAMETERS = (
    "monitoring:cases", "monitoring:notices", "monitoring:findings", "monitoring:parameters",
)  # fmt: skip
# Whose desk a single case lies on, by its stage.
DESKS = (
    (VILLAGE_ROLES, (Stage.WATCH, Stage.AUTHORISE, Stage.SURVEY)),
    ((Role.TOWN_REVIEWER,), (Stage.COMPARE, Stage.TOWN)),
    ((Role.DISTRICT_OFFICER,), (Stage.DISTRICT,)),
)


# Behind which entry of the menu a piece of work is counted, by its kind; the rest is counted behind the home page alone.
BEHIND = {
    **dict.fromkeys((stage for _roles, stages in DESKS for stage in stages), CASES),
    Stage.MEETING: CASES, "late": CASES, Stage.NOTICE_DUE: NOTICES, Stage.NOTICE: NOTICES, "announce": NOTICES,
    "objection": NOTICES, "finding": FINDINGS, "decision": FINDINGS, "late finding": FINDINGS, "parameter": PARAMETERS,
}  # fmt: skip


@dataclass(frozen=True)
class Todo:
    """One piece of work; ``kind`` is the stage of a case, or notice, objection, correction, parameter, digest, review, clue."""

    kind: str
    title: str
    detail: str
    url: str
    due: datetime.date | None = None
    days_here: int = 0  # how long a case has waited where it is
    clock: Clock | None = None  # of a case, in the unit of its limit
    count: int = 1  # how much the menu counts for it

    @property
    def days_left(self) -> int | None:
        """What is left until it is due, in its ``unit``; negative when it is late."""
        if self.clock:
            return self.clock.days_left
        return None if self.due is None else (self.due - timezone.localdate()).days

    @property
    def unit(self) -> str:
        """What ``days_left`` is counted in."""
        return self.clock.unit if self.clock else CALENDAR_DAYS

    @property
    def overdue(self) -> bool:
        """Whether the day has passed."""
        return self.days_left is not None and self.days_left < 0


def todo(user: User) -> list[Todo]:
    """The work of somebody's desks, what is due soonest first, then what was sent back, then the oldest."""
    found = [*_cases(user), *_meetings(user), *_notices(user), *_confirmations(user)]
    found += [*_digests(user), *_reviews(user), *_leads(user), *_clues(user), *_gradings(user)]
    found += [Todo(*line) for line in notices_todo.waiting_lines(user)]
    found += [Todo(*line) for line in oversight_todo.waiting_lines(user)] + [*_national(user)]
    found += [Todo(*line) for _app, lines in work_asked.send(sender=None, user=user) for line in lines or ()]
    listed = sorted(found, key=lambda item: (item.due or LAST, "退回" not in item.detail, item.kind != "digest"))
    return user.note(LISTED, listed)


def counts(user: User) -> dict[str, int]:
    """How much waits behind each entry of the menu. Counted, not read: every page asks, and an office has thousands.

    On the page that has just read the list, its lines are counted and nothing is asked anew.
    """
    listed, gradings = user.noted(LISTED), _grading_work(user)
    return {**menu_count(gradings), **(_asked_for(user, gradings) if listed is None else _tallied(listed))}


def _tallied(listed: list[Todo]) -> dict[str, int]:
    behind: Counter[str] = Counter()
    for item in listed:
        behind[BEHIND.get(item.kind, "")] += item.count
    return {HOME: len(listed), **{name: behind[name] for name in (CASES, NOTICES, FINDINGS, PARAMETERS)}}


def _asked_for(user: User, gradings: list[GradingWork] | None) -> dict[str, int]:
    at_cases = sum(cases.count() for cases in _single_cases(user)) + _count_villages(user, Stage.MEETING)
    at_cases += late_below(user).exists()
    at_notices = (
        _count_villages(user, Stage.NOTICE_DUE) + _notices_over(user).count() + notices_todo.waiting_count(user)
    )
    corrections, values, found = (
        rows.count() for rows in (_open_corrections(user), _open_values(user), _single_clues(user))
    )
    at_clues = (
        found
        + left_to(user).count()
        + sum(map(bool, town_leads(user)))
        + len(list(_digests(user)))
        + len(list(_reviews(user)))
        + len(list(_gathered_clues(user)))
    )
    at_oversight = oversight_todo.waiting_count(user)
    above = sum(count or 0 for _app, count in work_counted.send(sender=None, user=user))
    gathered = [
        bool(corrections), bool(values), _open_workdays(user).exists(), national_entry.waits(user), *(gradings or ()),
    ]  # fmt: skip
    return {
        HOME: at_cases + at_notices + at_clues + at_oversight + above + sum(map(bool, gathered)),
        CASES: at_cases,
        NOTICES: at_notices,
        FINDINGS: at_oversight,
        PARAMETERS: values,
    }


def _grading_work(user: User) -> list[GradingWork] | None:
    """What 三色分级 asks, once in a request; None where nobody is graded."""
    noted = user.noted("grading work") or user.note("grading work", (grading_work(user),))
    return noted[0]


# ---- what waits for somebody, as queries ----


def _single_cases(user: User) -> list[CaseQuerySet]:
    """Cases that are handled one by one: the village surveys, the town recognises, the district acknowledges.

    A household that is gone waits for the town alone, wherever its case stands.
    """
    present = Case.objects.filter(household__closed_on=None)
    gone = Case.objects.filter(household__closed_on__isnull=False, stage__in=OPEN_STAGES)
    return [
        *(present.visible_to(user, *roles).filter(stage__in=stages) for roles, stages in DESKS),
        gone.visible_to(user, Role.TOWN_REVIEWER),
    ]


def _for_all(user: User, stage: Stage) -> CaseQuerySet:
    """Cases that a village handles together, at one meeting or on one notice."""
    return Case.objects.visible_to(user, *VILLAGE_ROLES).filter(stage=stage, household__closed_on=None)


def _count_villages(user: User, stage: Stage) -> int:
    return _for_all(user, stage).order_by().values("village").distinct().count()


def _notices_over(user: User) -> NoticeQuerySet:
    """Notices from which a household can go on today; one with an open objection waits for whoever looks into it."""
    disputed = Exists(Objection.objects.unsettled().filter(case=OuterRef("pk")))
    ready = Case.objects.filter(notices=OuterRef("pk"), stage=Stage.NOTICE).exclude(disputed)
    over = Notice.objects.visible_to(user, *VILLAGE_ROLES).filter(closed_on=None, ends_on__lt=timezone.localdate())
    return over.filter(Exists(ready))


def _open_corrections(user: User) -> CorrectionQuerySet:
    return Correction.objects.visible_to(user, *OFFICE_ROLES).filter(accepted=None).exclude(proposed_by=user)


def _open_values(user: User) -> PolicyValueQuerySet:
    return PolicyValue.objects.visible_to(user, *SETTERS).filter(confirmed_by=None).exclude(proposed_by=user)


def _open_workdays(user: User) -> QuerySet[WorkdayOverride]:
    """Days off, and wishes to withdraw one, that somebody else has put down."""
    own = Q(withdrawn_by=user) | Q(withdrawn_by=None, set_by=user)
    return WorkdayOverride.objects.visible_to(user, *SETTERS).waiting().exclude(own)


def _own_clues(user: User) -> AssessmentQuerySet:
    return clues(user) if user.works_in_village else Assessment.objects.none()


def _single_clues(user: User) -> AssessmentQuerySet:
    """What a survey or a change of the family has just led to; what screenings found is gathered."""
    return _own_clues(user).filter(screening=None)


# ---- the same as pieces of work ----


def _cases(user: User) -> Iterator[Todo]:
    waiting = (
        cases.select_related("household", "village", "procedure").order_by("stage_since")
        for cases in _single_cases(user)
    )
    mine = [case for cases in waiting for case in cases]
    notes, ticking = returned_notes(mine), clocks(mine)
    for case in mine:
        detail = case.get_stage_display()
        if case.pk in notes:
            detail = f"退回：{notes[case.pk]}"
        url = reverse("monitoring:case", args=[case.pk])
        if case.stage in (Stage.TOWN, Stage.DISTRICT, Stage.COMPARE):
            url = f"{reverse('monitoring:cases')}?stage={case.stage}&case={case.pk}"
        kind = case.stage
        if case.household.closed_on:
            kind, detail = Stage.TOWN, "户已注销，请办结"
            url = reverse("monitoring:case-step", args=[case.pk, "end_closed_household"])
        title = case.household.head_name or case.household.number
        clock = ticking.get(case.pk)
        where = case.village.paper_name()
        group = f" {case.household.group_no} 组" if case.household.group_no else ""
        yield Todo(kind, title, f"{where}{group} · {detail}", url, case.due_on, days_here=case.days_here, clock=clock)
    if count := late_below(user).count():
        yield Todo("late", f"下级超期 {count} 户", "请督促，或者延期", f"{reverse('monitoring:late')}?below=1")


def _meetings(user: User) -> Iterator[Todo]:
    for village, count in _by_village(user, Stage.MEETING):
        url = f"{reverse('monitoring:meeting')}?village={village.code}"
        yield Todo(Stage.MEETING, f"{village}：{count} 户民主评议", "开会以后登记结果", url)


def _notices(user: User) -> Iterator[Todo]:
    for village, count in _by_village(user, Stage.NOTICE_DUE):
        url = f"{reverse('monitoring:notice-new')}?village={village.code}"
        yield Todo(Stage.NOTICE_DUE, f"{village}：{count} 户发起公示", "评议已经同意", url)
    for notice in _notices_over(user).select_related("village"):
        due = notice.ends_on + datetime.timedelta(days=1)
        url = reverse("monitoring:notice", args=[notice.pk])
        yield Todo(Stage.NOTICE, f"{notice.village}：公示期满", "系统自动转下一步，也可以现在登记", url, due)


def _by_village(user: User, stage: Stage) -> list[tuple[object, int]]:
    cases = list(_for_all(user, stage).select_related("village"))
    villages = {case.village_id: case.village for case in cases}
    return [(villages[pk], count) for pk, count in Counter(case.village_id for case in cases).items()]


def _confirmations(user: User) -> Iterator[Todo]:
    """What waits for a second person."""
    if count := _open_corrections(user).count():
        yield Todo("correction", f"{count} 条台账更正等复核", "请另一位同事复核", reverse("monitoring:corrections"))
    if count := _open_values(user).count():
        yield Todo(
            "parameter", f"{count} 个政策参数等复核", "复核以后生效", reverse("monitoring:parameters"), count=count
        )
    if count := _open_workdays(user).count():
        yield Todo("workday", f"{count} 天放假、调休等复核", "复核以后限期按新的算", reverse("monitoring:workdays"))


def _national(user: User) -> Iterator[Todo]:
    """One line for what the office has to key into the national system."""
    if count := national_entry.waiting_count(user):
        url = reverse("monitoring:national-entries")
        yield Todo("national", f"{count} 户要录入国家系统", "新认定、有变动或移出的", url)


def _digests(user: User) -> Iterator[Todo]:
    """One line for each digest of the village; for the town one for all that their villages have not opened."""
    if user.works_in_village:
        for digest in waiting_for(user):
            until = f"{digest.begins_on:%m-%d} 至 {digest.ends_on:%m-%d}"
            url = reverse("monitoring:digest", args=[digest.pk])
            title = f"{digest.period}研判有变化 {digest.changed} 户"
            yield Todo("digest", title, f"{digest.village.paper_name()} · {until}", url)
    elif unread := list(unread_in_the_village(user).values_list("changed", flat=True)):
        title = f"{len(unread)} 个村没看到期的研判变化"
        yield Todo("digest", title, f"共 {sum(unread)} 户，请提醒村里", f"{reverse('monitoring:digests')}?unread=on")


def _reviews(user: User) -> Iterator[Todo]:
    """Registered households whose risk may be over: only a hint, for the offices."""
    if user.holds(*OFFICE_ROLES) and (count := elimination_reviews(user).count()):
        url = f"{reverse('monitoring:clues')}?view=over"
        yield Todo("review", f"建议复核风险消除 {count} 户", "在册户，只是提示，不移出", url)


def _clues(user: User) -> Iterator[Todo]:
    for clue in _single_clues(user).select_related("household"):
        url = reverse("monitoring:case-open", args=[clue.household_id])
        yield Todo(
            "clue", clue.household.head_name or clue.household.number, f"系统提示：{clue.get_code_display()}", url
        )
    yield from _gathered_clues(user)


def _leads(user: User) -> Iterator[Todo]:
    """Each lead that somebody of the village must look at; for the town one line for all that nobody was given."""
    for lead in left_to(user):
        title = (lead.household.head_name or lead.household.number) if lead.household else "没对上户的申报"
        sources = "、".join(dict.fromkeys(one.get_source_display() for one in lead.evidence.all()))
        detail = "已入户，请办结" if lead.visited_on else "要入户核实"
        due = None if lead.visited_on else lead.due_on
        yield Todo("lead", title, f"{sources} · {detail}", reverse("monitoring:lead", args=[lead.pk]), due)
    of_town = town_leads(user)
    if count := of_town.unassigned:
        yield Todo("lead", f"{count} 条线索还没分派", "分给村里的人去看", reverse("monitoring:clues"))
    if count := of_town.overdue:
        yield Todo(
            "lead", f"{count} 条线索到期没有入户", "请催村里去看", reverse("monitoring:clues"), timezone.localdate()
        )


def _gathered_clues(user: User) -> Iterator[Todo]:
    """One line for what screenings found and nobody has taken up, beside the digests that wait to be opened."""
    if not user.works_in_village:
        return
    found = _own_clues(user).filter(screening__isnull=False).exclude(households_in(waiting_for(user)))
    if count := found.count():
        yield Todo("clue", f"研判提示 {count} 户还没办", "列为预警关注，或者再入户", reverse("monitoring:clues"))


def _gradings(user: User) -> Iterator[Todo]:
    for work in _grading_work(user) or ():
        yield Todo("grading", work.title, work.detail, work.url, work.due)
