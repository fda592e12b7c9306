"""What cannot be: numbers, days, words and codes sent to the pages of the policy, and too much of everything."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from households.models import Survey
from monitoring import screening, whatif
from monitoring.models import Assessment, PolicyTrial, PolicyValue, Screening
from monitoring.parameters import confirm_value, propose_value
from monitoring.policy.explain import explain
from monitoring.policy.values import read_value
from tests.monitoring.surveyed import visit
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

# ---- numbers and days that cannot be ----

MONTHS, DAYS = "survey_validity_months", "notice_days"
HOSTILE = (
    "NaN",
    "sNaN",
    "-Infinity",
    "1e999999999",
    "0E-999999",
    "1E-9999999",
    f"{2**53}",
    "-0.01",
    "1;DROP",
    "９" * 19,
)


@pytest.mark.parametrize("typed", HOSTILE)
def test_a_number_that_cannot_be_is_told_at_its_box(place, staff, today, typed):
    client = sit(staff.officer)
    form = {"value": typed, "starts_on": f"{today}", "source": SOURCE, "idempotency_key": key()}
    for name in ("edge_line", MONTHS, "digest_days"):
        answer = client.post(reverse("monitoring:parameter-propose", args=[name]), form)
        assert answer.status_code in (200, 422), name
        assert "要填" in answer.content.decode()
    drafted = {"value_edge_line": typed, "starts_on": f"{today}", "idempotency_key": key()}
    assert client.post(reverse("monitoring:whatif-new"), drafted).status_code == 422
    assert not PolicyValue.objects.exists()
    assert not PolicyTrial.objects.exists()


@pytest.mark.parametrize("name", [MONTHS, "accounting_months", DAYS, "digest_days"])
def test_no_number_of_days_or_months_takes_the_district_out_of_the_calendar(place, staff, make, today, name):
    with pytest.raises(ValidationError, match="要填"):
        read_value(name, "1000000")
    most = max(number for number in range(1, 400) if _is_taken(name, number))
    assert most >= 120
    row = propose_value(region=place.zone, by=staff.officer, key=name, value=f"{most}", starts_on=today, source=SOURCE)
    confirm_value(proposed=row, by=staff.admin)
    household = make.household(place.village)
    visit(household, staff.cadre, today, risks=ILL)
    screened(place.zone, today)
    cadre = sit(staff.cadre)
    for address in (
        reverse("monitoring:basis", args=[household.pk]),
        reverse("households:survey", args=[household.pk]),
    ):
        assert cadre.get(address).status_code == 200


def _is_taken(name: str, number: int) -> bool:
    try:
        return bool(read_value(name, f"{number}"))
    except ValidationError:
        return False


def test_a_zero_has_no_sign_and_a_long_number_is_kept_short(place, staff, today):
    assert f"{read_value('edge_line', '-0'):f}" == "0"
    with pytest.raises(ValidationError, match="要填"):
        read_value("edge_line", f"5600.{'0' * 60}")


DATES = (
    "0001-01-01",
    "9999-12-31",
    "99999-01-01",
    "2020-02-30",
    "' OR 1=1 --",
    "2020-01-01T00:00:00",
    "٢٠٢٠-٠١-٠١",
    "",
)


@pytest.mark.parametrize("day", DATES)
def test_a_day_that_cannot_be_breaks_nothing(place, staff, two_places, today, day):
    mine, _theirs = two_places
    client = sit(staff.officer)
    before = Assessment.objects.count()
    for address in (reverse("monitoring:basis", args=[mine.pk]), reverse("monitoring:basis-paper", args=[mine.pk])):
        assert client.get(address, {"on": day}).status_code in (200, 404, 422)
    form = {"region": place.zone.pk, "on": day, "mode": "changed", "idempotency_key": key()}
    assert client.post(reverse("monitoring:screening-new"), form).status_code == 422
    draft = {"starts_on": day, "value_edge_line": "5600", "idempotency_key": key()}
    answer = client.post(reverse("monitoring:whatif-new"), draft)
    assert answer.status_code in (302, 422)
    for trial in PolicyTrial.objects.all():
        whatif.run(PolicyTrial.claim(trial.pk))
        assert text_of(client.get(reverse("monitoring:whatif", args=[trial.pk])))
    number = {"value": "5600", "starts_on": day, "source": SOURCE, "idempotency_key": key()}
    assert client.post(reverse("monitoring:parameter-propose", args=["edge_line"]), number).status_code < 500
    assert client.get(reverse("monitoring:parameters")).status_code == 200
    assert Assessment.objects.count() == before


@pytest.mark.parametrize("words", ["'; DROP TABLE monitoring_assessment; --", "%s", "%(x)s", "{line}", "luan_2019'"])
def test_codes_and_words_that_look_like_sql_stay_words(place, staff, two_places, today, words):
    client, before = sit(staff.officer), Assessment.objects.count()
    trial = tried(place, staff, today)
    gets = {
        "monitoring:whatif-new": {"ruleset": words},
        "monitoring:parameters": {"area": words},
        "monitoring:clues": {"view": words, "q": words, "outcome": words, "village": words},
        "monitoring:digests": {"region": words, "unread": words},
        "monitoring:screenings": {"region": words, "mode": words},
    }
    for name, query in gets.items():
        assert client.get(reverse(name), query).status_code in (200, 404), name
    names = reverse("monitoring:whatif-households", args=[trial.pk])
    for query in ({"before": words, "after": "EDGE"}, {"before": "WATCH", "after": "EDGE", "area": words}):
        assert client.get(names, query).status_code == 404
    propose = reverse("monitoring:parameter-propose", args=["edge_line"])
    form = {"value": "5600", "starts_on": f"{today}", "source": words, "idempotency_key": key()}
    assert client.post(propose, form).status_code == 302
    row = PolicyValue.objects.get()
    assert row.source == words
    confirm_value(proposed=row, by=staff.admin)
    screened(place.zone, today)
    for household in two_places:
        assert client.get(reverse("monitoring:basis", args=[household.pk])).status_code == 200
    assert Assessment.objects.count() >= before


@pytest.mark.parametrize("mode", ["dirty", "everything", ""])
def test_only_the_ways_of_screening_that_are_offered_are_taken(place, staff, today, mode):
    form = {"region": place.zone.pk, "on": f"{today}", "mode": mode, "idempotency_key": key()}
    assert sit(staff.officer).post(reverse("monitoring:screening-new"), form).status_code == 422
    assert not Screening.objects.exists()


# ---- too much of it ----


def test_one_person_has_no_more_than_a_few_trials_under_way(place, staff, today):
    client, address = sit(staff.officer), reverse("monitoring:whatif-new")
    codes = [
        client.post(address, {"starts_on": f"{today}", "value_edge_line": f"{5600 + n}", "idempotency_key": key()}).status_code
        for n in range(6)
    ]  # fmt: skip
    assert codes == [302] * whatif.MOST_AT_ONCE + [422] * (6 - whatif.MOST_AT_ONCE)
    assert PolicyTrial.objects.count() == whatif.MOST_AT_ONCE
    whatif.cancel_trial(trial=PolicyTrial.objects.first(), by=staff.officer)
    again = {"starts_on": f"{today}", "value_edge_line": "5700", "idempotency_key": key()}
    assert client.post(address, again).status_code == 302


def test_a_screening_asked_for_again_and_again_is_one(place, staff, today):
    client, form = sit(staff.reviewer), {"region": place.town.pk, "on": f"{today}", "mode": "full"}
    answers = [
        client.post(reverse("monitoring:screening-new"), {**form, "idempotency_key": key()}) for _click in range(5)
    ]
    assert {answer.url for answer in answers} == {
        reverse("monitoring:screening-detail", args=[Screening.objects.get().pk])
    }


def test_a_number_confirmed_during_a_run_waits_for_the_next(place, staff, make, today):
    household = make.household(place.village)
    visit(household, staff.cadre, today, risks=ILL)
    asked = screening.request_screening(region=place.zone, on=today, by=None, ring=False)
    confirm_value(proposed=proposed(place, staff.officer), by=staff.admin)
    screening.run(Screening.claim(asked.pk))
    kept = Assessment.objects.standing_on(today).get(household=household)
    assert kept.outcome == "WATCH"
    assert explain(kept).policy.fen("edge_line") == 5_000_00
    assert "5,600" not in explain(kept).sentence
    screened(place.zone, today)
    assert Assessment.objects.standing_on(today).get(household=household).outcome == "EDGE"
    assert Survey.objects.count() == 1
