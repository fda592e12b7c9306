"""From flag to done: a survey opens a task of the department that leads it; it ends on evidence, or because it was none."""

import datetime
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, User
from accounts.roles import Role
from assistance import task_todo, task_work, tasks_found
from assistance.catalogue import MEASURES
from assistance.models import Delivery, GuaranteeTask, TaskKind
from assistance.services import told_by
from assistance.task_page import timeline_of
from households.incoming_files import examine
from households.models import Attachment, Member
from monitoring.inbox import todo
from tests.assistance.test_visit_plan import case, set_number
from tests.factories import add_user
from tests.households.sent_files import PDF
from tests.households.visits import submit

ONE_DAY = datetime.timedelta(days=1)


@pytest.fixture
def family(place, make):
    """Head, spouse, a son and a daughter: the son goes to school, the daughter of 12 to none."""
    household = make.household(place.village, members=4)
    today = timezone.localdate()
    for name, fields in (("之子", {"student_status": "小学"}), ("之女", {"student_status": ""})):
        born_on = today.replace(year=today.year - 12, day=1)
        household.members.filter(relation=name).update(born_on=born_on, **fields)
    return household


@pytest.fixture
def school(place):
    return add_user("jiaoti", "白老师", Role.DEPARTMENT_CLERK, place.zone, unit="云山高新区教体局")


@pytest.fixture
def builders(place):
    return add_user("jianshe", "何刚", Role.DEPARTMENT_CLERK, place.zone, unit="云山高新区建设局")


def found(household):
    rows = GuaranteeTask.objects.filter(household=household).unsolved()
    return sorted((task.kind, task.member.relation if task.member else "") for task in rows)


def survey(household, by, on=None, **answers):
    return submit(household, by, on or timezone.localdate(), **answers)


def evidence(name="证明.pdf"):
    return [examine(SimpleUploadedFile(name, PDF))]


def close(task, by, **given):
    task.refresh_from_db()
    values = {
        "outcome": "已解决", "closed_on": timezone.localdate(), "files": evidence(), "version": task.version,
        "idempotency_key": str(uuid.uuid4()), **given,
    }  # fmt: skip
    return task_work.close(task=task, by=by, **values)


# ---- opened ----


def test_each_unsolved_thing_is_a_task_of_the_department_that_leads_it(family, staff):
    family.members.filter(relation="配偶").update(medical_insured=False)
    survey(family, staff.cadre, education_ok=False, medical_ok=False, housing_ok=False, water_ok=False)
    assert found(family) == [
        ("dropout", "之女"), ("uninsured", "配偶"), ("unsafe_house", ""), ("unsafe_water", ""),
    ]  # fmt: skip
    leads = dict(GuaranteeTask.objects.values_list("kind", "lead"))
    assert leads == {
        kind: MEASURES[tasks_found.SOLVED_BY[kind]].lead for kind in TaskKind if kind != TaskKind.NO_DOCTOR
    }
    assert AuditEvent.objects.filter(action="task.open").count() == 4


def test_what_is_in_order_or_was_not_asked_is_no_task(family, staff):
    survey(family, staff.cadre, education_ok=True, medical_ok=True, housing_ok=True, water_ok=True)
    survey(family, staff.second_cadre)
    assert found(family) == []


def test_a_house_of_grade_c_or_d_is_unsafe_whatever_was_ticked(family, staff):
    survey(family, staff.cadre, housing_grade="B级")
    assert found(family) == []
    survey(family, staff.cadre, housing_grade="C级", note="又看了一次")
    assert found(family) == [("unsafe_house", "")]


def test_a_no_without_a_name_in_the_register_is_the_households(family, staff):
    family.members.update(student_status="小学", medical_insured=True)
    survey(family, staff.cadre, education_ok=False, medical_ok=False)
    assert found(family) == [("dropout", ""), ("uninsured", "")]


def test_who_the_register_calls_uninsured_is_a_task_unless_the_survey_says_all_are(family, staff):
    family.members.filter(relation="配偶").update(medical_insured=False)
    survey(family, staff.cadre, medical_ok=True)
    assert found(family) == []
    survey(family, staff.second_cadre)  # not asked
    assert found(family) == [("uninsured", "配偶")]


