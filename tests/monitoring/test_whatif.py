"""What-if: what a draft would change is what a real rescreening then changes, and asking writes nothing but counts."""

import datetime
import uuid
from collections import Counter
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.jobs import JobState, LeaseLost
from accounts.models import AuditEvent, Region
from accounts.names import ACTIONS
from households.codes import RiskCause
from monitoring import screening, whatif
from monitoring.models import Assessment, PolicyTrial, PolicyValue, Screening, TrialCount
from monitoring.parameters import confirm_value
from monitoring.parts import NOT_VISITED, present_on
from tests.monitoring.invented import Inventor, write_households, write_numbers
from tests.monitoring.surveyed import visit
from tests.monitoring.test_region_rulesets import SOURCE, set_there

HOUSEHOLDS = 400
ILL = (RiskCause.ILLNESS,)
ONE_DAY = datetime.timedelta(days=1)
ZAOZHUANG = "zaozhuang_2020"
ANOTHER_LINE = {"ruleset_code": ZAOZHUANG, "values": {"income_line": "5600", "edge_line": "6000.01"}}
ANOTHER_RULE_SET = {"ruleset_code": "luan_2019", "values": {"edge_line": "5500", "survey_validity_months": "24"}}
SHORTER_VALIDITY = {"ruleset_code": ZAOZHUANG, "values": {"survey_validity_months": "1"}}
NOT_SET_YET = {"ruleset_code": "xinbei_2020", "values": {}}
DRAFTS = (ANOTHER_LINE, ANOTHER_RULE_SET, SHORTER_VALIDITY, NOT_SET_YET)
WRITTEN = (Assessment, PolicyValue, Screening)


@pytest.fixture
def people(place, staff, today) -> None:
    """Random households of three villages in two towns, and numbers of the zone's own."""
    inventor = Inventor(ZAOZHUANG, today, seed=3, percent_set=50)
    villages = [place.village, place.neighbour, place.other_village]
    write_numbers(inventor, place.zone, staff.officer, staff.reviewer)
    write_households([inventor.household(villages[number % 3]) for number in range(HOUSEHOLDS)], staff.cadre)


@pytest.fixture
def small_parts(settings) -> None:
    """Every village is a part of its own."""
    settings.SCREENING_PART_SIZE = 1


def ask(place: Any, staff: Any, draft: dict[str, Any], starts_on: datetime.date, **more: Any) -> PolicyTrial:
    """A trial of the zone, not run yet."""
    return whatif.request_trial(
        **{"region": place.zone, "by": staff.officer, "starts_on": starts_on, "ring": False, **draft, **more}
    )


def try_out(place: Any, staff: Any, draft: dict[str, Any], starts_on: datetime.date, **more: Any) -> PolicyTrial:
    """A whole trial, in this process."""
    trial = PolicyTrial.claim(ask(place, staff, draft, starts_on, **more).pk)
    whatif.run(trial)
    return trial


def rescreen(region: Region, on: datetime.date) -> Screening:
    job = Screening.claim(screening.request_screening(region=region, on=on, by=None, ring=False).pk)
    screening.run(job)
    return job


def standing(on: datetime.date) -> dict[Any, tuple[int, str]]:
    """Village and code of every household present, and of every one of which a conclusion stands."""
    standing = {one.household_id: (one.village_id, one.code) for one in Assessment.objects.standing_on(on)}
    return {**{one.pk: (one.village_id, NOT_VISITED) for one in present_on(on)}, **standing}


def counted(trial: PolicyTrial) -> dict[tuple[int, str, str], int]:
    return {(one.village_id, one.before, one.after): one.households for one in trial.counts.all()}


