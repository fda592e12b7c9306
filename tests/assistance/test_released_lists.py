"""Lists that the first version wrote can be taken back by this one, the last first."""

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

CHANGED = ["2020-05-01", "50000", "month", "2020-05-01"]


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
        [sys.executable, "-m", "tests.assistance.released_lists"], cwd=Path(settings.BASE_DIR), env=environment,
        capture_output=True, text=True, timeout=180,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_each_line_that_wrote_something_is_remembered(carried: dict[str, Any]) -> None:
    assert carried["lines"] == 3
    assert carried["carried"] == [["2020-05-01", "38000", "month", "2020-06-01"], CHANGED]


def test_the_last_list_is_taken_back_and_then_the_one_before(carried: dict[str, Any]) -> None:
    assert carried["june_undone"] == [
        {"restored": 1, "deleted": 0, "kept": 0},
        [["2020-05-01", "36000", "month", "2020-05-01"], CHANGED],
    ]
    assert carried["may_undone"] == [{"restored": 1, "deleted": 1, "kept": 0}, [["2020-01-05", None, "once", None]]]
