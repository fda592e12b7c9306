"""What screenings change is told once for each village and week: before and now, in words, and never what is not theirs."""

import datetime
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, Region
from households.codes import GUARANTEE_BITS, Guarantee, HouseholdType, RiskCause
from households.facts import mark_changed
from households.models import Facts, Household
from monitoring import digests, inbox, screening
from monitoring.digest_page import changes, entries_of
from monitoring.models import Assessment, Case, ClueDigest, DigestEntry, DigestReading, PolicyValue, Screening, Stage
from monitoring.models import ScreeningMode as Mode
from tests.monitoring.explained import take
from tests.monitoring.surveyed import visit

ILL = (RiskCause.ILLNESS,)
ONE_DAY = datetime.timedelta(days=1)
LONG_AGO = datetime.date(2021, 6, 1)


@pytest.fixture
def at_desk():
    def log_in(user: Any) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in


def screen(region: Region, on: datetime.date, mode: str = Mode.CHANGED) -> Screening:
    job = Screening.claim(screening.request_screening(region=region, on=on, by=None, mode=mode, ring=False).pk)
    screening.run(job)
    return job


def before_today(place: Any, today: datetime.date) -> None:
    """A first conclusion of everybody, which is of yesterday and in no digest."""
    screen(place.zone, today)
    Assessment.objects.update(on=today - 5 * ONE_DAY, policy_date=today - 5 * ONE_DAY, screening=None)
    ClueDigest.objects.all().delete()


def now(household: Household, **facts: Any) -> None:
    """Something the rules read has become known."""
    Facts.objects.filter(household=household).update(**facts)
    mark_changed([household])


def confirmed(staff: Any, place: Any, key: str, value: str, on: datetime.date = LONG_AGO) -> None:
    PolicyValue.objects.create(
        region=place.zone, ruleset="zaozhuang_2020", key=key, value=value, starts_on=on, source="某区文 第二条",
        proposed_by=staff.officer, confirmed_by=staff.admin, confirmed_at=timezone.now(),
    )  # fmt: skip


@pytest.fixture
def three(place, staff, make, today) -> list[Household]:
    """Three households of 北石桥 with 5,000.00 yuan a head each, of whom nothing is asked."""
    households = [make.household(place.village, head) for head in ("王大海", "李秀英", "赵有才")]
    for household in households:
        visit(household, staff.cadre, today - 20 * ONE_DAY)
    before_today(place, today)
    return households


def listed(digest: ClueDigest) -> dict[str, tuple[str, str]]:
    return {
        entry.household.head_name: (entry.before.code if entry.before else "", entry.now.code)
        for entry in digest.entries.all()
    }


# ---- what is gathered ----


def test_a_week_begins_on_monday_and_a_day_is_a_day():
    sunday = datetime.date(2026, 11, 22)
    assert digests.period_of(sunday, 7) == (datetime.date(2026, 11, 16), sunday)
    assert digests.period_of(datetime.date(2026, 11, 16), 7)[0] == datetime.date(2026, 11, 16)
    assert digests.period_of(sunday, 1) == (sunday, sunday)


@pytest.mark.parametrize("mode", [Mode.CHANGED, Mode.FULL])
def test_households_that_changed_stand_in_one_digest_of_their_village(place, staff, make, three, today, mode):
    other = make.household(place.neighbour)
    visit(other, staff.cadre, today - 20 * ONE_DAY)
    now(three[0], risk_bits=1)
    now(three[1], risk_bits=1, net_income=14_000_00)
    screen(place.zone, today, mode)
    digest = ClueDigest.objects.with_households().get()  # nothing is asked of the other village
    assert (digest.village, digest.begins_on, digest.ends_on) == (place.village, *digests.period_of(today, 7))
    assert listed(digest) == {"王大海": ("NONE", "WATCH"), "李秀英": ("NONE", "EDGE")}


def test_what_changed_minutes_ago_is_gathered_too_and_an_idle_night_adds_nothing(place, staff, make, three, today):
    now(three[0], risk_bits=1)
    screen(place.zone, today)
    told = ClueDigest.objects.get().changed_at
    screen(place.zone, today)
    assert ClueDigest.objects.get().changed_at == told
    screen(place.zone, today, Mode.DIRTY)
    assert listed(ClueDigest.objects.get()) == {"王大海": ("NONE", "WATCH")}


