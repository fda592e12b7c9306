"""What stands on a notice, for paper with full names and for the public page with masked ones: one shape for all kinds."""

import datetime
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.conf import settings
from django.db.models import Count

from accounts.models import Region
from accounts.templatetags.ui import masked_name
from households.codes import MonitorClass
from households.models import Household, Member
from monitoring.models import Case, CaseKind, Notice, NoticeKind
from monitoring.notices_calendar import countdown, counted_days
from monitoring.notices_numbers import short_name

HOTLINE = "12317"
ON_THE_BOARD = "见公示栏"
# Title in pieces that are not torn apart at the end of a line, and what the last column is called.
TITLES = {
    NoticeKind.INTAKE: (("关于拟纳入", "防止返贫监测对象", "的公示"), ("拟纳入", "类别")),
    NoticeKind.REGISTRATION: (("关于拟纳入", "建档立卡", "的公示"), ("拟纳入", "类别")),
    NoticeKind.REMOVAL: (("关于拟消除", "返贫致贫风险", "的公示"), ("原监测", "类别")),
    NoticeKind.RESULT: (("关于纳入", "防止返贫监测对象", "的公告"), ("纳入", "类别")),
    NoticeKind.CORRECTION: (("关于撤销", "公示内容", "的更正公告"), ("原公示", "类别")),
}


@dataclass(frozen=True)
class PublicRow:
    """All that a notice says of a household; nothing else of it ever reaches a notice."""

    group_no: int | None
    head_name: str
    persons: int
    monitor_class: str


@dataclass(frozen=True)
class Sheet:
    """A notice as it is read: only words, so that the host of the public pages needs nothing else."""

    title: list[str]
    opening: str
    class_title: list[str]
    rows: list[dict]  # PublicRow
    period: str
    objecting: str
    phones: list[str]
    remark: str
    seals: list[str]
    dated: str
    number: str
    town: str
    village: str
    unit: str
    counted_days: list[str]


def public_rows(cases: Sequence[Case]) -> list[PublicRow]:
    """The allow-listed columns of each case; one query for all of them."""
    members = Member.objects.living_together().filter(household__in=[case.household_id for case in cases])
    persons = dict(members.order_by().values_list("household").annotate(Count("pk")))
    return [
        PublicRow(
            group_no=case.household.group_no,
            head_name=case.household.head_name,
            persons=persons.get(case.household_id, 0),
            monitor_class=_class_of(case),
        )
        for case in cases
    ]


def _class_of(case: Case) -> str:
    if case.kind == CaseKind.REGISTRATION:
        return "返贫户" if case.monitor_class == MonitorClass.RELAPSE else "新致贫户"
    return case.get_monitor_class_display()


def sheet_of(notice: Notice, *, masked: bool) -> Sheet:
    """What is printed of a notice; ``masked`` hides part of each name, as the public page must."""
    kind = NoticeKind(notice.kind)
    village, town = notice.village, notice.town or notice.village.parent
    title, class_title = TITLES[kind]
    return Sheet(
        title=list(title),
        opening=_opening(notice, kind),
        class_title=list(class_title),
        rows=[_row(row, masked) for row in notice.snapshot],
        period=_period(notice, kind),
        objecting=_objecting(notice, village, town),
        phones=_phones(notice),
        remark=notice.remark,
        seals=_seals(kind, village, town),
        dated=in_words(notice.starts_on),
        number=notice.number,
        town=town.name if town else "",
        village=village.paper_name(),
        unit=notice.unit,
        counted_days=counted_days(notice),
    )


def public_sheet(notice: Notice) -> dict:
    """The same as it is handed to the public pages; in a tiny village without the category, by which a masked name would be
    known (``settings.SMALL_VILLAGE`` households, none where that is 0)."""
    sheet = asdict(sheet_of(notice, masked=True))
    if Household.objects.present().filter(village=notice.village_id).count() < settings.SMALL_VILLAGE:
        for row in sheet["rows"]:
            row["monitor_class"] = ON_THE_BOARD
    return sheet


def title_of(notice: Notice) -> str:
    """The title in one piece."""
    return "".join(TITLES[NoticeKind(notice.kind)][0])


def _row(row: dict, masked: bool) -> dict:
    known = PublicRow(**{name: row.get(name) for name in PublicRow.__dataclass_fields__})
    return {**asdict(known), "head_name": masked_name(known.head_name) if masked else known.head_name}


def _opening(notice: Notice, kind: NoticeKind) -> str:
    count = f"以下 {len(notice.snapshot)} 户"
    met = f"、{notice.village.paper_name()} {in_words(notice.met_on)}民主评议" if notice.met_on else ""
    if kind == NoticeKind.CORRECTION and notice.corrects:
        old = notice.corrects
        which = f"《{title_of(old)}》（{old.number}）" if old.number else f"《{title_of(old)}》"
        return f"{in_words(old.starts_on)}张贴的{which}所列{count}，经进一步核实，公示内容撤销，特此更正。"
    return {
        NoticeKind.REGISTRATION: f"经调查核实{met}，{count}拟纳入建档立卡，现予公示。",
        NoticeKind.REMOVAL: f"经入户核实{met}，{count}返贫致贫风险已经消除，现予公示。已有的帮扶不因此停止。",
        NoticeKind.RESULT: f"经村内公示、逐级审核认定，{count}纳入防止返贫监测对象，现予公告。",
    }.get(kind, f"经入户调查{met}，{count}拟纳入防止返贫监测对象，现予公示。")


def _period(notice: Notice, kind: NoticeKind) -> str:
    name = "公示时间" if notice.waits else "公告时间"
    same_year = notice.starts_on.year == notice.ends_on.year
    until = in_words(notice.ends_on).partition(" 年 ")[2] if same_year else in_words(notice.ends_on)
    return f"{name}：{in_words(notice.starts_on)}至 {until}，共 {countdown(notice).length}。"


def _objecting(notice: Notice, village: Region, town: Region | None) -> str:
    offices = "或".join(seal_of(one) for one in (village, town) if one)
    when = "如有异议，请在公示期内向" if notice.waits else "如有疑问，请向"
    return f"{when}{offices}反映，我们为反映人保密。"


def _phones(notice: Notice) -> list[str]:
    """Two lines at most, so that a notice of a few households is one page."""
    village = [f"村监督电话：{notice.village_phone}"] if notice.village_phone else []
    town = [f"镇监督电话：{notice.town_phone}"] if notice.town_phone else []
    return [*village, "，".join([*town, f"全国咨询监督电话：{HOTLINE}"])]


def _seals(kind: NoticeKind, village: Region, town: Region | None) -> list[str]:
    """A result is announced in the town's name; everything else in the name of both."""
    who = (town,) if kind == NoticeKind.RESULT and town else (village, town)
    return [seal_of(one) for one in who if one]


def seal_of(region: Region) -> str:
    """Whose seal it is: 柳河村村民委员会, 青石镇人民政府, 兴城街道办事处."""
    name = region.name
    if name.endswith("居委会"):
        return f"{name.removesuffix('居委会')}居民委员会"
    if region.level == "village":
        return f"{region.paper_name()}村民委员会"
    if name.endswith(("镇", "乡")):
        return f"{name}人民政府"
    if name.endswith("街道"):
        return f"{name}办事处"
    return name if name.endswith("办事处") else region.office_name or f"{short_name(region)}人民政府"


def in_words(day: datetime.date) -> str:
    """2026 年 10 月 30 日."""
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
