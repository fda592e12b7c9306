"""The dates that documents name for every year, with their sources, and those that a district adds."""

import calendar
import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from accounts import audit
from accounts.idempotency import made, spend
from accounts.models import Region, User
from accounts.roles import OFFICE_ROLES, Role
from monitoring.models import DistrictDate
from monitoring.notices import district_of
from monitoring.parameters import SETTERS

GUIDANCE = "《关于建立防返贫长效机制的指导意见》（三）严格时间节点，按时总结上报"
GRADING = "六政办〔2019〕15号 四（三）：以后每年4月、10月进行动态调整"
OFFICES = (*OFFICE_ROLES, Role.DEPARTMENT_CLERK, Role.INSPECTOR, Role.SYSTEM_ADMIN)
YEARS_AHEAD = 2


@dataclass(frozen=True)
class FixedDate:
    """A date of every year by a document: ``day`` 0 is the last of the month; ``rulesets`` have the document themselves."""

    month: int
    day: int
    title: str
    detail: str
    source: str
    roles: tuple[Role, ...]  # whose calendar it is on
    rulesets: tuple[str, ...] = ()
    graded: bool = False  # a round of 三色分级: a rule set that grades has months of its own for it

    def in_year(self, year: int) -> datetime.date:
        """The day in a year."""
        return datetime.date(year, self.month, self.day or calendar.monthrange(year, self.month)[1])

    def between(self, first: datetime.date, last: datetime.date) -> Iterator[datetime.date]:
        """Its days from the first to the last, both included."""
        for year in range(first.year, last.year + 1):
            if first <= self.in_year(year) <= last:
                yield self.in_year(year)


FIXED = (
    FixedDate(3, 0, "报本部门实施方案", "各牵头部门以正式文件报区领导小组办公室备案，3 月底前", GUIDANCE, OFFICES),
    FixedDate(
        12,
        10,
        "报长效机制落实情况",
        "各乡（场）、办事处和各牵头部门以正式文件专项报告，12 月 10 日前",
        GUIDANCE,
        OFFICES,
    ),
    FixedDate(
        4, 0, "上半年风险等级划分、边缘户排查", "4 月动态调整，月底截止", GRADING, tuple(Role), ("luan_2019",), True
    ),
    FixedDate(
        10, 0, "下半年风险等级划分、边缘户排查", "10 月动态调整，月底截止", GRADING, tuple(Role), ("luan_2019",), True
    ),
)


def districts_of(user: User) -> list[Region]:
    """The districts in which somebody works; the city where his posting is above them. One query for each posting."""
    regions = {posting.region_id: posting.region for posting in user.postings_in_force()}
    found = [district_of(region) or region for region in regions.values()]
    return list({region.pk: region for region in found}.values())


@transaction.atomic
def add_date(
    *,
    region: Region,
    by: User,
    date: datetime.date,
    title: str,
    source: str,
    today: datetime.date,
    idempotency_key: str,
) -> DistrictDate:
    """Put a date on the calendars of a district, its towns and villages.

    Raises PermissionDenied, or ValidationError: no title or document, a day that is over or years away, there already.
    """
    _may_set(by, region)
    if not title.strip() or not source.strip():
        raise ValidationError("请写明是什么事、依据哪份文件。")
    if not today <= date <= today.replace(year=today.year + YEARS_AHEAD, day=1):
        raise ValidationError("日期要在今天以后、两年以内。")
    if before := made(idempotency_key, by, DistrictDate.objects.filter(region=region)):
        return before
    columns = {"title": title.strip()[:60], "source": source.strip()[:200], "set_by": by}
    try:
        with transaction.atomic():
            added = DistrictDate.objects.create(region=region, date=date, **columns)
    except IntegrityError as fault:
        raise ValidationError("这一天这件事已经在日历上了。") from fault
    spend(idempotency_key, by, str(added.pk))
    audit.record(action="calendar.add_date", actor=by, target=added, region=region, on=date, title=added.title)
    return added


@transaction.atomic
def remove_date(*, date: DistrictDate, by: User) -> None:
    """Take a district's own date off the calendars. Raises PermissionDenied, or ValidationError when it is gone."""
    _may_set(by, date.region)
    audit.record(
        action="calendar.remove_date", actor=by, target=date, region=date.region, on=date.date, title=date.title
    )
    if not DistrictDate.objects.filter(pk=date.pk).delete()[0]:
        raise ValidationError("这个日期已经不在日历上了。")


def _may_set(by: User, region: Region) -> None:
    if by.posting_over(region, *SETTERS) is None:
        raise PermissionDenied("只有本区（市）的业务员和管理员可以改日历。")


def fixed_for(roles: Iterable[str]) -> list[FixedDate]:
    """The dates of documents that are on the calendar of somebody with these roles."""
    held = set(roles)
    return [one for one in FIXED if held & set(one.roles)]