def test_two_changes_are_one_from_the_first_before_to_the_last_now(place, three, today):
    now(three[0], risk_bits=1)
    screen(place.town, today)
    now(three[0], net_income=14_000_00)
    screen(place.town, today)
    assert listed(ClueDigest.objects.get()) == {"王大海": ("NONE", "EDGE")}


def test_who_changed_back_drops_out(place, three, today):
    for household in three[:2]:
        now(household, risk_bits=1)
    screen(place.town, today)
    now(three[0], risk_bits=0)
    screen(place.town, today)
    assert listed(ClueDigest.objects.get()) == {"李秀英": ("NONE", "WATCH")}
    now(three[1], risk_bits=0)
    screen(place.town, today)
    assert not digests.digests_for(three[1].assessments.first().survey.entered_by).exists()


def test_figures_that_change_alone_are_no_news_but_those_told_are_the_last(place, three, today):
    now(three[0], risk_bits=1)
    screen(place.town, today)
    now(three[0], net_income=15_100_00, guarantee_bits=GUARANTEE_BITS[Guarantee.HOUSING])
    now(three[1], net_income=15_100_00)
    screen(place.town, today)
    entry = DigestEntry.objects.get()
    assert entry.now == Assessment.objects.standing_on(today).get(household=three[0])


def test_a_first_conclusion_counts_only_when_it_asks_for_something(place, staff, make, today):
    for head, risks in (("王大海", ILL), ("李秀英", ())):
        visit(make.household(place.village, head), staff.cadre, today, risks=risks)
    screen(place.town, today)
    assert listed(ClueDigest.objects.get()) == {"王大海": ("", "WATCH")}
    for household in Household.objects.all():
        now(household, risk_bits=0)
    screen(place.town, today)
    assert not DigestEntry.objects.exists()


def test_a_run_that_writes_everything_anew_tells_no_first_conclusions(place, staff, make, today):
    visit(make.household(place.village), staff.cadre, today, risks=ILL)
    screen(place.town, today, Mode.FULL)
    assert not ClueDigest.objects.exists()


def test_what_a_cadre_has_just_entered_and_a_past_day_make_no_digest(place, staff, make, three, today):
    now(three[0], risk_bits=1)
    screening.assess_household(three[0], today)
    now(three[1], risk_bits=1)
    screen(place.town, today - 3 * ONE_DAY)
    assert not ClueDigest.objects.exists()


def test_a_digest_without_households_is_shown_to_nobody_until_it_has_one(place, staff, three, today):
    screen(place.town, today)
    ClueDigest.objects.create(
        village=place.village, changed_at=timezone.now() - ONE_DAY,
        **dict(zip(("begins_on", "ends_on"), digests.period_of(today, 7), strict=True)),
    )  # fmt: skip
    assert not digests.digests_for(staff.cadre).exists() and not digests.waiting_for(staff.cadre).exists()
    now(three[0], risk_bits=1)
    begun = timezone.now()
    screen(place.town, today)
    (digest,) = digests.waiting_for(staff.cadre)
    assert (listed(digest).keys(), digest.changed_at >= begun) == ({"王大海"}, True)


def test_the_days_of_a_digest_are_a_number_of_the_policy(place, staff, three, today):
    confirmed(staff, place, "digest_days", "1")
    now(three[0], risk_bits=1)
    screen(place.town, today)
    digest = ClueDigest.objects.get()
    assert (digest.begins_on, digest.ends_on, digest.period) == (today, today, "今天")
    Assessment.objects.update(on=today - ONE_DAY)
    ClueDigest.objects.update(begins_on=today - ONE_DAY, ends_on=today - ONE_DAY)
    now(three[1], risk_bits=1)
    screen(place.town, today)
    assert [listed(one).keys() for one in ClueDigest.objects.order_by("begins_on")] == [{"王大海"}, {"李秀英"}]


