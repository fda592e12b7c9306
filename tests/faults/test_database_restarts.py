"""The database loses power in the middle of a screening: the run goes on where it stopped, each household once."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings
from django.utils import timezone

from tests.support import services
from tests.support.processes import wait_until

LEASE = 2  # seconds
FILL = """
import django
django.setup()
from django.utils import timezone
from tests.factories import add_place, add_user
from tests.faults.test_kill_rescreen import fill
fill(add_place().town, add_user("cadre", "张桂英"), timezone.localdate())
"""
ZONE = "379990000000"


def ask(address: str, sql: str) -> Any:
    """The one value that a query gives."""
    connection = psycopg2.connect(address)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0]
    finally:
        connection.close()


def test_a_screening_outlives_two_crashes_of_the_database(tmp_path: Path) -> None:
    address = services.start_postgres()
    environment = {
        **os.environ,
        "DATABASE_URL": address,
        "VAR_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "fangpin.settings",
        "FANGPIN_JOB_LEASE": str(LEASE),
        "FANGPIN_SCREENING_PART": "100",
    }

    def python(*words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *words],
            cwd=settings.BASE_DIR,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def done(process: subprocess.Popen[str]) -> str:
        printed, _nothing = process.communicate(timeout=120)
        assert process.returncode == 0, printed
        return printed

    done(python("manage.py", "migrate", "--verbosity", "0"))
    done(python("-c", FILL))
    parts = "SELECT count(*) FROM monitoring_screeningpart WHERE done_at IS NOT NULL"
    reached = 0
    for _crash in range(2):
        running = python("manage.py", "rescreen", "--region", ZONE, "--on", f"{timezone.localdate()}")
        wait_until(lambda reached=reached: ask(address, parts) > reached, 60, every=0.005)
        services.crash_postgres(address)
        running.communicate(timeout=60)
        assert running.returncode != 0
        reached = ask(address, parts)
        assert reached < ask(address, "SELECT count(*) FROM monitoring_screeningpart")
        wait_until(lambda: ask(address, "SELECT max(lease_until) < now() FROM monitoring_screening"), LEASE + 5)
    printed = done(python("manage.py", "rescreen", "--region", ZONE, "--on", f"{timezone.localdate()}"))
    assert "共 6000 户，结论有变化 5400 户" in printed
    assert ask(address, "SELECT count(*) FROM monitoring_assessment") == 5400
    assert ask(address, "SELECT count(DISTINCT household_id) FROM monitoring_assessment") == 5400
    assert ask(address, "SELECT attempts FROM monitoring_screening") == 3
