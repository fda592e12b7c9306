"""Cases of the first version go on with the steps that they were walking, and their meetings are kept."""

from typing import Any

import pytest

from tests.support.released import carried_over

WALKED = ["watch", "survey", "meeting", "notice_due", "notice", "town", "district", "registered"]


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of them, on the engine of this run."""
    return carried_over("tests.support.released_version", tmp_path_factory)


def test_each_case_keeps_the_steps_it_was_walking_and_who_decides(carried):
    assert carried["cases"] == [
        ["1", "designation", WALKED, "town"],
        ["2", "designation", WALKED, "town"],
        ["3", "designation", WALKED, "county"],
        ["4", "designation", None, None],
    ]
    assert carried["procedures"] == 2


def test_what_was_recorded_together_is_one_meeting_with_a_ballot_for_each(carried):
    assert carried["meetings"] == [["2020-06-01", 21, 21]]
    assert carried["ballots"] == [["1", 20, 21], ["3", 20, 21]]
