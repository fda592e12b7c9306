"""What the first version knew of help is there in this one, and tells its measure as what is entered today does."""

from typing import Any

import pytest

from tests.support.released import carried_over


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of it, on the engine of this run."""
    return carried_over("tests.support.released_version", tmp_path_factory)


def test_what_was_given_tells_its_measure(carried: dict[str, Any]) -> None:
    assert carried["deliveries"] == [
        ["危房改造", "lasting", "housing", "建设局", "2020-05-08", "2020-06-01", "翻修屋顶"]
    ]


def test_the_contact_and_the_visit_are_kept(carried: dict[str, Any]) -> None:
    assert carried["helpers"] == [["孙宁", "驻村工作队", "2020-05-08", None]]
    assert carried["visits"] == [["2020-05-08", "visit", [], "same", "都好"]]
