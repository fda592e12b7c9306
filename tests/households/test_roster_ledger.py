"""A ledger that an office has kept by hand comes in: matched by identity number, told to the apps above, taken back."""

import pytest
from openpyxl import Workbook

from assistance.catalogue import LedgerColumn
from households import codes, signals
from households.hand_ledger import POLICIES
from households.models.imports import BatchPhase
from tests.factories import invented_id
from tests.households.rosters import batch_of, reasons, saved, take_back, write

LEFT = ["区(市)", "镇(街)", "村", "户主姓名", "与户主关系", "身份证号码", "家庭人口数"]
RIGHT = ["主要返贫风险\n(下拉菜单选择)", "帮扶联系人姓名", "帮扶联系人的单位", "认定时间"]
POLICY_HEADERS = [
    f"{label}({'户' if number in (3, 4, 5, 6, 7) else '人'})" for number, label in enumerate(POLICIES.values())
]
FIRST, SECOND = "一、一般农户中存在致贫风险的人口", "二、脱贫享受政策人口中存在返贫风险的人口"


def ledger(first=(), second=()):
    """The form of document 002 with these rows in its parts."""
    book = Workbook()
    sheet = book.active
    sheet.append(["石桥村存在致贫、返贫风险人口即时帮扶情况台账"])
    sheet.append(["(盖章)"])
    sheet.append(["单位:石桥村委会"])
    for heading, rows in ((FIRST, first), (SECOND, second)):
        sheet.append([heading])
        sheet.append([*LEFT, "享受帮扶政策(在已落实政策栏画“√”)", *[None] * 9, *RIGHT])
        sheet.append([*[None] * 7, *POLICY_HEADERS])
        for row in rows:
            sheet.append(row)
    for note in ("注:", f"1. “{FIRST[2:]}”是指边缘户;“{SECOND[2:]}”是指脱贫监测户。", "2. 可享受多项帮扶政策。"):
        sheet.append([note])
    return saved(book)


def person(
    number, *ticked, head="王大海", risk="因病", helper="李干部", unit="青石镇政府", decided="2020年3月", mark="√"
):
    """One row; ticked are numbers of the ten policies, from 0."""
    marks = [mark if place in ticked else None for place in range(10)]
    return ["云山高新区", "青石镇", "北石桥村", head, "户主", number, 3, *marks, risk, helper, unit, decided]


@pytest.fixture
def told():
    """What the apps above are told."""
    found = []

    def listen(**what):
        found.append(what)

    signals.ledger_row_found.connect(listen)
    yield found
    signals.ledger_row_found.disconnect(listen)


@pytest.fixture
def households(make, place):
    """An ordinary household and a lifted one."""
    return (
        make.household(place.village),
        make.household(place.village, "孙立柱", household_type=codes.HouseholdType.LIFTED),
    )


def test_the_policies_are_those_of_assistance_in_the_order_of_the_form():
    assert list(POLICIES.items()) == [(one.value, one.label) for one in LedgerColumn]


def test_each_person_of_the_ledger_is_told_once_confirmed(households, place, staff, told):
    ordinary, lifted = households
    wife = ordinary.members.get(relation="配偶")
    rows = [
        person(ordinary.head.id_number, 1, 8),
        person(wife.id_number, 1, risk=None, helper=None, unit=None, decided=None),
    ]
    content = ledger(rows, [person(lifted.head.id_number, 9, head="孙立柱", risk="因务工就业不稳", decided="2020-04")])
    batch = batch_of(content, place.town, staff.reviewer, "ledger")
    assert batch.counts["people"] == {"new": 3, "changed": 0, "unchanged": 0, "refused": 0}, reasons(batch)
    assert batch.counts["households"]["new"] == 2
    assert told == []
    write(batch, staff.reviewer)
    assert batch.phase == BatchPhase.APPLIED
    assert [one["member"] for one in told] == [ordinary.head, wife, lifted.head]
    assert told[0]["measures"] == ["medical", "dibao"]
    assert told[0]["monitor_class"] == codes.MonitorClass.EDGE
    assert (told[1]["main_risk"], told[1]["helper_name"], told[1]["helper_unit"]) == ("因病", "李干部", "青石镇政府")
    assert str(told[1]["decided_on"]) == "2020-03-01"
    assert (told[2]["monitor_class"], str(told[2]["decided_on"])) == (codes.MonitorClass.RELAPSE, "2020-04-01")
    assert (told[2]["household"], told[2]["batch"], told[2]["user"]) == (lifted, batch, staff.reviewer)


