"""What somebody might try with explanations, trials, numbers of the policy, digests, near misses and screenings."""

import datetime
import threading
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.audit import record
from accounts.models import AuditEvent, Posting
from accounts.roles import Role
from accounts.trace_words import details
from households.codes import HouseholdType
from monitoring import screening, whatif
from monitoring.models import Assessment, ClueDigest, DigestReading, PolicyTrial, PolicyValue
from monitoring.parameters import confirm_value
from monitoring.policy.rulesets import known_codes, ruleset
from monitoring.policy.shapes import RULESET_KEY
from monitoring.policy.values import policy_in_force
from tests.factories import add_place, add_staff, add_user
from tests.monitoring.explained import poor, take
from tests.monitoring.surveyed import visit
from tests.monitoring.test_explanations import SECRET
from tests.security.policy_desks import (  # noqa: F401
    HEADS,
    ILL,
    ONE_DAY,
    SOURCE,
    ZAOZHUANG,
    key,
    proposed,
    screened,
    sit,
    text_of,
    tried,
    two_places,
)

OUTSIDERS = ("neighbour_cadre", "other_reviewer", "foreign_officer", "clerk", "admin", "unposted")

# ---- what lies outside ----


@pytest.mark.parametrize("desk", OUTSIDERS)
def test_nobody_elsewhere_reads_the_reasons_or_the_digest_of_a_household(staff, two_places, today, desk):
    mine, _theirs = two_places
    client = sit(getattr(staff, desk))
    digest = ClueDigest.objects.get(village=mine.village)
    for address in (
        reverse("monitoring:basis", args=[mine.pk]),
        reverse("monitoring:basis-paper", args=[mine.pk]),
        f"{reverse('monitoring:basis-paper', args=[mine.pk])}?copy=household&on={today}",
        reverse("monitoring:survey-result", args=[mine.surveys.get().pk]),
        reverse("monitoring:digest", args=[digest.pk]),
    ):
        answer = client.get(address)
        assert answer.status_code in (403, 404), address
        assert HEADS[0] not in answer.content.decode()
    assert not DigestReading.objects.exists()


@pytest.mark.parametrize("desk", ["cadre", "neighbour_cadre", "reviewer", "other_reviewer", "foreign_officer"])
def test_lists_and_their_filters_hold_ones_own_places_alone(place, staff, two_places, desk):
    client, mine = sit(getattr(staff, desk)), {"cadre": 0, "reviewer": 0, "other_reviewer": 1}.get(desk)
    queries = [{}, *({"view": view} for view in ("near", "one", "over", "' OR 1=1 --"))]
    queries += [{"village": village.pk} for village in (place.village, place.other_village)]
    queries += [{"q": head} for head in HEADS]
    for query in queries:
        page = text_of(client.get(reverse("monitoring:clues"), query))
        for number, household in enumerate(two_places):
            assert number == mine or str(household.pk) not in page, (query, number)
    for region in (place.zone, place.other_town, place.village, place.other_village):
        page = text_of(client.get(reverse("monitoring:digests"), {"region": region.pk}))
        for number, household in enumerate(two_places):
            digest = ClueDigest.objects.get(village=household.village)
            assert number == mine or str(digest.pk) not in page
    page = text_of(client.get(reverse("assistance:visits"), {"group": "near"}))
    assert all(number == mine or str(household.pk) not in page for number, household in enumerate(two_places))


@pytest.mark.parametrize("desk", ["reviewer", "inspector", "cadre", "clerk", "admin", "unposted", "foreign_officer"])
def test_the_names_of_a_trial_are_for_its_district_by_no_address(place, staff, two_places, today, desk):
    trial = tried(place, staff, today)
    client, names = sit(getattr(staff, desk)), reverse("monitoring:whatif-households", args=[trial.pk])
    looks = AuditEvent.objects.filter(action="whatif.look").count()
    for query in (
        {"before": "WATCH", "after": "EDGE"},
        {"before": "WATCH", "after": "EDGE", "area": place.village.code},
    ):
        answer = client.get(names, query)
        assert answer.status_code in (403, 404)
        assert not any(head in answer.content.decode() for head in HEADS)
    assert AuditEvent.objects.filter(action="whatif.look").count() == looks


