"""The pages of 试算: an officer drafts, a town reads its own counts, names are for the district alone and noted."""

import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import AuditEvent, Region
from accounts.trace_words import details
from households.codes import RiskCause
from monitoring import whatif
from monitoring.models import PolicyTrial, PolicyValue
from monitoring.policy.engine import judged
from monitoring.policy.facts import facts_in_force
from monitoring.policy.rulesets import DatedValue, known_codes
from monitoring.policy.values import policy_in_force
from monitoring.whatif_forms import may_move_somebody
from tests.factories import add_region
from tests.monitoring.surveyed import visit

ILL = (RiskCause.ILLNESS,)
HTMX = {"HX-Request": "true"}
SOURCE = "云高新办〔2021〕3号 第一条"


@pytest.fixture
def near_the_line(place, staff, make, today) -> None:
    """Three households with 5,000.00 yuan a head: two ill ones in 青石镇, one in 白河镇; and one without a visit."""
    for village, head in ((place.village, "王大海"), (place.neighbour, "李小河"), (place.other_village, "赵大山")):
        visit(make.household(village, head), staff.cadre, today, risks=ILL)
    make.household(place.village, "没去户")


def typed(today: Any, **values: str) -> dict[str, Any]:
    numbers = {f"value_{key}": value for key, value in values.items()}
    return {"starts_on": today, "idempotency_key": str(uuid.uuid4()), **numbers}


