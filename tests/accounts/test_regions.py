"""Official divisions: loaded from a CSV, all or nothing; a street stays with its zone."""

import pytest
from django.core.management import CommandError, call_command

from accounts.divisions import SHIPPED, DivisionsRefused, load_divisions
from accounts.models import Level, Region

OFFICIAL = "370403002000,兴仁街道,town,370403000000\n"


@pytest.fixture
def zaozhuang(db):
    return load_divisions(SHIPPED)


def test_the_real_divisions_of_zaozhuang_ship_with_a_zone_over_three_streets(zaozhuang):
    assert (zaozhuang.new[Level.COUNTY], zaozhuang.new[Level.TOWN], zaozhuang.new[Level.VILLAGE]) == (6, 66, 2469)
    zone = Region.objects.by_code("370490000000")
    assert [town.name for town in zone.children.order_by("path")] == ["兴仁街道", "兴城街道", "张范街道"]
    assert not Region.objects.under(Region.objects.by_code("370403000000")).filter(code="370403002000").exists()


def test_loading_twice_changes_nothing(zaozhuang):
    again = load_divisions(SHIPPED)
    assert (again.new.total(), again.renamed, again.unchanged) == (0, 0, 2543)


def test_an_official_list_does_not_take_a_street_from_its_zone(zaozhuang, tmp_path):
    file = tmp_path / "official.csv"
    file.write_text(
        "code,name,level,parent_code\n370400000000,枣庄市,city,\n370403000000,薛城区,county,370400000000\n" + OFFICIAL
    )
    assert load_divisions(file).kept_in_zone == 1
    assert Region.objects.by_code("370403002000").parent.level == Level.ZONE


def test_a_full_name_leaves_the_city_out(zaozhuang):
    village = Region.objects.villages().filter(parent__code="370403002000").order_by("path").first()
    assert village.full_name() == f"枣庄高新区兴仁街道{village.name}"
    assert Region.objects.by_code("370400000000").full_name() == "枣庄市"


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("37040,短,town,370403000000", "12位数字"),
        ("370403999000,孤镇,town,379999000000", "不在前面各行"),
        ("370403999000,错级,hamlet,370403000000", "级别只能是"),
        ("370403999000,,town,370403000000", "名称不能空"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_loaded(zaozhuang, tmp_path, row, sentence):
    file = tmp_path / "bad.csv"
    file.write_text(f"code,name,level,parent_code\n370403998000,先来,town,370403000000\n{row}\n")
    with pytest.raises(DivisionsRefused, match=sentence):
        load_divisions(file)
    assert not Region.objects.filter(code="370403998000").exists()


def test_the_command_refuses_with_a_sentence(db, tmp_path):
    with pytest.raises(CommandError, match="找不到文件"):
        call_command("load_regions", tmp_path / "none.csv")
    file = tmp_path / "columns.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(CommandError, match="缺少列"):
        call_command("load_regions", file)
