"""Papers: what stands on them and what never does, who may print them, what a file lacks and where that is entered."""

import io

import pytest
from django.urls import resolve, reverse
from django.utils import timezone
from docx import Document

from accounts.models import AuditEvent
from assistance import completeness, wall_card
from assistance.catalogue import MEASURES
from assistance.models import Delivery, Helper, Plan, PlanItem, Visit
from assistance.paper_words import amount_words, term_words
from assistance.services import add_delivery
from households.attachments import store
from households.models import Attachment, Household, Survey
from monitoring.models import CaseEvent, Notice
from tests.households.sent_files import PDF, picture, sent
from tests.ledgers.conftest import designate, give

PAPERS = ("card", "visits-paper", "dossier")
NUMBER = "13900000001"


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def family(place, make, staff, today):
    """A family of three on the register, with a contact, a measure, an income and a cause."""
    household = make.household(place.village, "王大海", phone=NUMBER, address="三号", members=3)
    designate(household, main_risk="illness", decided_on=today.replace(day=1))
    head = household.head
    head.health = ["serious_illness"]
    head.save(update_fields=["health"])
    Survey.objects.create(
        household=household, village=place.village, visited_on=today, entered_by=staff.cadre, persons=3,
        hukou_persons=3, period_start=today.replace(year=today.year - 1), period_end=today, wage=98_765_400, operating_gross=0,
        operating_cost=0, property_income=0, transfer=0, transfer_expense=0, last_year_income=45_600_00, last_year_source="entered",
        submitted_at=timezone.now(),
    )  # fmt: skip
    Helper.objects.create(household=household, name="赵某", unit="区某局", phone="13800000009", begun_on=today)
    return household