def test_the_same_ledger_twice_changes_nothing_and_a_changed_row_is_known(households, place, staff, told):
    number = households[0].head.id_number
    write(batch_of(ledger([person(number, 1)]), place.town, staff.reviewer, "ledger"), staff.reviewer)
    again = batch_of(ledger([person(number, 1)]), place.town, staff.reviewer, "ledger")
    assert again.counts["people"]["unchanged"] == 1
    other = batch_of(ledger([person(number, 1, 9)]), place.town, staff.reviewer, "ledger")
    assert other.counts["people"]["changed"] == 1
    write(other, staff.reviewer)
    back = batch_of(ledger([person(number, 1)]), place.town, staff.reviewer, "ledger")
    assert back.counts["people"]["changed"] == 1


def test_undo_tells_the_apps_above(households, place, staff, told):
    undone = []

    def listen(**what):
        undone.append(what["batch"])

    batch = write(batch_of(ledger([person(households[0].head.id_number)]), place.town, staff.reviewer, "ledger"))
    signals.batch_undone.connect(listen)
    try:
        take_back(batch, staff.reviewer)
    finally:
        signals.batch_undone.disconnect(listen)
    assert (undone, batch.phase) == ([batch], BatchPhase.UNDONE)
    again = batch_of(ledger([person(households[0].head.id_number)]), place.town, staff.reviewer, "ledger")
    assert again.counts["people"]["new"] == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"risk": "因懒"}, "主要返贫风险：写法不在可选范围内"),
        ({"decided": "很久以前"}, "认定时间：不是有效的日期"),
        ({"decided": None}, "认定时间：没有填"),
        ({"mark": "已办"}, "已落实的画“√”"),
    ],
)
def test_a_wrong_cell_is_named(households, place, change, said):
    batch = batch_of(ledger([person(households[0].head.id_number, 2, **change)]), place.town, kind="ledger")
    assert said in reasons(batch)[7]


def test_somebody_unknown_or_elsewhere_is_reported(make, households, place):
    foreign = make.household(place.foreign_village)
    rows = [person(invented_id()), person(foreign.head.id_number), person(370499196405170018), person(None)]
    found = reasons(batch_of(ledger(rows), place.town, kind="ledger"))
    assert "名册里没有这个人" in found[7]
    assert found[8] == found[7]
    assert "数字格式" in found[9]
    assert "没有填" in found[10]


def test_a_household_in_the_wrong_part_or_with_two_dates_is_refused(households, place):
    ordinary, lifted = households
    wife = ordinary.members.get(relation="配偶")
    rows = [person(ordinary.head.id_number), person(wife.id_number, decided="2019年1月"), person(lifted.head.id_number)]
    found = reasons(batch_of(ledger(rows), place.town, kind="ledger"))
    assert "认定时间：同一户各行填得不一样" in found[7]
    assert "认定时间：同一户各行填得不一样" in found[8]
    assert "应写在第二部分" in found[9]


def test_another_form_is_refused(place):
    book = Workbook()
    book.active.append(["姓名", "身份证号码"])
    batch = batch_of(saved(book), place.town, kind="ledger")
    assert (batch.phase, batch.state) == (BatchPhase.REJECTED, "failed")
    assert "找不到" in batch.message


def test_an_empty_form_is_refused(place):
    assert "没有填人" in batch_of(ledger(), place.town, kind="ledger").message
