"""The command export_ledger: the same file as the page makes, counts on the console, refusals in a sentence."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook

from accounts.models import AuditEvent
from tests.factories import Make, Place
from tests.ledgers.conftest import designate


def export(region: str, out: Path, *more: str, on: str = "2020-06-30") -> str:
    printed = StringIO()
    call_command("export_ledger", "--region", region, "--on", on, "--out", str(out), *more, stdout=printed)
    return printed.getvalue()


@pytest.mark.parametrize(("level", "households"), [("village", 1), ("town", 2), ("zone", 2), ("city", 2)])
def test_every_level_down_to_a_village_can_be_written(
    place: Place, make: Make, tmp_path: Path, level: str, households: int
) -> None:
    designate(make.household(place.village))
    designate(make.household(place.neighbour))
    printed = export(getattr(place, level).code, tmp_path / "ledger.xlsx")
    assert f"{households} 户 {households * 3} 行" in printed
    assert load_workbook(tmp_path / "ledger.xlsx")["台账"].max_row == 6 + households * 3 + 3 + 1 + 4


def test_one_row_per_household_can_be_asked_for(place: Place, make: Make, tmp_path: Path) -> None:
    designate(make.household(place.village))
    assert "1 户 1 行" in export(place.village.code, tmp_path / "ledger.xlsx", "--rows", "household")


def test_numbers_are_masked_and_whole_only_with_a_reason_which_leaves_a_trace(
    place: Place, make: Make, tmp_path: Path
) -> None:
    household = make.household(place.village)
    designate(household)
    out = tmp_path / "ledger.xlsx"
    export(place.village.code, out)
    assert "*" in load_workbook(out)["台账"]["F7"].value
    export(place.village.code, out, "--full-ids", "--reason", "报区扶贫办")
    assert load_workbook(out)["台账"]["F7"].value == household.head.id_number
    trace = AuditEvent.objects.filter(action="ledger.export_by_command").latest("pk")
    assert trace.detail["purpose"] == "报区扶贫办"
    assert trace.detail["full_ids"] is True
    assert trace.region == place.village


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"region": "999999999999"}, "没有区划代码 999999999999"),
        ({"on": "2020-13-01"}, "日期 2020-13-01 不对"),
        ({"on": "2999-01-01"}, "台账日期不能晚于今天"),
        ({"on": "2019-01-01"}, "2019-01-01"),
        ({"more": ("--full-ids",)}, "要写明用途"),
        ({"more": ("--full-ids", "--reason", "  ")}, "要写明用途"),
        ({"out": "missing/ledger.xlsx"}, "没有文件夹"),
        ({"out": "ledger.xls"}, ".xlsx"),
    ],
)
def test_what_cannot_be_done_is_refused_in_a_sentence_and_leaves_no_file(
    place: Place, tmp_path: Path, changes: dict, sentence: str
) -> None:
    wanted = {"region": place.village.code, "on": "2020-06-30", "out": "ledger.xlsx", "more": (), **changes}
    with pytest.raises(CommandError, match=sentence):
        export(wanted["region"], tmp_path / wanted["out"], *wanted["more"], on=wanted["on"])
    assert list(tmp_path.iterdir()) == []
    assert not AuditEvent.objects.filter(action="ledger.export_by_command").exists()


def test_a_file_that_was_there_stays_whole_until_the_new_one_is_finished(
    place: Place, make: Make, tmp_path: Path
) -> None:
    out = tmp_path / "ledger.xlsx"
    export(place.village.code, out)
    designate(make.household(place.village))
    export(place.village.code, out)
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.xlsx"]
    assert load_workbook(out)["台账"].max_row == 6 + 3 + 3 + 1 + 4