@pytest.mark.parametrize(("years", "is_child"), [(5, False), (6, True), (15, True), (16, False)])
def test_school_age_is_from_six_to_fifteen_full_years(family, staff, today, years, is_child):
    family.members.filter(relation="之女").update(born_on=today.replace(year=today.year - years, day=1))
    survey(family, staff.cadre, education_ok=False)
    assert found(family) == [("dropout", "之女" if is_child else "")]


def test_a_family_doctor_is_missed_only_where_a_household_is_watched(family, staff, today):
    survey(family, staff.cadre)
    assert found(family) == []
    case(family, staff)
    survey(family, staff.second_cadre)
    assert found(family) == [("no_doctor", "")]
    GuaranteeTask.objects.all().delete()
    Delivery.objects.create(household=family, **told_by(MEASURES["family_doctor"]), begun_on=today)
    survey(family, staff.team)
    assert found(family) == []


def test_found_again_it_is_not_doubled_and_gets_no_more_time(family, staff, today):
    survey(family, staff.cadre, water_ok=False)
    task = GuaranteeTask.objects.get()
    GuaranteeTask.objects.update(due_on=today - 3 * ONE_DAY)
    survey(family, staff.second_cadre, water_ok=False)
    task.refresh_from_db()
    assert task.due_on == today - 3 * ONE_DAY
    assert found(family) == [("unsafe_water", "")]


def test_the_term_is_the_districts(family, staff, place, today):
    set_number(place, staff, "task_water_days", "21")
    survey(family, staff.cadre, water_ok=False)
    assert GuaranteeTask.objects.get().due_on == today + 21 * ONE_DAY


# ---- withdrawn, carried ----


def test_a_correction_withdraws_what_it_says_is_none_and_keeps_the_rest(family, staff):
    wrong = survey(family, staff.cadre, water_ok=False, housing_ok=False)
    right = survey(family, staff.cadre, water_ok=False, housing_ok=True, corrects=wrong, reason="看错了房子")
    assert found(family) == [("unsafe_water", "")]
    assert GuaranteeTask.objects.unsolved().get().survey == right
    withdrawn = GuaranteeTask.objects.get(withdrawn=True)
    assert (withdrawn.kind, withdrawn.closed_by) == ("unsafe_house", None)
    assert "更正" in withdrawn.outcome
    assert AuditEvent.objects.filter(action="task.withdraw").count() == 1


def test_a_later_survey_that_is_no_correction_does_not_end_a_task(family, staff):
    survey(family, staff.cadre, water_ok=False)
    survey(family, staff.second_cadre, water_ok=True)
    assert found(family) == [("unsafe_water", "")]


def test_a_correction_leaves_alone_what_another_survey_found(family, staff):
    survey(family, staff.cadre, water_ok=False)
    other = survey(family, staff.second_cadre, housing_ok=False)
    survey(family, staff.second_cadre, corrects=other, reason="写错户")
    assert found(family) == [("unsafe_water", "")]


def test_who_has_left_takes_no_task_along_but_into_a_family_of_his_own(family, staff, make, place):
    survey(family, staff.cadre, education_ok=False, water_ok=False)
    daughter = family.members.get(relation="之女")
    new = make.household(place.village, "新户")
    moved = make.member(new, relation="之女", name="王己")
    tasks_found.carry_over(old=daughter, new=moved)
    assert found(new) == [("dropout", "之女")]
    Member.objects.filter(pk=moved.pk).update(left_on=timezone.localdate())
    tasks_found.leave_with(household=new, by=staff.cadre)
    assert found(new) == []
    family.closed_on = timezone.localdate()
    tasks_found.leave_with(household=family, by=staff.cadre)
    assert found(family) == []
    assert GuaranteeTask.objects.filter(withdrawn=True).count() == 2


# ---- closed on evidence ----


