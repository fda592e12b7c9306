"""The pages of results, clues and screenings: what each desk sees, and what it does not."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent
from households.codes import HouseholdType, RiskCause
from households.models import Survey
from monitoring import screening
from monitoring.models import Screening
from monitoring.screening_page import counts_shown
from tests.monitoring.surveyed import visit

ILL = (RiskCause.ILLNESS,)


@pytest.fixture
def judged(place, staff, make, today) -> Survey:
    """王大海's survey: a 脱贫户 one fen below the line, ill, with a hit on the negative list."""
    household = make.household(place.village, household_type=HouseholdType.LIFTED)
    survey = visit(household, staff.cadre, today, risks=ILL, operating_cost=1, negative_bits=1)
    screening.assess_household(household, today)
    return survey


def page(client: Client, name: str, *args: Any, **query: Any) -> str:
    answer = client.get(reverse(f"monitoring:{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_result_names_both_numbers_the_sum_the_line_the_source_and_what_comes_next(at_desk, staff, judged, today):
    text = page(at_desk(staff.cadre), "survey-result", judged.pk)
    for part in (
        "人均纯收入 4,999.99 元，低于监测线 5,000 元。",
        "14,999.99 ÷ 3 人 = 4,999.99 元",
        "监测线 5,000 元（2020-03-05 起，枣扶贫组办字〔2020〕4号 二、防贫范围）；比线低 0.01 元（不到 0.1%）",
        "枣扶贫组办字〔2020〕4号 二、防贫范围",
        f"{today:%Y-%m-%d} 入户调查",
        "列为预警关注，报镇（街）备案",
        "另外 7 条没有触发，看看",
    ):
        assert part in text


def test_the_negative_list_is_for_the_offices_only(at_desk, staff, judged):
    assert "负面清单" not in page(at_desk(staff.cadre), "survey-result", judged.pk)
    assert "暂缓" not in page(at_desk(staff.cadre), "clues")
    assert "部门比对有负面清单命中" in page(at_desk(staff.reviewer), "survey-result", judged.pk)


def test_another_village_cannot_find_a_result(at_desk, staff, judged):
    for stranger in (staff.neighbour_cadre, staff.other_reviewer, staff.foreign_officer):
        assert at_desk(stranger).get(reverse("monitoring:survey-result", args=[judged.pk])).status_code == 404
    for outsider in (staff.clerk, staff.admin, staff.unposted):
        assert at_desk(outsider).get(reverse("monitoring:survey-result", args=[judged.pk])).status_code == 403


def test_a_survey_that_says_nothing_of_today_says_so(at_desk, staff, place, make, today):
    survey = visit(make.household(place.village), staff.cadre, today)
    assert "不作为今天研判的依据" in page(at_desk(staff.cadre), "survey-result", survey.pk)


def test_clues_are_listed_in_scope_and_can_be_sifted(at_desk, staff, place, judged):
    assert "王大海" in page(at_desk(staff.cadre), "clues")
    assert "王大海" in page(at_desk(staff.officer), "clues", outcome="RELAPSE", village=place.village.pk)
    assert "王大海" not in page(at_desk(staff.officer), "clues", outcome="EDGE")
    assert "王大海" in page(at_desk(staff.officer), "clues", q="大海")
    assert "没有等着处理的线索" in page(at_desk(staff.neighbour_cadre), "clues")


def test_three_clues_and_thirty_cost_the_same_queries(
    at_desk, staff, place, make, today, django_assert_max_num_queries
):
    client = at_desk(staff.reviewer)

    def add(number: int) -> None:
        for _each in range(number):
            household = make.household(place.village, members=1)
            visit(household, staff.cadre, today, risks=ILL)
            screening.assess_household(household, today)

    add(3)
    with django_assert_max_num_queries(100) as few:
        page(client, "clues")
    add(17)
    with django_assert_max_num_queries(len(few.captured_queries)):
        page(client, "clues")


def ask(client: Client, region: Any, on: str, key: str = "") -> Any:
    data = {"region": region.pk, "on": on, "mode": "changed", "idempotency_key": key or str(uuid.uuid4())}
    return client.post(reverse("monitoring:screening-new"), data)


def test_a_reviewer_asks_for_a_screening_once_however_often_he_clicks(at_desk, staff, place, today):
    client, key = at_desk(staff.reviewer), str(uuid.uuid4())
    first, second = (ask(client, place.town, f"{today}", key) for _click in (1, 2))
    job = Screening.objects.get()
    assert first.url == second.url == reverse("monitoring:screening-detail", args=[job.pk])
    assert (job.region, job.requested_by) == (place.town, staff.reviewer)
    assert AuditEvent.objects.filter(action="screening.request").count() == 1
    assert "青石镇" in page(client, "screenings")


def test_a_foreign_region_and_an_impossible_day_are_refused(at_desk, staff, place, today):
    client = at_desk(staff.reviewer)
    for region, on in ((place.other_town, f"{today}"), (place.town, "2020-03-04"), (place.town, "2999-01-01")):
        assert ask(client, region, on).status_code == 422
    assert ask(client, place.town, f"{today}", "x").status_code == 422
    assert not Screening.objects.exists()


def test_progress_is_a_page_and_for_htmx_its_middle(at_desk, staff, place, judged, today):
    client = at_desk(staff.reviewer)
    job = screening.request_screening(region=place.town, on=today, by=staff.reviewer, ring=False)
    address = reverse("monitoring:screening-detail", args=[job.pk])
    assert 'http-equiv="refresh"' in client.get(address).content.decode()
    fragment = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert "hx-get" in fragment
    screening.run(Screening.claim(job.pk))
    over = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "hx-get" not in over
    assert "脱贫监测户" in over
    assert at_desk(staff.other_reviewer).get(address).status_code == 404


def test_a_screening_is_cancelled_by_an_office_of_its_region_alone(at_desk, staff, place, today):
    job = screening.request_screening(region=place.town, on=today, by=staff.reviewer, ring=False)
    address = reverse("monitoring:screening-cancel", args=[job.pk])
    assert at_desk(staff.inspector).post(address).status_code == 403
    assert at_desk(staff.other_reviewer).post(address).status_code == 404
    assert at_desk(staff.reviewer).post(address).status_code == 302
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_the_list_says_how_much_a_run_looked_at_and_who_asked(at_desk, staff, place, today):
    for by, mode in ((None, "changed"), (None, "dirty"), (staff.officer, "full")):
        screening.request_screening(region=place.zone, on=today, by=by, mode=mode, ring=False)
    text = page(at_desk(staff.officer), "screenings")
    for words in ("系统每晚", "系统，有变动以后", "陈志远", "全部研判，只写变化", "只研判有变动的户", "全部重写"):
        assert words in text
    rows = page(at_desk(staff.officer), "screenings", mode="dirty").count('class="name"')
    assert rows == 1
    assert page(at_desk(staff.officer), "screenings", region=place.town.pk).count('class="name"') == 0
    assert "没有这样的研判" in page(at_desk(staff.officer), "screenings", region=place.town.pk)


def test_a_screening_shows_what_there_was_what_there_is_and_the_numbers_it_went_by(
    at_desk, staff, place, judged, today
):
    visit(judged.household, staff.cadre, today, risks=(), wage=90_000_00)
    job = screening.request_screening(region=place.zone, on=today, by=staff.reviewer, ring=False)
    screening.run(Screening.claim(job.pk))
    text = page(at_desk(staff.officer), "screening-detail", job.pk)
    for words in (
        "1</b> 户结论有变化",
        "脱贫监测户",
        "−1",
        "+1",
        "云山高新区",
        "枣庄2020",
        "5,000 元/人·年",
        "由什么变成什么",
    ):
        assert words in text


def test_classes_of_the_rule_set_before_stand_in_the_table_too(at_desk, staff, place):
    run = Screening.objects.create(
        region=place.zone, on="2026-06-30", requested_by=staff.officer, state="done", ruleset="luan_2019",
        counts_before={"RELAPSE": 14, "NOT_VISITED": 2}, counts={"YELLOW": 14, "NOT_VISITED": 2},
        moves={"RELAPSE>YELLOW": 14},
    )  # fmt: skip
    shown = {one.code: (one.before, one.now) for one in counts_shown(run) if one.before or one.now}
    assert shown == {"RELAPSE": (14, 0), "YELLOW": (0, 14), "NOT_VISITED": (2, 2)}
    text = page(at_desk(staff.officer), "screening-detail", run.pk)
    assert "脱贫监测户" in text and text.count("risk risk-2") == 2
