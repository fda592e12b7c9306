"""What a rule set asks beyond the usual questions, and the features and key groups that facts get from it."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from households import codes, signals
from households.codes import Dibao, Health, KeyGroup, LabourSkill, LevelTwoFeature, RiskCause, Tekun
from households.facts import refresh_facts
from households.models import Survey, SurveyDraft
from households.questions import KEY_GROUPS, LEVEL_TWO, STABLE_INCOME
from households.survey_page import Opening, texts, values_of
from households.survey_record import record_groups
from tests.households.visits import TYPED, YUAN, hidden, submit

SMALL, LITTLE = LevelTwoFeature.SMALL_VENTURE, LevelTwoFeature.LITTLE_CAPITAL
CHANGE, SERVICE = KeyGroup.FAMILY_CHANGE, KeyGroup.SERVICE_FAMILY


def features(*chosen):
    return sum(codes.LEVEL_TWO_BITS[one] for one in chosen)


def groups(*chosen):
    return sum(codes.KEY_GROUP_BITS[one] for one in chosen)


@pytest.fixture
def household(make, place):
    """A family of three in 北石桥."""
    return make.household(place.village)


@pytest.fixture
def everything_asked():
    """A policy that asks every household all further questions."""

    def answer(sender, household, on, **more):
        return (LEVEL_TWO, KEY_GROUPS, STABLE_INCOME, "an unknown question")

    signals.survey_questions_asked.connect(answer)
    yield
    signals.survey_questions_asked.disconnect(answer)


@pytest.fixture
def read(household, staff, today):
    """Read what is typed, changed by keyword, as the form of today or of a correction."""

    def bind(corrects=None, **changed):
        form = Opening(household, staff.cadre, corrects=corrects).form(
            {**TYPED, "no_cause": "on", "reason": "写错", "visited_on": f"{today:%Y-%m-%d}", **changed}
        )
        form.full_clean()
        return form

    return bind


# ---- the form ----


def test_where_no_rule_set_asks_the_form_is_as_short_as_before(read, household, staff):
    form = read(level_two_features=[SMALL], stable_income="no")
    assert form.errors == {}
    assert not {"level_two_features", "key_groups", "stable_income"} & set(form.fields)
    survey = submit(household, staff.cadre, form.answers()["visited_on"])
    assert (survey.level_two_features, survey.key_groups, survey.stable_income) == (None, None, None)


def test_answers_none_of_them_and_no_answer_are_three_different_things(everything_asked, read):
    assert read(level_two_features=[SMALL, LITTLE]).answers()["level_two_features"] == [SMALL, LITTLE]
    assert read(level_two_features_none="on").answers()["level_two_features"] == []
    assert read().answers()["level_two_features"] is None
    assert read(key_groups=[SERVICE], stable_income="no").answers()["key_groups"] == [SERVICE]
    assert read(stable_income="no").answers()["stable_income"] is False


def test_an_answer_beside_none_of_them_is_pointed_out(everything_asked, read):
    form = read(key_groups=[CHANGE], key_groups_none="on")
    assert form.errors == {"key_groups": ["点了情况，又点了“都不是”，请改一处。"]}


def test_what_registers_hold_is_not_asked(everything_asked, read):
    assert "weak_skills" in read(level_two_features=["weak_skills"]).errors["level_two_features"][0]
    assert "dibao" in read(key_groups=["dibao"]).errors["key_groups"][0]


@pytest.mark.parametrize("answers", [{"level_two_features": ["weak_skills"]}, {"key_groups": ["ill"]}])
def test_the_service_refuses_answers_that_nobody_was_asked(household, staff, today, answers):
    with pytest.raises(ValidationError, match="列出的"):
        submit(household, staff.cadre, today, **answers)


def test_last_times_answers_are_ticked_and_what_happened_then_is_asked_anew(everything_asked, household, staff, today):
    submit(
        household, staff.cadre, today - datetime.timedelta(days=365),
        level_two_features=[SMALL], key_groups=[CHANGE, SERVICE],
    )  # fmt: skip
    opening = Opening(household, staff.cadre)
    typed = opening.typed()
    assert typed["level_two_features"] == [SMALL]
    assert typed["key_groups"] == [SERVICE]
    assert "产业规模小" in opening.form(initial=typed)["level_two_features"].help_text


def test_none_of_them_is_ticked_again(everything_asked, household, staff, today):
    submit(household, staff.cadre, today - datetime.timedelta(days=365), level_two_features=[], key_groups=[CHANGE])
    typed = Opening(household, staff.cadre).typed()
    assert typed["level_two_features_none"]
    assert not {"level_two_features", "key_groups", "key_groups_none"} & set(typed)


def test_a_correction_opens_with_all_that_was_answered(everything_asked, household, staff, today):
    survey = submit(household, staff.cadre, today, level_two_features=[], key_groups=[CHANGE], stable_income=True)
    typed = values_of(survey)
    assert (typed["level_two_features_none"], typed["key_groups"], typed["stable_income"]) == (True, [CHANGE], "yes")


def test_what_is_not_asked_any_more_stays_in_a_correction(read, household, staff, today):
    survey = submit(household, staff.cadre, today, level_two_features=[SMALL], key_groups=[], stable_income=False)
    answers = read(corrects=survey).answers()
    assert (answers["level_two_features"], answers["key_groups"], answers["stable_income"]) == ([SMALL], [], False)


def test_a_draft_keeps_the_ticks(everything_asked, client, household, staff):
    client.force_login(staff.cadre, backend="django.contrib.auth.backends.ModelBackend")
    typed = {
        **TYPED,
        "version": 1,
        "level_two_features": [SMALL, LITTLE],
        "key_groups_none": "on",
        "stable_income": "no",
    }
    client.post(reverse("households:survey-draft", args=[household.pk]), typed)
    kept = SurveyDraft.objects.get().typed
    assert (kept["level_two_features"], kept["stable_income"]) == ([SMALL, LITTLE], "no")
    page = client.get(reverse("households:survey", args=[household.pk])).content.decode()
    assert page.count('name="level_two_features"') == 5
    assert page.count('name="level_two_features" value="small_venture" id="id_level_two_features_0" checked') == 1
    assert 'id="id_key_groups_none" data-none checked' in page


def test_the_check_says_what_was_ticked(everything_asked, read):
    form = read(level_two_features=[SMALL], stable_income="no")
    assert texts(form, form.last_year)["causes"] == "没有这些难处；收入不稳定；产业规模小"


def test_the_record_and_the_paper_show_what_was_asked(everything_asked, client, household, staff, today):
    survey = submit(household, staff.cadre, today, level_two_features=[], key_groups=[CHANGE])
    rows = {row.label: row.values[0] for row in record_groups(survey)[-1].rows}
    assert (rows["二级的情形"], rows["重点群体"]) == ("没有这些情况", "发生重大家庭变故户")
    assert "收入稳定" not in rows
    client.force_login(staff.cadre, backend="django.contrib.auth.backends.ModelBackend")
    paper = client.get(reverse("households:survey-paper", args=[household.pk])).content.decode()
    assert "□ 产业规模小" in paper
    assert "□ 没有这些情况" in paper


def test_the_same_answers_sent_twice_are_one_visit_and_others_are_another(household, staff, today):
    first = submit(household, staff.cadre, today, level_two_features=[SMALL, LITTLE])
    assert submit(household, staff.cadre, today, level_two_features=[LITTLE, SMALL]) == first
    assert submit(household, staff.cadre, today, level_two_features=[]) != first


# ---- the bits ----


def test_answers_become_bits(household, staff, today):
    facts = submit(household, staff.cadre, today, level_two_features=[SMALL, LITTLE], key_groups=[SERVICE]).facts.get()
    assert (facts.yellow_bits, facts.key_group_bits) == (features(SMALL, LITTLE), groups(SERVICE))


@pytest.mark.parametrize(
    ("member", "found"),
    [
        ({"dibao": Dibao.RURAL}, groups(KeyGroup.DIBAO)),
        ({"tekun": Tekun.RURAL_HOME}, groups(KeyGroup.TEKUN_AT_HOME)),
        ({"tekun": Tekun.RURAL_CENTRE}, 0),
        ({"health": [Health.CHRONIC]}, groups(KeyGroup.ILL)),
        ({"health": [Health.SERIOUS, Health.DISABLED]}, groups(KeyGroup.ILL, KeyGroup.DISABLED)),
        ({"disability_category": "肢体"}, groups(KeyGroup.DISABLED)),
        ({"dibao": Dibao.RURAL, "lives_here": False}, 0),
    ],
)
def test_key_groups_follow_from_the_members(household, staff, today, member, found):
    household.members.filter(relation="之子").update(**member)
    assert submit(household, staff.cadre, today).facts.get().key_group_bits == found


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ({"housing_grade": "C级", "housing_ok": False}, groups(KeyGroup.UNSAFE_HOUSE)),
        ({"rigid_disaster": 1 * YUAN}, groups(KeyGroup.DISASTER)),
        ({"rigid_disaster": 0}, 0),
        ({"risk_causes": [RiskCause.DISASTER]}, groups(KeyGroup.DISASTER)),
    ],
)
def test_key_groups_follow_from_house_and_losses(household, staff, today, answers, found):
    assert submit(household, staff.cadre, today, **answers).facts.get().key_group_bits == found


def test_the_grade_seen_on_the_visit_counts_before_the_roster(household, staff, today):
    household.unsafe_house = True
    household.save()
    assert submit(household, staff.cadre, today).facts.get().key_group_bits == groups(KeyGroup.UNSAFE_HOUSE)
    seen = submit(household, staff.cadre, today, housing_grade="B级")
    assert seen.facts.get().key_group_bits == 0


def test_skills_are_weak_where_only_the_weak_can_work(household, staff, today):
    survey = submit(household, staff.cadre, today, level_two_features=[SMALL])
    assert survey.facts.get().yellow_bits == features(SMALL)
    household.members.update(labour_skill=LabourSkill.WEAK)
    refresh_facts(household)
    assert survey.facts.get().yellow_bits == features(SMALL, LevelTwoFeature.WEAK_SKILLS)
    household.members.update(labour_skill=LabourSkill.NONE)
    refresh_facts(household)
    assert survey.facts.get().yellow_bits == features(SMALL)


def test_a_member_who_falls_ill_puts_the_household_in_a_group_from_that_day(household, staff, today):
    survey = submit(household, staff.cadre, today - datetime.timedelta(days=30), key_groups=[SERVICE])
    household.members.filter(relation="之子").update(health=[Health.SERIOUS])
    refresh_facts(household)
    assert list(survey.facts.order_by("begins_on").values_list("begins_on", "key_group_bits")) == [
        (survey.visited_on, groups(SERVICE)),
        (today, groups(SERVICE, KeyGroup.ILL)),
    ]


def test_a_page_that_asks_is_submitted_without_a_script(everything_asked, client, household, staff, today):
    client.force_login(staff.cadre, backend="django.contrib.auth.backends.ModelBackend")
    url = reverse("households:survey", args=[household.pk])
    page = client.get(url).content.decode()
    sent = {name: hidden(page, name) for name in ("version", "idempotency_key")}
    answers = {"no_cause": "on", "stable_income": "no", "level_two_features": [SMALL], "key_groups": [CHANGE, SERVICE]}
    reply = client.post(url, {**TYPED, **sent, **answers, "visited_on": f"{today}"})
    facts = Survey.objects.get().facts.get()
    assert reply.status_code == 302
    assert (facts.stable_income, facts.yellow_bits) == (False, features(SMALL))
    assert facts.key_group_bits == groups(CHANGE, SERVICE)
