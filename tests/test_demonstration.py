"""The demonstration as it is loaded: each told household by its table and by a plain reading, the effect's numbers, the notices.

It is loaded once, in a transaction around the tests of this file, which is rolled back behind them.
"""

import datetime
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Region, User
from assistance import plan_page, snapshots, visit_plan
from assistance.effect_chart import effect_of
from assistance.models import Delivery, Plan, Snapshot
from assistance.plans import gaps_today
from households.models import Household
from ledgers.services import make_ledger
from monitoring.models import Notice
from tests.assistance.plain_reading import (
    IN_PLACE,
    MEASURES,
    PROMISED,
    WITHOUT_MEASURE,
    Home,
    months_later,
    read_homes,
)
from tests.assistance.told_stories import STORIES, Story

ZONE = "370490000000"
LETTERS = "HIJKLMNOPQ"
GROUPS = (
    "产业",
    "就业",
    "公益岗位",
    "消费",
    "金融",
    "教育",
    "健康",
    "住房",
    "饮水",
    "兜底",
    "防贫保险",
    "社会帮扶",
    "扶志扶智",
)
NUMBER = re.compile(r'href="([^"]*effect/list/[^"]*)">(\d+)<')


@pytest.fixture(scope="module", autouse=True)
def demonstration(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_demo", stdout=io.StringIO())
        yield
        transaction.set_rollback(True)


@pytest.fixture
def village(db: None) -> Region:
    """Where the stories are told."""
    return User.objects.get(username="cun1").postings.get().region


@pytest.fixture
def homes(village: Region) -> dict[str, Home]:
    """The told households by name."""
    told = Household.objects.filter(village=village, head_name__in=STORIES).select_related("village")
    return {home.household.head_name: home for home in read_homes(told).values()}


def days_that_matter(today: datetime.date) -> list[datetime.date]:
    """Today; before the newest measures; before the house was done and a list ended 低保; two ends of years."""
    ago = [today - datetime.timedelta(days=days) for days in (25, 60)]
    return [today, *ago, datetime.date(today.year - 1, 12, 31), datetime.date(2020, 6, 30)]


# ---- by the table ----


@pytest.mark.parametrize("name", STORIES)
def test_each_told_household_shows_what_is_told_of_it(homes: dict[str, Home], today: datetime.date, name: str) -> None:
    home, story = homes[name], STORIES[name]
    case = next(iter(home.cases), None)
    assert (case.stage if case else "") == story.stage
    assert shown_gaps(home) == (story.needs, told_cautions(story, today))
    assert shown_plan(home) == story.plan
    assert shown_measures(home, today) == story.measures
    assert ticked_by_relation(home, today) == story.ledger
    assert shown_tasks(home, today) == story.tasks
    assert next((one.name for one in home.helpers if one.ended_on is None), "") == story.helper
    drawn = effect_of(home.household, today)
    assert drawn is not None
    assert [one.value and one.value // 100 for one in drawn.years] == told_incomes(story, today)
    assert tuple(one.label for one in drawn.marks) == story.marks
    due_on = story.visit and months_later(today - datetime.timedelta(days=story.visit[0]), story.visit[1])
    assert planned_visits(today).get(home.household.pk) == due_on


def shown_gaps(home: Home) -> tuple[dict[str, str], set[str]]:
    """The needs with their states, and the kinds of cautions, as the pages show them; nothing where there is no list."""
    gaps = gaps_today(home.household)
    if gaps is None:
        return {}, set()
    return {need.label: str(need.state.label) for need in gaps.needs}, {one.kind.value for one in gaps.cautions}


def told_cautions(story: Story, today: datetime.date) -> set[str]:
    since = story.safety_net_since
    granted = since is not None and (today - datetime.timedelta(days=since)).year == today.year
    return {*story.cautions, *(["safety_net"] if granted else [])}


def shown_plan(home: Home) -> tuple[int, str, tuple[str, ...]] | None:
    plan = plan_page.version_of(home.household, "")
    if plan is None:
        return None
    return plan.number, plan.stage, tuple(sorted_by_place(plan))


def sorted_by_place(plan: Plan) -> list[str]:
    return [item.measure for item in plan.items.order_by("position")]


def shown_measures(home: Home, today: datetime.date) -> dict[str, str]:
    return {
        f"{one.measure} {one.member.relation if one.member else ''}".strip(): one.stage_on(today).value
        for one in Delivery.objects.filter(household=home.household).select_related("member")
    }


def shown_tasks(home: Home, today: datetime.date) -> dict[str, str]:
    return {
        one.kind: "closed" if one.closed_on else "late" if one.due_on < today else "open"
        for one in home.household.guarantee_tasks.all()
    }


def ticked_by_relation(home: Home, day: datetime.date) -> dict[str, str]:
    relations = {one.id_number: one.relation for one in home.members}
    return {relations[number]: letters for number, letters in home.ticks(day).items()}


def told_incomes(story: Story, today: datetime.date) -> list[int | None]:
    by_year: dict[int, int] = {}
    for ago, amount in sorted(story.incomes, reverse=True):  # the last visit of a year speaks for it
        by_year[(today - datetime.timedelta(days=ago)).year] = amount
    return [by_year.get(year) for year in range(today.year - 2, today.year + 1)]


def planned_visits(today: datetime.date) -> dict[object, datetime.date]:
    cadre = User.objects.get(username="cun1")
    return dict(visit_plan.planned(cadre, today).values_list("pk", "due_on"))


def test_the_stories_tell_everything_that_can_be_told(homes: dict[str, Home], today: datetime.date) -> None:
    """No plan before the designation; every stage of a measure, each caution, a list that ended something, both kinds of tasks."""
    assert len(STORIES) == 11
    assert not [name for name, home in homes.items() if home.plans and home.helped_case() is None and name != "秦守业"]
    stages = Counter(stage for story in STORIES.values() for stage in story.measures.values())
    assert set(stages) == {"promised", "in_hand", "in_place", "ended", "dropped"}
    ended = [one for home in homes.values() for one in home.deliveries if one.list_row_id and one.ended_on]
    assert [one.measure for one in ended] == ["dibao"]
    late = [name for name, day in visits_by_name(homes, today).items() if day < today]
    assert late == ["马守田"]
    soon = today + datetime.timedelta(days=30)
    running_out = {
        (name, one.measure)
        for name, home in homes.items()
        for one in home.in_place(today)
        if one.runs_until and today <= one.runs_until <= soon
    }
    assert running_out == {("周德福", "enterprise_support"), ("赵广平", "small_loan")}
    house = homes["周德福"].household.guarantee_tasks.get(kind="unsafe_house")
    assert sorted(house.steps) == ["demolished", "moved_in", "rebuilt"]
    assert house.evidence.count() == 1


def visits_by_name(homes: dict[str, Home], today: datetime.date) -> dict[str, datetime.date]:
    due = planned_visits(today)
    return {name: due[home.household.pk] for name, home in homes.items() if home.household.pk in due}


# ---- by the plain reading ----


def test_the_ledgers_ticks_are_what_is_in_place_on_its_date(
    village: Region, homes: dict[str, Home], today: datetime.date, tmp_path: Path
) -> None:
    everybody = read_homes(Household.objects.filter(village=village))
    different = set()
    for day in days_that_matter(today):
        plain: dict[str, str] = {}
        for home in everybody.values():
            if home.household.closed_on is None or home.household.closed_on > day:
                plain |= home.ticks(day)
        written = ledger_of(village, day, tmp_path / f"{day}.xlsx")
        assert written == plain, day
        different.add(tuple(sorted((number, letters) for number, letters in written.items() if told(number, homes))))
    assert len(different) > 2  # days that show something else of the told households


def told(number: str, homes: dict[str, Home]) -> bool:
    return any(one.id_number == number for home in homes.values() for one in home.members)


def ledger_of(village: Region, day: datetime.date, path: Path) -> dict[str, str]:
    """By identity number the letters of the ticked columns, out of the workbook as it is handed in."""
    make_ledger(path, region=village, on=day, row_mode="member", full_ids=True, after_chunk=lambda counts: None)
    sheet = load_workbook(path)["台账"]
    rows = (row for row in range(7, sheet.max_row + 1) if re.fullmatch(r"\d{17}[\dX]", str(sheet[f"F{row}"].value)))
    return {
        str(sheet[f"F{row}"].value): "".join(letter for letter in LETTERS if sheet[f"{letter}{row}"].value == "√")
        for row in rows
    }


def test_measures_are_in_place_and_waiting_on_each_day_as_their_days_say(
    homes: dict[str, Home], today: datetime.date
) -> None:
    for day in days_that_matter(today):
        for name, home in homes.items():
            rows = Delivery.objects.filter(household=home.household)
            assert set(rows.in_place_on(day)) == set(home.in_place(day)), (name, day)
            assert set(rows.waiting_on(day)) <= set(home.waiting(day)), (name, day)
            unpromised = {one for one in home.waiting(day) if one.promised_on is None}
            assert set(home.waiting(day)) - set(rows.waiting_on(day)) <= unpromised, (name, day)


def test_needs_cautions_plans_and_visits_are_those_of_a_plain_reading(
    homes: dict[str, Home], today: datetime.date
) -> None:
    due = planned_visits(today)
    for name, home in homes.items():
        assert shown_gaps(home) == (home.needs(today), home.cautions(today)), name
        assert plan_page.version_of(home.household, "") == home.plan_shown(), name
        assert due.get(home.household.pk) == home.due_on(today), name
        for plan in home.plans:
            if plan.stage == "confirmed":
                promised = [(item.measure, item.member_id) for item in plan.items.all()]
                kept = [(item.delivery.measure, item.delivery.member_id) for item in plan.items.all() if item.delivery]
                assert kept == promised, name


def test_the_drawing_of_a_household_is_that_of_a_plain_reading(homes: dict[str, Home], today: datetime.date) -> None:
    for day in days_that_matter(today)[:3]:
        for name, home in homes.items():
            drawn = effect_of(home.household, day)
            assert drawn is not None, name
            names = sorted({one.name for one in home.deliveries}, key=len, reverse=True)
            bars = {(next(one for one in names if bar.name.startswith(one)), bar.days) for bar in drawn.bars}
            assert bars == home.bars(day), (name, day)
            assert not drawn.left_out
            if day == today:
                assert [one.value and one.value // 100 for one in drawn.years] == home.incomes(day), name


# ---- the effect of a region ----


@pytest.mark.parametrize("username", ["qu1", "cun1"])
def test_each_number_of_the_effect_is_the_total_of_the_list_that_it_opens(db: None, username: str) -> None:
    client = logged_in(username)
    page = client.get(reverse("assistance:effect")).content.decode()
    numbers = {(url.replace("&amp;", "&"), int(count)) for url, count in NUMBER.findall(page)}
    assert len(numbers) > 20
    for url, count in numbers:
        assert client.get(url).context["page_obj"].paginator.count == count, url


def logged_in(username: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_matrix_of_a_region_and_its_places_are_those_of_a_plain_reading(db: None, today: datetime.date) -> None:
    answer = logged_in("qu1").get(reverse("assistance:effect"), {"region": ZONE})
    zone = Region.objects.by_code(ZONE)
    everybody = read_homes(Household.objects.in_regions([zone]).filter(closed_on=None))
    registered = [home for home in everybody.values() if home.designation(today)]
    plain: dict[str, Counter[str]] = {}
    for home in registered:
        for need, state in (causes_of(home, today) or {"没有填原因": ""}).items():
            row = plain.setdefault(need, Counter())
            row.update(["有这一风险", *([state] if state else []), *home.groups(today)])
    shown = {row.name: {cell.label: cell.count for cell in row.cells} for row in answer.context["matrix"]}
    columns = ("有这一风险", IN_PLACE, PROMISED, WITHOUT_MEASURE, *GROUPS)
    assert shown == {need: {column: row[column] for column in columns} for need, row in plain.items()}
    whole = answer.context["rows"][-1]
    counts = {cell.label: cell.count for cell in whole.cells}
    assert counts["在册户"] == len(registered)
    assert counts["没有措施"] == sum(not home.codes_in_place(today) for home in registered)
    bare = [home for home in registered if WITHOUT_MEASURE in causes_of(home, today).values()]
    assert counts["有风险没有对应措施"] == len(bare)
    for place, cells in ((row.place, row.cells) for row in answer.context["rows"][:-1]):
        under = [home for home in registered if home.household.village.path.startswith(place.path)]
        assert cells[0].count == len(under), place


def causes() -> set[str]:
    return {word for one in MEASURES.values() for word in one.answers.split()} - {"吃穿", "住房安全", "基本医疗"}


def causes_of(home: Home, today: datetime.date) -> dict[str, str]:
    return {need: state for need, state in home.needs(today).items() if need in causes()}


def test_the_households_behind_a_cell_are_those_of_a_plain_reading(village: Region, today: datetime.date) -> None:
    client = logged_in("cun1")
    registered = {
        key: home
        for key, home in read_homes(Household.objects.filter(village=village, closed_on=None)).items()
        if home.designation(today)
    }
    assert len(registered) <= 30  # one page of the list
    for cause, label in (("illness", "因病"), ("education", "因学"), ("no_labour", "缺劳动力"), ("disability", "因残")):
        for key, state in (("in_place", IN_PLACE), ("promised", PROMISED), ("none", WITHOUT_MEASURE)):
            page = client.get(reverse("assistance:effect-list"), {"what": f"risk.{cause}.{key}"})
            listed = {line.case.household_id for line in page.context["page_obj"]}
            assert listed == {pk for pk, home in registered.items() if home.needs(today).get(label) == state}, label


# ---- the public pages ----


def test_the_public_pages_of_every_notice_of_the_demonstration_tell_nothing_of_anybody(db: None) -> None:
    assert Notice.objects.count() >= 10
    before = list(Notice.objects.order_by("pk").values("starts_on", "ends_on", "closed_on"))
    out = io.StringIO()
    call_command("check_public_notices", stdout=out)
    assert "没有不该公开的内容" in out.getvalue()
    assert list(Notice.objects.order_by("pk").values("starts_on", "ends_on", "closed_on")) == before
    assert Region.objects.filter(web_notices_enabled=True).count() == 1


# ---- what was counted before ----


def test_each_count_follows_from_the_one_before_and_todays_has_something_new(db: None, today: datetime.date) -> None:
    zone, officer = Region.objects.by_code(ZONE), User.objects.get(username="qu1")
    assert Snapshot.objects.filter(region=zone).count() == 2
    newest, is_new = snapshots.take_snapshot(region=zone, by=officer)
    counted = list(Snapshot.objects.filter(region=zone).order_by("on"))
    for before, after in itertools.pairwise(counted):
        found = snapshots.Figures.of(after)
        assert (found.since, snapshots.difference(after)) == (before.on, 0)
    total = snapshots.Figures.of(newest).total
    assert is_new
    assert total.added > 0
    assert f"新增{total.added}户" in snapshots.prose(newest)
    assert [one.taken_at.date() for one in counted[:-1]] == [one.on for one in counted[:-1]]
