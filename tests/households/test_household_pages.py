"""The pages of the register: who reaches them, what they show and mask, and what their forms do."""

import datetime
import re
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from households import codes, disclosure, listing, services
from households.models import Facts, Household, Member, Survey
from monitoring.models import Case, CaseKind, Stage
from monitoring.models.cases import LIVE_STAGES, OPEN_STAGES
from tests.factories import invented_id

TABS = ("detail", "members", "income", "cases", "assistance", "log")


@pytest.fixture
def household(make, place):
    """A family of three in 北石桥."""
    return make.household(place.village, phone="13800000001", address="12 号")


@pytest.fixture
def look(client):
    """Fetch an address as somebody: look(user, name, *args, **query)."""

    def fetch(user, name, *args, **query):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client.get(reverse(f"households:{name}", args=args), query)

    return fetch


@pytest.fixture
def send(client):
    """Post to an address as somebody: send(user, name, args, values, query)."""

    def post(user, name, args, values, query=""):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client.post(reverse(f"households:{name}", args=args) + query, values)

    return post


def guard(household=None):
    """The hidden part of a form that has just been opened."""
    return {"version": household.version if household else "", "idempotency_key": str(uuid.uuid4())}


def names(response):
    """Heads of the rows of a list."""
    return [row.head_name for row in response.context["page_obj"]]


def person(**values):
    """What is typed of a person."""
    return {
        "name": "孙小妹",
        "relation": "之女",
        "id_text": invented_id(datetime.date(2001, 2, 3), male=False),
        "ethnic_group": "汉族",
        "dibao": "none",
        "tekun": "none",
        "lives_here": "on",
        **values,
    }


# ---- who reaches what ----


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_shows_to_those_who_may_read(look, staff, household, tab):
    for user in (staff.cadre, staff.reviewer, staff.officer, staff.inspector):
        response = look(user, tab, household.pk)
        assert response.status_code == 200
        assert "王大海" in response.content.decode()


@pytest.mark.parametrize("tab", TABS)
def test_another_village_cannot_even_find_it(look, staff, household, tab):
    for user in (staff.neighbour_cadre, staff.other_reviewer, staff.foreign_officer):
        assert look(user, tab, household.pk).status_code == 404


def test_neither_the_clerk_nor_the_administrator_browses_families(look, staff, household):
    for user in (staff.clerk, staff.admin, staff.unposted):
        assert look(user, "list").status_code == 403
        assert look(user, "detail", household.pk).status_code == 403


def test_an_inspector_reads_and_does_not_write(look, send, staff, household):
    head = household.head
    assert look(staff.inspector, "new").status_code == 403
    assert look(staff.inspector, "edit", household.pk).status_code == 403
    assert look(staff.inspector, "member-edit", household.pk, head.pk).status_code == 403
    assert send(staff.inspector, "life-event", [household.pk, "closed"], {}).status_code == 403
    assert (
        reverse("households:edit", args=[household.pk])
        not in look(staff.inspector, "detail", household.pk).content.decode()
    )


def test_forms_of_another_village_are_not_found(look, send, make, place, staff):
    theirs = make.household(place.neighbour)
    for name in ("edit", "member-new", "life-events"):
        assert look(staff.cadre, name, theirs.pk).status_code == 404
    assert send(staff.cadre, "life-event", [theirs.pk, "closed"], {}).status_code == 404
    assert Household.objects.present().filter(pk=theirs.pk).exists()


def test_a_merge_does_not_reach_another_village(look, make, place, staff, household):
    theirs = make.household(place.neighbour, head="钱外人")
    assert look(staff.cadre, "life-event", household.pk, "merged", other=theirs.pk).status_code == 404
    assert look(staff.cadre, "life-event", household.pk, "merged", q="钱外人").context["found"].count() == 0


# ---- masking ----


@pytest.mark.parametrize("tab", TABS)
def test_numbers_are_masked_by_default(look, staff, household, tab):
    Member.objects.filter(household=household).update(phone="13900000002")
    text = look(staff.cadre, tab, household.pk).content.decode()
    assert household.head.id_number not in text
    assert "13800000001" not in text
    assert "13900000002" not in text


