"""manage.py import_roster: counts, refused rows without names, nothing written on a trial, a sentence on refusal."""

import io

import pytest
from django.core.management import CommandError, call_command

from households.models import Household, ImportBatch, ImportRow
from tests.households.rosters import MARKED, family, workbook


@pytest.fixture
def file(tmp_path):
    """Puts a workbook on the disk."""

    def put(content):
        path = tmp_path / "名册.xlsx"
        path.write_bytes(content)
        return path

    return put


def run(path, *options):
    """What the command prints."""
    out = io.StringIO()
    call_command("import_roster", path, *options, stdout=out)
    return out.getvalue()


def test_it_imports_and_prints_counts_and_refused_rows_without_names(place, file):
    rows = family("3799000001", place) + family("3799000002", place, 人数=9) + family("3799000003", place, **MARKED)
    said = run(file(workbook(rows)), "--region", place.zone.code)
    assert "农户：新增 2 户，有变化 0 户，没有变化 0 户，没有通过 1 户" in said
    assert "人口：新增 6 人" in said
    assert "风险未消除：1 户" in said
    assert "第 5 行：人数：填的是 9 人" in said
    assert "已写入：新增 2 户" in said
    assert "王" not in said
    assert rows[0]["证件号码"] not in said
    assert Household.objects.count() == 2


def test_a_trial_run_writes_nothing(place, file):
    said = run(file(workbook(family("3799000001", place))), "--region", place.zone.code, "--dry-run")
    assert "新增 1 户" in said
    assert "没有写入任何内容" in said
    assert not Household.objects.exists()
    assert not ImportBatch.objects.exists()


def test_the_same_file_again_says_that_nothing_changed(place, file):
    path = file(workbook(family("3799000001", place)))
    run(path, "--region", place.zone.code)
    assert "没有要写入的" in run(path, "--region", place.zone.code)


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_it_ends_with_a_sentence_when_every_row_is_refused(place, file, options):
    path = file(workbook(family("3799000001", place, 人数=9)))
    with pytest.raises(CommandError, match="没有一行通过"):
        run(path, "--region", place.zone.code, *options)
    assert not Household.objects.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"text", "不是 Excel 工作簿"), (workbook([], ("甲", "乙")), "找不到表头")],
)
@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_it_ends_with_a_sentence_when_the_workbook_is_refused(place, file, content, said, options):
    with pytest.raises(CommandError, match=said):
        run(file(content), "--region", place.zone.code, *options)
    assert not ImportRow.objects.exists()


def test_it_ends_with_a_sentence_for_an_unknown_region_or_file(place, file, tmp_path):
    with pytest.raises(CommandError, match="没有区划代码"):
        run(file(b""), "--region", "000000000000")
    with pytest.raises(CommandError, match="读不到文件"):
        run(tmp_path / "none.xlsx", "--region", place.zone.code)
