"""Nobody gets more than he was given: through a delegation, an account that is not his to administer, or a friend."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts import services
from accounts.models import Posting, User
from accounts.roles import Role
from households.models import Household
from households.models.surveys import Survey
from monitoring.models import Stage
from monitoring.workflow import take
from tests.monitoring.casework import bring, surveyed

A_DAY = datetime.timedelta(days=1)


@pytest.fixture
def stand_in(place, staff, today):
    """李敏 is on leave for a month and 赵有田 stands in for her."""
    return services.delegate(
        by=staff.reviewer, posting=staff.reviewer.postings.get(), deputy=staff.second_cadre, begins_on=today,
        ends_on=today + 30 * A_DAY,
    )  # fmt: skip


def fresh(user):
    return User.objects.get(pk=user.pk)


def test_a_delegation_ends_with_the_posting_that_was_delegated(staff, stand_in, today):
    assert fresh(staff.second_cadre).holds(Role.TOWN_REVIEWER)
    services.end_posting(by=staff.admin, posting=staff.reviewer.postings.get(), ends_on=today - A_DAY)
    assert not fresh(staff.second_cadre).holds(Role.TOWN_REVIEWER)


def test_a_delegation_ends_when_the_colleague_is_moved(place, staff, stand_in, today):
    services.move_person(
        by=staff.admin, posting=staff.reviewer.postings.get(), region=place.other_town, role=Role.TOWN_REVIEWER,
        begins_on=today,
    )  # fmt: skip
    assert not fresh(staff.second_cadre).holds(Role.TOWN_REVIEWER)


def test_a_delegation_ends_when_the_colleague_is_disabled(client, staff, stand_in, make, place):
    household = make.household(place.neighbour)
    client.force_login(staff.second_cadre)
    address = reverse("households:detail", args=[household.pk])
    assert client.get(address).status_code == 200
    services.set_active(by=staff.admin, person=staff.reviewer, active=False)
    assert client.get(address).status_code == 404


def test_who_administers_accounts_cannot_hand_that_to_a_friend(staff, today):
    posting = staff.admin.postings.get()
    with pytest.raises(ValidationError, match="不能委托"):
        services.delegate(by=staff.admin, posting=posting, deputy=staff.cadre, begins_on=today, ends_on=today)
    assert not staff.cadre.holds(Role.SYSTEM_ADMIN)


@pytest.mark.parametrize(("begins", "ends"), [(0, 92), (0, 20_000), (-1, 3)])
def test_a_delegation_is_for_a_leave_and_not_for_ever_nor_for_the_past(staff, today, begins, ends):
    with pytest.raises(ValidationError, match="最长"):
        services.delegate(
            by=staff.reviewer, posting=staff.reviewer.postings.get(), deputy=staff.second_reviewer,
            begins_on=today + begins * A_DAY, ends_on=today + ends * A_DAY,
        )  # fmt: skip


def test_nobody_delegates_a_posting_that_is_not_his(client, staff, today):
    client.force_login(staff.cadre)
    form = {
        "posting": staff.reviewer.postings.get().pk,
        "deputy": "cadre2",
        "begins_on": f"{today}",
        "ends_on": f"{today}",
    }
    client.post(reverse("accounts:me"), form)
    assert not Posting.objects.exclude(on_behalf_of=None).exists()


@pytest.mark.parametrize("act", ["reset", "disable"])
def test_an_account_that_also_opens_another_district_is_not_taken_over(client, place, staff, act, today):
    """He was here once, and works in another district now: his password would open that one."""
    Posting.objects.create(
        user=staff.foreign_officer, role=Role.TOWN_REVIEWER, region=place.town, begins_on=today - 30 * A_DAY,
        ends_on=today - 20 * A_DAY,
    )  # fmt: skip
    client.force_login(staff.admin)
    before = fresh(staff.foreign_officer).password
    name = "accounts:user-reset" if act == "reset" else "accounts:user-activity"
    answer = client.post(reverse(name, args=[staff.foreign_officer.pk]), {"active": "0"}, follow=True)
    assert "范围以外任职" in answer.content.decode()
    person = fresh(staff.foreign_officer)
    assert (person.password, person.is_active) == (before, True)


def test_an_administrator_reads_no_family(client, place, staff, make):
    household = make.household(place.village, "孟凡星")
    client.force_login(staff.admin)
    for address in (
        reverse("ledgers:home"),
        reverse("accounts:audit"),
        reverse("households:list"),
        reverse("households:detail", args=[household.pk]),
        reverse("households:reveal", args=[household.pk]),
        reverse("monitoring:cases"),
        reverse("ledgers:exports"),
        reverse("assistance:overview"),
    ):
        assert "孟凡星" not in client.get(address, follow=True).content.decode(), address
    assert not Household.objects.visible_to(staff.admin).exists()


def test_nobody_gives_himself_a_posting(client, place, staff):
    client.force_login(staff.admin)
    form = {"role": Role.DISTRICT_OFFICER, "region": place.zone.code, "begins_on": "2026-01-01", "ends_on": ""}
    client.post(reverse("accounts:posting-new", args=[staff.admin.pk]), form)
    assert not staff.admin.postings.filter(role=Role.DISTRICT_OFFICER).exists()


def test_who_corrected_the_survey_after_the_village_cannot_endorse(place, staff, make):
    """The case keeps the first survey, but the conclusion is read from the corrected one."""
    household = surveyed(make.household(place.village), staff.cadre)
    case = bring(household, Stage.TOWN, village=staff.team, town=staff.reviewer, district=staff.officer)
    surveyed(household, staff.reviewer, days_ago=0)
    assert Survey.objects.filter(household=household, entered_by=staff.reviewer).exists()
    assert case.survey.entered_by == staff.cadre
    with pytest.raises(ValidationError, match="入户调查"):
        take("endorse", case=case, by=staff.reviewer, main_risk="illness")
    assert take("endorse", case=case, by=staff.second_reviewer, main_risk="illness").stage == Stage.DISTRICT