def test_a_flag_that_only_offices_see_makes_no_difference_to_the_village(place, staff, three, today):
    now(three[0], negative_bits=1)
    now(three[1], guarantee_bits=GUARANTEE_BITS[Guarantee.HOUSING], risk_bits=1)
    screen(place.town, today)
    assert Assessment.objects.standing_on(today).get(household=three[0]).flags == ["NEGATIVE_HOLD"]
    assert listed(ClueDigest.objects.get()).keys() == {"李秀英"}


# ---- what is said ----


def said(place: Any, user: Any) -> dict[str, str]:
    digest = digests.digests_for(user).get(village=place.village)
    return {change.entry.household.head_name: change.words for change in changes(entries_of(digest), user)}


def test_the_words_say_from_what_to_what_and_why(place, staff, three, today):
    visit(three[0], staff.cadre, today, wage=11_670_00, risks=ILL)
    now(three[1], risk_bits=1)
    now(three[2], net_income=None)
    screen(place.town, today)
    words = said(place, staff.cadre)
    assert words["王大海"] == (
        "人均纯收入 5,000 元 → 4,890 元，低于参考线 5,000 元；新触发：有返贫致贫风险；由“不纳入”变为“边缘户（即时帮扶对象）”。"
    )
    assert "人均纯收入 5,000 元，不低于参考线 5,000 元；新触发：有返贫致贫风险" in words["李秀英"]
    assert "由“不纳入”变为“数据不全”，是资料变了，不等于家里情况变了。" in words["赵有才"]


def test_a_line_that_moved_is_told_as_one(place, staff, three, today):
    confirmed(staff, place, "edge_line", "5500", today)
    screen(place.town, today)
    words = said(place, staff.cadre)["王大海"]
    assert words.startswith("人均纯收入 5,000 元，低于参考线 5,500 元；参考线由 5,000 元改为 5,500 元；")
    assert words.endswith("由“不纳入”变为“不认定（补核风险）”。")


def test_the_village_reads_nothing_of_the_poor_and_of_the_negative_list(at_desk, place, staff, make, today):
    take(place.zone, staff, "hubei_2020")
    household = make.household(place.village, household_type=HouseholdType.LIFTED)
    visit(household, staff.cadre, today, wage=900_00, operating_gross=0, negative_bits=1)
    screen(place.town, today)
    digest = ClueDigest.objects.get()
    address = reverse("monitoring:digest", args=[digest.pk])
    hidden = ("疑似", "扶贫标准", "负面清单", "暂缓")
    assert [word for word in hidden if word in at_desk(staff.cadre).get(address).content.decode()] == []
    assert "疑似返贫" in at_desk(staff.reviewer).get(address).content.decode()


def test_households_under_way_stand_apart_and_those_that_left_stand_nowhere(at_desk, place, staff, three, today):
    for household in three:
        now(household, risk_bits=1)
    Case.objects.create(
        household=three[0], village=place.village, monitor_class="edge", stage=Stage.REGISTERED, decided_on=LONG_AGO,
        stage_since=timezone.now(), ruleset="zaozhuang_2020", opened_by=staff.cadre,
    )  # fmt: skip
    screen(place.town, today)
    Household.objects.filter(pk=three[2].pk).update(village=place.neighbour)
    page = at_desk(staff.cadre).get(reverse("monitoring:digest", args=[ClueDigest.objects.get().pk])).content.decode()
    assert (
        page.index("要关注的")
        < page.index("李秀英")
        < page.index("在办、在册户的提示有变化（不移出）")
        < page.index("王大海")
    )
    assert "赵有才" not in page
    assert Case.objects.get(household=three[0]).stage == Stage.REGISTERED


# ---- whom it reaches ----


