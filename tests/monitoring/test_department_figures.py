"""部门数据 beside the visit: what does not agree must be decided before anybody signs, one by one or in a batch."""

import datetime
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from monitoring import batch, department_figures
from monitoring.department_checks import open_differences
from monitoring.models import Case, DepartmentFigure, FigureDecision, Stage
from monitoring.workflow import take
from tests.monitoring.casework import bring, surveyed

ONE_DAY = datetime.timedelta(days=1)
YUAN = 100


@pytest.fixture
def at_town(place, staff, make):
    """A case at the town's desk; the visit found 13,860 yuan of medical expense."""
    people = {"village": staff.cadre, "town": staff.reviewer, "district": staff.officer}
    household = surveyed(
        make.household(place.village, "王大海"), staff.cadre, rigid_medical=13_860 * YUAN, housing_grade="B级"
    )
    return bring(household, Stage.TOWN, **people)


def sent(case, by, today, *, item="rigid_medical", amount=13_860, grade="", **given):
    money = None if grade else amount * YUAN
    given = {"department": "医保局", "as_of": today, **given}
    return department_figures.enter_figure(
        household=case.household, by=by, item=item, amount=money, grade=grade, **given
    )


@pytest.mark.parametrize(
    ("amount", "agrees"), [(13_860, True), (12_600, True), (15_400, True), (12_400, False), (15_401, False), (0, False)]
)
def test_a_tenth_more_or_less_agrees(at_town, staff, today, amount, agrees):
    sent(at_town, staff.reviewer, today, amount=amount)
    assert (open_differences(at_town) == []) is agrees


def test_a_small_amount_agrees_within_a_hundred_yuan(at_town, staff, today):
    sent(at_town, staff.reviewer, today, item="rigid_disaster", amount=50)
    household = at_town.household
    household.surveys.update(rigid_disaster=0)
    assert open_differences(at_town) == []
    household.surveys.update(rigid_disaster=151 * YUAN)
    assert open_differences(at_town) == ["灾害损失"]


def test_a_grade_is_compared_as_it_stands(at_town, staff, today):
    sent(at_town, staff.reviewer, today, item="housing_grade", grade="B级", department="住建局")
    assert open_differences(at_town) == []
    sent(at_town, staff.reviewer, today, item="housing_grade", grade="C级", department="住建局")
    assert open_differences(at_town) == ["房屋等级"]


def test_an_old_figure_says_nothing_of_this_visit(at_town, staff, today):
    sent(at_town, staff.reviewer, today, amount=1, as_of=today - 401 * ONE_DAY)
    assert open_differences(at_town) == []
    with pytest.raises(ValidationError, match="不能晚于今天"):
        sent(at_town, staff.reviewer, today, as_of=today + ONE_DAY)


def test_nobody_signs_over_a_difference(at_town, staff, today):
    figure = sent(at_town, staff.reviewer, today, amount=2_000)
    with pytest.raises(ValidationError, match="看病自付和部门数据不一致"):
        take("endorse", case=at_town, by=staff.reviewer, main_risk="illness")
    with pytest.raises(PermissionDenied):
        department_figures.decide(case=at_town, figure=figure, by=staff.cadre, side="survey", reason="票据在")
    with pytest.raises(ValidationError, match="理由"):
        department_figures.decide(case=at_town, figure=figure, by=staff.reviewer, side="survey", reason=" ")
    department_figures.decide(
        case=at_town, figure=figure, by=staff.reviewer, side="survey", reason="票据在，医保还没有结完"
    )
    with pytest.raises(ValidationError, match="已经有人处理"):
        department_figures.decide(case=at_town, figure=figure, by=staff.officer, side="department", reason="再来一次")
    at_town.refresh_from_db()
    assert take("endorse", case=at_town, by=staff.reviewer, main_risk="illness").stage == Stage.DISTRICT


def test_a_newer_figure_must_be_decided_anew(at_town, staff, today):
    figure = sent(at_town, staff.reviewer, today, amount=2_000)
    department_figures.decide(case=at_town, figure=figure, by=staff.reviewer, side="survey", reason="票据在")
    assert open_differences(at_town) == []
    sent(at_town, staff.reviewer, today, amount=3_000)
    assert open_differences(at_town) == ["看病自付"]


def test_a_batch_skips_what_does_not_agree(at_town, staff, today):
    sent(at_town, staff.reviewer, today, amount=2_000)
    (candidate,) = batch.candidates([at_town], staff.reviewer, "endorse")
    assert "不一致" in candidate.skip


def test_a_second_click_enters_one_figure(at_town, staff, today):
    key = str(uuid.uuid4())
    for _click in range(2):
        sent(at_town, staff.reviewer, today, idempotency_key=key)
    assert DepartmentFigure.objects.count() == 1


def test_the_pages_show_both_figures_and_take_the_decision(at_town, staff, today, client):
    client.force_login(staff.reviewer, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("monitoring:figure-new", args=[at_town.pk])
    form = {
        "idempotency_key": str(uuid.uuid4()),
        "item": "housing_grade",
        "grade": "",
        "department": "住建局",
        "as_of": today,
    }
    assert "请选房屋等级" in client.post(address, form).content.decode()
    below_nothing = client.post(address, {**form, "item": "wage", "amount": "-5"}).content.decode()
    assert "金额不能小于 0" in below_nothing
    assert client.post(address, {**form, "grade": "C级"})["Location"].endswith(f"?stage=town&case={at_town.pk}")
    queue = client.get(reverse("monitoring:cases"), {"stage": "town"}).content.decode()
    assert "1 项不一致" in queue
    assert "住建局 C级" in queue
    figure = DepartmentFigure.objects.get()
    page = reverse("monitoring:figure-decide", args=[at_town.pk, figure.pk])
    assert "B级" in client.get(page).content.decode()
    given = {"idempotency_key": str(uuid.uuid4()), "side": "department", "reason": "鉴定报告在后，按 C 级办"}
    assert client.post(page, given).status_code == 302
    assert FigureDecision.objects.get().decided_by == staff.reviewer
    assert "按 C 级办" in client.get(reverse("monitoring:case", args=[at_town.pk])).content.decode()


def test_another_district_and_the_village_reach_neither_page(at_town, staff, today, client):
    figure = sent(at_town, staff.reviewer, today, amount=2_000)
    for person, expected in ((staff.cadre, 403), (staff.foreign_officer, 404)):
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        for name, args in (("figure-new", [at_town.pk]), ("figure-decide", [at_town.pk, figure.pk])):
            assert client.get(reverse(f"monitoring:{name}", args=args)).status_code == expected
    assert Case.objects.get(pk=at_town.pk).stage == Stage.TOWN
