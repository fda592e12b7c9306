"""调度: what is counted equals a plain reading, what changed is told, a day is counted once, and only one's own region."""

import datetime
import io
from urllib.parse import unquote

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import AuditEvent
from assistance import snapshots
from assistance.models import Snapshot
from households.codes import HouseholdType, LifeEventKind, MonitorClass
from households.models import LifeEvent
from tests.ledgers.conftest import designate, give

ONE_DAY = datetime.timedelta(days=1)


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def families(place, make, today):
    """Two 边缘户 and one 脱贫监测户 in one village, one 边缘户 in the neighbour's."""
    first = make.household(place.village, "王大海")
    second = make.household(place.village, "赵玉梅")
    lifted = make.household(place.village, "钱永福", household_type=HouseholdType.LIFTED)
    neighbour = make.household(place.neighbour, "冯桂香")
    long_ago = today - 90 * ONE_DAY
    for family in (first, second, neighbour):
        designate(family, decided_on=long_ago)
    designate(lifted, MonitorClass.RELAPSE, decided_on=long_ago)
    give(first, "family_doctor", begun_on=long_ago)
    give(first, "industry", begun_on=long_ago)
    give(neighbour, "dibao", neighbour.head, begun_on=long_ago)
    return first, second, lifted, neighbour


def kept(snapshot):
    return snapshots.Figures.of(snapshot)


def test_the_figures_are_those_of_a_plain_reading(place, staff, families, today):
    snapshot, is_new = snapshots.take_snapshot(region=place.town, by=staff.reviewer)
    assert is_new
    found = kept(snapshot)
    assert [line.name for line in found.lines] == [one.name for one in place.town.children.order_by("path")]
    persons = sum(family.members.filter(lives_here=True).count() for family in families)
    assert (found.total.households, found.total.persons) == (4, persons)
    assert found.total.classes == {"edge": 3, "relapse": 1}
    assert sum(found.total.causes.values()) == 4
    assert sum(found.total.cause_persons.values()) == persons
    assert (found.total.helped, found.total.groups) == (2, {"health": 1, "industry": 1, "safety_net": 1})
    mine = next(line for line in found.lines if line.code == place.village.code)
    assert (mine.households, mine.helped, mine.added) == (3, 1, 0)
    assert found.since is None
    assert sum(line.households for line in found.lines) == found.total.households


def test_what_came_and_went_since_the_last_is_told(place, staff, make, families, today):
    first, second, lifted, _neighbour = families
    last, _new = snapshots.take_snapshot(region=place.town, by=staff.reviewer)
    Snapshot.objects.filter(pk=last.pk).update(on=today - 30 * ONE_DAY)
    designate(make.household(place.village, "孙小红"), decided_on=today - 3 * ONE_DAY)
    second.cases.update(removed_on=today - 2 * ONE_DAY)
    type(lifted).objects.filter(pk=lifted.pk).update(closed_on=today - ONE_DAY)
    LifeEvent.objects.create(
        household=first, kind=LifeEventKind.BIRTH, happened_on=today - ONE_DAY, recorded_by=staff.cadre
    )
    LifeEvent.objects.create(
        household=first, kind=LifeEventKind.DEATH, happened_on=today - 60 * ONE_DAY, recorded_by=staff.cadre
    )
    snapshot, _new = snapshots.take_snapshot(region=place.town, by=staff.reviewer)
    total = kept(snapshot).total
    assert (total.households, total.added, total.removed, total.closed) == (3, 1, 2, 1)
    assert (total.came, total.went) == (1, 0)
    assert snapshots.difference(snapshot) == 0
    said = snapshots.prose(snapshot)
    assert "在册监测对象3户" in said
    assert "新增1户" in said
    assert "移出2户" in said
    assert "整户自然减少1户" in said


def test_what_was_entered_late_is_said(place, staff, make, families, today):
    last, _new = snapshots.take_snapshot(region=place.town, by=staff.reviewer)
    Snapshot.objects.filter(pk=last.pk).update(on=today - 30 * ONE_DAY)
    designate(make.household(place.village, "孙小红"), decided_on=today - 40 * ONE_DAY)
    snapshot, _new = snapshots.take_snapshot(region=place.town, by=staff.reviewer)
    assert kept(snapshot).total.added == 0
    assert snapshots.difference(snapshot) == 1


def test_a_day_is_counted_once_and_leaves_one_trace(place, staff, families):
    first, _new = snapshots.take_snapshot(region=place.town, by=staff.reviewer)
    again, is_new = snapshots.take_snapshot(region=place.town, by=staff.second_reviewer)
    assert (again.pk, is_new) == (first.pk, False)
    assert AuditEvent.objects.filter(action="assistance.take_snapshot").count() == 1


def test_nobody_counts_a_region_that_is_not_his(place, staff):
    for user in (staff.cadre, staff.other_reviewer, staff.clerk, staff.inspector):
        with pytest.raises(PermissionDenied):
            snapshots.take_snapshot(region=place.town, by=user)


def test_the_pages_and_the_workbook(client, place, staff, families):
    client.force_login(staff.reviewer)
    answer = client.post(reverse("assistance:snapshot-take"), {"region": place.town.code}, follow=True)
    assert "在册监测对象4户" in answer.content.decode()
    snapshot = Snapshot.objects.get()
    file = client.get(reverse("assistance:snapshot-file", args=[snapshot.pk]))
    sheet = load_workbook(io.BytesIO(file.content)).active
    rows = {row[0]: row[1:3] for row in sheet.iter_rows(min_row=4, values_only=True) if row[0]}
    assert rows["合计"] == (4, kept(snapshot).total.persons)
    heads = [cell.value for cell in sheet[3]]
    total = next(row for row in sheet.iter_rows(min_row=4, values_only=True) if row[0] == "合计")
    assert total[heads.index("新增（户）")] is None  # the first: there is nothing to be compared with
    assert '<td class="right num">—</td>' in answer.content.decode()
    for _code, label in snapshots.causes_in(kept(snapshot)):
        assert {f"{label}（户）", f"{label}（人）"} <= set(heads)
        assert label in answer.content.decode()
    assert unquote(file["Content-Disposition"]).endswith(f"青石镇_调度_{snapshot.on:%Y%m%d}.xlsx")
    assert AuditEvent.objects.filter(action="assistance.fetch_snapshot").count() == 1
    client.force_login(staff.other_reviewer)
    assert client.get(reverse("assistance:snapshot", args=[snapshot.pk])).status_code == 404
    assert client.post(reverse("assistance:snapshot-take"), {"region": place.town.code}).status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_households(
    place, staff, make, families, today, django_assert_max_num_queries
):
    for number in range(30):
        designate(make.household(place.village, f"户{number}"), decided_on=today - 10 * ONE_DAY)
    with django_assert_max_num_queries(12):
        snapshots.figures_of(place.town, today, today - 20 * ONE_DAY)


def test_old_counts_stay_within_reach(client, place, staff, today):
    empty = {"since": None, "lines": [], "total": {"name": "合计"}}
    for days in range(30):
        Snapshot.objects.create(region=place.town, on=today - days * ONE_DAY, figures=empty, taken_by=staff.reviewer)
    client.force_login(staff.reviewer)
    url = reverse("assistance:snapshots")
    oldest = f"{today - 29 * ONE_DAY}"
    assert oldest not in client.get(url).content.decode()
    assert oldest in client.get(url, {"page": 2}).content.decode()
