"""The desk of a department's clerk: whom he means, in whose name he enters figures and warnings, and what became of them.

He never browses families: he names a household himself, and what he asks for in vain is counted.
"""

import datetime

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from accounts import audit
from accounts.departments import clerkships
from accounts.models import User
from accounts.roles import Role
from households.identity import ID_LENGTH, clean_number
from households.models import Household, Member
from monitoring import leads
from monitoring.models import DepartmentFigure, Lead, LeadEvidence, LeadSource
from monitoring.models.department_figures import DepartmentFigureQuerySet

MISSED, FOUND = "figure.not_found", "figure.found"
ENTERED = ("figure.enter", "lead.report", "lead.join")
MOST_MISSED = 40  # a day: beyond that somebody tries numbers through


def household_meant(*, by: User, typed: str) -> Household:
    """The household that a clerk means: by its number, or by the whole identity number of somebody who belongs to it.

    Raises ValidationError when there is none in his region, or when he asked too often today without entering anything.
    """
    if _asked_in_vain(by) >= MOST_MISSED:
        raise ValidationError(f"今天已经有 {MOST_MISSED} 次没有找到或者没有登记成，请核对名单，明天再登记。")
    wanted = Q(number=typed.strip())
    if len(number := clean_number(typed)) >= ID_LENGTH:
        wanted |= Q(pk__in=Member.objects.present().with_id(number).values("household"))
    here = Household.objects.visible_to(by, Role.DEPARTMENT_CLERK).present().select_related("village")
    found = here.filter(wanted).first()
    if found is None:
        audit.record(action=MISSED, actor=by)
        raise ValidationError("没有找到这一户。请核对户编号或身份证号；名册里没有的人，请告诉镇（街）。")
    audit.record(action=FOUND, actor=by, target=found, region=found.village)
    return found


def _asked_in_vain(by: User) -> int:
    """How often today nothing was entered after a household was named: that somebody is on the register is an answer too."""
    found, entered = audit.times_today(by, FOUND), audit.times_today(by, *ENTERED)
    return audit.times_today(by, MISSED) + max(0, found - entered)


def own_department(by: User, household: Household) -> str:
    """The department in whose name a clerk acts for a household; raises ValidationError when his account names none."""
    mine = [one.department for one in clerkships(by) if one.region.contains(household.village)]
    if not mine:
        raise ValidationError("您的账号没有写工作单位，不知道是哪个部门。请系统管理员补上。")
    return mine[0]


def entered_for(by: User) -> DepartmentFigureQuerySet:
    """What was entered in the name of a clerk's departments in his regions, the newest first."""
    mine = DepartmentFigure.objects.visible_to(by, Role.DEPARTMENT_CLERK)
    shown = mine.filter(department__in={one.department for one in clerkships(by)})
    return shown.select_related("household", "village", "entered_by").order_by("-entered_at", "pk")


def warn(
    *, by: User, typed: str, happened_on: datetime.date, cause: str, words: str, idempotency_key: str = ""
) -> Lead:
    """部门预警: a lead of the household that the clerk names, for its village to look into; joins the open one.

    Raises ValidationError: no such household in his region, a date that cannot be, an account without a department.
    """
    household = household_meant(by=by, typed=typed)
    return leads.report(
        village=household.village, household=household, source=LeadSource.PUSHED, by=by, happened_on=happened_on,
        cause=cause, words=words, unit=own_department(by, household), idempotency_key=idempotency_key,
    )  # fmt: skip


def warned_of(by: User) -> QuerySet[LeadEvidence]:
    """What a clerk's departments have warned of in his regions, the newest first, each with its lead."""
    here = Lead.objects.visible_to(by, Role.DEPARTMENT_CLERK)
    mine = LeadEvidence.objects.filter(
        source=LeadSource.PUSHED, unit__in={one.department for one in clerkships(by)}, lead__in=here
    )
    return mine.defer("words").select_related("lead__household", "lead__village").order_by("-entered_at", "pk")
