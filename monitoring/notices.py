"""村内公示: posted for several households at once, a frozen snapshot, a countdown, objections, and the public page."""

import datetime
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.idempotency import spend_on
from accounts.models import Level, Region, User
from accounts.roles import OFFICE_ROLES, VILLAGE_ROLES, Role
from monitoring.models import Case, Notice, Objection, Stage
from monitoring.policy.values import policy_in_force
from monitoring.workflow import note_event, take

MOST_DAYS = 60
PHONE = "0123456789-（）() "


@dataclass(frozen=True)
class PublicRow:
    """All that a notice says of a household; nothing else of it ever reaches a notice."""

    group_no: int | None
    head_name: str
    persons: int
    monitor_class: str


@dataclass(frozen=True)
class Countdown:
    """How far a notice is: the first and the last day count, whole days in Shanghai."""

    day: int  # 0: not begun
    total: int
    over: bool

    @property
    def words(self) -> str:
        """第 2 天，共 5 天."""
        if self.over:
            return f"已满 {self.total} 天"
        return f"第 {self.day} 天，共 {self.total} 天" if self.day else f"还没开始，共 {self.total} 天"

    @property
    def days(self) -> list[bool]:
        """One mark for each day: reached or not."""
        return [number < self.day for number in range(self.total)]


def countdown(notice: Notice, today: datetime.date | None = None) -> Countdown:
    """Where a notice stands today."""
    day = today or timezone.localdate()
    total = (notice.ends_on - notice.starts_on).days + 1
    reached = (day - notice.starts_on).days + 1
    return Countdown(day=max(0, min(reached, total)), total=total, over=day > notice.ends_on)


def required_days(village: Region, on: datetime.date | None = None) -> int:
    """The days that a notice must hang there at least."""
    return policy_in_force(village, on or timezone.localdate()).notice_days


def check(
    village: Region, starts_on: datetime.date, ends_on: datetime.date, *phones: str, today: datetime.date | None = None
) -> None:
    """Raises ValidationError where a notice could not hang on these days, or a phone is none."""
    _check_days(village, starts_on, ends_on, today or timezone.localdate())
    _check_phones(*phones)


def last_phones(village: Region) -> dict[str, str]:
    """The two phones of the village's last notice, so that nobody types them twice; nothing before the first."""
    last = Notice.objects.filter(village=village).order_by("posted_at").last()
    return {"village_phone": last.village_phone, "town_phone": last.town_phone} if last else {}


@transaction.atomic
def post(
    *,
    cases: Sequence[Case],
    by: User,
    starts_on: datetime.date,
    ends_on: datetime.date,
    village_phone: str = "",
    town_phone: str = "",
    versions: dict[str, int] | None = None,
    idempotency_key: str = "",
    at: datetime.datetime | None = None,
) -> Notice:
    """Post one notice for these cases of one village; the snapshot is taken now and never changes.

    Raises ValidationError: too short, begun in the past, several villages, a case that is not due. ``versions`` are
    those that the form was opened with, by primary key.
    """
    if not cases:
        raise ValidationError("请至少选一户。")
    village = cases[0].village
    if any(case.village_id != village.pk for case in cases):
        raise ValidationError("一张公示只能列同一个村的户。")
    now = at or timezone.now()
    check(village, starts_on, ends_on, village_phone, town_phone, today=timezone.localdate(now))
    if idempotency_key and not spend_on(idempotency_key, by, f"post:{cases[0].pk}"):
        return Notice.objects.filter(cases=cases[0]).latest("posted_at")
    notice = Notice.objects.create(
        village=village,
        starts_on=starts_on,
        ends_on=ends_on,
        village_phone=village_phone.strip(),
        town_phone=town_phone.strip(),
        snapshot=[asdict(public_row(case)) for case in cases],
        posted_by=by,
    )
    for case in cases:
        version = (versions or {}).get(str(case.pk))
        take("post_notice", case=case, by=by, expected_version=version, at=now, notice=notice)
    audit.record(action="notice.post", actor=by, target=notice, region=village, households=len(cases), ends_on=ends_on)
    return notice


def public_row(case: Case) -> PublicRow:
    """The allow-listed columns of a case."""
    return PublicRow(
        group_no=case.household.group_no,
        head_name=case.household.head_name,
        persons=case.household.members.living_together().count(),
        monitor_class=case.get_monitor_class_display(),
    )


def close(*, notice: Notice, by: User, idempotency_key: str = "") -> tuple[list[Case], list[str]]:
    """Report the households of a finished notice to the town; returns them, and in sentences why others stay.

    An open objection stops its own household only. Raises ValidationError when none can go, as while the notice runs.
    """
    with transaction.atomic():
        if idempotency_key and not spend_on(idempotency_key, by, f"close:{notice.pk}"):
            return [], []
        closed, stay = [], []
        for case in notice.cases.filter(stage=Stage.NOTICE).select_related("household", "village"):
            try:
                closed.append(take("close_notice", case=case, by=by))
            except ValidationError as fault:
                stay.append(f"{case.household.head_name}：{fault.messages[0]}")
        if not closed:
            raise ValidationError(stay[0] if stay else "这张公示的户都已经办理过了，没有重复提交。")
        _mark_closed(notice, by)
    return closed, stay