def test_forms_and_lists_are_masked_too(look, staff, household):
    head = household.head
    pages = [
        look(staff.reviewer, "list"),
        look(staff.cadre, "list"),
        look(staff.cadre, "edit", household.pk),
        look(staff.cadre, "member-edit", household.pk, head.pk),
    ]
    for response in pages:
        text = response.content.decode()
        assert head.id_number not in text
        assert "13800000001" not in text
    assert f"{head.id_number[:4]}**********{head.id_number[-4:]}" in pages[0].content.decode()


def test_a_number_is_shown_with_a_reason_and_recorded(send, staff, household):
    head = household.head
    query = f"?what=id_number&member={head.pk}"
    response = send(staff.cadre, "reveal", [household.pk], {"reason": "identity", "note": "核对户口本"}, query)
    assert head.id_number in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert response["Refresh"].startswith("60;url=")
    event = AuditEvent.objects.get(action=disclosure.ACTION)
    assert (event.actor, event.target) == (staff.cadre, f"households.member:{head.pk}")
    assert event.detail == {"what": "id_number", "reason": "identity", "note": "核对户口本"}
    assert head.id_number not in str(event.detail)


def test_a_phone_is_shown_one_at_a_time(send, staff, household):
    response = send(staff.inspector, "reveal", [household.pk], {"reason": "contact"}, "?what=phone")
    text = response.content.decode()
    assert "13800000001" in text
    assert household.head.id_number not in text


def test_without_a_reason_nothing_is_shown(send, look, staff, household):
    query = f"?what=id_number&member={household.head.pk}"
    for values in ({}, {"reason": "other"}, {"reason": "identity", "note": "号码370499196405170038"}):
        response = send(staff.cadre, "reveal", [household.pk], values, query)
        assert household.head.id_number not in response.content.decode()
    opened = look(staff.cadre, "reveal", household.pk, what="id_number", member=household.head.pk)
    assert household.head.id_number not in opened.content.decode()
    assert not AuditEvent.objects.filter(action=disclosure.ACTION).exists()


def test_a_number_of_another_household_is_not_shown_through_this_one(send, make, place, staff, household):
    other = make.household(place.neighbour).head
    query = f"?what=id_number&member={other.pk}"
    assert send(staff.cadre, "reveal", [household.pk], {"reason": "identity"}, query).status_code == 404
    theirs = [other.household_id]
    assert send(staff.cadre, "reveal", theirs, {"reason": "identity"}, query).status_code == 404


def test_there_is_a_daily_number_of_times(send, staff, household):
    for _time in range(disclosure.MOST_A_DAY):
        disclosure.reveal(household=household, member=None, secret="phone", reason="contact", note="", by=staff.cadre)
    response = send(staff.cadre, "reveal", [household.pk], {"reason": "contact"}, "?what=phone")
    assert "13800000001" not in response.content.decode()
    assert AuditEvent.objects.filter(action=disclosure.ACTION).count() == disclosure.MOST_A_DAY


# ---- the list ----


def test_the_list_counts_households_and_people(look, make, place, staff, household):
    make.household(place.neighbour, members=2)
    make.household(place.other_village)
    text = look(staff.reviewer, "list").content.decode()
    assert "共 2 户 5 人" in text


def test_search_by_name_initials_number_and_last_four(look, make, place, staff, household):
    wanted = make.household(place.village, head="孙立柱", members=2, number="3799111122")
    for member in wanted.members.all():
        services.change_member(member=member, by=staff.cadre, fields={"name": member.name})
    spouse = wanted.members.get(relation=codes.SPOUSE)
    for words in (
        "孙立",
        "slz",
        "SLZ",
        "91111",
        spouse.name,
        spouse.id_number[-4:],
        f" {spouse.id_number[-4:].lower()}",
    ):
        assert names(look(staff.reviewer, "list", q=words)) == ["孙立柱"], words
    assert names(look(staff.reviewer, "list", q="查无此人")) == []


def test_search_finds_nothing_outside_the_scope(look, make, place, staff, household):
    theirs = make.household(place.other_village, head="何玉兰")
    assert names(look(staff.reviewer, "list", q="何玉兰")) == []
    assert names(look(staff.reviewer, "list", q=theirs.head.id_number[-4:])) == []


def test_a_whole_number_is_not_searched_for_and_leaves_the_address(look, staff, household):
    response = look(staff.reviewer, "list", q=household.head.id_number)
    assert response.status_code == 302
    assert response["Location"] == reverse("households:list")


