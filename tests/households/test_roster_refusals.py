"""What a roster is refused for: row by row, all at once, in Chinese, with what to do; a household falls as a whole."""

import datetime
import io

import pytest
from openpyxl import load_workbook

from households.models import Household
from households.models.imports import BatchPhase
from households.roster import HEADERS
from households.workbook_reader import WorkbookRefused
from tests.factories import invented_id
from tests.households.rosters import MARKED, batch_of, family, reasons, saved, workbook, write

RIGHT = invented_id(serial=9001)
WRONG_DIGIT = RIGHT[:17] + ("1" if RIGHT[17] != "1" else "2")


def refused(place, rows, region=None):
    """Why each row is refused."""
    return reasons(batch_of(workbook(rows), region or place.zone))


@pytest.mark.parametrize(
    ("header", "typed", "said"),
    [
        ("证件号码", 370499196405170018, "数字格式"),
        ("证件号码", WRONG_DIGIT, "第18位对不上"),
        ("证件号码", "37049919640517", "应为18位"),
        ("证件号码", "370499196413450018", "出生日期不存在"),
        ("证件号码", None, "没有填"),
        ("证件号码", "暂无证件", "农户档案里办“出生”"),
        ("姓名", None, "姓名：没有填"),
        ("与户主关系", "干亲", "写法不在可选范围内"),
        ("行政村", "不存在村", "找不到“不存在村”"),
        ("行政村", "外山村", "不在导入范围“云山高新区”内"),
        ("行政村", "柳河村", "对不上"),
        ("乡(镇)", "白河镇", "对不上"),
        ("县(市、区、旗)", "别的县", "对不上"),
        ("人员识别时间", "9999-99-99", "不是有效的日期"),
        ("人员识别时间", "2999-01-01", "还没有到"),
        ("人均纯收入", "很多", "请填数字"),
        ("务工时间(月)", 13, "0 到 12"),
        ("健康状况", "健康,残疾", "不能和疾病"),
        ("人联系电话", "不知道", "不像电话号码"),
        ("户类型", "贫困户", "写法不在可选范围内"),
        ("户编号", None, "户编号：没有填"),
    ],
)
def test_a_wrong_cell_refuses_the_whole_household_and_says_what_to_do(place, header, typed, said):
    rows = family("3799000001", place) + family("3799000002", place)
    rows[1][header] = typed
    found = refused(place, rows)
    assert said in found[3]
    assert set(found) == ({3} if header == "户编号" and len(found) == 1 else {2, 3, 4})
    assert all(str(typed) not in sentence for sentence in found.values() if header in ("证件号码", "姓名"))


def test_a_formula_is_refused_where_it_would_be_read(place):
    book = load_workbook(io.BytesIO(workbook(family("3799000001", place))))
    book.active.cell(3, HEADERS.index("文化程度") + 1).value = "=1+1"
    assert "文化程度：单元格里是公式" in reasons(batch_of(saved(book), place.zone))[3]


def test_all_errors_of_a_row_come_at_once(place):
    rows = family("3799000001", place, people=1)
    rows[0].update({"证件号码": 1.5, "民族": "外星", "行政村": "无此村", "首次识别时间": "9999-99-99"})
    sentence = refused(place, rows)[2]
    assert all(word in sentence for word in ("证件号码", "民族", "行政村", "首次识别时间"))


def test_two_heads(place):
    rows = family("3799000001", place)
    rows[2]["与户主关系"] = "户主"
    found = refused(place, rows)
    assert "有 2 个户主（第 2、4 行）" in found[2]
    assert "同户第 2、4 行没有通过" in found[3]


def test_no_head(place):
    rows = family("3799000001", place)
    rows[0]["与户主关系"] = "之父"
    assert "没有户主" in refused(place, rows)[2]


def test_the_same_number_in_two_households_of_the_file(place):
    rows = family("3799000001", place) + family("3799000002", place)
    rows[4]["证件号码"] = rows[1]["证件号码"]
    found = refused(place, rows)
    assert "另一户第 6 行也有" in found[3]
    assert "另一户第 3 行也有" in found[6]
    assert len(found) == 6


def test_the_same_number_twice_in_one_household(place):
    rows = family("3799000001", place)
    rows[2]["证件号码"] = rows[1]["证件号码"].lower()
    assert "本户第 4 行也有" in refused(place, rows)[3]


def test_somebody_who_stands_in_another_household_of_the_register(place, make):
    other = make.household(place.neighbour)
    rows = family("3799000001", place)
    rows[1]["证件号码"] = other.members.get(relation="配偶").id_number
    assert "已登记在另一户" in refused(place, rows)[3]


def test_a_count_that_does_not_fit_the_rows(place):
    found = refused(place, family("3799000001", place, 人数=5))
    assert "填的是 5 人，表里本户有 3 行" in found[2]


def test_rows_of_a_household_that_contradict_each_other(place):
    rows = family("3799000001", place)
    rows[1]["户类型"] = "一般农户"
    rows[2]["行政村"] = "南石桥"
    assert "户类型：同一户各行填得不一样（第 2、3 行）" in refused(place, rows)[2]
    assert "行政村：同一户各行填得不一样（第 2、4 行）" in refused(place, rows)[2]


def test_a_household_outside_the_region_is_neither_changed_nor_described(place, make):
    make.household(place.foreign_village, "吴外人", number="3799000001")
    sentence = refused(place, family("3799000001", place))[2]
    assert "已登记在导入范围以外" in sentence
    assert "吴" not in sentence
    assert "外山" not in sentence


def test_a_household_that_is_registered_in_another_village(place, make):
    make.household(place.neighbour, number="3799000001")
    assert "系统里这一户在“南石桥村委会”" in refused(place, family("3799000001", place))[2]