def _mark_closed(notice: Notice, by: User) -> None:
    """A notice is over when none of its households stands on it any more."""
    if notice.cases.filter(stage=Stage.NOTICE).exists():
        return
    Notice.objects.filter(pk=notice.pk, closed_on=None).update(closed_on=timezone.localdate())
    audit.record(action="notice.close", actor=by, target=notice, region=notice.village)


@transaction.atomic
def record_objection(
    *,
    notice: Notice,
    case: Case,
    by: User,
    raised_on: datetime.date,
    content: str,
    raised_by: str = "",
    idempotency_key: str = "",
) -> Objection | None:
    """Write down what somebody objects to while the notice runs; None when the form came a second time.

    The case gets a new version, so that nobody closes the notice at the same moment without having seen it.
    """
    if by.posting_over(notice.village, *VILLAGE_ROLES, *OFFICE_ROLES) is None:
        raise ValidationError("您的岗位不能登记异议。")
    if not notice.starts_on <= raised_on <= timezone.localdate():
        raise ValidationError("提出日期要在公示开始以后，不能晚于今天。")
    if idempotency_key and not spend_on(idempotency_key, by, f"objection:{notice.pk}"):
        return None
    current = notice.cases.filter(pk=case.pk, stage=Stage.NOTICE).first()
    if current is None:
        raise ValidationError("这一户不在公示中，不能登记异议。")
    objection = Objection(
        notice=notice, case=current, raised_on=raised_on, raised_by=raised_by.strip(), content=content.strip(),
        recorded_by=by,
    )  # fmt: skip
    objection.full_clean()
    objection.save()
    note_event(case=current, step="objection", by=by, note="")
    return objection


@transaction.atomic
def settle_objection(*, objection: Objection, by: User, finding: str, upheld: bool) -> Objection:
    """Write down what was found; an objection that is right sends its household back to the meeting.

    Raises ValidationError without a finding, and when somebody else has settled it meanwhile.
    """
    notice = objection.notice
    if by.posting_over(notice.village, *VILLAGE_ROLES, Role.TOWN_REVIEWER) is None:
        raise ValidationError("您的岗位不能核查异议。")
    if not finding.strip():
        raise ValidationError("请写明核查情况。")
    settled = Objection.objects.filter(pk=objection.pk, upheld=None).update(
        finding=finding.strip()[:500], upheld=upheld
    )
    if not settled:
        raise ValidationError("这条异议已经有人核查过，没有重复提交。")
    case = Case.objects.get(pk=objection.case_id)
    if upheld:
        take("uphold_objection", case=case, by=by, note=finding)
        _mark_closed(notice, by)
    else:
        note_event(case=case, step="objection_dismissed", by=by, note=finding.strip()[:500])
    objection.refresh_from_db()
    return objection


# ---- the public page ----


class NoticeGone(Exception):
    """The notice is over: the page says so and nothing else."""


def public_notice(token: str, today: datetime.date | None = None) -> Notice | None:
    """The running notice with this token; None where there is none or the district has not switched pages on.

    Raises NoticeGone after the last day, or when no household stands on it any more.
    """
    day = today or timezone.localdate()
    notice = Notice.objects.filter(token=token, starts_on__lte=day).select_related("village").first()
    if notice is None or not web_notices_enabled(notice.village):
        return None
    if notice.closed_on or day > notice.ends_on:
        raise NoticeGone
    return notice


def district_of(region: Region) -> Region | None:
    """The county, or the zone in its place, that a region belongs to."""
    return region.lineage().get(Level.COUNTY)


def web_notices_enabled(village: Region) -> bool:
    """Whether the village's district has switched on the public pages."""
    district = district_of(village)
    return district is not None and district.web_notices_enabled


@transaction.atomic
def switch_web_notices(*, district: Region, by: User, on: bool) -> bool:
    """Switch the public pages of a district on or off; False when they were so already."""
    if by.posting_over(district, Role.DISTRICT_OFFICER) is None:
        raise ValidationError("只有区（市）业务员可以开通或关闭网上公示。")
    changed = Region.objects.filter(pk=district.pk, web_notices_enabled=not on).update(web_notices_enabled=on)
    if changed:
        audit.record(action="notice.web_on" if on else "notice.web_off", actor=by, target=district, region=district)
    return bool(changed)


def _check_days(village: Region, starts_on: datetime.date, ends_on: datetime.date, today: datetime.date) -> None:
    least = required_days(village, today)
    days = (ends_on - starts_on).days + 1
    if starts_on < today:
        raise ValidationError("公示开始不能早于今天。")
    if starts_on > today + datetime.timedelta(days=30):
        raise ValidationError("公示开始不能晚于 30 天以后。")
    if days < least:
        raise ValidationError(f"公示不能少于 {least} 天（开始和结束这两天都算）。")
    if days > MOST_DAYS:
        raise ValidationError(f"公示最多 {MOST_DAYS} 天。")


def _check_phones(*phones: str) -> None:
    for phone in phones:
        if set(phone) - set(PHONE) or len(phone) > 30:
            raise ValidationError("监督电话只填号码，如 0632-1234567。")