def test_people_who_have_left_are_not_found(look, staff, household, today):
    spouse = household.members.get(relation=codes.SPOUSE)
    Member.objects.filter(pk=spouse.pk).update(left_on=today, left_reason="death")
    assert names(look(staff.reviewer, "list", q=spouse.name)) == []


def test_filters_by_place_group_and_type(look, make, place, staff, household):
    make.household(place.neighbour, head="钱福", group_no=2, household_type=codes.HouseholdType.LIFTED)
    assert names(look(staff.reviewer, "list", village=place.neighbour.pk)) == ["钱福"]
    assert names(look(staff.officer, "list", town=place.town.pk, group_no=1)) == ["王大海"]
    assert names(look(staff.reviewer, "list", household_type="lifted")) == ["钱福"]
    assert names(look(staff.officer, "list", town=place.other_town.pk)) == []


def test_a_foreign_place_is_no_choice(look, place, staff, household):
    response = look(staff.reviewer, "list", village=place.other_village.pk)
    assert response.status_code == 200
    assert place.other_village.name not in response.content.decode()


def test_filters_by_risk(look, make, place, staff, household, today):
    def case(head, **fields):
        values = {"stage_since": "2026-01-01T00:00:00+08:00", "ruleset": "zaozhuang_2020", "decided_on": today}
        row = make.household(place.village, head=head)
        Case.objects.create(household=row, village=row.village, **values, **fields)

    case("红某", monitor_class="relapse", stage=Stage.REGISTERED, risk_level=1)
    case("边某", monitor_class="edge", stage=Stage.REGISTERED)
    case("办某", monitor_class="edge", stage=Stage.TOWN)
    case("拒某", monitor_class="edge", stage=Stage.REFUSED)
    found = {risk: set(names(look(staff.reviewer, "list", risk=risk))) for risk in ("1", "2", "edge", "open", "none")}
    assert found == {"1": {"红某"}, "2": set(), "edge": {"边某"}, "open": {"办某"}, "none": {"王大海", "拒某"}}


def test_the_stages_are_those_of_monitoring():
    assert tuple(OPEN_STAGES) == listing.OPEN_STAGES
    assert tuple(LIVE_STAGES) == listing.LIVE_STAGES
    assert CaseKind.DESIGNATION == listing.DESIGNATION


def test_a_household_whose_risk_is_being_removed_stands_once_and_as_registered(look, place, staff, household):
    about = {"household": household, "village": place.village, "monitor_class": "edge", "ruleset": "zaozhuang_2020"}
    since = {"stage_since": timezone.now(), "opened_by": staff.cadre}
    removal = {"kind": CaseKind.REMOVAL, "stage": Stage.TOWN}
    designated = Case.objects.create(**about, **since, stage=Stage.REGISTERED, decided_on=timezone.localdate())
    Case.objects.create(**about, **since, **removal, about=designated)
    Case.objects.create(**about, **since, kind=CaseKind.REGISTRATION, stage=Stage.TOWN)
    assert listing.live_case(household) == designated
    for risk in ("edge", "open"):
        assert names(look(staff.reviewer, "list", risk=risk)) == [household.head_name]
    assert names(look(staff.reviewer, "list", risk="none")) == []


def test_conditions_are_echoed_and_can_be_taken_off(look, staff, household):
    response = look(staff.reviewer, "list", q="王大海", household_type="ordinary", per=50)
    chips = {chip["label"]: chip["url"] for chip in response.context["chips"]}
    assert set(chips) == {"“王大海”", "一般农户"}
    assert "household_type=ordinary" in chips["“王大海”"]
    assert "q=" not in chips["“王大海”"]
    assert "per=50" in chips["一般农户"]


def test_closed_households_are_listed_only_when_asked_for(look, make, place, staff, household, today):
    make.household(place.village, head="关某", members=0, closed_on=today, closed_reason="整户迁出")
    assert names(look(staff.reviewer, "list")) == ["王大海"]
    assert names(look(staff.reviewer, "list", closed="on")) == ["关某"]


def test_pages_of_20_50_and_100(look, make, place, staff):
    for number in range(22):
        make.household(place.village, head=f"王{number}", members=1)
    assert len(names(look(staff.reviewer, "list"))) == 20
    assert len(names(look(staff.reviewer, "list", page=2))) == 2
    assert len(names(look(staff.reviewer, "list", per=50))) == 22
    assert len(names(look(staff.reviewer, "list", per=100000))) == 20


@pytest.mark.parametrize("desk", ["cadre", "reviewer"])
def test_three_rows_cost_as_many_queries_as_thirty(client, make, place, staff, desk):
    def cost():
        client.force_login(getattr(staff, desk), backend="django.contrib.auth.backends.ModelBackend")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("households:list"), {"per": 50}).status_code == 200
        return len(queries)

    for number in range(3):
        make.household(place.village, head=f"王{number}")
    cost()  # the numbers in the menu are kept from here on
    few = cost()
    for number in range(27):
        make.household(place.village, head=f"李{number}")
    assert cost() == few


def test_members_of_a_large_family_cost_no_more_queries(client, make, place, staff, household):
    client.force_login(staff.reviewer, backend="django.contrib.auth.backends.ModelBackend")

    def cost(row):
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("households:members", args=[row.pk]))
        return len(queries)

    large = make.household(place.village, members=6)
    cost(large)  # the numbers in the menu are kept from here on
    assert cost(large) == cost(household)


def test_a_village_cadre_gets_phone_pages_and_the_office_gets_tables(look, staff, household):
    phone, office = look(staff.cadre, "list"), look(staff.reviewer, "list")
    assert 'class="phone' in phone.content.decode()
    assert "<table" not in phone.content.decode()
    assert '<table class="table table-stack">' in office.content.decode()


# ---- income by year ----


def visit(household, staff, on, wage, **fields):
    """A survey with its facts."""
    survey = Survey.objects.create(
        household=household,
        village=household.village,
        visited_on=on,
        period_start=on - datetime.timedelta(days=365),
        period_end=on,
        entered_by=staff.cadre,
        persons=3,
        **{
            "wage": wage,
            "operating_gross": 0,
            "operating_cost": 0,
            "property_income": 0,
            "transfer": 0,
            **fields,
        },
    )
    Facts.objects.filter(household=household, replaced_on=None).update(replaced_on=on)
    Facts.objects.create(
        survey=survey,
        household=household,
        village=household.village,
        household_type=household.household_type,
        begins_on=on,
        visited_on=on,
        persons=3,
        net_income=survey.net_income,
    )
    return survey


def test_three_years_of_income_with_numbers(look, staff, household):
    for year, wage in ((2022, 900_000), (2023, 1_200_000), (2024, 1_500_000), (2025, 1_260_000)):
        visit(household, staff, datetime.date(year, 11, 2), wage)
    text = look(staff.reviewer, "income", household.pk).content.decode()
    assert re.findall(r"(\d{4}) 年</text>", text) == ["2023", "2024", "2025"]
    assert "12,600" in text
    assert "4,200" in text
    assert "2,400" in text  # less than the year before


def test_a_corrected_survey_is_not_counted(look, staff, household):
    wrong = visit(household, staff, datetime.date(2025, 5, 1), 9_900_000)
    visit(household, staff, datetime.date(2025, 5, 1), 600_000, supersedes=wrong)
    text = look(staff.reviewer, "income", household.pk).content.decode()
    assert "99,000" not in text
    assert "6,000" in text


def test_a_missing_item_is_not_a_zero(look, staff, household):
    visit(household, staff, datetime.date(2025, 5, 1), None)
    text = look(staff.reviewer, "income", household.pk).content.decode()
    assert "不全</text>" in text


def test_the_timeline_merges_what_happened(look, staff, household, today):
    visit(household, staff, today - datetime.timedelta(days=5), 600_000, note="腰伤")
    services.add_member(
        household=household,
        by=staff.cadre,
        fields={"name": "王小", "relation": "之女", "sex": "female"},
        identity=services.NOT_YET,
        kind=codes.LifeEventKind.BIRTH,
        happened_on=today - datetime.timedelta(days=3),
    )
    entries = look(staff.reviewer, "log", household.pk).context["entries"]
    assert [entry.title for entry in entries] == ["出生：王小", "入户调查"]


# ---- forms ----


def household_values(place, **values):
    """What is typed of a new household and its head."""
    head = {f"head-{name}": value for name, value in person(name="孙立柱", id_text=invented_id()).items()}
    return {
        "village": place.village.pk,
        "group_no": 3,
        "household_type": "ordinary",
        "phone": "138 0000 0009",
        **guard(),
        **head,
        **values,
    }


