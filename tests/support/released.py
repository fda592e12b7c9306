"""The way back to the tables of an earlier version, and the programs that carry its rows to today's."""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests.support.services import start_postgres

CARRIED_SECONDS = 240


def at_version(nodes: list[tuple[str, str]]):
    """Bring an empty database to these migrations, step by step; returns the models as they were then."""
    executor = MigrationExecutor(connection)
    executor.loader.replace_migrations = False  # the steps themselves, not what stands for them on a new database
    executor.loader.build_graph()
    executor.migrate(nodes)
    return executor.loader.project_state(nodes).apps


def carried_over(program: str, folders: pytest.TempPathFactory) -> Any:
    """What a program (tests.….released_…) prints of the rows that it wrote at an earlier version and brought to today's.

    It runs once in a run of the tests, on the engine of that run, whichever process asks first.
    """
    own = folders.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    told = shared / f"{program}.json"
    with (shared / f"{program}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not told.exists():
            told.write_text(_printed(program, folders.mktemp("released")))
    return json.loads(told.read_text())


def _printed(program: str, folder: Path) -> str:
    address = start_postgres() if connection.vendor == "postgresql" else f"sqlite:///{folder / 'db.sqlite3'}"
    environment = {
        **os.environ, "DATABASE_URL": address, "VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "fangpin.settings",
    }  # fmt: skip
    environment.pop("TEST_DATABASE_NAME", None)
    done = subprocess.run(
        [sys.executable, "-m", program], cwd=Path(settings.BASE_DIR), env=environment,
        capture_output=True, text=True, timeout=CARRIED_SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout
