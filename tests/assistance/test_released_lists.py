"""Lists that the first version wrote can be taken back by this one, the last first."""

from typing import Any

import pytest

from tests.support.released import carried_over

CHANGED = ["2020-05-01", "50000", "month", "2020-05-01"]


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of them, on the engine of this run."""
    return carried_over("tests.assistance.released_lists", tmp_path_factory)


def test_each_line_that_wrote_something_is_remembered(carried: dict[str, Any]) -> None:
    assert carried["lines"] == 3
    assert carried["carried"] == [["2020-05-01", "38000", "month", "2020-06-01"], CHANGED]


def test_the_last_list_is_taken_back_and_then_the_one_before(carried: dict[str, Any]) -> None:
    assert carried["june_undone"] == [
        {"restored": 1, "deleted": 0, "kept": 0},
        [["2020-05-01", "36000", "month", "2020-05-01"], CHANGED],
    ]
    assert carried["may_undone"] == [{"restored": 1, "deleted": 1, "kept": 0}, [["2020-01-05", None, "once", None]]]