def test_a_district_reads_no_names_of_its_neighbour_from_a_trial_of_the_city(place, staff, make, two_places, today):
    abroad = make.household(place.foreign_village, "孟凡星")
    visit(abroad, staff.cadre, today, risks=ILL)
    city = add_user("city", "高远", Role.DISTRICT_OFFICER, place.city)
    given = {"ruleset_code": ZAOZHUANG, "values": {"edge_line": "5600"}, "starts_on": today, "ring": False}
    trial = PolicyTrial.claim(whatif.request_trial(region=place.city, by=city, **given).pk)
    whatif.run(trial)
    names, move = reverse("monitoring:whatif-households", args=[trial.pk]), {"before": "WATCH", "after": "EDGE"}
    assert "孟凡星" in text_of(sit(city).get(names, move))
    page = text_of(sit(staff.officer).get(names, move))
    assert HEADS[0] in page
    assert "孟凡星" not in page
    for name in ("whatif", "whatif-paper"):
        assert "外山" not in text_of(sit(staff.officer).get(reverse(f"monitoring:{name}", args=[trial.pk])))
    looks = AuditEvent.objects.filter(action="whatif.look")
    assert {look.region for look in looks.filter(actor=staff.officer)} == {place.zone}
    assert {look.region for look in looks.filter(actor=city)} == {place.city}
    assert sit(staff.officer).get(names, {**move, "area": place.foreign_county.code}).status_code == 404
    for name in ("whatif-propose", "whatif-cancel"):
        assert sit(staff.officer).post(reverse(f"monitoring:{name}", args=[trial.pk])).status_code == 404


@pytest.mark.parametrize("desk", ["cadre", "reviewer", "inspector", "clerk", "foreign_officer", "unposted"])
def test_who_may_not_set_the_policy_sets_nothing_by_any_post(place, staff, today, desk):
    client, waiting = sit(getattr(staff, desk)), proposed(place, staff.officer)
    number = {"value": "1", "starts_on": f"{today}", "source": SOURCE, "idempotency_key": key()}
    area = f"?area={place.zone.code}"
    posts = {
        reverse("monitoring:parameter-propose", args=["edge_line"]) + area: number,
        reverse("monitoring:ruleset-propose") + area: {**number, "code": "luan_2019"},
        reverse("monitoring:parameter-settle", args=[waiting.pk]): {"verdict": "confirm"},
        reverse("monitoring:whatif-new") + area: {**number, "value_edge_line": "1"},
    }
    for address, form in posts.items():
        assert client.post(address, form).status_code in (403, 404), address
    client.post(reverse("monitoring:parameter-settle", args=[waiting.pk]), {"verdict": "withdraw"})
    waiting.refresh_from_db()
    assert waiting.confirmed_by is None
    assert PolicyValue.objects.count() == 1
    assert not PolicyTrial.objects.exists()


# ---- what is for the offices alone ----


@pytest.mark.parametrize("code", known_codes())
@pytest.mark.parametrize("desk", ["cadre", "inspector"])
def test_lists_digests_and_visits_say_nothing_of_the_poor_and_of_the_negative_list(
    place, staff, make, today, code, desk
):
    take(place.zone, staff, code)
    for kind in (HouseholdType.ORDINARY, HouseholdType.LIFTED):
        poor(make, staff, place.village, kind, today)
        poor(make, staff, place.village, kind, today, wage=12_000_00, risks=())
    screened(place.zone, today)
    client = sit(getattr(staff, desk))
    digest = ClueDigest.objects.get()
    pages = [
        *(f"{reverse('monitoring:clues')}?view={view}" for view in ("", "near", "one", "over")),
        reverse("monitoring:digests"),
        reverse("monitoring:digest", args=[digest.pk]),
        reverse("ledgers:home"),
    ]
    if desk == "cadre":  # inspectors have no plan of visits
        pages.append(f"{reverse('assistance:visits')}?group=near")
    for page in pages:
        found = SECRET.search(text_of(client.get(page)))
        assert found is None, (page, found)