def test_the_village_has_one_line_until_it_opens_it_and_one_more_at_the_end(at_desk, place, staff, three, today):
    for household in three[:2]:
        now(household, risk_bits=1)
    screen(place.town, today)
    digest = ClueDigest.objects.get()
    address = reverse("monitoring:digest", args=[digest.pk])

    def lines() -> list[str]:
        work = [item.title for item in inbox.todo(staff.cadre)]
        assert inbox.counts(staff.cadre)["ledgers:home"] == len(work)
        return work

    assert lines() == ["这周研判有变化 2 户"]
    assert "这周研判有变化 2 户" in at_desk(staff.cadre).get("/").content.decode()
    client = at_desk(staff.cadre)
    assert "要关注的" in client.get(address).content.decode()
    assert client.head(address).status_code == 200
    assert lines() == ["研判提示 2 户还没办"]
    now(three[2], risk_bits=1)
    screen(place.town, today)
    assert lines() == ["研判提示 3 户还没办"]
    last = today - 7 * ONE_DAY
    ClueDigest.objects.update(begins_on=digests.period_of(last, 7)[0], ends_on=digests.period_of(last, 7)[1])
    assert lines() == ["上周研判有变化 3 户"]
    client.get(address)
    assert lines() == ["研判提示 3 户还没办"]
    assert DigestReading.objects.get().reader == staff.cadre
    assert AuditEvent.objects.filter(action="digest.read").count() == 1
    assert [item.title for item in inbox.todo(staff.second_cadre)] == ["上周研判有变化 3 户"]


def test_the_town_is_told_which_villages_have_not_looked_when_the_week_is_over(at_desk, place, staff, three, today):
    now(three[0], risk_bits=1)
    screen(place.town, today)
    assert [item.title for item in inbox.todo(staff.reviewer)] == []
    last = digests.period_of(today - 7 * ONE_DAY, 7)
    ClueDigest.objects.update(begins_on=last[0], ends_on=last[1])
    assert [item.title for item in inbox.todo(staff.reviewer)] == ["1 个村没看到期的研判变化"]
    digest = ClueDigest.objects.get()
    at_desk(staff.reviewer).get(reverse("monitoring:digest", args=[digest.pk]))
    unread = at_desk(staff.reviewer).get(reverse("monitoring:digests"), {"unread": "on"}).content.decode()
    assert "到期没看" in unread
    at_desk(staff.team).get(reverse("monitoring:digest", args=[digest.pk]))
    assert inbox.todo(staff.reviewer) == []
    page = at_desk(staff.officer).get(reverse("monitoring:digests"), {"region": place.town.pk}).content.decode()
    assert "周建设" in page
    assert "周建设" not in at_desk(staff.officer).get(reverse("monitoring:digests"), {"unread": "on"}).content.decode()


def test_another_village_cannot_find_it(at_desk, place, staff, three, today):
    now(three[0], risk_bits=1)
    screen(place.zone, today)
    address = reverse("monitoring:digest", args=[ClueDigest.objects.get().pk])
    for stranger in (staff.neighbour_cadre, staff.other_reviewer, staff.foreign_officer):
        assert at_desk(stranger).get(address).status_code == 404
        assert "北石桥" not in at_desk(stranger).get(reverse("monitoring:digests")).content.decode()
    assert at_desk(staff.clerk).get(address).status_code == 403
    assert not DigestReading.objects.exists()


def test_three_households_and_thirty_cost_the_same_queries(at_desk, place, staff, make, three, today):
    for household in three:
        now(household, risk_bits=1)
    screen(place.town, today)
    client = at_desk(staff.reviewer)
    addresses = [reverse("monitoring:digest", args=[ClueDigest.objects.get().pk]), reverse("monitoring:digests")]

    def cost() -> list[int]:
        found = []
        for address in addresses:
            with CaptureQueriesContext(connection) as asked:
                assert client.get(address).status_code == 200
            found.append(len(asked))
        return found

    cost()
    few = cost()
    for number in range(30):
        visit(make.household(place.village, f"王{number}"), staff.cadre, today, risks=ILL)
    screen(place.town, today)
    assert len(re.findall("第一次研判", client.get(addresses[0]).content.decode())) > 10
    assert cost() == few


def test_whoever_waits_for_a_line_is_not_called_finished(place, staff, make, today):
    household = make.household(place.village)
    visit(household, staff.cadre, today, risks=ILL)
    before_today(place, today)
    take(place.zone, staff, "xinbei_2020")
    screen(place.zone, today)
    told = changes(entries_of(ClueDigest.objects.get(village=place.village)), staff.cadre)
    assert [(one.now.title, one.heading) for one in told] == [("未设线", "等区里设线的（照常走访）")]
    entries = entries_of(ClueDigest.objects.get(village=place.village))
    assert "—" not in changes(entries, staff.officer)[0].words
