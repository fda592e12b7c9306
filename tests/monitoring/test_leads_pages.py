"""The pages of leads: the one list, a lead, what is done with one or many, papers, and who finds what."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import AuditEvent
from households.codes import RiskCause
from monitoring import leads, leads_intake
from monitoring.models import Assessment, Case, Lead, LeadSource, LeadState
from monitoring.public.models import Answer
from tests.factories import invented_id
from tests.monitoring.casework import surveyed
from tests.monitoring.declared import PHONE, ask, declare, switch_on


@pytest.fixture
def family(place, make):
    return make.household(place.village, "王大海")


@pytest.fixture
def lead(family, staff, today):
    return report(family, staff.cadre, today)


def report(household, by, today, **more):
    said = {"source": LeadSource.VISITED, "cause": RiskCause.ILLNESS, "words": "住院花了三万", **more}
    return leads.report(village=household.village, household=household, by=by, happened_on=today, **said)


def words(client, name, *args, **query):
    answer = client.get(reverse(f"monitoring:{name}", args=args), query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def act(client, act, *entries, **more):
    data = {"act": act, "pick": entries, "idempotency_key": str(uuid.uuid4()), "confirm": "1", **more}
    return client.post(reverse("monitoring:lead-act"), data, follow=True)


def entry(lead):
    lead.refresh_from_db()
    return f"lead:{lead.pk}:{lead.version}"


# ---- the list ----


def test_stored_leads_come_first_and_conclusions_after_them_on_every_desk(at_desk, place, make, staff, lead):
    surveyed(make.household(place.village, "李四"), staff.cadre)
    for person in (staff.cadre, staff.reviewer, staff.officer, staff.inspector):
        page = words(at_desk(person), "clues")
        assert page.index("王大海") < page.index("李四")
    assert "没有等着处理的线索" in words(at_desk(staff.neighbour_cadre), "clues")


def test_the_list_is_sifted_by_village_source_conclusion_and_name(at_desk, place, make, staff, lead):
    surveyed(make.household(place.village, "李四"), staff.cadre)
    client = at_desk(staff.officer)
    for query, seen, gone in (
        ({"source": "visited"}, "王大海", "李四"),
        ({"source": "screened"}, "李四", "王大海"),
        ({"outcome": "EDGE"}, "李四", "王大海"),
        ({"q": "大海"}, "王大海", "李四"),
        ({"village": place.village.pk}, "王大海", "外人"),
    ):
        page = words(client, "clues", **query)
        assert seen in page, query
        assert gone not in page, query
    assert "王大海" not in words(client, "clues", village=place.other_village.pk)


def test_pages_of_the_list_go_on_from_leads_to_conclusions(at_desk, place, make, staff, today):
    for number in range(15):
        report(make.household(place.village, f"甲{number:02d}", members=1), staff.cadre, today)
        surveyed(make.household(place.village, f"乙{number:02d}", members=1), staff.cadre)
    client = at_desk(staff.reviewer)
    first, second = (words(client, "clues", page=number) for number in (1, 2))
    assert sum(f"甲{number:02d}" in first for number in range(15)) == 15
    assert sum(f"乙{number:02d}" in first for number in range(15)) == 5
    assert sum(f"乙{number:02d}" in second for number in range(15)) == 10
    assert "共 30 条" in second


def test_three_leads_and_fifteen_cost_the_same_queries(
    at_desk, place, make, staff, today, django_assert_max_num_queries
):
    client = at_desk(staff.reviewer)

    def add(number):
        for _each in range(number):
            household = make.household(place.village, members=1)
            surveyed(household, staff.cadre)
            report(household, staff.cadre, today)

    add(3)
    words(client, "clues")  # the numbers in the menu are kept from here on
    with django_assert_max_num_queries(100) as few:
        words(client, "clues")
    add(12)
    with django_assert_max_num_queries(len(few.captured_queries)):
        words(client, "clues")


def test_mine_and_done_have_views_of_their_own(at_desk, staff, lead):
    leads.assign(lead=lead, to=staff.team, by=staff.reviewer)
    assert "王大海" in words(at_desk(staff.team), "clues", view="mine")
    assert "没有分给您" in words(at_desk(staff.cadre), "clues", view="mine")
    leads.close(lead=lead, by=staff.team, reason="income")
    done = words(at_desk(staff.reviewer), "clues", view="done")
    assert "收入够线" in done
    assert 'name="pick"' not in done


def test_who_only_reads_finds_no_boxes_and_no_buttons(at_desk, staff, lead):
    client = at_desk(staff.inspector)
    assert 'name="pick"' not in words(client, "clues")
    page = words(client, "lead", lead.pk)
    assert "列为预警关注 1 户" not in page
    assert "已核-无风险</h2>" not in page
    for name in ("lead-act", "lead-take-up"):
        assert client.post(reverse(f"monitoring:{name}"), {"pick": entry(lead)}).status_code == 403


# ---- a lead ----


def test_a_lead_is_reported_on_the_phone_in_two_pages(at_desk, staff, family, today):
    client = at_desk(staff.cadre)
    assert str(family.pk) in words(client, "lead-new", q="大海")
    address = f"{reverse('monitoring:lead-new')}?household={family.pk}"
    form = {
        "source": "pushed", "happened_on": today, "cause": "illness", "words": "自付两万", "unit": "",
        "idempotency_key": str(uuid.uuid4()),
    }  # fmt: skip
    assert "要写明是哪个部门" in client.post(address, form).content.decode()
    for _twice in range(2):
        assert client.post(address, {**form, "unit": "区医保局"}).status_code == 302
    assert Lead.objects.get().evidence.get().unit == "区医保局"


def test_a_refused_date_is_marked_at_its_own_box_and_nothing_typed_is_lost(at_desk, staff, family, today):
    client = at_desk(staff.cadre)
    form = {
        "source": "visited",
        "happened_on": today + timedelta(days=1),
        "cause": "illness",
        "words": "自付两万",
        "unit": "",
    }
    address = f"{reverse('monitoring:lead-new')}?household={family.pk}"
    answer = client.post(address, {**form, "idempotency_key": str(uuid.uuid4())})
    assert list(answer.context["form"].errors) == ["happened_on"]
    assert "自付两万" in answer.content.decode()
    assert not Lead.objects.exists()


def test_who_has_not_been_there_is_sent_there_first(at_desk, staff, lead, today):
    client, visit = at_desk(staff.cadre), reverse("monitoring:lead-visit", args=[lead.pk])
    assert f'class="btn btn-primary wide" href="{visit}"' in words(client, "lead", lead.pk)
    leads.visit(lead=lead, by=staff.cadre, visited_on=today, found="看了")
    page = words(client, "lead", lead.pk)
    assert f'class="btn wide" href="{visit}"' in page
    assert '<button class="btn btn-primary wide">列为预警关注 1 户' in page


def test_a_cadre_without_work_still_finds_every_place(at_desk, staff):
    page = at_desk(staff.neighbour_cadre).get(reverse("ledgers:home")).content.decode()
    for name in ("lead-new", "clues", "cases", "meeting", "notices", "findings"):
        assert f'href="{reverse(f"monitoring:{name}")}"' in page


def test_a_household_of_another_village_is_not_offered(at_desk, place, make, staff):
    other = make.household(place.neighbour, "王大山")
    client = at_desk(staff.cadre)
    assert "王大山" not in words(client, "lead-new", q="王大山").replace('value="王大山"', "")
    assert client.get(reverse("monitoring:lead-new"), {"household": other.pk}).status_code == 404


def test_one_tap_closes_with_its_reason(at_desk, staff, lead):
    client = at_desk(staff.cadre)
    page = words(client, "lead", lead.pk)
    assert f'value="{entry(lead)}"' in page
    assert "已核-无风险：1 条" in act(client, "close", entry(lead), reason="income").content.decode()
    lead.refresh_from_db()
    assert (lead.state, lead.reason) == (LeadState.CLOSED, "income")


def test_a_conclusion_has_the_same_page_and_is_stored_when_something_is_done(at_desk, staff, family):
    surveyed(family, staff.cadre)
    client = at_desk(staff.cadre)
    conclusion = Assessment.objects.get(replaced_on=None)
    assert f'value="clue:{conclusion.pk}"' in words(client, "lead-of", family.pk)
    assert Lead.objects.count() == 0
    act(client, "assign", f"clue:{conclusion.pk}", to=staff.team.pk)
    assert Lead.objects.get().assigned_to == staff.team
    assert client.get(reverse("monitoring:lead-of", args=[family.pk])).status_code == 302


def test_a_household_of_which_nobody_says_anything_has_no_lead_page(at_desk, staff, family):
    assert at_desk(staff.cadre).get(reverse("monitoring:lead-of", args=[family.pk])).status_code == 404


def test_a_visit_is_written_down_and_one_tap_opens_the_case(at_desk, staff, lead, today):
    client = at_desk(staff.cadre)
    form = {"visited_on": today, "found": "确实困难", "version": lead.version, "idempotency_key": str(uuid.uuid4())}
    assert client.post(reverse("monitoring:lead-visit", args=[lead.pk]), form).status_code == 302
    assert "确实困难" in words(client, "lead", lead.pk)
    client.post(reverse("monitoring:lead-take-up"), {"pick": entry(lead)})
    assert Case.objects.get().household == lead.household
    assert "预警关注" in words(client, "lead", lead.pk)


def test_a_page_that_stood_open_does_not_undo_what_a_colleague_did(at_desk, staff, lead):
    seen = entry(lead)
    leads.assign(lead=lead, to=staff.team, by=staff.reviewer)
    assert "刚有人办过" in act(at_desk(staff.cadre), "close", seen, reason="income").content.decode()
    at_desk(staff.cadre).post(reverse("monitoring:lead-take-up"), {"pick": seen})
    lead.refresh_from_db()
    assert (lead.state, Case.objects.count()) == (LeadState.OPEN, 0)


# ---- many at once ----


def test_many_are_confirmed_with_all_their_names_and_closed_together(at_desk, place, make, staff, today):
    stored = [report(make.household(place.village, f"王{name}"), staff.cadre, today) for name in "甲乙丙"]
    client = at_desk(staff.reviewer)
    entries = [entry(lead) for lead in stored]
    asked = client.post(reverse("monitoring:lead-act"), {"act": "close", "pick": entries}).content.decode()
    assert all(name in asked for name in ("王甲户", "王乙户", "王丙户", "确认办结 3 条"))
    assert Lead.objects.open().count() == 3
    key = str(uuid.uuid4())
    assert "3 条" in act(client, "close", *entries, reason="settled", idempotency_key=key).content.decode()
    act(client, "close", *entries, reason="settled", idempotency_key=key)
    assert (Lead.objects.open().count(), AuditEvent.objects.filter(action="lead.close").count()) == (0, 3)


def test_nothing_ticked_is_said(at_desk, staff):
    assert "请先勾选线索" in act(at_desk(staff.reviewer), "close", reason="income").content.decode()


def test_leads_of_two_villages_have_nobody_in_common_to_go(at_desk, place, make, staff, today):
    entries = [
        entry(report(make.household(village, "王"), staff.reviewer, today))
        for village in (place.village, place.neighbour)
    ]
    asked = at_desk(staff.reviewer).post(reverse("monitoring:lead-act"), {"act": "assign", "pick": entries})
    assert asked.context["form"].people == {}


# ---- from the QR code to the printed answer ----


def test_from_the_code_on_the_wall_to_the_printed_answer(at_desk, place, make, staff, family):
    page = switch_on(place, staff)
    poster = words(at_desk(staff.cadre), "lead-poster", place.village.code)
    assert "<svg" in poster
    assert "M4 4h1v1h-1z" in poster
    receipt = declare(page, id_number=family.members.get(relation="户主").id_number)
    leads_intake.exchange()
    client = at_desk(staff.cadre)
    assert "农户申报" in words(client, "clues")
    lead = Lead.objects.get()
    shown = words(client, "lead", lead.pk)
    assert PHONE not in shown
    assert "138****1234" in shown
    revealed = client.post(reverse("monitoring:lead-reveal", args=[lead.pk])).content.decode()
    assert PHONE in revealed
    assert AuditEvent.objects.filter(action="lead.reveal", actor=staff.cadre).count() == 1
    act(client, "close", entry(lead), reason="income")
    leads_intake.exchange()
    assert ask(receipt).context["found"].answer == Answer.REFUSED
    paper = words(client, "lead-answer", lead.pk)
    assert "不予认定" in paper
    assert "收入够线，没有大的支出" in paper


def test_a_declaration_of_nobody_known_is_matched_on_the_page(at_desk, place, make, staff, family):
    page = switch_on(place, staff)
    declare(page, name="王大海", id_number=invented_id())
    leads_intake.exchange()
    lead = Lead.objects.get()
    client = at_desk(staff.cadre)
    assert "没对上户的申报" in words(client, "clues")
    assert "王大海" in words(client, "lead-match", lead.pk)
    sent = {"household": family.pk, "version": lead.version}
    assert client.post(reverse("monitoring:lead-match", args=[lead.pk]), sent).status_code == 302
    lead.refresh_from_db()
    assert lead.household == family


def test_papers_and_posters_are_there_for_the_village_and_the_offices(at_desk, place, staff):
    for person in (staff.cadre, staff.reviewer, staff.officer):
        assert "农户困难申报表" in words(at_desk(person), "declaration-paper")
        assert "还没有开通扫码申报" in words(at_desk(person), "lead-posters")
    switch_on(place, staff)
    assert "北石桥村委会" in words(at_desk(staff.officer), "lead-posters")
    assert "南石桥村委会" not in words(at_desk(staff.cadre), "lead-posters")
    elsewhere = reverse("monitoring:lead-poster", args=[place.neighbour.code])
    assert at_desk(staff.cadre).get(elsewhere).status_code == 404


def test_the_district_alone_is_led_to_the_switch(at_desk, place, staff):
    switch = reverse("monitoring:declaration-switch")
    assert switch in words(at_desk(staff.officer), "lead-posters")
    for person in (staff.reviewer, staff.cadre):
        assert switch not in words(at_desk(person), "lead-posters")


def test_the_district_switches_on_the_page_and_the_trace_says_who(at_desk, place, staff):
    client = at_desk(staff.officer)
    client.post(reverse("monitoring:declaration-switch"), {"district": place.zone.pk, "switch": "on"})
    assert "已开通" in words(client, "declaration-switch")
    assert AuditEvent.objects.filter(action="lead.web_on", actor=staff.officer).count() == 1
    foreign = {"district": place.foreign_county.pk, "switch": "on"}
    assert client.post(reverse("monitoring:declaration-switch"), foreign).status_code == 403


def test_the_code_on_the_poster_leads_to_the_public_host_where_there_is_one(at_desk, place, staff, settings):
    page = switch_on(place, staff)
    settings.PUBLIC_URL = "https://gs.example"
    answer = at_desk(staff.cadre).get(reverse("monitoring:lead-poster", args=[place.village.code]))
    assert answer.context["address"] == f"https://gs.example/sb/{page.token}/"
