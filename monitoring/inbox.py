"""待办: what somebody must do, soonest first; each item leads to where it is done."""

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.navigation import HOME
from accounts.roles import OFFICE_ROLES, VILLAGE_ROLES, Role
from monitoring.case_querysets import returned_notes
from monitoring.clues import clues
from monitoring.models import Case, Correction, Notice, Objection, PolicyValue, Stage
from monitoring.parameters import SETTERS

TODAY_FIRST = datetime.date.max


@dataclass(frozen=True)
class Todo:
    """One piece of work; ``kind`` is the stage of a case, or notice, objection, correction, parameter, clue."""

    kind: str
    title: str
    detail: str
    url: str
    due: datetime.date | None = None

    @property
    def days_left(self) -> int | None:
        """Days until it is due; negative when it is late."""
        return None if self.due is None else (self.due - timezone.localdate()).days

    @property
    def overdue(self) -> bool:
        """Whether the day has passed."""
        return self.days_left is not None and self.days_left < 0


def todo(user: User) -> list[Todo]:
    """The work of somebody's desks, what is due soonest first, then what was sent back, then the oldest."""
    found = [*_cases(user), *_meetings(user), *_notices(user), *_objections(user), *_confirmations(user), *_clues(user)]
    return sorted(found, key=lambda item: (item.due or TODAY_FIRST, "退回" not in item.detail))


def counts(user: User) -> dict[str, int]:
    """How much waits behind each entry of the menu."""
    work = Counter(item.kind for item in todo(user))
    at_notices = sum(work[kind] for kind in (Stage.NOTICE_DUE, Stage.NOTICE, "objection"))
    at_cases = sum(work[stage] for stage in Stage.values) - work[Stage.NOTICE_DUE] - work[Stage.NOTICE]
    return {
        HOME: work.total(),
        "monitoring:cases": at_cases,
        "monitoring:notices": at_notices,
        "monitoring:parameters": work["parameter"],
    }


def _cases(user: User) -> Iterator[Todo]:
    """Single cases: the village surveys, the town recognises, the district acknowledges."""
    mine = [
        *_waiting(user, VILLAGE_ROLES, (Stage.WATCH, Stage.SURVEY)),
        *_waiting(user, (Role.TOWN_REVIEWER,), (Stage.TOWN,)),
        *_waiting(user, (Role.DISTRICT_OFFICER,), (Stage.DISTRICT,)),
    ]
    notes = returned_notes(mine)
    for case in mine:
        detail = case.get_stage_display()
        if case.pk in notes:
            detail = f"退回：{notes[case.pk]}"
        where = case.village.name.removesuffix("委会")
        group = f" {case.household.group_no} 组" if case.household.group_no else ""
        url = reverse("monitoring:case", args=[case.pk])
        if case.stage in (Stage.TOWN, Stage.DISTRICT):
            url = f"{reverse('monitoring:cases')}?stage={case.stage}&case={case.pk}"
        yield Todo(case.stage, case.household.head_name or case.household.number, f"{where}{group} · {detail}", url)


def _waiting(user: User, roles: Iterable[Role], stages: Iterable[Stage]) -> list[Case]:
    found = Case.objects.visible_to(user, *roles).filter(stage__in=stages)
    return list(found.select_related("household", "village").order_by("stage_since"))


def _meetings(user: User) -> Iterator[Todo]:
    for village, count in _by_village(user, Stage.MEETING):
        url = f"{reverse('monitoring:meeting')}?village={village.code}"
        yield Todo(Stage.MEETING, f"{village}：{count} 户民主评议", "开会以后登记结果", url)


def _notices(user: User) -> Iterator[Todo]:
    for village, count in _by_village(user, Stage.NOTICE_DUE):
        url = f"{reverse('monitoring:notice-new')}?village={village.code}"
        yield Todo(Stage.NOTICE_DUE, f"{village}：{count} 户发起公示", "评议已经同意", url)
    today = timezone.localdate()
    over = Notice.objects.visible_to(user, *VILLAGE_ROLES).filter(closed_on=None, ends_on__lt=today)
    for notice in over.select_related("village"):
        due = notice.ends_on + datetime.timedelta(days=1)
        url = reverse("monitoring:notice", args=[notice.pk])
        yield Todo(Stage.NOTICE, f"{notice.village}：公示期满", "登记结果，报镇（街）认定", url, due)


def _by_village(user: User, stage: Stage) -> list[tuple[object, int]]:
    cases = Case.objects.visible_to(user, *VILLAGE_ROLES).filter(stage=stage).select_related("village")
    villages = {case.village_id: case.village for case in cases}
    return [(villages[pk], count) for pk, count in Counter(case.village_id for case in cases).items()]


def _objections(user: User) -> Iterator[Todo]:
    notices = Notice.objects.visible_to(user, *VILLAGE_ROLES, Role.TOWN_REVIEWER).filter(closed_on=None)
    waiting = Objection.objects.filter(notice__in=notices, upheld=None).select_related("notice", "case__household")
    for objection in waiting:
        url = reverse("monitoring:notice", args=[objection.notice_id])
        yield Todo("objection", f"{objection.case.household}：异议待核查", f"{objection.raised_on:%m-%d} 提出", url)


def _confirmations(user: User) -> Iterator[Todo]:
    """What waits for a second person."""
    corrections = Correction.objects.visible_to(user, *OFFICE_ROLES).filter(accepted=None).exclude(proposed_by=user)
    if count := corrections.count():
        yield Todo("correction", f"{count} 条台账更正等复核", "请另一位同事复核", reverse("monitoring:corrections"))
    values = PolicyValue.objects.visible_to(user, *SETTERS).filter(confirmed_by=None).exclude(proposed_by=user)
    if count := values.count():
        yield Todo("parameter", f"{count} 个政策参数等复核", "复核以后生效", reverse("monitoring:parameters"))


def _clues(user: User) -> Iterator[Todo]:
    if not user.works_in_village:
        return
    for clue in clues(user).select_related("household"):
        url = reverse("monitoring:case-open", args=[clue.household_id])
        yield Todo(
            "clue", clue.household.head_name or clue.household.number, f"系统提示：{clue.get_outcome_display()}", url
        )
