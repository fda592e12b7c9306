"""承诺授权 and 信息比对 (全国2021): nothing is compared without a signature, a hit waits for evidence, and only the offices see it."""

import datetime
import io
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import AuditEvent
from households.facts import write_facts
from households.incoming_files import examine
from households.models import Facts
from monitoring import comparisons
from monitoring.case_course import course_of
from monitoring.comparison_workbook import read_answers, request_list
from monitoring.comparisons import Answer
from monitoring.models import Assessment, Authorisation, Case, ComparisonAnswer, NegativeItem, PolicyValue, Stage
from monitoring.views.comparisons import _to_compare
from monitoring.workflow import open_case, steps_for, take
from tests.households.sent_files import PDF, sent
from tests.monitoring.casework import surveyed
from tests.monitoring.test_workflow import race

ONE_DAY = datetime.timedelta(days=1)
CAR = "鲁D牌小汽车一辆，2021 年登记"


@pytest.fixture
def national(place, staff, today):
    """The zone works by 全国2021."""
    PolicyValue.objects.create(
        region=place.zone, ruleset="national_2021", key="ruleset", value="national_2021", source="某文 第一条",
        starts_on=datetime.date(2021, 6, 1), proposed_by=staff.officer, confirmed_by=staff.admin,
        confirmed_at=timezone.now(),
    )  # fmt: skip


@pytest.fixture
def case(national, place, staff, make, today):
    """A household that waits for its authorisation."""
    household = surveyed(make.household(place.village, "王大海"), staff.cadre)
    return take(
        "start_survey", case=open_case(household=household, by=staff.cadre, note="家里有人生病"), by=staff.cadre
    )


def sign(case, by, today):
    return comparisons.authorise(
        case=case,
        by=by,
        signed_on=today,
        signed_by="王大海",
        explained_by="石主任",
        papers=[examine(sent(PDF, "a.pdf"))],
    )


@pytest.fixture
def comparing(case, staff, today):
    """The same household, signed, surveyed and being compared."""
    sign(case, staff.cadre, today)
    case = take("complete_authorisation", case=case, by=staff.cadre)
    return take("complete_survey", case=Case.objects.get(pk=case.pk), by=staff.cadre)


def answers(**hits):
    return [Answer(item, item in hits, hits.get(item, "")) for item in ("housing", "vehicle", "payroll", "company")]


def test_the_national_procedure_asks_for_a_signature_first_and_compares_after_the_visit(case, comparing):
    assert case.stage == Stage.AUTHORISE
    assert comparing.stage == Stage.COMPARE
    assert [str(item) for item in comparisons.items_of(comparing)] == ["housing", "vehicle", "payroll", "company"]


def test_elsewhere_nothing_is_signed_or_compared(place, staff, make):
    household = surveyed(make.household(place.village), staff.cadre)
    moved = take(
        "start_survey", case=open_case(household=household, by=staff.cadre, note="家里有人生病"), by=staff.cadre
    )
    assert (moved.stage, comparisons.items_of(moved)) == (Stage.SURVEY, [])


def test_without_a_signature_the_case_does_not_go_on(case, staff, today):
    with pytest.raises(ValidationError, match="先让农户签字"):
        take("complete_authorisation", case=case, by=staff.cadre)
    with pytest.raises(PermissionDenied):
        sign(case, staff.reviewer, today)
    for wrong in (today + ONE_DAY, today - 31 * ONE_DAY):
        with pytest.raises(ValidationError, match="签字日期"):
            sign(case, staff.cadre, wrong)
    sign(case, staff.cadre, today)
    with pytest.raises(ValidationError, match="已经登记过"):
        sign(case, staff.cadre, today)
    assert take("complete_authorisation", case=case, by=staff.cadre).stage == Stage.SURVEY
    assert Authorisation.objects.get().papers.get().kind == "consent"


def test_a_signature_that_was_taken_back_stops_the_comparison_and_nothing_else(comparing, staff, today):
    comparisons.withdraw_authorisation(case=comparing, by=staff.cadre, reason="不想查存款")
    with pytest.raises(ValidationError, match="没有有效的承诺授权"):
        comparisons.keep_answers(case=comparing, by=staff.reviewer, answers=answers(), answered_on=today)
    with pytest.raises(ValidationError, match="没有有效的承诺授权"):
        take("complete_comparison", case=comparing, by=staff.reviewer)
    with pytest.raises(ValidationError, match="没有有效"):
        comparisons.withdraw_authorisation(case=comparing, by=staff.cadre, reason="再撤一次")
    assert Case.objects.get(pk=comparing.pk).stage == Stage.COMPARE