def test_without_evidence_nothing_is_solved(family, staff, school):
    survey(family, staff.cadre, education_ok=False)
    task = GuaranteeTask.objects.get()
    with pytest.raises(ValidationError, match="佐证"):
        close(task, school, files=[])
    assert close(task, school, outcome=" 已返校 ")
    task.refresh_from_db()
    assert (task.closed_by, task.outcome, task.evidence.count()) == (school, "已返校", 1)
    assert task.evidence.get().household == family


def test_back_in_school_by_the_register_is_evidence(family, staff, school):
    survey(family, staff.cadre, education_ok=False)
    task = GuaranteeTask.objects.get()
    family.members.filter(relation="之女").update(student_status="七年级")
    assert close(task, school, files=[])
    assert found(family) == []


def test_a_house_is_solved_when_it_is_pulled_down_built_and_lived_in_in_this_order(family, staff, builders, today):
    survey(family, staff.cadre, housing_ok=False)
    task = GuaranteeTask.objects.get()

    def step(name, days_ago, by=builders):
        task.refresh_from_db()
        task_work.note_step(task=task, by=by, step=name, on=today - days_ago * ONE_DAY, version=task.version)

    with pytest.raises(ValidationError, match="按次序"):
        step("moved_in", 1)
    with pytest.raises(ValidationError, match="还没有登记危房拆除"):
        close(task, builders)
    step("demolished", 30)
    with pytest.raises(ValidationError, match="不能早于上一步"):
        step("rebuilt", 31)
    with pytest.raises(ValidationError, match="不能晚于今天"):
        step("rebuilt", -1)
    step("rebuilt", 5)
    with pytest.raises(ValidationError, match="建好入住"):
        close(task, builders)
    step("moved_in", 2)
    with pytest.raises(ValidationError, match="佐证"):
        close(task, builders, files=[])
    with pytest.raises(ValidationError, match="早于入住"):
        close(task, builders, closed_on=today - 3 * ONE_DAY)
    assert close(task, builders)
    titles = [entry.title for entry in timeline_of(family)]
    assert titles == [
        "保障任务：住房不安全", "危房拆除：住房不安全", "改造合格：住房不安全", "建好入住：住房不安全",
        "保障任务已解决：住房不安全",
    ]  # fmt: skip


def test_only_who_leads_it_and_the_offices_solve_it(family, staff, school, builders, place):
    survey(family, staff.cadre, education_ok=False)
    task = GuaranteeTask.objects.get()
    elsewhere = add_user("jiaoti2", "外老师", Role.DEPARTMENT_CLERK, place.foreign_county, unit="外区教体局")
    for person in (builders, elsewhere, staff.cadre, staff.team, staff.inspector, staff.other_reviewer, staff.admin):
        with pytest.raises(PermissionDenied):
            close(task, person)
    assert found(family) == [("dropout", "之女")]
    assert close(task, staff.reviewer)


def test_two_at_once_and_a_second_click_close_it_once(family, staff, school):
    survey(family, staff.cadre, education_ok=False)
    task = GuaranteeTask.objects.get()
    key = str(uuid.uuid4())
    assert close(task, school, idempotency_key=key)
    assert not close(task, school, idempotency_key=key)
    with pytest.raises(ValidationError, match="刚有人办过"):
        close(task, staff.reviewer)
    assert AuditEvent.objects.filter(action="task.close").count() == 1


def test_what_comes_back_after_it_was_solved_is_a_new_task(family, staff):
    survey(family, staff.cadre, water_ok=False)
    close(GuaranteeTask.objects.get(), staff.reviewer)
    survey(family, staff.second_cadre, water_ok=False)
    assert GuaranteeTask.objects.count() == 2
    assert found(family) == [("unsafe_water", "")]


# ---- pages and inbox ----