@pytest.mark.parametrize("code", known_codes())
def test_the_trace_that_inspectors_read_names_no_rule_of_the_offices(place, staff, make, today, code):
    take(place.zone, staff, code)
    for kind in (HouseholdType.ORDINARY, HouseholdType.LIFTED):
        screening.assess_household(poor(make, staff, place.village, kind, today), today, staff.cadre)
    hidden = {flag.rule for flag in ruleset(code).flags if flag.code in ("NEGATIVE_HOLD", "POOR_SUSPECT")}
    assert all(hidden & set(kept.rules_met) for kept in Assessment.objects.all())
    events = AuditEvent.objects.visible_to(staff.inspector).filter(action="assessment.change")
    assert len(events) == 2
    page = text_of(sit(staff.inspector).get(reverse("accounts:audit")))
    assert "研判结论变化" in page
    assert "符合的规则" not in page
    assert "符合的规则" in text_of(sit(staff.officer).get(reverse("accounts:audit")))
    for event in events:
        told = dict(details(event))["符合的规则"]
        assert told
        assert not hidden & set(told.split("、"))


@pytest.mark.parametrize("desk", ["inspector", "admin"])
def test_the_trace_tells_of_a_hit_on_the_negative_list_to_those_alone_who_handle_it(place, staff, make, desk):
    household = make.household(place.village)
    record(action="case.explain_hold", actor=staff.reviewer, region=place.village, household=household.pk)
    address, asked = reverse("accounts:audit"), {"action": "case.explain_hold"}
    for query in ({}, asked, {"name": staff.reviewer.name}):
        assert str(household.pk) not in text_of(sit(getattr(staff, desk)).get(address, query))
    assert str(household.pk) in text_of(sit(staff.officer).get(address, asked))


def test_near_a_line_that_says_who_is_poor_nobody_of_the_village_is_listed(place, staff, make, today):
    """六安2019 compares a 脱贫户 with the poverty standard itself: how far it is from that is for the offices."""
    take(place.zone, staff, "luan_2019")
    standard = policy_in_force(place.village, today).line(HouseholdType.LIFTED)
    household = make.household(place.village, "王大海", household_type=HouseholdType.LIFTED)
    visit(household, staff.cadre, today, wage=int(standard) * 3 + 100_00, operating_gross=0)
    screened(place.zone, today)
    page = text_of(sit(staff.cadre).get(reverse("monitoring:clues"), {"view": "near"}))
    assert SECRET.search(page) is None
    assert str(household.pk) not in page


# ---- both signatures ----


def stand_in(deputy: Any, absent: Any, region: Any, today: datetime.date) -> None:
    Posting.objects.create(
        user=deputy, role=Role.DISTRICT_OFFICER, region=region, begins_on=today, ends_on=today + ONE_DAY,
        on_behalf_of=absent,
    )  # fmt: skip


def test_what_a_deputy_proposed_is_not_confirmed_by_whom_he_stands_in_for(place, staff, today):
    deputy = add_user("deputy", "代办", Role.TOWN_REVIEWER, place.town)
    stand_in(deputy, staff.officer, place.zone, today)
    by_deputy, by_officer = proposed(place, deputy), proposed(place, staff.officer)
    for row, second in (
        (by_deputy, staff.officer),
        (by_officer, deputy),
        (by_deputy, deputy),
        (by_officer, staff.officer),
    ):
        with pytest.raises(ValidationError, match="请另一位同事复核"):
            confirm_value(proposed=row, by=second)
    confirm_value(proposed=by_deputy, by=staff.admin)
    assert policy_in_force(place.zone, today).value("edge_line").set_by == place.zone.name


def test_a_colleague_with_a_right_of_his_own_signs_for_himself(place, staff, today):
    colleague = add_user("colleague", "同事", Role.DISTRICT_OFFICER, place.zone)
    stand_in(colleague, staff.officer, place.zone, today)
    assert confirm_value(proposed=proposed(place, colleague), by=staff.officer).confirmed_by == staff.officer