def test_who_took_the_signature_back_is_not_on_the_list_for_the_departments(comparing, staff, today, client):
    comparisons.withdraw_authorisation(case=comparing, by=staff.cadre, reason="不想查存款")
    case = Case.objects.select_related("household", "village", "procedure").get(pk=comparing.pk)
    with pytest.raises(ValidationError, match="没有有效的承诺授权"):
        request_list([case], staff.reviewer, "报部门比对")
    client.force_login(staff.reviewer, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("monitoring:comparisons")).content.decode()
    assert "下载 0 户的比对名单" in page
    answer = client.post(reverse("monitoring:comparison-request"), {"purpose": "报部门比对"}, follow=True)
    assert "没有有效的承诺授权" in answer.content.decode()
    assert not AuditEvent.objects.filter(action="comparison.export").exists()
    comparisons.authorise(case=case, by=staff.cadre, signed_on=today, signed_by="王大海", explained_by="石主任")
    assert request_list([Case.objects.get(pk=case.pk)], staff.reviewer, "报部门比对")


def test_a_form_that_was_sent_before_the_signature_was_taken_back_signs_nothing_anew(case, staff, today):
    told = {"signed_on": today, "signed_by": "王大海", "explained_by": "石主任", "idempotency_key": str(uuid.uuid4())}
    made = comparisons.authorise(case=case, by=staff.cadre, **told)
    comparisons.withdraw_authorisation(case=case, by=staff.cadre, reason="不想查存款")
    assert comparisons.authorise(case=case, by=staff.cadre, **told) == made
    assert not Authorisation.objects.in_force().exists()
    lines = [(line.what, line.text) for line in course_of(case, in_office=False).lines if line.what == "登记承诺授权"]
    assert lines == [("登记承诺授权", f"签字 王大海，讲解 石主任；{today:%Y-%m-%d} 撤回：不想查存款")]


@pytest.mark.django_db(transaction=True)
def test_two_people_who_enter_answers_at_the_same_moment_enter_each_once(comparing, staff, today):
    results = race(
        *[
            lambda by=by: comparisons.keep_answers(case=comparing, by=by, answers=answers(), answered_on=today)
            for by in (staff.reviewer, staff.second_reviewer)
        ]
    )
    assert sorted(results) == [0, 4]
    assert ComparisonAnswer.objects.count() == 4


def test_answers_that_come_when_the_case_has_gone_on_are_refused(comparing, staff, today):
    seen = Case.objects.get(pk=comparing.pk)
    comparisons.keep_answers(case=comparing, by=staff.reviewer, answers=answers(), answered_on=today)
    take("complete_comparison", case=Case.objects.get(pk=comparing.pk), by=staff.reviewer)
    with pytest.raises(ValidationError, match="不在比对"):
        comparisons.keep_answers(case=seen, by=staff.reviewer, answers=answers(vehicle=CAR), answered_on=today)
    assert not ComparisonAnswer.objects.filter(hit=True).exists()


def test_what_a_department_has_answered_is_not_cut_in_silence(comparing, staff, today):
    with pytest.raises(ValidationError, match="最多 500 个字"):
        comparisons.keep_answers(
            case=comparing, by=staff.reviewer, answers=answers(vehicle="车" * 501), answered_on=today
        )
    assert not ComparisonAnswer.objects.exists()


def test_the_list_asks_as_often_for_many_as_for_few(comparing, staff, make, place, client):
    def one_more():
        case = Case.objects.get(pk=comparing.pk)
        case.pk, case.household = uuid.uuid4(), make.household(place.village)
        case.save(force_insert=True)
        Authorisation.objects.create(
            case=case, signed_on=timezone.localdate(), signed_by="某人", explained_by="某人", recorded_by=staff.cadre
        )

    def queries(ask):
        with CaptureQueriesContext(connection) as asked:
            ask()
        return len(asked)

    def list_out():
        request_list(list(_to_compare(request)), staff.reviewer, "报部门比对")

    request = RequestFactory().get("/")
    request.user = staff.reviewer
    client.force_login(staff.reviewer, backend="django.contrib.auth.backends.ModelBackend")
    look = lambda: client.get(reverse("monitoring:comparisons"))  # noqa: E731
    for _warm in range(2):
        look()
        list_out()
    one_more()
    few = queries(look), queries(list_out)
    for _more in range(9):
        one_more()
    assert (queries(look), queries(list_out)) == few


def test_the_comparison_is_over_when_every_item_is_answered(comparing, staff, today):
    some = answers()[:3]
    assert comparisons.keep_answers(case=comparing, by=staff.reviewer, answers=some, answered_on=today) == 3
    comparing.refresh_from_db()
    with pytest.raises(ValidationError, match="还有 1 项没有部门反馈"):
        take("complete_comparison", case=comparing, by=staff.reviewer)
    comparisons.keep_answers(case=comparing, by=staff.reviewer, answers=answers(), answered_on=today)
    comparing.refresh_from_db()
    assert take("complete_comparison", case=comparing, by=staff.reviewer).stage == Stage.MEETING