def test_a_cadre_enters_a_household(send, place, staff):
    response = send(staff.cadre, "new", [], household_values(place))
    entered = Household.objects.get()
    assert response["Location"] == reverse("households:members", args=[entered.pk])
    assert (entered.head_name, entered.village, entered.phone) == ("孙立柱", place.village, "13800000009")
    assert entered.head.relation == codes.HEAD


def test_a_second_click_enters_it_once(send, place, staff):
    values = household_values(place)
    first, second = (send(staff.cadre, "new", [], values) for _time in range(2))
    assert first["Location"] == second["Location"]
    assert Household.objects.count() == 1


def test_the_villages_to_choose_from_are_named_with_their_town(look, staff, place):
    text = look(staff.reviewer, "new").content.decode()
    assert "青石镇 / 北石桥村委会" in text
    assert "青石镇 / 南石桥村委会" in text
    assert "柳河村委会" not in text
    assert "---------" not in text


def test_the_form_of_a_death_says_what_a_blank_box_means(look, staff, household):
    text = look(staff.cadre, "life-event", household.pk, "death").content.decode()
    assert "户主没变" in text
    assert "按新户主推算" in text


def test_a_village_of_somebody_else_cannot_be_chosen(send, place, staff):
    response = send(staff.cadre, "new", [], household_values(place, village=place.neighbour.pk))
    assert response.status_code == 200
    assert not Household.objects.exists()


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(send, place, staff):
    values = household_values(place, **{"head-id_text": "370499196405170039", "head-name": "孙保留"})
    text = send(staff.cadre, "new", [], values).content.decode()
    assert "第18位对不上" in text
    assert "孙保留" in text
    assert not Household.objects.exists()


def test_a_blank_phone_box_keeps_the_phone(send, staff, household):
    values = {"household_type": "lifted", "address": "13 号", "group_no": 1, **guard(household)}
    assert send(staff.cadre, "edit", [household.pk], values).status_code == 302
    household.refresh_from_db()
    assert (household.phone, household.address, household.household_type) == ("13800000001", "13 号", "lifted")


def test_a_form_of_yesterday_shows_both_sides_and_saves_neither(send, staff, household):
    old = guard(household)
    services.change_household(household=household, by=staff.team, fields={"address": "99 号"})
    values = {"household_type": "ordinary", "address": "13 号", "group_no": 1, **old}
    response = send(staff.cadre, "edit", [household.pk], values)
    text = response.content.decode()
    assert response.status_code == 409
    assert "99 号" in text
    assert "13 号" in text
    household.refresh_from_db()
    assert household.address == "99 号"
    again = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))
    assert send(staff.cadre, "edit", [household.pk], again).status_code == 302
    household.refresh_from_db()
    assert household.address == "13 号"


def test_a_member_is_added_with_the_way_he_came(send, staff, household, today):
    values = {**person(), "kind": "married_in", "happened_on": f"{today}", **guard(household)}
    assert send(staff.cadre, "member-new", [household.pk], values).status_code == 302
    added = household.members.get(name="孙小妹")
    assert (added.joined_on, added.sex) == (today, "female")
    assert household.life_events.get().kind == "married_in"


def test_a_newborn_is_typed_with_one_day(send, staff, household, today):
    values = {
        **person(name="王小", id_text=""),
        "not_yet": "on",
        "sex": "female",
        "kind": "birth",
        "happened_on": today.strftime("%Y年%m月%d日"),
        **guard(household),
    }
    assert send(staff.cadre, "member-new", [household.pk], values).status_code == 302
    assert household.members.get(name="王小").born_on == today


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"relation": "配偶"}, "已经有一位配偶"),
        ({"education": "小学", "student_status": "小学"}, "只填在校生状况"),
        ({"id_text": invented_id(datetime.date(2020, 1, 1)), "labour_skill": "ordinary"}, "不满16岁"),
        ({"health": ["healthy", "chronic"]}, "不能再选别的"),
        ({"id_text": ""}, "请填证件号码"),
        ({"relation": "户主"}, "选择一个有效"),
        ({"work_months": "13"}, "12 个月"),
    ],
)
def test_what_cannot_be_true_of_a_person_is_refused(send, staff, household, values, words):
    response = send(staff.cadre, "member-new", [household.pk], {**person(), **values, **guard(household)})
    assert response.status_code == 200
    assert words in response.content.decode()
    assert household.members.count() == 3