def test_boxes_that_the_forms_do_not_have_sign_nothing(place, staff, today):
    client = sit(staff.officer)
    signed = {"confirmed_by": staff.admin.pk, "confirmed_at": "2020-01-01", "proposed_by": staff.admin.pk}
    more = {
        **signed,
        "region": place.city.pk,
        "ruleset": "luan_2019",
        "ruleset_code": "luan_2019",
        "key": "income_line",
    }
    form = {"value": "5600", "starts_on": f"{today}", "source": SOURCE, "idempotency_key": key()}
    client.post(reverse("monitoring:parameter-propose", args=["edge_line"]), {**form, **more})
    row = PolicyValue.objects.get()
    assert (row.region, row.ruleset, row.key) == (place.zone, ZAOZHUANG, "edge_line")
    assert (row.proposed_by, row.confirmed_by) == (staff.officer, None)
    trial = tried(place, staff, today)
    again = {"starts_on": f"{today}", "source": SOURCE, "by": staff.admin.pk, "trial": key(), **more}
    assert client.post(reverse("monitoring:whatif-propose", args=[trial.pk]), again).status_code == 302
    assert {row.proposed_by for row in PolicyValue.objects.all()} == {staff.officer}
    assert not PolicyValue.objects.in_force().exists()


# ---- stale tabs and second clicks ----


@pytest.mark.parametrize("what", ["edge_line", RULESET_KEY])
def test_a_proposal_sent_again_after_it_was_taken_back_is_told_so(place, staff, today, what):
    client = sit(staff.officer)
    address = reverse("monitoring:ruleset-propose")
    if what != RULESET_KEY:
        address = reverse("monitoring:parameter-propose", args=[what])
    values = {"value": "5600", "code": "luan_2019"}
    form = {**values, "starts_on": f"{today}", "source": SOURCE, "idempotency_key": key()}
    assert client.post(address, form).status_code == 302
    assert client.post(address, form).status_code == 302
    settle = reverse("monitoring:parameter-settle", args=[PolicyValue.objects.get().pk])
    client.post(settle, {"verdict": "withdraw"})
    assert client.post(settle, {"verdict": "confirm"}).status_code == 404
    answer = client.post(address, form)
    assert answer.status_code in (200, 422)
    assert "页面已过期" in answer.content.decode()
    assert not PolicyValue.objects.exists()


def test_what_is_in_force_is_neither_confirmed_again_nor_taken_back(place, staff):
    row = confirm_value(proposed=proposed(place, staff.officer), by=staff.admin)
    client = sit(staff.admin)
    for verdict in ("confirm", "withdraw", ""):
        client.post(reverse("monitoring:parameter-settle", args=[row.pk]), {"verdict": verdict})
    row.refresh_from_db()
    assert row.confirmed_by == staff.admin
    assert AuditEvent.objects.filter(action="parameter.confirm").count() == 1
    assert not AuditEvent.objects.filter(action="parameter.withdraw").exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_hands_at_once_one_confirms_and_one_turns_a_trial_into_numbers():
    place = add_place()
    staff, today = add_staff(place), timezone.localdate()
    row, trial = proposed(place, staff.officer), tried(place, staff, today)
    colleague = add_user("colleague", "同事", Role.DISTRICT_OFFICER, place.zone)
    settle, turn = (
        reverse("monitoring:parameter-settle", args=[row.pk]),
        reverse("monitoring:whatif-propose", args=[trial.pk]),
    )
    form = {"starts_on": f"{today}", "source": SOURCE}
    codes = at_once([(user, settle, {"verdict": "confirm"}) for user in (staff.admin, colleague) * 2])
    codes += at_once([(user, turn, form) for user in (staff.officer, colleague) * 2])
    assert all(code < 500 for code in codes), codes
    assert AuditEvent.objects.filter(action="parameter.confirm").count() == 1
    assert AuditEvent.objects.filter(action="whatif.propose").count() == 1
    assert PolicyValue.objects.count() == 2


def at_once(posts: list[tuple[Any, str, dict[str, str]]]) -> list[int]:
    """The codes of the answers to forms that are sent in one moment."""
    codes, start = [], threading.Barrier(len(posts))

    def press(client: Client, address: str, form: dict[str, str]) -> None:
        start.wait()
        try:
            codes.append(client.post(address, form).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(sit(user), address, form)) for user, address, form in posts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return codes
