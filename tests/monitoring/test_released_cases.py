"""Cases of the first version go on with the steps that they were walking, and their meetings are kept."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from tests.support.services import start_postgres

WALKED = ["watch", "survey", "meeting", "notice_due", "notice", "town", "district", "registered"]


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of them, on the engine of this run."""
    folder = tmp_path_factory.mktemp("released")
    address = start_postgres() if connection.vendor == "postgresql" else f"sqlite:///{folder / 'db.sqlite3'}"
    environment = {
        **os.environ, "DATABASE_URL": address, "VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "fangpin.settings",
    }  # fmt: skip
    environment.pop("TEST_DATABASE_NAME", None)
    done = subprocess.run(
        [sys.executable, "-m", "tests.monitoring.released_cases"], cwd=Path(settings.BASE_DIR), env=environment,
        capture_output=True, text=True, timeout=180,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


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
