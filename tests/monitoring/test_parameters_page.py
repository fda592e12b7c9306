"""政策参数: every number with its document and its two people, past and to come; what is not set stands out."""

import datetime
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from monitoring.models import PolicyValue
from monitoring.parameters import propose_ruleset, propose_value
from monitoring.parameters_page import policy_of
from monitoring.policy.rulesets import known_codes
from monitoring.policy.shapes import RULESET_KEY
from tests.factories import add_user
from tests.monitoring.test_region_rulesets import SOURCE, set_there, take

ONE_DAY = datetime.timedelta(days=1)
ZAOZHUANG, XINBEI = "zaozhuang_2020", "xinbei_2020"


def page(client: Client, name: str = "parameters", status: int = 200, **query: Any) -> str:
    answer = client.get(reverse(f"monitoring:{name}"), query)
    assert answer.status_code == status
    return answer.content.decode()


def number(region: Any, key: str, on: datetime.date) -> Any:
    return next(one for one in policy_of(region, on).numbers if one.key == key)


def test_a_number_shows_what_holds_what_held_and_what_is_to_come(place, staff, today):
    for value, days in (("5200", 400), ("5400", 10)):
        set_there(staff, place.zone, "edge_line", value, today - days * ONE_DAY, ruleset=ZAOZHUANG)
    set_there(staff, place.city, "edge_line", "9000", today - ONE_DAY, ruleset=ZAOZHUANG)
    set_there(staff, place.zone, "edge_line", "5800.5", today + ONE_DAY, ruleset=ZAOZHUANG)
    set_there(staff, place.zone, "edge_line", "7777", today, ruleset="luan_2019")
    line = number(place.zone, "edge_line", today)
    assert (line.now.words, line.now.row.proposed_by, line.now.row.confirmed_by) == (
        "5,400", staff.officer, staff.reviewer,
    )  # fmt: skip
    assert [value.words for value in line.past] == ["5,200", "9,000", "5,000"]
    assert [value.words for value in line.coming] == ["5,800.5"]
    assert number(place.foreign_county, "edge_line", today).now.words == "9,000"


@pytest.mark.parametrize("code", known_codes())
def test_what_the_page_says_holds_is_what_the_policy_says(code, place, staff, today):
    take(staff, place.zone, code, today)
    found = policy_of(place.zone, today)
    assert found.policy.ruleset.code == code
    for one in found.numbers:
        held = found.policy.values.get(one.key)
        assert (one.now is None) == (held is None)
        assert held is None or (one.now.starts_on, one.now.source) == (held.starts_on, held.source)


def test_numbers_that_nobody_has_set_stand_out_for_who_may_set_them(at_desk, place, staff, today):
    assert "请设线" not in page(at_desk(staff.officer))
    take(staff, place.zone, XINBEI, today)
    shown = page(at_desk(staff.officer))
    assert "有 5 个数还没有设" in shown
    assert (shown.count("请设线"), shown.count("请设数")) == (1, 4)
    limits = [one for one in policy_of(place.zone, today).numbers if one.is_limit and one.now is None]
    assert shown.count(">定时限<") == len(limits) == 7
    assert "文件没有给数，由区里定" in shown
    read = page(at_desk(staff.inspector))
    assert "还没有设" in read
    assert "请设线" not in read
    set_there(staff, place.zone, "income_line", "7000", today, ruleset=XINBEI)
    assert "有 4 个数还没有设" in page(at_desk(staff.officer))


def test_the_rule_set_shows_its_document_its_day_and_who_chose_it(at_desk, place, staff, today):
    assert "没有选过规则集，用的是默认的" in page(at_desk(staff.officer))
    take(staff, place.city, "hubei_2020", today)
    shown = page(at_desk(staff.officer))
    for part in ("湖北2020", "随云山市", SOURCE, "陈志远", "李敏", "一般为建档立卡人口的5%左右", "只是参考，不是指标"):
        assert part in shown
    take(staff, place.zone, "luan_2019", today + ONE_DAY)
    assert "六安2019，" in page(at_desk(staff.officer))