def test_a_member_is_corrected_and_the_number_stays(send, staff, household):
    spouse = household.members.get(relation=codes.SPOUSE)
    number = spouse.id_number
    values = {**person(name="王新名", relation="配偶", id_text=""), **guard(household)}
    assert send(staff.cadre, "member-edit", [household.pk, spouse.pk], values).status_code == 302
    spouse.refresh_from_db()
    assert (spouse.name, spouse.id_number, spouse.sex) == ("王新名", number, "female")


def test_a_form_without_its_key_is_refused(send, staff, household):
    values = {"household_type": "lifted", "group_no": 1}
    response = send(staff.cadre, "edit", [household.pk], values)
    assert "页面已过期" in response.content.decode()
    household.refresh_from_db()
    assert household.version == 1


# ---- events of the family ----


def test_the_death_of_the_head_asks_for_a_new_one(send, staff, household, today):
    head, spouse = household.head, household.members.get(relation=codes.SPOUSE)
    values = {"member": head.pk, "happened_on": f"{today}", **guard(household)}
    refused = send(staff.cadre, "life-event", [household.pk, "death"], values)
    assert "请选谁来当新户主" in refused.content.decode()
    assert household.head == head
    values |= {"new_head": spouse.pk, "idempotency_key": str(uuid.uuid4())}
    assert send(staff.cadre, "life-event", [household.pk, "death"], values).status_code == 302
    assert household.head == spouse


def test_a_split_by_form(send, staff, household, today):
    son = household.members.get(relation="之子")
    values = {
        "members": [str(son.pk)],
        "new_head": son.pk,
        "happened_on": f"{today}",
        "group_no": 5,
        **guard(household),
    }
    response = send(staff.cadre, "life-event", [household.pk, "split"], values)
    founded = Household.objects.exclude(pk=household.pk).get()
    assert response["Location"] == reverse("households:members", args=[founded.pk])
    assert (founded.group_no, founded.head_name) == (5, son.name)


def test_a_merge_by_form(look, send, make, place, staff, household, today):
    other = make.household(place.village, head="李老", members=1)
    found = look(staff.cadre, "life-event", household.pk, "merged", q="李老")
    assert [row.pk for row in found.context["found"]] == [other.pk]
    values = {
        "happened_on": f"{today}",
        "absorbed_version": other.version,
        f"relation_{other.head.pk}": "之岳父",
        **guard(household),
    }
    response = send(staff.cadre, "life-event", [household.pk, "merged"], values, f"?other={other.pk}")
    assert response.status_code == 302
    assert household.members.present().get(name="李老").relation == "之岳父"
    assert not Household.objects.present().filter(pk=other.pk).exists()


def test_an_event_on_a_changed_household_shows_both_sides(send, staff, household, today):
    old = guard(household)
    son = household.members.get(relation="之子")
    services.change_household(household=household, by=staff.team, fields={"address": "99 号"})
    values = {"member": son.pk, "happened_on": f"{today}", **old}
    response = send(staff.cadre, "life-event", [household.pk, "moved_out"], values)
    assert response.status_code == 409
    assert son.name in response.content.decode()
    assert household.members.present().count() == 3


def test_a_closed_household_is_shown_and_not_changed(look, send, staff, household, today):
    values = {"happened_on": f"{today}", "reason": "整户迁出", **guard(household)}
    assert send(staff.cadre, "life-event", [household.pk, "closed"], values).status_code == 302
    shown = look(staff.cadre, "detail", household.pk)
    assert "已注销" in shown.content.decode()
    assert look(staff.cadre, "edit", household.pk).status_code == 404


def test_an_unknown_event_has_no_page(look, staff, household):
    assert look(staff.cadre, "life-event", household.pk, "holiday").status_code == 404


@pytest.mark.parametrize("words", ["370403196405170054", "37040319640517005X", "3704031964051", "370403640517005"])
def test_a_whole_identity_number_is_not_kept_in_an_address(client, staff, words):
    client.force_login(staff.reviewer)
    assert client.get(reverse("households:list"), {"q": words}).status_code == 302


def test_a_household_is_found_by_its_number_however_long(client, staff, make, place):
    household = make.household(place.village)
    Household.objects.filter(pk=household.pk).update(number="37040300200120006")
    client.force_login(staff.reviewer)
    page = client.get(reverse("households:list"), {"q": "37040300200120006"})
    assert [row.pk for row in page.context["page_obj"]] == [household.pk]