def test_a_hit_holds_the_case_until_it_is_explained_with_evidence(comparing, staff, today):
    found = answers(vehicle=f"王大海：{CAR}")
    comparisons.keep_answers(case=comparing, by=staff.reviewer, answers=found, answered_on=today)
    assert "NEGATIVE_HOLD" in Assessment.objects.standing_on(today).get().flags
    comparing.refresh_from_db()
    with pytest.raises(ValidationError, match="核实情况"):
        take("complete_comparison", case=comparing, by=staff.reviewer)
    hit = ComparisonAnswer.objects.get(hit=True)
    with pytest.raises(ValidationError, match="佐证"):
        comparisons.explain_hit(answer=hit, by=staff.reviewer, explanation="车已转让", evidence=[])
    with pytest.raises(PermissionDenied):
        comparisons.explain_hit(
            answer=hit, by=staff.cadre, explanation="车已转让", evidence=[examine(sent(PDF, "a.pdf"))]
        )
    comparisons.explain_hit(
        answer=hit, by=staff.reviewer, explanation="车已转让", evidence=[examine(sent(PDF, "b.pdf"))]
    )
    assert "车已转让" not in " ".join(comparing.events.values_list("note", flat=True))  # kept encrypted alone
    comparing.refresh_from_db()
    assert take("complete_comparison", case=comparing, by=staff.reviewer).stage == Stage.MEETING


def test_another_answer_makes_the_explanation_void(comparing, staff, today):
    comparisons.keep_answers(
        case=comparing, by=staff.reviewer, answers=answers(vehicle=f"王大海：{CAR}"), answered_on=today
    )
    hit = ComparisonAnswer.objects.get(hit=True)
    comparisons.explain_hit(
        answer=hit, by=staff.reviewer, explanation="车已转让", evidence=[examine(sent(PDF, "b.pdf"))]
    )
    comparisons.keep_answers(
        case=comparing, by=staff.reviewer, answers=answers(vehicle="王大海：还有一辆货车"), answered_on=today
    )
    with pytest.raises(ValidationError, match="刚有变化"):
        comparisons.explain_hit(
            answer=hit, by=staff.officer, explanation="车已转让", evidence=[examine(sent(PDF, "c.pdf"))]
        )
    hit.refresh_from_db()
    assert (hit.explained_at, hit.explanation, hit.evidence.count()) == (None, "", 0)
    comparisons.keep_answers(case=comparing, by=staff.reviewer, answers=answers(), answered_on=today)
    assert "NEGATIVE_HOLD" not in Assessment.objects.standing_on(today).get().flags


def test_a_later_visit_keeps_the_hits(comparing, staff, today):
    comparisons.keep_answers(
        case=comparing, by=staff.reviewer, answers=answers(company="王大海：个体工商户"), answered_on=today
    )
    bits = Facts.objects.get(replaced_on=None).negative_bits
    assert bits == 1 << list(NegativeItem).index(NegativeItem.COMPANY)
    later = comparing.household.surveys.get()
    later.pk, later.visited_on = uuid.uuid4(), today
    later.save(force_insert=True)
    write_facts(later)
    assert Facts.objects.get(replaced_on=None).survey == later
    assert Facts.objects.get(replaced_on=None).negative_bits == bits


def test_hits_are_seen_by_the_offices_alone(comparing, staff, today, client):
    comparisons.keep_answers(
        case=comparing, by=staff.reviewer, answers=answers(vehicle=f"王大海：{CAR}"), answered_on=today
    )
    hit = ComparisonAnswer.objects.get(hit=True)
    comparisons.explain_hit(
        answer=hit, by=staff.reviewer, explanation="车已转让", evidence=[examine(sent(PDF, "b.pdf"))]
    )
    evidence = reverse("households:attachment", args=[hit.evidence.get().pk])
    pages = [
        reverse("monitoring:case", args=[comparing.pk]),
        reverse("households:cases", args=[comparing.household_id]),
    ]
    for person, expected in ((staff.cadre, 404), (staff.inspector, 404), (staff.reviewer, 200), (staff.officer, 200)):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(evidence).status_code == expected, person
        compare = client.get(reverse("monitoring:comparison", args=[comparing.pk])).status_code
        assert (compare == 200) is (expected == 200), person
        if expected == 404:
            for page in pages:
                text = client.get(page).content.decode()
                assert "车已转让" not in text
                assert CAR not in text


