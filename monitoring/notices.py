"""公示: posted for several households at once with a number and a frozen snapshot, closed when it is over, corrected."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts import audit
from accounts.idempotency import spend_on
from accounts.models import Level, Region, User
from accounts.roles import Role
from households import attachments
from households.incoming_files import IncomingFile
from households.models import AttachmentKind, Member
from monitoring import notices_scanner as scanner
from monitoring.models import Case, CaseKind, Notice, NoticeKind, Stage
from monitoring.models.notices import WAITING_KINDS, NoticeQuerySet
from monitoring.notices_calendar import (
    ONE_DAY,
    DayRule,
    check_days,
    check_first_day,
    countdown,
    rule_of_village,
    rules_of,
    strictest,
)
from monitoring.notices_numbers import take_number
from monitoring.notices_sheet import PublicRow, public_rows
from monitoring.signals import notice_changed, web_notices_switched
from monitoring.steps import AT_VILLAGE_OR_TOWN
from monitoring.workflow import note_event, take

__all__ = ["PublicRow", "countdown", "public_rows"]

PHONE = "0123456789-（）() "
LONGEST_REMARK = 200
KIND_OF_CASE = {
    CaseKind.DESIGNATION: NoticeKind.INTAKE,
    CaseKind.REMOVAL: NoticeKind.REMOVAL,
    CaseKind.REGISTRATION: NoticeKind.REGISTRATION,
}
# Where a household stands that was posted and does not go on: what was told of it should be taken back.
FALLEN_BACK = (
    Stage.AUTHORISE, Stage.SURVEY, Stage.COMPARE, Stage.MEETING, Stage.NOTICE_DUE, Stage.REFUSED, Stage.CLOSED,
)  # fmt: skip
LEAST = DayRule(days=1, unit="天", counts_first_day=True)  # of what only tells what was decided


@dataclass(frozen=True)
class Draft:
    """What the person fills in: the days, the phones, a remark."""

    starts_on: datetime.date
    ends_on: datetime.date
    village_phone: str = ""
    town_phone: str = ""
    remark: str = ""


def required_days(village: Region, on: datetime.date | None = None) -> int:
    """The days that a notice must hang there at least."""
    return rule_of_village(village, on).days


def rule_for(cases: Iterable[Case], village: Region, starts_on: datetime.date) -> DayRule:
    """What the procedures of these cases ask of their notice, the longest first; the village's own rule without any."""
    return strictest(rules_of(cases) or [rule_of_village(village)], starts_on)


def check(draft: Draft, rule: DayRule, cases: Sequence[Case], today: datetime.date) -> None:
    """Raises ValidationError where a notice could not hang so: its days, its phones, its words, a name of its list."""
    check_days(rule, draft.starts_on, draft.ends_on, today)
    check_phones(draft.village_phone, draft.town_phone)
    check_words(draft.remark, cases)


def check_phones(*phones: str) -> None:
    """Raises ValidationError for what is no telephone number, or more than one."""
    for phone in phones:
        if set(phone) - set(PHONE) or len(phone) > 30 or scanner.long_number(phone):
            raise ValidationError("监督电话只填号码，如 0632-1234567。")


def check_words(remark: str, cases: Iterable[Case]) -> None:
    """Raises ValidationError for a number, an illness, a cause, an income or a name in the remark or in a row."""
    if len(remark) > LONGEST_REMARK:
        raise ValidationError(f"补充说明最多 {LONGEST_REMARK} 个字。")
    households = [case.household for case in cases]
    for household in households:
        scanner.refuse(household.head_name, where="户主姓名")
    living = Member.objects.living_together().filter(household__in=households)
    names = {household.head_name for household in households} | set(living.values_list("name", flat=True))
    scanner.refuse(remark, where="补充说明", names=names)


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
    remark: str = "",
    versions: dict[str, int] | None = None,
    idempotency_key: str = "",
    at: datetime.datetime | None = None,
) -> Notice:
    """Post one notice for these cases of one village and kind; the snapshot is taken now and never changes.

    Cases that were decided and wait to be announced become a 结果公告, the others the notice of their kind. Raises
    ValidationError: too short, begun in the past, several villages or kinds, a case that is not due, forbidden words.
    ``versions`` are those that the form was opened with, by primary key.
    """
    village, kind = _village_of(cases), kind_for(cases)
    now = at or timezone.now()
    today = timezone.localdate(now)
    draft = Draft(starts_on, ends_on, village_phone.strip(), town_phone.strip(), remark.strip())
    check_first_day(starts_on, today)
    rule = LEAST if kind == NoticeKind.RESULT else rule_for(cases, village, starts_on)
    if idempotency_key and not spend_on(idempotency_key, by, f"post:{cases[0].pk}"):
        return Notice.objects.filter(cases=cases[0]).latest("posted_at")
    check(draft, rule, cases, today)
    notice = _create(kind, village, cases, by, draft, rule, today)
    for case in cases:
        version = (versions or {}).get(str(case.pk))
        step = "announce" if kind == NoticeKind.RESULT else "post_notice"
        take(step, case=case, by=by, expected_version=version, at=now, notice=notice)
    return notice


def kind_for(cases: Sequence[Case]) -> NoticeKind:
    """What a notice for these cases is; raises ValidationError where they need several."""
    kinds = {NoticeKind.RESULT if case.stage == Stage.ANNOUNCE else KIND_OF_CASE[CaseKind(case.kind)] for case in cases}
    if len(kinds) != 1:
        raise ValidationError("一张公示只能办同一个事项，请分开发起。")
    return kinds.pop()