def test_all_that_waits_is_shown_whichever_rule_set_it_is_for(at_desk, place, staff, today):
    asked = {"region": place.zone, "by": staff.officer, "starts_on": today, "source": SOURCE}
    propose_ruleset(code="luan_2019", **asked)
    propose_value(key="edge_line", value="5500", ruleset_code="luan_2019", **asked)
    assert [(one.title, one.words) for one in policy_of(place.zone, today).waiting] == [
        ("规则集", "六安2019"),
        ("县区边缘户标准（人均纯收入，一般农户）（六安2019）", "5,500"),
    ]
    assert page(at_desk(staff.officer)).count("复核，启用") == 0
    assert page(at_desk(staff.admin)).count("复核，启用") == 2
    assert "复核，启用" not in page(at_desk(staff.inspector))
    assert "复核，启用" not in page(at_desk(staff.reviewer))


def test_a_rule_set_is_chosen_on_its_page_and_holds_after_a_second_person(at_desk, place, staff, today):
    officer, choose = at_desk(staff.officer), reverse("monitoring:ruleset-propose")
    assert "新北2020" in page(officer, "ruleset-propose")
    form = {"idempotency_key": str(uuid.uuid4()), "code": XINBEI, "starts_on": today, "source": SOURCE}
    assert "请选规则集" in officer.post(choose, {**form, "code": ""}).content.decode()
    assert "依据哪份文件" in officer.post(choose, {**form, "source": ""}).content.decode()
    assert officer.post(choose, form).status_code == officer.post(choose, form).status_code == 302
    proposed = PolicyValue.objects.get()
    assert proposed.key == RULESET_KEY
    settle = reverse("monitoring:parameter-settle", args=[proposed.pk])
    assert "自己提出的" in officer.post(settle, {"verdict": "confirm"}, follow=True).content.decode()
    answer = at_desk(staff.admin).post(settle, {"verdict": "confirm"}, follow=True).content.decode()
    assert "规则集已复核" in answer
    assert "规则集：新北2020" in answer
    assert at_desk(staff.reviewer).get(choose).status_code == 403


def test_who_may_read_and_who_may_try(at_desk, staff, place):
    for reader in (staff.officer, staff.reviewer, staff.inspector, staff.admin):
        shown = page(at_desk(reader))
        assert "枣扶贫组办字〔2020〕4号 二、防贫范围" in shown
        assert ("/whatif/new/" in shown) == (reader == staff.officer)
        assert "防返贫监测政策" in page(at_desk(reader), "parameters-paper")
    for outsider in (staff.cadre, staff.team, staff.clerk, staff.unposted):
        page(at_desk(outsider), status=403)
    page(at_desk(staff.officer), status=404, area=place.foreign_county.code)


def test_the_paper_holds_numbers_procedure_items_and_rules(at_desk, staff, place, today):
    set_there(staff, place.zone, "edge_line", "5400", today, ruleset=ZAOZHUANG)
    paper = page(at_desk(staff.officer), "parameters-paper")
    for part in ("5,400", "云山高新区设定", "入户调查 → 民主评议 → 村内公示", "只计经常性的", "Z05", "依据和文件原话"):
        assert part in paper


def test_whoever_reads_several_districts_finds_each_of_them_on_the_page(at_desk, place, staff, today):
    city_inspector = add_user("city_inspector", "郑督", Role.INSPECTOR, place.city)
    take(staff, place.zone, "luan_2019", today)
    there = page(at_desk(city_inspector), area=place.zone.code)
    assert f"?area={place.foreign_county.code}" in there and "规则集：六安2019" in there
    assert f"?area={place.foreign_county.code}" not in page(at_desk(staff.officer))


def test_the_second_person_sends_back_what_the_first_takes_back(at_desk, place, staff, today):
    def proposed() -> PolicyValue:
        return propose_value(
            region=place.zone, by=staff.officer, key="edge_line", value="5600", starts_on=today, source=SOURCE,
            idempotency_key=str(uuid.uuid4()),
        )  # fmt: skip

    def settle(user: Any) -> str:
        address = reverse("monitoring:parameter-settle", args=[proposed().pk])
        return at_desk(user).post(address, {"verdict": "withdraw"}, follow=True).content.decode()

    assert "已撤回，原来的不变。" in settle(staff.officer)
    assert "已退回，原来的不变。" in settle(staff.admin)