@pytest.mark.parametrize("draft", DRAFTS, ids=lambda draft: f"{draft['ruleset_code']} {len(draft['values'])}")
def test_a_real_rescreening_then_does_what_the_trial_said_in_every_village(
    place, staff, people, today, draft, small_parts
):
    rescreen(place.zone, today)
    before = standing(today)
    trial = try_out(place, staff, draft, today)
    for proposed in whatif.propose_trial(trial=trial, by=staff.officer, source=SOURCE, starts_on=today):
        confirm_value(proposed=proposed, by=staff.admin)
    job = rescreen(place.zone, today)
    after = standing(today)
    gone = {pk: (village, NOT_VISITED) for pk, (village, _code) in {**before, **after}.items()}
    before, after = {**gone, **before}, {**gone, **after}
    moved = Counter((village, code, after[pk][1]) for pk, (village, code) in before.items())
    assert counted(trial) == moved
    assert len({(was, now) for _village, was, now in moved if was != now}) > 2
    told: Counter[str] = Counter()
    for (_village, was, now), households in moved.items():
        if was != now and now != NOT_VISITED:  # a lapsed visit ends a conclusion; a run writes none in its place
            told[f"{was.replace(NOT_VISITED, '')}>{now}"] += households
    assert job.moves == told


def test_a_trial_writes_counts_and_nothing_else(place, staff, people, today):
    rescreen(place.zone, today)
    rows = {model: list(model.objects.order_by("pk").values()) for model in WRITTEN}
    trial = try_out(place, staff, ANOTHER_RULE_SET, today)
    assert rows == {model: list(model.objects.order_by("pk").values()) for model in WRITTEN}
    assert trial.state == JobState.DONE
    assert sum(counted(trial).values()) == len(standing(today))
    assert trial.done_count == trial.total_count == present_on(today).count()


def test_a_draft_of_a_later_day_is_added_to_what_will_hold_then(place, staff, make, today):
    for wage in (1_400_000, 1_600_000, 1_750_000):
        visit(make.household(place.village), staff.cadre, today, risks=ILL, wage=wage, operating_gross=0)
    later = today + 40 * ONE_DAY
    set_there(staff, place.zone, "income_line", "5400", later, ruleset=ZAOZHUANG)
    line = {"ruleset_code": ZAOZHUANG, "values": {"edge_line": "5800"}}
    trial = try_out(place, staff, line, later)
    assert {(was, now): number for (_village, was, now), number in counted(trial).items()} == {
        ("EDGE", "EDGE"): 1,
        ("WATCH", "EDGE"): 1,
        ("WATCH", "WATCH"): 1,
    }
    assert [one.code for one in Assessment.objects.all()] == []


def test_a_county_that_has_set_its_own_number_keeps_it_in_its_citys_trial(place, staff, make, today):
    set_there(staff, place.zone, "edge_line", "5000", today, ruleset=ZAOZHUANG)
    for village in (place.village, place.foreign_village):
        visit(make.household(village), staff.cadre, today, risks=ILL)
    staff.officer.postings.update(region=place.city)
    staff.officer.remember_postings()
    line = {"ruleset_code": ZAOZHUANG, "values": {"edge_line": "5800"}}
    trial = try_out(place, staff, line, today, region=place.city)
    assert counted(trial) == {
        (place.village.pk, "WATCH", "WATCH"): 1,
        (place.foreign_village.pk, "WATCH", "EDGE"): 1,
    }


def test_a_trial_that_was_cut_goes_on_where_it_stopped_and_counts_each_household_once(
    place, staff, people, today, small_parts
):
    whole = counted(try_out(place, staff, ANOTHER_LINE, today))
    key = ask(place, staff, ANOTHER_LINE, today).pk
    first = PolicyTrial.claim(key)
    assert whatif.do_next_part(first)
    PolicyTrial.objects.filter(pk=key).update(lease_until=timezone.now() - ONE_DAY)
    second = PolicyTrial.claim(key)
    with pytest.raises(LeaseLost):
        whatif.do_next_part(first)
    whatif.run(second)
    assert counted(second) == whole


