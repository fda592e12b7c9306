"""规模参考: where it is shown, beside which figure, and that it stops nothing."""

import pytest
from django.urls import reverse

from households.codes import HouseholdType
from monitoring.models import PolicyValue
from monitoring.oversight_size import size_of
from monitoring.policy.shapes import RULESET_KEY
from monitoring.workflow import enter_designated


@pytest.fixture
def hubei(place, staff, today):
    PolicyValue.objects.create(
        region=place.zone, ruleset="hubei_2020", key=RULESET_KEY, value="hubei_2020", starts_on=today.replace(year=2021),
        source="某文", proposed_by=staff.officer, confirmed_by=staff.admin,
    )  # fmt: skip
    return place.zone


def designate(household, staff, today):
    enter_designated(
        household=household, by=staff.reviewer, source="stock", monitor_class="relapse", decided_on=today, main_risk="illness",
        unverified=False, batch=None, note="",
    )  # fmt: skip


def test_the_share_is_of_people_and_to_one_decimal(hubei, place, staff, make, today):
    for _ in range(6):
        lifted = make.household(place.village, household_type=HouseholdType.LIFTED, members=4)
    designate(lifted, staff, today)
    designate(make.household(place.village, members=2), staff, today)
    size = size_of(hubei, today)
    assert (size.monitored, size.registered, str(size.percent), size.guide.percent) == (6, 24, "25.0", 5)


def test_a_district_marked_as_deeply_poor_is_held_beside_ten_percent(hubei, today):
    hubei.deep_poverty, hubei.deep_poverty_source = True, "某省名单"
    hubei.save()
    assert size_of(hubei, today).guide.percent == 10


def test_without_registered_people_there_is_no_figure_and_it_is_said(hubei, staff, at_desk, today):
    assert size_of(hubei, today).percent is None
    for name in ("ledgers:dashboard", "monitoring:parameters"):
        text = at_desk(staff.officer).get(reverse(name)).content.decode()
        assert "没有登记建档立卡人口，算不出比例" in text, name


def test_a_rule_set_without_guidance_shows_nothing(place, staff, at_desk, today):
    assert size_of(place.zone, today) is None
    assert "规模参考 <small>" not in at_desk(staff.officer).get(reverse("ledgers:dashboard")).content.decode()


def test_only_the_administrator_marks_a_district_and_with_a_source(place, staff, at_desk):
    url = reverse("accounts:region-edit", args=[place.zone.code])
    assert "deep_poverty" not in at_desk(staff.officer).get(url).content.decode()
    browser = at_desk(staff.admin)
    assert "要写认定的文件" in browser.post(url, {"deep_poverty": "on"}).content.decode()
    browser.post(url, {"deep_poverty": "on", "deep_poverty_source": "某省扶贫〔2018〕1号"})
    place.zone.refresh_from_db()
    assert place.zone.deep_poverty
    assert "deep_poverty" not in browser.get(reverse("accounts:region-edit", args=[place.town.code])).content.decode()


def test_whose_duties_are_not_named_is_said_to_the_administrator(place, staff, at_desk):
    browser = at_desk(staff.admin)
    assert "有 2 个镇（街）没填齐" in browser.get(reverse("accounts:regions")).content.decode()
    place.town.principal_leaders, place.town.deputy_leader, place.town.operator_name = "许明", "葛立新", "李敏"
    place.town.save()
    text = browser.get(f"{reverse('accounts:regions')}?unnamed=1").content.decode()
    assert "有 1 个镇（街）没填齐" in text
    assert "白河镇" in text
    assert "青石镇" not in text