def seat(client, user):
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def printed(client, user, name, *args, **query):
    answer = seat(client, user).get(reverse(f"assistance:{name}", args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


# ---- 明白卡 ----


def test_the_card_says_what_there_is_from_whom_and_whom_to_call(client, staff, place, family, today):
    type(place.village).objects.filter(pk=place.village.pk).update(office_phone="0632-1111111")
    type(place.town).objects.filter(pk=place.town.pk).update(office_phone="0632-2222222")
    give(
        family,
        "dibao",
        family.head,
        begun_on=today.replace(month=1, day=1),
        amount=500_00,
        every="month",
        fund="county",
    )
    give(family, "family_doctor", begun_on=today, unit="青石镇卫生院")
    page = printed(client, staff.cadre, "card", family.pk)
    for words in ("王大海", "王乙", "每月 500 元", f"{today.year} 年 1 月 1 日起", "区（县）资金",
                  "青石镇卫生院", "赵某", "13800000009", "0632-1111111", "0632-2222222", "12317"):  # fmt: skip
        assert words in page, words


def test_who_has_the_same_on_the_same_terms_stands_in_one_line_of_the_card(place, make, today):
    family = make.household(place.village)
    head, spouse, child = family.members.order_by("position")
    terms = {"begun_on": today.replace(month=1, day=1), "amount": 500_00, "every": "month"}
    for member in (child, head):
        give(family, "dibao", member, **terms)
    give(family, "dibao", spouse, **{**terms, "amount": 300_00})
    give(family, "family_doctor", **terms)
    for member in (head, spouse, child):
        give(family, "medical", member, **terms)
    lines = [(line.name, line.whose, line.amount) for line in wall_card.card_of(family).in_place]
    assert sorted(lines) == [
        ("低保", spouse.name, "每月 300 元"),
        ("低保", f"{head.name}、{child.name}", "每人每月 500 元"),
        (MEASURES["medical"].name, "全家3口", "每人每月 500 元"),
        ("家庭医生签约服务", "全家", "每月 500 元"),
    ]


def test_the_card_holds_no_income_no_number_no_cause_and_no_illness(client, staff, family, today):
    give(family, "dibao", family.head, begun_on=today)
    page = printed(client, staff.cadre, "card", family.pk)
    head = family.head
    never = (head.id_number, head.id_number[-4:], NUMBER, NUMBER[-4:], "98", "456", "因病", "收入", "病", "残")
    assert [words for words in never if words in page.split("<main>")[1]] == []


def test_a_measure_that_is_over_or_was_given_up_is_not_on_the_card(client, staff, family, today):
    last_year = today.replace(year=today.year - 1, month=1, day=1)
    give(family, "industry", begun_on=last_year, ended_on=last_year)
    give(family, "temporary_relief", begun_on=last_year)
    give(family, "family_doctor", begun_on=None, promised_on=last_year, dropped_on=last_year)
    page = printed(client, staff.cadre, "card", family.pk)
    assert "现在没有登记的帮扶" in page
    assert "正在办的" not in page


def test_the_cards_of_a_village_are_one_sheet_for_each_family_and_as_many_queries_for_thirty(
    client, staff, place, make, family, django_assert_max_num_queries
):
    for number in range(30):
        designate(make.household(place.village, f"李{number}"))
    make.household(place.village, "不在册")
    seat(client, staff.cadre)
    with django_assert_max_num_queries(15):
        page = client.get(reverse("assistance:village-cards", args=[place.village.code])).content.decode()
    assert page.count('class="sheet wall-card"') == 31
    assert "不在册" not in page
    event = AuditEvent.objects.get(action="dossier.card")
    assert (event.actor, event.region, event.detail["households"]) == (staff.cadre, place.village, 31)


def test_a_family_with_something_under_way_has_a_card_and_one_whose_grant_is_years_ago_has_none(place, make, today):
    waiting, long_ago = make.household(place.village, "李甲"), make.household(place.village, "李乙")
    give(waiting, "industry", begun_on=None, promised_on=today)
    give(long_ago, "temporary_relief", begun_on=today.replace(year=today.year - 2, day=1))
    assert [one.pk for one in wall_card.with_card(Household.objects.all(), today)] == [waiting.pk]


def test_amount_and_term_are_said_in_full():
    day = timezone.localdate().replace(year=2026, month=3, day=5)
    assert amount_words(None, "once") == ""
    assert amount_words(300_000, "month") == "每月 3,000 元"
    assert amount_words(12_345, "once") == "一次 123.45 元"
    loan = Delivery(begun_on=day, runs_until=day.replace(year=2027))
    assert term_words(loan, day) == "2026 年 3 月 5 日起，到 2027 年 3 月 5 日"
    assert term_words(loan, day.replace(year=2027)) == term_words(loan, day)
    assert term_words(loan, day.replace(year=2027, day=6)).endswith("（已到期，续不续请问一问）")
    assert term_words(Delivery(promised_on=day, due_on=day.replace(month=4)), day) == "应在 2026 年 4 月 5 日前落实"


# ---- 一户一档 ----


def test_the_dossier_has_every_part_and_says_what_is_not_there(client, staff, family, today):
    give(family, "dibao", family.head, begun_on=today)
    Visit.objects.create(household=family, visited_on=today, mood="same", sentence="还好", visitor=staff.cadre)
    store(sent(picture(), "门口.jpg"), kind="visit_photo", village=family.village, household=family, by=staff.cadre)
    page = printed(client, staff.reviewer, "dossier", family.pk)
    for part in (
        "家庭成员",
        "三年收入和刚性支出",
        "认定、消除的办理和依据",
        "民主评议",
        "村内公示、公告",
        "一户一策",
        "帮扶措施",
        "走访记录",
        "照片和附件",
    ):
        assert page.count(part) >= 2, part  # in the catalogue and as a heading
    assert "987,654" in page
    assert "上年纯收入为 45,600 元（本次询问）" in page
    assert "还好" in page
    assert "没有确认过的一户一策" in page
    assert reverse("households:attachment", args=[Attachment.objects.get().pk]) in page


def test_numbers_are_masked_on_every_paper(client, staff, family):
    for name in PAPERS:
        for user in (staff.cadre, staff.reviewer, staff.officer, staff.inspector):
            page = printed(client, user, name, family.pk)
            for member in family.members.all():
                assert member.id_number not in page
            assert NUMBER not in page


def test_what_only_some_may_open_is_not_in_the_dossier(client, staff, family):
    store(sent(PDF, "x.pdf"), kind="evidence", village=family.village, household=family, by=staff.clerk, sensitive=True)
    page = printed(client, staff.officer, "dossier", family.pk)
    assert "没有附件" in page
    assert "佐证材料" not in page


def test_printing_a_dossier_is_in_the_trace(client, staff, family):
    printed(client, staff.cadre, "dossier", family.pk)
    event = AuditEvent.objects.get(action="dossier.print")
    assert (event.actor, event.region, event.target) == (
        staff.cadre,
        family.village,
        f"households.household:{family.pk}",
    )


def test_the_decision_stands_there_with_its_clauses(client, staff, family):
    """An event of the procedure prints the clause of its step."""
    case = family.cases.get()
    CaseEvent.objects.create(
        case=case,
        step="endorse",
        from_stage="town",
        to_stage="district",
        by=staff.reviewer,
        at=timezone.now(),
        note="属实",
    )
    page = printed(client, staff.cadre, "dossier", family.pk)
    assert "李敏" in page
    assert "属实" in page
    assert "枣扶贫组办字〔2020〕4号" in page


# ---- 走访记录 ----


def test_the_visit_record_is_of_one_year_and_leaves_lines_to_write_on(client, staff, family, today):
    Visit.objects.create(
        household=family, visited_on=today, mood="same", chips=["home", "water"], sentence="还好", visitor=staff.cadre
    )
    before = today.replace(year=today.year - 1, month=2, day=1)
    Visit.objects.create(household=family, visited_on=before, mood="worse", sentence="去年的", visitor=staff.cadre)
    page = printed(client, staff.cadre, "visits-paper", family.pk)
    assert "人都在家、看了饮水" in page
    assert "去年的" not in page
    assert page.count('class="by-hand"') == 5
    assert "去年的" in printed(client, staff.cadre, "visits-paper", family.pk, year=before.year)
    wrong = client.get(reverse("assistance:visits-paper", args=[family.pk]), {"year": "今年"})
    assert wrong.status_code == 404


# ---- who may ----


@pytest.mark.parametrize("name", PAPERS)
def test_a_paper_is_for_those_who_read_the_household(client, staff, family, name):
    url = reverse(f"assistance:{name}", args=[family.pk])
    for desk, code in (
        ("cadre", 200), ("team", 200), ("reviewer", 200), ("officer", 200), ("inspector", 200),
        ("neighbour_cadre", 404), ("other_reviewer", 404), ("foreign_officer", 404), ("clerk", 403), ("admin", 403),
    ):  # fmt: skip
        assert seat(client, getattr(staff, desk)).get(url).status_code == code, desk


def test_the_cards_of_a_village_are_for_those_who_read_it(client, staff, place, family):
    url = reverse("assistance:village-cards", args=[place.village.code])
    for desk, code in (
        ("cadre", 200),
        ("reviewer", 200),
        ("neighbour_cadre", 404),
        ("other_reviewer", 404),
        ("clerk", 403),
    ):
        assert seat(client, getattr(staff, desk)).get(url).status_code == code, desk


# ---- one plan, to edit ----


@pytest.fixture
def plan(family, staff, today):
    found = Plan.objects.create(
        household=family, number=2, goal="年底前稳定增收", reason="增加一项", begun_by=staff.cadre, stage="confirmed",
        confirmed_by=staff.reviewer, confirmed_at=timezone.now(), unhelped={str(family.head.pk): "照顾老人"},
    )  # fmt: skip
    PlanItem.objects.create(
        plan=found, position=1, measure="industry", name="产业项目扶持", needs=["illness"], goal="养羊二十只", unit="农业农村局",
        person="赵某", due_on=today, amount=300_000, every="once", fund="county",
    )  # fmt: skip
    return found


def test_the_plan_as_a_document_has_the_measures_and_lines_to_sign(client, staff, plan):
    answer = seat(client, staff.reviewer).get(reverse("assistance:plan-file", args=[plan.pk]))
    assert answer.status_code == 200
    assert plan.household.head_name not in answer.headers["Content-Disposition"]
    document = Document(io.BytesIO(answer.content))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    for words in (
        "王大海",
        "年底前稳定增收",
        "增加一项",
        "产业项目扶持",
        "养羊二十只",
        "一次 3,000 元，区（县）",
        "农户（按印）",
        "镇（街）（盖章）",
    ):
        assert words in cells, words
    lines = [paragraph.text for paragraph in document.paragraphs]
    assert any("照顾老人" in line for line in lines)
    assert not any(member.id_number in cell for member in plan.household.members.all() for cell in cells)
    assert document.core_properties.author == "李敏"
    assert AuditEvent.objects.filter(action="assistance.fetch_plan", actor=staff.reviewer).count() == 1


def test_the_plan_as_a_document_is_for_those_who_read_the_household(client, staff, plan):
    url = reverse("assistance:plan-file", args=[plan.pk])
    for desk, code in (("cadre", 200), ("neighbour_cadre", 404), ("foreign_officer", 404), ("clerk", 403)):
        assert seat(client, getattr(staff, desk)).get(url).status_code == code, desk


# ---- what a file lacks ----


def keys(household, user, today):
    return {line.requirement.key for line in completeness.meter_of(household, user, today).missing}


def test_each_thing_that_is_entered_leaves_the_list(place, staff, make, today):
    household = make.household(place.village, "王大海", group_no=None)
    designate(household, main_risk="", decided_on=today)
    lacked = keys(household, staff.cadre, today)
    assert lacked == {
        "address", "group", "phone", "survey", "photo", "main_risk", "helper", "team", "plan", "measures",
    }  # fmt: skip
    Household.objects.filter(pk=household.pk).update(address="三号", group_no=2, phone=NUMBER)
    assert lacked - keys(household, staff.cadre, today) == {"address", "group", "phone"}
    add_delivery(household=household, by=staff.cadre, measure="family_doctor", member=None, begun_on=today)
    assert "measures" not in keys(household, staff.cadre, today)
    Helper.objects.create(household=household, name="赵某", unit="某局", begun_on=today)
    assert keys(household, staff.cadre, today) >= {"helper_phone"}
    Helper.objects.update(phone="13800000009")
    assert not {"helper", "helper_phone"} & keys(household, staff.cadre, today)
    store(sent(picture(), "a.jpg"), kind="visit_photo", village=place.village, household=household, by=staff.cadre)
    assert "photo" not in keys(household, staff.cadre, today)
    Plan.objects.create(household=household, number=1, begun_by=staff.cadre, stage="confirmed")
    household.team.create(part="village", name="某甲", unit="村委会", begun_on=today, entered_by=staff.cadre)
    household.cases.update(main_risk="illness")
    assert keys(household, staff.cadre, today) == {"survey"}


def test_who_was_entered_as_stock_is_not_asked_for_papers_of_a_procedure(place, staff, make, today):
    household = make.household(place.village)
    designate(household, decided_on=today)
    assert not {"authorisation", "meeting", "sign_in", "notice", "notice_photo"} & keys(household, staff.cadre, today)


def test_a_step_that_was_taken_asks_for_its_papers(place, staff, make, today):
    household = make.household(place.village)
    case = designate(household, decided_on=today)
    for source, target in (("authorise", "survey"), ("meeting", "notice_due"), ("notice", "town")):
        CaseEvent.objects.create(
            case=case, step="x", from_stage=source, to_stage=target, by=staff.cadre, at=timezone.now()
        )
    assert {"authorisation", "meeting", "notice"} <= keys(household, staff.cadre, today)
    notice = Notice.objects.create(
        village=place.village, starts_on=today, ends_on=today, posted_by=staff.cadre, photo_due_on=today
    )
    notice.cases.add(case)
    lacked = keys(household, staff.cadre, today)
    assert "notice" not in lacked
    assert "notice_photo" in lacked
    for kind in ("consent", "minutes"):
        store(sent(PDF, f"{kind}.pdf"), kind=kind, village=place.village, household=household, by=staff.cadre)
    assert "authorisation" not in keys(household, staff.cadre, today)


def test_a_case_that_was_sent_back_is_not_asked_for_what_was_not_done(place, staff, make, today):
    household = make.household(place.village)
    case = designate(household, decided_on=today)
    CaseEvent.objects.create(
        case=case, step="x", from_stage="meeting", to_stage="survey", by=staff.cadre, at=timezone.now()
    )
    assert "meeting" not in keys(household, staff.cadre, today)


def test_every_missing_thing_leads_to_where_this_person_enters_it(client, staff, family, today):
    for user in (staff.cadre, staff.reviewer, staff.officer):
        lines = completeness.meter_of(family, user, today).missing
        assert lines
        seat(client, user)
        for line in lines:
            assert line.url == "" or client.get(line.url).status_code == 200, (user, line.url)
            if line.url:
                assert user.posting_over(family.village, *resolve(line.url).func.roles)
    assert all(
        line.url == ""
        for line in completeness.meter_of(family, staff.inspector, today).missing
        if line.requirement.key == "photo"
    )


def test_the_list_of_a_village_and_its_numbers_are_those_of_each_household(client, place, staff, make, family, today):
    others = [make.household(place.village, f"李{number}", group_no=number % 3 or None) for number in range(8)]
    for other in others[:6]:
        designate(other, decided_on=today)
    rows = completeness.with_files(
        completeness.on_file(Household.objects.filter(village=place.village)), place.village, today
    )
    counted = {one.key: count for one, count in completeness.counts(rows)}
    each = [keys(household, staff.cadre, today) for household in (family, *others[:6])]
    assert counted == {key: sum(key in lacked for lacked in each) for key in set().union(*each)}
    for key, count in counted.items():
        assert completeness.lacking(rows, key).count() == count
    page = printed(client, staff.cadre, "dossiers")
    assert "李5" in page
    assert "李7" not in page  # of whom there is no file
    fewer = printed(client, staff.cadre, "dossiers", lack="group")
    assert "李0" in fewer
    assert "李1<" not in fewer


def test_the_meter_is_on_the_page_of_the_household(client, staff, family):
    page = seat(client, staff.cadre).get(reverse("households:assistance", args=[family.pk])).content.decode()
    assert "档案和打印" in page
    assert reverse("assistance:card", args=[family.pk]) in page
    assert "缺入户照片" in page