def test_what_is_confirmed_meanwhile_does_not_split_a_run(place, staff, people, today):
    trial = PolicyTrial.claim(ask(place, staff, ANOTHER_LINE, today).pk)
    set_there(staff, place.zone, "edge_line", "9999", today, ruleset=ZAOZHUANG)
    whatif.run(trial)
    fresh = try_out(place, staff, ANOTHER_LINE, today)
    assert counted(trial) != counted(fresh)


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"values": {"edge_line": "很多"}}, "要填数字"),
        ({"values": {"edge_line": "5000.001"}}, "最多两位小数"),
        ({"values": {}}, "没有可试算的"),
        ({"values": {"edge_line": "5000"}}, "没有可试算的"),
        ({"values": {"nothing": "1"}}, "没有参数"),
        ({"ruleset_code": "nowhere_1900"}, "没有规则集"),
        ({"starts_on": datetime.date(2020, 3, 4)}, "2020-03-05"),
    ],
)
def test_a_draft_that_cannot_be_is_refused_with_a_sentence(place, staff, today, changed, fault):
    with pytest.raises(ValidationError, match=fault):
        ask(place, staff, {**ANOTHER_LINE, "starts_on": today, **changed}, today)
    assert not PolicyTrial.objects.exists()


def test_only_an_officer_of_the_region_tries_and_only_where_numbers_are_set(place, staff, today):
    for stranger in (staff.foreign_officer, staff.reviewer, staff.cadre, staff.inspector, staff.admin):
        with pytest.raises(PermissionDenied):
            ask(place, staff, ANOTHER_LINE, today, by=stranger)
    with pytest.raises(ValidationError, match="按区（市）做"):
        ask(place, staff, ANOTHER_LINE, today, region=place.town)


def test_a_second_click_finds_the_first_trial_and_both_leave_one_trace(place, staff, today):
    key = str(uuid.uuid4())
    first, second = (ask(place, staff, ANOTHER_LINE, today, idempotency_key=key) for _click in (1, 2))
    assert first == second
    event = AuditEvent.objects.get(action="whatif.request")
    assert event.action in ACTIONS
    assert event.detail["values"] == {
        "监测线（人均纯收入，脱贫户）": "5600",
        "参考线（人均纯收入，一般农户）": "6000.01",
    }


def test_a_draft_becomes_proposals_once_and_holds_only_after_a_second_person(place, staff, today):
    trial = try_out(place, staff, ANOTHER_RULE_SET, today)
    proposed = whatif.propose_trial(trial=trial, by=staff.officer, source=SOURCE, starts_on=today + ONE_DAY)
    assert {(row.key, row.value, row.ruleset, row.confirmed_by) for row in proposed} == {
        ("ruleset", "luan_2019", "luan_2019", None),
        ("edge_line", "5500", "luan_2019", None),
        ("survey_validity_months", "24", "luan_2019", None),
    }
    with pytest.raises(ValidationError, match="没有重复办理"):
        whatif.propose_trial(trial=trial, by=staff.officer, source=SOURCE, starts_on=today)
    with pytest.raises(ValidationError, match="请另一位同事复核"):
        confirm_value(proposed=proposed[0], by=staff.officer)
    assert PolicyValue.objects.count() == 3


def test_a_draft_without_a_document_stays_a_draft(place, staff, today):
    trial = try_out(place, staff, ANOTHER_LINE, today)
    with pytest.raises(ValidationError, match="依据哪份文件"):
        whatif.propose_trial(trial=trial, by=staff.officer, source=" ", starts_on=today)
    trial.refresh_from_db()
    assert (trial.proposed_at, PolicyValue.objects.count()) == (None, 0)
    waiting = ask(place, staff, ANOTHER_LINE, today)
    with pytest.raises(ValidationError, match="还没有办完"):
        whatif.propose_trial(trial=waiting, by=staff.officer, source=SOURCE, starts_on=today)


def test_a_cancelled_trial_stops_at_its_next_part(place, staff, people, today):
    trial = PolicyTrial.claim(ask(place, staff, ANOTHER_LINE, today).pk)
    assert whatif.cancel_trial(trial=PolicyTrial.objects.get(), by=staff.officer)
    with pytest.raises(LeaseLost):
        whatif.run(trial)
    assert not TrialCount.objects.exists()


def test_trials_are_forgotten_after_thirty_days(place, staff, people, today):
    old, new = (try_out(place, staff, ANOTHER_LINE, today) for _each in (1, 2))
    PolicyTrial.objects.filter(pk=old.pk).update(created_at=timezone.now() - 31 * ONE_DAY)
    assert whatif.forget_trials(timezone.now()) == 1
    assert {count.trial_id for count in TrialCount.objects.all()} == {new.pk}