def text_of(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return answer.content.decode()


def cells(page: str) -> list[str]:
    """The words of the matrix, row by row."""
    table = page[page.index('class="table moves"') : page.index("</tfoot>")]
    return re.sub(r"<[^>]+>", " ", table).split()[1:]


@pytest.fixture
def done(place, staff, near_the_line, today) -> PolicyTrial:
    """A trial of a higher line, done."""
    asked = {"ruleset_code": "zaozhuang_2020", "values": {"edge_line": "5600"}, "starts_on": today, "ring": False}
    trial = PolicyTrial.claim(whatif.request_trial(region=place.zone, by=staff.officer, **asked).pk)
    whatif.run(trial)
    return trial


def test_an_officer_drafts_sees_progress_and_then_who_moves(at_desk, place, staff, near_the_line, today):
    client, new = at_desk(staff.officer), reverse("monitoring:whatif-new")
    assert "现在用的是“枣庄2020”" in text_of(client.get(new))
    form = typed(today, edge_line="5600")
    first, second = (client.post(new, form) for _click in (1, 2))
    trial = PolicyTrial.objects.get()
    assert first.url == second.url == reverse("monitoring:whatif", args=[trial.pk])
    assert "progress" in text_of(client.get(first.url))
    assert 'hx-trigger="every 400ms"' in text_of(client.get(first.url, headers=HTMX))
    whatif.run(PolicyTrial.claim(trial.pk))
    assert client.get(first.url, headers=HTMX).headers["HX-Refresh"] == "true"
    page = text_of(client.get(first.url))
    assert cells(page)[-10:] == ["预警关注", "3", "3", "未入户", "1", "1", "合计", "3", "1", "4"]
    assert "参考线（人均纯收入，一般农户）" in page
    assert "不得用来控制规模" in page
    assert "改 1 个数" in text_of(client.get(reverse("monitoring:whatifs")))


def test_bad_numbers_are_told_at_their_boxes_and_nothing_typed_is_lost(at_desk, staff, place, today):
    client, new = at_desk(staff.officer), reverse("monitoring:whatif-new")
    page = text_of(client.post(new, typed(today, edge_line="很多", income_line="5600")), 422)
    assert "“参考线（人均纯收入，一般农户）”要填数字。" in page
    assert 'value="很多"' in page
    assert 'value="5600"' in page
    assert "没有可试算的" in text_of(client.post(new, typed(today)), 422)
    assert "日期要写成" in text_of(client.post(new, typed("明天", edge_line="1")), 422)
    assert "已过期" in text_of(client.post(new, {**typed(today, edge_line="1"), "idempotency_key": "x"}), 422)
    assert not PolicyTrial.objects.exists()


def test_another_rule_set_shows_its_own_numbers_and_unknown_ones_are_not_found(at_desk, staff, place, today):
    client, new = at_desk(staff.officer), reverse("monitoring:whatif-new")
    page = text_of(client.get(new, {"ruleset": "xinbei_2020"}))
    assert "从“枣庄2020”换成“新北2020”" in page
    assert page.count(">未设<") == 5
    assert client.get(new, {"ruleset": "nowhere_1900"}).status_code == 404
    assert client.get(new, {"area": place.foreign_county.code}).status_code == 404
    assert client.post(f"{new}?ruleset=xinbei_2020", typed(today)).status_code == 302
    assert PolicyTrial.objects.get().takes_ruleset


def test_an_earlier_draft_is_there_to_be_changed_a_little(at_desk, staff, done):
    client, new = at_desk(staff.officer), reverse("monitoring:whatif-new")
    assert 'value="5600"' in text_of(client.get(new, {"like": done.pk}))
    assert 'value="5600"' not in text_of(client.get(new, {"like": "x"}))
    assert 'value="5600"' not in text_of(at_desk(staff.foreign_officer).get(new, {"like": done.pk}))


def test_a_town_reads_its_own_counts_and_no_names(at_desk, staff, place, done):
    address = reverse("monitoring:whatif", args=[done.pk])
    whole = text_of(at_desk(staff.officer).get(address))
    assert "白河镇" in whole
    own = text_of(at_desk(staff.reviewer).get(address))
    assert cells(own)[-3:] == ["2", "1", "3"]
    assert "白河镇" not in own
    assert "只算您负责的地方" in own
    assert "?before=" not in own
    assert "转为正式参数" not in own
    assert "白河镇" not in text_of(at_desk(staff.reviewer).get(reverse("monitoring:whatif-paper", args=[done.pk])))
    assert at_desk(staff.reviewer).get(address, {"area": place.other_town.code}).status_code == 404
    names = reverse("monitoring:whatif-households", args=[done.pk])
    move = {"before": "WATCH", "after": "EDGE"}
    for reader in (staff.reviewer, staff.inspector, staff.admin, staff.cadre):
        assert at_desk(reader).get(names, move).status_code == 403
    assert at_desk(staff.cadre).get(address).status_code == 403
    assert at_desk(staff.foreign_officer).get(address).status_code == 404
    assert at_desk(staff.foreign_officer).get(names, move).status_code == 404


def test_names_are_for_the_district_and_each_look_is_written_down(at_desk, staff, place, done):
    client, names = at_desk(staff.officer), reverse("monitoring:whatif-households", args=[done.pk])
    page = text_of(client.get(names, {"before": "WATCH", "after": "EDGE"}))
    assert all(head in page for head in ("王大海", "李小河", "赵大山"))
    assert "没去户" not in page
    assert "不得用来控制规模" in page
    assert "5,000.00" in page
    town = text_of(client.get(names, {"before": "WATCH", "after": "EDGE", "area": place.other_town.code}))
    assert "王大海" not in town
    assert "赵大山" in town
    looks = AuditEvent.objects.filter(action="whatif.look").order_by("pk")
    assert [(look.region, look.actor) for look in looks] == [
        (place.zone, staff.officer),
        (place.other_town, staff.officer),
    ]
    assert details(looks[0]) == [("变化", "预警关注 → 边缘户"), ("第几页", "1"), ("行数", "3")]
    for wrong in ({"before": "EDGE", "after": "EDGE"}, {"before": "x", "after": "EDGE"}, {}):
        assert client.get(names, wrong).status_code == 404


def test_the_names_are_todays_households_even_after_the_counts(at_desk, staff, place, done, today):
    visit(place.village.households.get(head_name="王大海"), staff.cadre, today, wage=99_000_00)
    names = reverse("monitoring:whatif-households", args=[done.pk])
    page = text_of(at_desk(staff.officer).get(names, {"before": "WATCH", "after": "EDGE"}))
    assert "王大海" not in page
    assert "李小河" in page


def test_pages_of_names_pass_through_every_village_once(at_desk, place, staff, make, today):
    villages = [place.village, place.neighbour, place.other_village]
    for number in range(47):
        visit(make.household(villages[number % 3], f"户{number:03d}号", members=1), staff.cadre, today, risks=ILL)
    asked = {"ruleset_code": "zaozhuang_2020", "values": {"edge_line": "5600"}, "starts_on": today, "ring": False}
    trial = PolicyTrial.claim(whatif.request_trial(region=place.zone, by=staff.officer, **asked).pk)
    whatif.run(trial)
    client, names = at_desk(staff.officer), reverse("monitoring:whatif-households", args=[trial.pk])
    seen: list[str] = []
    for page in (1, 2, 3):
        text = text_of(client.get(names, {"before": "WATCH", "after": "EDGE", "page": page}))
        seen += re.findall(r"<b>(户\d{3}号)</b>", text)
    assert len(seen) == 47
    assert len(set(seen)) == 47


def test_a_draft_is_turned_into_proposals_on_its_page_and_a_second_person_puts_them_in_force(
    at_desk, staff, place, done, today
):
    officer, propose = at_desk(staff.officer), reverse("monitoring:whatif-propose", args=[done.pk])
    assert "5,600" in text_of(officer.get(propose))
    assert "请写明依据哪份文件" in text_of(officer.post(propose, {"starts_on": today, "source": ""}), 422)
    assert officer.post(propose, {"starts_on": today, "source": SOURCE}).status_code == 302
    assert "没有重复办理" in text_of(officer.post(propose, {"starts_on": today, "source": SOURCE}), 422)
    value = PolicyValue.objects.get()
    page = text_of(at_desk(staff.admin).get(reverse("monitoring:parameters")))
    assert "复核，启用" in page
    settle = reverse("monitoring:parameter-settle", args=[value.pk])
    at_desk(staff.admin).post(settle, {"verdict": "confirm"})
    assert policy_in_force(place.village, today).fen("edge_line") == 5_600_00
    assert "已转为正式参数" in text_of(officer.get(reverse("monitoring:whatif", args=[done.pk])))


def test_a_trial_is_cancelled_by_its_district_alone(at_desk, staff, place, near_the_line, today):
    client = at_desk(staff.officer)
    client.post(reverse("monitoring:whatif-new"), typed(today, edge_line="5600"))
    cancel = reverse("monitoring:whatif-cancel", args=[PolicyTrial.objects.get().pk])
    assert at_desk(staff.reviewer).post(cancel).status_code == 403
    assert at_desk(staff.foreign_officer).post(cancel).status_code == 404
    assert "什么都没有改" in text_of(client.post(cancel, follow=True))
    assert "没有取消" in text_of(client.post(cancel, follow=True))


def test_the_paper_holds_draft_matrix_and_places(at_desk, staff, done):
    page = text_of(at_desk(staff.officer).get(reverse("monitoring:whatif-paper", args=[done.pk])))
    for part in ("防返贫政策试算表", "5,600", "预警关注", "青石镇", "白河镇", "不得用来控制规模", "陈志远"):
        assert part in page


def test_three_villages_and_thirty_cost_the_same_queries(
    at_desk, place, staff, make, today, django_assert_max_num_queries
):
    client = at_desk(staff.officer)

    def tried(villages: list[Region]) -> str:
        for village in villages:
            visit(make.household(village, members=1), staff.cadre, today, risks=ILL)
        asked = {"ruleset_code": "zaozhuang_2020", "values": {"edge_line": "5600"}, "starts_on": today, "ring": False}
        trial = PolicyTrial.claim(whatif.request_trial(region=place.zone, by=staff.officer, **asked).pk)
        whatif.run(trial)
        return str(trial.pk)

    def pages(pk: str) -> Iterator[Any]:
        yield client.get(reverse("monitoring:whatif", args=[pk]), {"area": place.town.code})
        yield client.get(reverse("monitoring:whatif-households", args=[pk]), {"before": "WATCH", "after": "EDGE"})

    few_trial = tried([place.village, place.neighbour, place.other_village])
    assert len(list(pages(few_trial))) == 2  # the numbers in the menu are kept from here on
    with django_assert_max_num_queries(70) as few:
        assert [answer.status_code for answer in pages(few_trial)] == [200, 200]
    more = [add_region(f"3799030022{number:02d}", f"第{number}村", "village", place.town) for number in range(10, 37)]
    many_trial = tried(more)
    with django_assert_max_num_queries(len(few.captured_queries)):
        assert [answer.status_code for answer in pages(many_trial)] == [200, 200]


class Asked(Mapping[str, DatedValue]):
    """Numbers that remember which of them somebody asked for; what is not set is 1."""

    def __init__(self, values: Mapping[str, DatedValue]) -> None:
        self.held, self.seen = dict(values), set[str]()

    def __getitem__(self, key: str) -> DatedValue:
        self.seen.add(key)
        return self.held[key]

    def __contains__(self, key: object) -> bool:
        self.seen.add(str(key))
        return key in self.held

    def __iter__(self) -> Iterator[str]:
        return iter(self.held)

    def __len__(self) -> int:
        return len(self.held)


@pytest.mark.parametrize("code", known_codes())
def test_the_form_leaves_out_just_the_numbers_that_no_rule_asks_for(code, place, today):
    policy = policy_in_force(None, today, code)
    keys, seen = set(policy.ruleset.parameters), set[str]()
    switches = [key for key in keys if policy.ruleset.parameter(key).is_switch]
    for on in (Decimal(0), Decimal(1)):
        one = {key: DatedValue(key, Decimal(1), today, "某文") for key in keys - set(policy.values)}
        turned = {key: replace(policy.value(key), value=on) for key in switches}
        asked = Asked({**policy.values, **one, **turned})
        listening = replace(policy, values=asked)
        judged(facts_in_force(listening), listening)
        seen |= asked.seen
    assert keys - seen == {key for key in keys if not may_move_somebody(policy.ruleset.parameter(key))}