def seated(client, person: User):
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_department_sees_what_it_leads_and_nothing_else(client, family, staff, school, builders):
    survey(family, staff.cadre, education_ok=False, housing_ok=False)
    dropout, house = (GuaranteeTask.objects.get(kind=kind) for kind in ("dropout", "unsafe_house"))
    page = seated(client, school).get(reverse("assistance:tasks")).content.decode()
    assert "失学辍学" in page
    assert "住房不安全" not in page
    assert client.get(reverse("assistance:task", args=[dropout.pk])).status_code == 200
    assert client.get(reverse("assistance:task", args=[house.pk])).status_code == 404
    assert reverse("households:assistance", args=[family.pk]) not in page
    listed = seated(client, staff.reviewer).get(reverse("assistance:tasks")).content.decode()
    assert "失学辍学" in listed
    assert "住房不安全" in listed
    narrowed = client.get(reverse("assistance:tasks"), {"lead": "建设局"}).content.decode()
    assert "住房不安全" in narrowed.split("section-head")[1]
    assert "失学辍学" not in narrowed.split("section-head")[1]


def test_a_department_knows_the_family_by_its_number(client, family, staff, school):
    survey(family, staff.cadre, education_ok=False)
    task = GuaranteeTask.objects.get()
    names = [member.name for member in family.members.all()]
    for url in (reverse("assistance:tasks"), reverse("assistance:task", args=[task.pk])):
        page = seated(client, school).get(url).content.decode()
        assert family.number in page
        assert not [name for name in names if name in page]
        assert task.member.name in seated(client, staff.reviewer).get(url).content.decode()


def test_a_task_is_worked_through_on_its_page(client, family, staff, builders, today):
    survey(family, staff.cadre, housing_ok=False)
    task = GuaranteeTask.objects.get()
    url, step, done = (reverse(f"assistance:{name}", args=[task.pk]) for name in ("task", "task-step", "task-close"))
    seated(client, builders)
    assert "登记危房拆除" in client.get(url).content.decode()
    for name in ("demolished", "rebuilt", "moved_in"):
        task.refresh_from_db()
        assert client.post(step, {"step": name, "on": f"{today}", "version": task.version}).status_code == 302
    task.refresh_from_db()
    typed = {"outcome": "新房已入住", "closed_on": f"{today}", "version": task.version, "idempotency_key": uuid.uuid4()}
    refused = client.post(done, {**typed, "files": SimpleUploadedFile("新房.jpg", PDF)}).content.decode()
    assert "内容却是 PDF" in refused
    assert "新房已入住" in refused
    assert not Attachment.objects.exists()
    assert client.post(done, {**typed, "files": SimpleUploadedFile("新房.pdf", PDF)}).status_code == 302
    page = client.get(url).content.decode()
    assert "新房已入住" in page
    assert "怎样解决的" not in page
    shown = seated(client, staff.cadre).get(reverse("households:assistance", args=[family.pk])).content.decode()
    assert "已解决" in shown


def test_the_village_reads_a_task_and_is_told_who_closes_it(client, family, staff):
    survey(family, staff.cadre, water_ok=False)
    page = seated(client, staff.cadre).get(reverse("assistance:task", args=[GuaranteeTask.objects.get().pk]))
    assert "办结 1 件" not in page.content.decode()
    assert "由水利局和镇（街）" in page.content.decode()


def test_what_is_late_is_in_the_inbox_of_who_must_see_to_it(family, staff, school, today):
    survey(family, staff.cadre, education_ok=False, water_ok=False)
    people = {"cadre": staff.cadre, "reviewer": staff.reviewer, "officer": staff.officer, "school": school}

    def lines():
        told = {name: [item.title for item in todo(one) if item.kind == "task"] for name, one in people.items()}
        assert {name: len(titles) for name, titles in told.items()} == {
            name: task_todo.waiting_count(one) for name, one in people.items()
        }
        return told

    assert lines() == {"cadre": [], "reviewer": [], "officer": [], "school": ["1 件保障任务要解决"]}
    GuaranteeTask.objects.update(due_on=today - ONE_DAY)
    assert lines() == {
        "cadre": ["2 件保障任务超期"], "reviewer": ["2 件保障任务超期"], "officer": ["2 件保障任务超期"],
        "school": ["1 件保障任务超期"],
    }  # fmt: skip
    for person in (staff.neighbour_cadre, staff.other_reviewer, staff.inspector, staff.clerk, staff.admin):
        assert task_todo.waiting_count(person) == 0