def test_a_closed_household_stays_closed(place, make, today):
    make.household(place.village, number="3799000001", closed_on=today)
    assert "已注销" in refused(place, family("3799000001", place))[2]


def test_another_head_than_the_register_has(place):
    rows = family("3799000001", place)
    write(batch_of(workbook(rows), place.zone))
    others = [{**row, "人数": 2} for row in rows[1:]]
    others[0]["与户主关系"] = "户主"
    assert "系统里的户主不在表里" in refused(place, others)[2]


def test_somebody_who_has_died_is_not_brought_back(place, today):
    rows = family("3799000001", place)
    write(batch_of(workbook(rows), place.zone))
    Household.objects.get().members.filter(relation="配偶").update(left_on=today, left_reason="death")
    assert "已登记离开本户" in refused(place, rows)[3]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"风险是否消除": None}, "就要填“是”或“否”"),
        ({"风险识别时间": None}, "认定时间从这里来"),
        ({"户类型": "脱贫户"}, "边缘户的户类型应是一般农户"),
        ({"易返贫致贫户(监测对象)类型": "脱贫监测户"}, "脱贫监测户的户类型应是脱贫户"),
    ],
)
def test_a_marked_household_must_be_told_whole(place, changes, said):
    assert said in refused(place, family("3799000001", place, **{**MARKED, **changes}))[2]


def test_right_households_pass_beside_wrong_ones(place):
    rows = family("3799000001", place) + family("3799000002", place, 人数=9)
    write(batch_of(workbook(rows), place.zone))
    assert list(Household.objects.values_list("number", flat=True)) == ["3799000001"]


@pytest.mark.parametrize(
    ("county", "town", "village"),
    [
        ("云山高新区", "青石镇", "北石桥村委会"),
        ("云山高新技术产业开发区", "青石镇", "北石桥村民委员会"),
        ("高新区", "青石", "北石桥"),
        ("外区", "青石镇人民政府", "北石桥村"),
        ("云山市外区", "青石镇", "北石桥社区居民委员会"),
        (None, "青石镇", "北石桥居委会"),
    ],
)
def test_a_village_is_found_however_it_is_written(place, county, town, village):
    rows = family("3799000001", place, village=village, **{"县(市、区、旗)": county, "乡(镇)": town})
    batch = batch_of(workbook(rows), place.zone)
    assert batch.counts["households"]["new"] == 1, reasons(batch)


def test_a_town_imports_its_own_villages_only(place):
    rows = family("3799000001", place) + family("3799000002", place, village="柳河", **{"乡(镇)": "白河镇"})
    found = refused(place, rows, region=place.town)
    assert "不在导入范围“青石镇”内" in found[5]
    assert 2 not in found


@pytest.mark.parametrize("above", [0, 1, 2])
def test_the_header_stands_in_one_of_the_first_three_rows(place, above):
    batch = batch_of(workbook(family("3799000001", place), above=above), place.zone)
    assert batch.counts["people"]["new"] == 3
    assert batch.rows.order_by("row_no").first().row_no == above + 2


def test_columns_may_stand_in_any_order_with_full_width_brackets_and_others_between(place):
    headers = ("备注", *reversed(HEADERS))
    content = workbook(family("3799000001", place, 备注="不管它"), headers)
    assert batch_of(content, place.zone).counts["people"]["new"] == 3
    rows = [{_wide(key): value for key, value in row.items()} for row in family("3799000002", place)]
    assert batch_of(workbook(rows, tuple(map(_wide, HEADERS))), place.zone).counts["people"]["new"] == 3


def _wide(header):
    return header.replace("(", "（").replace(")", "）\n")


def test_missing_columns_are_named(place):
    headers = tuple(header for header in HEADERS if header not in ("证件号码", "户类型", "民族"))
    batch = batch_of(workbook(family("3799000001", place), headers), place.zone)
    assert batch.phase == BatchPhase.REJECTED
    assert batch.message == "表里缺少 2 列：证件号码、户类型。请补上后再导入，顺序不限。"


def test_a_workbook_without_the_header_is_refused(place):
    batch = batch_of(workbook([], ("甲", "乙", "丙")), place.zone)
    assert "找不到表头" in batch.message


def test_a_header_without_rows_is_refused(place):
    assert "下面没有数据" in batch_of(workbook([]), place.zone).message


def test_a_formula_as_a_name_stays_text(place):
    rows = family("3799000001", place, people=1)
    rows[0]["姓名"] = "=cmd|'/c calc'!A0"
    write(batch_of(workbook(rows), place.zone))
    assert Household.objects.get().head_name == "=cmd|'/c calc'!A0"


def test_full_width_digits_and_real_dates_are_understood(place):
    rows = family("3799000001", place, people=1)
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    rows[0].update(
        {
            "证件号码": invented_id().translate(wide),
            "人数": "１",
            "首次识别时间": datetime.date(2019, 12, 31),
            "人员识别时间": 20191231,
            "人均纯收入": "1.2万",
            "数据日期": "2020年3月31日",
        }
    )
    batch = write(batch_of(workbook(rows), place.zone))
    household = Household.objects.get()
    assert str(batch.data_date) == "2020-03-31"
    assert (str(household.first_identified_on), household.roster_per_capita_income) == ("2019-12-31", 1_200_000)
    assert str(household.head.identified_on) == "2019-12-31"


def test_a_file_that_is_no_workbook_is_refused_before_it_is_kept(place):
    with pytest.raises(WorkbookRefused, match="不是 Excel 工作簿"):
        batch_of(b"a,b\n1,2\n", place.zone)
