"""The menus: which pages each role finds on its desk."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.dispatch import Signal
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from accounts.roles import Role

# Receivers answer ``(sender, user)`` with {url name: how many wait there}; the apps above register in their ready().
counting_work = Signal()


class Page(NamedTuple):
    """A page that menus can lead to."""

    label: str
    icon: str
    also: tuple[str, ...] = ()  # how addresses begin that stand under it, besides its own


class Item(NamedTuple):
    """An entry of somebody's menu, ready to print."""

    label: str
    url: str
    icon: str
    count: int
    current: bool
    starts_group: bool


HOME = "ledgers:home"
UNDER_ASSISTANCE = (
    "/department/", "/dossiers/", "/entities/", "/handovers/", "/places/", "/plans/", "/posts/", "/running-out/",
    "/snapshots/", "/tasks/", "/ties/", "/trainees/", "/trainings/", "/visits/",
)  # fmt: skip
PAGES = {
    HOME: Page("工作台", "todo"),
    "ledgers:dashboard": Page("监督看板", "chart"),
    "monitoring:cases": Page("审核办理", "stamp", ("/comparisons/", "/hits/", "/meetings/", "/corrections/")),
    "monitoring:clues": Page("线索预警", "bell", ("/screenings/",)),
    "monitoring:notices": Page("村内公示", "horn", ("/objections/",)),
    "monitoring:findings": Page("督导会商", "check", ("/consultations/", "/decisions/")),
    "monitoring:figures": Page("部门数据", "sheet"),
    "monitoring:warnings": Page("部门预警", "bell"),
    "monitoring:grading": Page("三色分级", "tiles"),
    "households:list": Page("农户档案", "home", ("/surveys/", "/files/")),
    "households:import-list": Page("数据导入", "upload"),
    "assistance:overview": Page("帮扶管理", "heart", UNDER_ASSISTANCE),
    "assistance:visits": Page("走访", "visit"),
    "assistance:desk": Page("帮扶落实", "heart", ("/running-out/", "/tasks/")),
    "assistance:lists": Page("部门名单", "upload"),
    "ledgers:exports": Page("台账报表", "sheet", ("/national/",)),
    "monitoring:parameters": Page("政策参数", "sliders", ("/whatif/",)),
    "accounts:users": Page("用户与权限", "users"),
    "accounts:regions": Page("区划", "map"),
    "accounts:audit": Page("操作日志", "log"),
    "accounts:status": Page("系统状态", "pulse"),
    "accounts:me": Page("我的", "person"),
}

WAITING = "waiting"  # the session's name for what was counted
KEPT_SECONDS = 60
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

# Entries that stand only where the apps above count something for them, be it nothing: elsewhere there is no such work.
ONLY_WHERE_COUNTED = frozenset({"monitoring:grading"})

VILLAGE_MENU = ((HOME, "households:list", "assistance:visits", "accounts:me"),)
PHONE_LABELS = {HOME: "待办", "households:list": "农户"}

TOWN_MENU = (
    (HOME, "monitoring:clues", "monitoring:cases", "monitoring:notices", "monitoring:grading", "monitoring:findings"),
    ("households:list", "households:import-list", "assistance:overview", "ledgers:exports"),
    ("accounts:regions",),
)
DISTRICT_MENU = (
    (
        HOME,
        "ledgers:dashboard",
        "monitoring:cases",
        "monitoring:clues",
        "monitoring:notices",
        "monitoring:grading",
        "monitoring:findings",
    ),
    ("households:list", "households:import-list", "assistance:overview", "assistance:lists", "ledgers:exports"),
    ("accounts:regions", "monitoring:parameters", "accounts:audit"),
)
INSPECTOR_MENU = (
    (
        HOME,
        "ledgers:dashboard",
        "monitoring:cases",
        "monitoring:clues",
        "monitoring:notices",
        "monitoring:grading",
        "monitoring:findings",
    ),
    ("households:list", "assistance:overview", "ledgers:exports"),
    ("monitoring:parameters", "accounts:audit"),
)
CLERK_MENU = (
    (HOME, "assistance:desk", "assistance:lists", "monitoring:figures", "monitoring:warnings", "monitoring:findings"),
)
ADMIN_MENU = (
    ("accounts:users", "accounts:regions", "monitoring:parameters"),
    ("accounts:audit", "accounts:status"),
)

# Groups of URL names, in the order of the menu. A person with several roles gets them all, each page once.
MENUS: dict[str, tuple[tuple[str, ...], ...]] = {
    Role.VILLAGE_CADRE: VILLAGE_MENU,
    Role.VILLAGE_TEAM: VILLAGE_MENU,
    Role.TOWN_REVIEWER: TOWN_MENU,
    Role.DISTRICT_OFFICER: DISTRICT_MENU,
    Role.DEPARTMENT_CLERK: CLERK_MENU,
    Role.INSPECTOR: INSPECTOR_MENU,
    Role.SYSTEM_ADMIN: ADMIN_MENU,
}


def menu_groups(roles: Iterable[str]) -> list[list[str]]:
    """URL names of the pages for these roles, grouped, each once."""
    seen: set[str] = set()
    groups = []
    for role in roles:
        for group in MENUS.get(role, ()):
            fresh = [name for name in group if name not in seen]
            seen.update(fresh)
            if fresh:
                groups.append(fresh)
    return groups


def waiting_work(user: Any) -> dict[str, int]:
    """How many pieces of work wait for somebody behind each page, as the apps above count them."""
    counts: dict[str, int] = {}
    for _receiver, answer in counting_work.send(sender=None, user=user):
        counts.update(answer or {})
    return counts


def waiting_now(request: HttpRequest) -> dict[str, int]:
    """``waiting_work`` of the person who asks, at most ``KEPT_SECONDS`` old: counting takes longer than most pages do.

    The numbers lie in the session. 工作台 always counts, and so does every page after a step of the person's own
    (``CountAgainAfterwards``); only what others do shows a little later.
    """
    now = timezone.now().timestamp()
    kept = request.session.get(WAITING)
    at_home = request.resolver_match is not None and request.resolver_match.view_name == HOME
    if kept and request.method in SAFE_METHODS and not at_home and 0 <= now - kept["at"] < KEPT_SECONDS:
        return kept["counts"]
    counts = waiting_work(request.user)
    request.session[WAITING] = {"at": now, "counts": counts}
    return counts


def address(name: str) -> str:
    """Where a page is, or empty while its app does not offer it."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def menu_items(*, roles: Iterable[str], path: str, counts: dict[str, int], on_phone: bool = False) -> list[Item]:
    """The menu for these roles; the current entry is the one with the longest beginning of the path, its own or ``also``."""
    placed = [
        (name, url, position == 0 and number > 0)
        for number, group in enumerate(menu_groups(roles))
        for position, name in enumerate(group)
        if (name not in ONLY_WHERE_COUNTED or name in counts) and (url := address(name))
    ]
    beginnings = [(begin, name) for name, url, _first in placed for begin in (url, *PAGES[name].also)]
    around = [found for found in beginnings if path == found[0] or (found[0] != "/" and path.startswith(found[0]))]
    _longest, here = max(around, key=lambda found: len(found[0]), default=("", ""))
    return [
        Item(
            label=PHONE_LABELS.get(name, PAGES[name].label) if on_phone else PAGES[name].label,
            url=url,
            icon=PAGES[name].icon,
            count=counts.get(name, 0),
            current=name == here,
            starts_group=first,
        )
        for name, url, first in placed
    ]
