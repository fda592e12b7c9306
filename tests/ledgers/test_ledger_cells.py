"""What stands in the cells: who is listed on a date, with which ticks, in which order, masked or in full."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from households.codes import Dibao, HouseholdType, MonitorClass, RiskCause, Tekun
from households.models import Household
from ledgers.columns import Part
from ledgers.rows import ledger_rows
from monitoring.models import Stage
from tests.factories import Make, Place, add_region
from tests.ledgers.conftest import ON, Opened, appoint, body, designate, give

TICK = "√"
PLACES = {letter: number for number, letter in enumerate("ABCDEFGHIJKLMNOPQRSTU")}


def column(rows: list[tuple[Any, ...]], letter: str) -> list[Any]:
    return [row[PLACES[letter]] for row in rows]


def ticked(row: tuple[Any, ...]) -> str:
    return "".join(letter for letter in "HIJKLMNOPQ" if row[PLACES[letter]] == TICK)


@pytest.fixture
def family(place: Place, make: Make) -> Household:
    """Three people, nobody insured, designated in March with a contact since April."""
    household = make.household(place.village, "王大海", members=3)
    household.members.update(medical_insured=False)
    designate(household)
    appoint(household)
    return household


def test_every_member_has_a_row_and_what_is_the_households_repeats(
    family: Household, place: Place, ledger: Opened
) -> None:
    book, made = ledger(place.village)
    rows = body(book, 7, 3)
    assert [row[:4] for row in rows] == [("云山高新区", "青石镇", "北石桥村", "王大海")] * 3
    assert column(rows, "E") == ["户主", "配偶", "之子"]
    assert column(rows, "F") == [member.id_number for member in family.members.head_first()]
    assert column(rows, "G") == [3, 3, 3]
    assert [row[17:] for row in rows] == [("因病", "李敏", "青石镇社会事务办公室", "2020年3月")] * 3
    assert (made.counts.households, made.counts.rows) == (1, 3)


def test_policies_per_household_stand_on_the_heads_row_and_per_person_on_his_own(
    family: Household, place: Place, ledger: Opened
) -> None:
    _head, spouse, son = family.members.head_first()
    for measure in ("family_doctor", "temporary_relief", "social_relief"):
        give(family, measure)
    give(family, "dibao", spouse)
    give(family, "education", son)
    book, _made = ledger(place.village)
    assert [ticked(row) for row in body(book, 7, 3)] == ["KNO", "P", "H"]


def test_one_row_per_household_gathers_the_ticks_of_all(family: Household, place: Place, ledger: Opened) -> None:
    _head, spouse, son = family.members.head_first()
    give(family, "family_doctor")
    give(family, "dibao", spouse)
    give(family, "education", son)
    book, made = ledger(place.village, row_mode="household")
    row = body(book, 7, 1)[0]
    assert ticked(row) == "HKP"
    assert row[PLACES["E"]] == "户主"
    assert row[PLACES["G"]] == 3
    assert book["台账"]["A8"].value.startswith("二、")
    assert (made.counts.households, made.counts.rows) == (1, 1)


def test_a_running_measure_is_ticked_from_its_first_day_to_its_last(
    family: Household, place: Place, ledger: Opened
) -> None:
    head = family.members.head_first()[0]
    give(family, "public_post", head, begun_on=datetime.date(2020, 4, 1), ended_on=datetime.date(2020, 6, 1))
    ticks = {
        day: ticked(body(ledger(place.village, on=datetime.date(2020, *day))[0], 7, 1)[0])
        for day in ((3, 31), (4, 1), (6, 1), (6, 2))
    }
    assert ticks == {(3, 31): "", (4, 1): "Q", (6, 1): "Q", (6, 2): ""}


def test_a_house_or_water_is_ticked_once_it_is_finished_and_for_good(
    family: Household, place: Place, ledger: Opened
) -> None:
    give(family, "housing", begun_on=datetime.date(2020, 4, 1), ended_on=datetime.date(2020, 5, 1))
    give(family, "water", begun_on=datetime.date(2020, 4, 1))
    assert ticked(body(ledger(place.village, on=datetime.date(2020, 4, 30))[0], 7, 1)[0]) == ""
    assert ticked(body(ledger(place.village, on=datetime.date(2022, 5, 1))[0], 7, 1)[0]) == "L"


def test_temporary_relief_is_ticked_in_the_year_in_which_it_was_granted(
    family: Household, place: Place, ledger: Opened
) -> None:
    give(family, "temporary_relief", begun_on=datetime.date(2020, 4, 1))
    assert ticked(body(ledger(place.village, on=datetime.date(2020, 12, 31))[0], 7, 1)[0]) == "N"
    assert ticked(body(ledger(place.village, on=datetime.date(2021, 1, 1))[0], 7, 1)[0]) == ""


def test_a_measure_that_the_form_does_not_know_ticks_nothing(family: Household, place: Place, ledger: Opened) -> None:
    for measure in ("industry", "small_loan", "donation"):
        give(family, measure)
    assert ticked(body(ledger(place.village)[0], 7, 1)[0]) == ""


def test_what_the_register_says_of_a_person_ticks_until_a_dated_delivery_speaks(
    family: Household, place: Place, ledger: Opened
) -> None:
    head, spouse, son = family.members.head_first()
    family.members.filter(pk=head.pk).update(dibao=Dibao.RURAL, medical_insured=True)
    family.members.filter(pk=spouse.pk).update(tekun=Tekun.RURAL_HOME, serious_illness_insured=True)
    family.members.filter(pk=son.pk).update(dibao=Dibao.RURAL)
    give(family, "dibao", son, ended_on=datetime.date(2020, 4, 1))
    assert [ticked(row) for row in body(ledger(place.village)[0], 7, 3)] == ["IOP", "I", ""]


def test_members_who_left_before_or_came_after_the_day_are_not_listed(
    family: Household, place: Place, make: Make, ledger: Opened
) -> None:
    _head, spouse, son = family.members.head_first()
    family.members.filter(pk=spouse.pk).update(left_on=ON)
    family.members.filter(pk=son.pk).update(left_on=datetime.date(2020, 7, 1))
    make.member(family, relation="之女", position=4, joined_on=datetime.date(2020, 7, 2))
    rows = body(ledger(place.village)[0], 7, 2)
    assert column(rows, "E") == ["户主", "之子"]
    assert column(rows, "G") == [2, 2]


def test_a_head_who_died_since_is_still_the_head_of_the_older_ledger(
    family: Household, place: Place, make: Make, ledger: Opened
) -> None:
    family.members.filter(relation="户主").update(left_on=datetime.date(2020, 8, 1))
    make.member(family, relation="户主", name="王新", position=9, joined_on=datetime.date(2020, 8, 1))
    assert column(body(ledger(place.village)[0], 7, 3), "D") == ["王大海"] * 3
    later = body(ledger(place.village, on=datetime.date(2020, 9, 1))[0], 7, 3)
    assert column(later, "D") == ["王新"] * 3
    assert column(later, "E") == ["户主", "配偶", "之子"]


def test_persons_are_those_who_live_together(family: Household, place: Place, ledger: Opened) -> None:
    family.members.filter(relation="之子").update(lives_here=False)
    rows = body(ledger(place.village)[0], 7, 3)
    assert column(rows, "G") == [2, 2, 2]


def test_only_households_designated_on_the_day_are_listed(place: Place, make: Make) -> None:
    day = datetime.date
    designate(make.household(place.village, "在册"))
    designate(make.household(place.village, "当天认定"), decided_on=ON)
    designate(make.household(place.village, "后来认定"), decided_on=day(2020, 7, 1))
    designate(make.household(place.village, "后来移出"), stage=Stage.REMOVED, removed_on=day(2020, 7, 1))
    designate(make.household(place.village, "已经移出"), stage=Stage.REMOVED, removed_on=ON)
    designate(make.household(place.village, "不予认定"), stage=Stage.REFUSED)
    designate(make.household(place.village, "还在调查"), stage=Stage.SURVEY, decided_on=None)
    designate(make.household(place.village, "已经注销", closed_on=ON))
    make.household(place.village, "普通农户")
    listed = [row.head_name for _part, row in ledger_rows(place.village, ON, "household")]
    assert listed == ["在册", "当天认定", "后来移出"]


def test_each_class_stands_in_its_part(place: Place, make: Make) -> None:
    sudden = MonitorClass.SUDDEN
    designate(make.household(place.village, "边缘"), MonitorClass.EDGE)
    designate(make.household(place.village, "监测", household_type=HouseholdType.LIFTED), MonitorClass.RELAPSE)
    designate(make.household(place.village, "突发一般"), sudden)
    designate(make.household(place.village, "突发脱贫", household_type=HouseholdType.LIFTED), sudden)
    parts = [(part, row.head_name) for part, row in ledger_rows(place.village, ON, "household")]
    assert parts == [(Part.EDGE, "边缘"), (Part.EDGE, "突发一般"), (Part.RELAPSE, "监测"), (Part.RELAPSE, "突发脱贫")]


def test_order_is_village_group_and_household_number(place: Place, make: Make) -> None:
    designate(make.household(place.other_village, "戊", group_no=1))
    designate(make.household(place.neighbour, "丁", group_no=1))
    designate(make.household(place.village, "丙", group_no=2, number="1"))
    designate(make.household(place.village, "乙", group_no=1, number="B2"))
    designate(make.household(place.village, "甲", group_no=1, number="A1"))
    designate(make.household(place.foreign_village, "外"))
    assert [row.head_name for _part, row in ledger_rows(place.zone, ON, "household")] == list("甲乙丙丁戊")
    assert len(list(ledger_rows(place.city, ON, "household"))) == 6


def test_a_county_does_not_list_the_streets_that_a_zone_governs(place: Place, make: Make) -> None:
    designate(make.household(place.village))
    assert list(ledger_rows(place.foreign_county, ON)) == []


def test_the_contact_is_the_one_in_force_on_the_day(family: Household, place: Place, ledger: Opened) -> None:
    family.helpers.update(ended_on=datetime.date(2020, 7, 1))
    appoint(family, "孙立", unit="白河镇", begun_on=datetime.date(2020, 7, 1))
    names = [
        body(ledger(place.village, on=day)[0], 7, 1)[0][PLACES["S"]]
        for day in (datetime.date(2020, 3, 31), ON, datetime.date(2020, 7, 1))
    ]
    assert names == [None, "李敏", "孙立"]


def test_identity_numbers_are_masked_unless_asked_for(family: Household, place: Place, ledger: Opened) -> None:
    number = family.members.head_first()[0].id_number
    cell = ledger(place.village, full_ids=False)[0]["台账"]["F7"]
    assert cell.value == f"{number[:4]}**********{number[-4:]}"
    assert cell.data_type == "s"
    assert cell.number_format == "@"


def test_a_newborn_without_a_number_has_an_empty_cell(family: Household, place: Place, ledger: Opened) -> None:
    family.members.filter(relation="之子").update(id_number="", id_digest="")
    assert column(body(ledger(place.village)[0], 7, 3), "F")[2] is None


@pytest.mark.parametrize(
    "hostile",
    ["=cmd|'/c calc'!A0", "+1+1", "-2+3", "@SUM(A1)", '=HYPERLINK("x")', "<b>&\"'", "＝全角"],
)
def test_a_hostile_name_stays_the_text_that_it_is(place: Place, make: Make, ledger: Opened, hostile: str) -> None:
    household = make.household(place.village, hostile, members=1)
    designate(household)
    appoint(household, hostile[:30], unit=hostile)
    sheet = ledger(place.village)[0]["台账"]
    for letter in ("D", "S", "T"):
        cell = sheet[f"{letter}7"]
        assert cell.value == hostile
        assert cell.data_type == "s"
        assert cell.quotePrefix == hostile.startswith(("=", "+", "-", "@"))


def test_control_characters_do_not_spoil_the_file(place: Place, make: Make, ledger: Opened) -> None:
    designate(make.household(place.village, "王\x0b大\x1f海\n\ufffe", members=1))
    assert ledger(place.village)[0]["台账"]["D7"].value == "王大海 "


def test_a_risk_without_a_cause_is_empty_and_others_are_in_the_words_of_the_list(
    place: Place, make: Make, ledger: Opened
) -> None:
    designate(make.household(place.village, members=1), main_risk="")
    designate(make.household(place.village, members=1), main_risk=RiskCause.OTHER)
    assert column(body(ledger(place.village)[0], 7, 2), "R") == [None, "其他（备注）"]


@pytest.mark.parametrize(
    ("official", "printed"),
    [
        ("前西仓村委会", "前西仓村"),
        ("雷村村委会", "雷村"),
        ("马河村民委员会", "马河村"),
        ("马宅子社区居委会", "马宅子社区"),
        ("光兴里居民委员会", "光兴里"),
        ("望亭村", "望亭村"),
    ],
)
def test_a_village_is_named_as_papers_name_it(place: Place, official: str, printed: str) -> None:
    assert add_region("379903002299", official, "village", place.town).paper_name() == printed


def test_three_and_thirty_households_cost_the_same_queries(place: Place, make: Make) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            list(ledger_rows(place.village, ON))
        return len(captured)

    for number in range(3):
        designate(make.household(place.village), [MonitorClass.EDGE, MonitorClass.RELAPSE][number % 2])
    few = queries()
    for number in range(27):
        designate(make.household(place.village), [MonitorClass.EDGE, MonitorClass.RELAPSE][number % 2])
    assert queries() == few