def _village_of(cases: Sequence[Case]) -> Region:
    if not cases:
        raise ValidationError("请至少选一户。")
    village = cases[0].village
    if any(case.village_id != village.pk for case in cases):
        raise ValidationError("一张公示只能列同一个村的户。")
    return village


def _create(
    kind: NoticeKind, village: Region, cases: Sequence[Case], by: User, draft: Draft, rule: DayRule, today: datetime.date,
    corrects: Notice | None = None,
) -> Notice:  # fmt: skip
    counted = rule.counted(draft.starts_on, draft.ends_on)
    photo_due = draft.starts_on + rule.photo_days * ONE_DAY if rule.photo_days is not None else None
    notice = Notice.objects.create(
        kind=kind, village=village, posted_by=by, corrects=corrects, met_on=_met_on(cases),
        snapshot=[asdict(row) for row in public_rows(cases)], row_cases=[str(case.pk) for case in cases],
        days=len(counted), unit=rule.unit, counts_first_day=rule.counts_first_day, photo_due_on=photo_due,
        counted_days=[day.isoformat() for day in counted], **take_number(village, today.year), **asdict(draft),
    )  # fmt: skip
    audit.record(
        action="notice.post", actor=by, target=notice, region=village, households=len(cases), ends_on=draft.ends_on,
        notice_kind=kind, number=notice.number,
    )  # fmt: skip
    notice_changed.send(sender=Notice, notice=notice)
    return notice


def _met_on(cases: Sequence[Case]) -> datetime.date | None:
    agreed = [case.ballots.filter(recognised=True).order_by("-meeting__held_on").first() for case in cases]
    return max((ballot.meeting.held_on for ballot in agreed if ballot), default=None)


# ---- photos ----


@transaction.atomic
def add_photos(*, notice: Notice, files: Sequence[IncomingFile], by: User) -> int:
    """Keep photos of the notice on its board; returns how many. Raises ValidationError before it hangs, or for nobody's."""
    if by.posting_over(notice.village, *AT_VILLAGE_OR_TOWN) is None:
        raise ValidationError("只有村和镇（街）可以上传张贴照片。")
    if timezone.localdate() < notice.starts_on:
        raise ValidationError("公示还没有开始，张贴以后再拍照上传。")
    kept = attachments.store_all(files, kind=AttachmentKind.NOTICE_PHOTO, village=notice.village, by=by)
    notice.photos.add(*kept)
    audit.record(action="notice.photo", actor=by, target=notice, region=notice.village, rows=len(kept))
    return len(kept)


# ---- the end ----


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
        mark_closed(notice, by)
    return closed, stay


@transaction.atomic
def mark_closed(notice: Notice, by: User | None, today: datetime.date | None = None) -> bool:
    """A notice is over when none of its households stands on it any more; what only tells, when its days are.

    False when it is not, or was marked before.
    """
    day = today or timezone.localdate()
    stands = notice.cases.filter(stage=Stage.NOTICE).exists() if notice.waits else day <= notice.ends_on
    if stands or not Notice.objects.filter(pk=notice.pk, closed_on=None).update(closed_on=day):
        return False
    audit.record(action="notice.close", actor=by, target=notice, region=notice.village)
    notice_changed.send(
        sender=Notice, notice=Notice.objects.select_related("village__parent", "town").get(pk=notice.pk)
    )
    return True


# ---- 撤销更正 ----


def fallen_back(notices: NoticeQuerySet) -> dict[Notice, list[Case]]:
    """Of these notices the numbered ones with households that did not go on and stand on no later notice."""
    through = Notice.cases.through
    later = through.objects.filter(case=OuterRef("case"), notice__posted_at__gt=OuterRef("notice__posted_at"))
    pairs = through.objects.filter(
        ~Exists(later),
        notice__in=notices.filter(kind__in=WAITING_KINDS).exclude(number=""),
        case__stage__in=FALLEN_BACK,
    ).select_related("notice__village__parent", "notice__town", "case__household", "case__village")
    found: dict[Notice, list[Case]] = {}
    for pair in pairs.order_by("notice__starts_on", "case__household__group_no", "case"):
        found.setdefault(pair.notice, []).append(pair.case)
    return found


@transaction.atomic
def correct(*, notice: Notice, by: User, idempotency_key: str = "") -> Notice:
    """Post the 撤销更正公告 of a notice, for all its households that did not go on; it hangs as long as the notice had to.

    Raises ValidationError where there is nothing to correct.
    """
    if by.posting_over(notice.village, *AT_VILLAGE_OR_TOWN) is None:
        raise ValidationError("只有村和镇（街）可以发布更正公告。")
    if idempotency_key and not spend_on(idempotency_key, by, f"correct:{notice.pk}"):
        return Notice.objects.filter(corrects=notice).latest("posted_at")
    # Held, so that of two people who correct it at the same moment the second one finds it corrected.
    Notice.objects.select_for_update().get(pk=notice.pk)
    cases, today = fallen_back(Notice.objects.filter(pk=notice.pk)).get(notice), timezone.localdate()
    if not cases:
        raise ValidationError("这张公示没有要更正的户，可能已经更正过了。")
    rule = DayRule(notice.days or 1, notice.unit, notice.counts_first_day)
    draft = Draft(today, rule.last_day(today), notice.village_phone, notice.town_phone)
    posted = _create(NoticeKind.CORRECTION, notice.village, cases, by, draft, rule, today, corrects=notice)
    posted.cases.set(cases)
    for case in cases:
        note_event(case=case, step="correction_notice", by=by, note=posted.number)
    return posted


# ---- the public pages ----


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
        web_notices_switched.send(sender=Region, district=district)
    return bool(changed)