def workbook(content, fill):
    """The list as the departments fill it in."""
    book = load_workbook(io.BytesIO(content))
    fill(book.active)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_the_list_goes_out_with_all_members_and_comes_back_filled_in(comparing, staff, today):
    content = request_list([comparing], staff.reviewer, "报部门比对")
    sheet = load_workbook(io.BytesIO(content)).active
    members = comparing.household.members.living_together()
    assert sheet.max_row == 2 + members.count()
    assert {sheet.cell(row, 4).value for row in range(3, sheet.max_row + 1)} == {one.id_number for one in members}
    assert AuditEvent.objects.filter(action="comparison.export", actor=staff.reviewer).count() == 1

    def fill(sheet):
        for row in range(3, sheet.max_row + 1):
            for column in range(7, 11):
                sheet.cell(row, column).value = "无"
        sheet.cell(3, 8).value = CAR

    read = read_answers(workbook(content, fill), [comparing])
    assert read.refused == []
    (found,) = read.answers.values()
    assert [(one.item, one.hit) for one in found] == [
        ("housing", False),
        ("vehicle", True),
        ("payroll", False),
        ("company", False),
    ]
    assert found[1].detail.endswith(CAR)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda sheet: None, "还有没填的格子"),
        (lambda sheet: sheet.delete_rows(3), "共同生活的人对不上"),
        (lambda sheet: setattr(sheet.cell(3, 1), "value", "没有这一户"), "不在这次要比对的户里"),
    ],
)
def test_a_household_that_is_not_filled_in_whole_is_refused_with_a_sentence(comparing, staff, change, sentence):
    content = request_list([comparing], staff.reviewer, "报部门比对")
    read = read_answers(workbook(content, change), [comparing])
    assert not read.answers
    assert any(sentence in words for words in read.refused)


def test_a_list_of_other_households_is_not_told_line_by_line_for_ever(comparing, staff):
    def change(sheet):
        for row in range(3, 400):
            sheet.cell(row, 1).value = "".join(uuid.uuid4().hex for _each in range(10))

    told = read_answers(workbook(request_list([comparing], staff.reviewer, "报部门比对"), change), [comparing]).refused
    assert (len(told), told[-1]) == (101, "另外还有 297 处对不上，请先改上面这些。")
    assert max(map(len, told)) < 100


def test_the_pages_lead_from_the_signature_to_the_end_of_the_comparison(case, staff, today, client):
    client.force_login(staff.cadre, backend="django.contrib.auth.backends.ModelBackend")
    assert "登记承诺授权" in client.get(reverse("monitoring:case", args=[case.pk])).content.decode()
    paper = client.get(reverse("monitoring:authorisation-paper", args=[case.pk])).content.decode()
    assert "购买商品房" in paper
    form = client.get(reverse("monitoring:authorise", args=[case.pk])).context["form"]
    sent_form = {
        "idempotency_key": form["idempotency_key"].value(), "signed_on": today, "signed_by": "王大海",
        "explained_by": "石主任", "papers": SimpleUploadedFile("a.pdf", PDF),
    }  # fmt: skip
    assert client.post(reverse("monitoring:authorise", args=[case.pk]), sent_form).status_code == 302
    take("complete_authorisation", case=Case.objects.get(pk=case.pk), by=staff.cadre)
    take("complete_survey", case=Case.objects.get(pk=case.pk), by=staff.cadre)
    client.force_login(staff.reviewer, backend="django.contrib.auth.backends.ModelBackend")
    queue = client.get(reverse("monitoring:cases")).content.decode()  # it opens where the work is
    assert reverse("monitoring:comparisons") in queue
    assert reverse("monitoring:comparison", args=[case.pk]) in queue
    assert "王大海" in client.get(reverse("monitoring:comparisons")).content.decode()
    assert client.post(reverse("monitoring:comparison-request"), {"purpose": "报部门比对"})["Content-Type"].endswith(
        "sheet"
    )
    key = client.get(reverse("monitoring:comparison", args=[case.pk])).context["form"]["idempotency_key"].value()
    given = {
        "answered_on": today,
        "idempotency_key": key,
        **dict.fromkeys(("housing", "payroll", "company"), "no"),
        "vehicle": "yes",
    }
    page = client.post(reverse("monitoring:comparison", args=[case.pk]), given)
    assert "请写明部门反馈的内容" in page.content.decode()
    given["vehicle_detail"] = CAR
    assert client.post(reverse("monitoring:comparison", args=[case.pk]), given).status_code == 302
    hit = ComparisonAnswer.objects.get(hit=True)
    explained = {
        "explanation": "车已转让",
        "evidence": SimpleUploadedFile("b.pdf", PDF),
        "idempotency_key": form["idempotency_key"].value(),
    }
    explained["idempotency_key"] = explained["idempotency_key"][:-4] + "abcd"
    client.post(reverse("monitoring:hit-explain", args=[hit.pk]), explained)
    blocked = {choice.step.name: choice.blocked for choice in steps_for(Case.objects.get(pk=case.pk), staff.reviewer)}
    assert blocked["complete_comparison"] == ""
