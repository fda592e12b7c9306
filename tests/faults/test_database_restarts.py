"""The database loses power: a screening goes on where it stopped, each household once, and a worker comes back by itself."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
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
REQUEST = """
import django
django.setup()
from django.utils import timezone
from accounts.models import Region
from monitoring.screening import request_screening
request_screening(region=Region.objects.get(code="{code}"), on=timezone.localdate(), by=None)
"""
ZONE = "379990000000"
OTHERS = """
SELECT string_agg(pid::text, ' ') FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
DONE = "SELECT count(*) FROM monitoring_screening WHERE state = 'done'"


class Site:
    """A database server of its own with 6,000 households, and processes that know of nothing else."""

    def __init__(self, folder: Path) -> None:
        self.address = services.start_postgres()
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "REDIS_URL"},
            "DATABASE_URL": self.address,
            "VAR_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "fangpin.settings",
            "FANGPIN_JOB_LEASE": str(LEASE),
            "FANGPIN_SCREENING_PART": "100",
        }
        self.done(self.python("manage.py", "migrate", "--verbosity", "0"))
        self.done(self.python("-c", FILL))

    def python(self, *words: str) -> subprocess.Popen[str]:
        """A process under way."""
        return subprocess.Popen(
            [sys.executable, *words],
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def done(self, process: subprocess.Popen[str]) -> str:
        """What it printed, once it has ended well."""
        printed, _nothing = process.communicate(timeout=120)
        assert process.returncode == 0, printed
        return printed

    def ask(self, sql: str) -> Any:
        """The one value that a query gives."""
        connection = psycopg2.connect(self.address)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchone()[0]
        finally:
            connection.close()

    def forget(self) -> None:
        """As if nobody had ever been screened."""
        self.ask("TRUNCATE monitoring_screening, monitoring_assessment CASCADE; SELECT 1")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("site"))


@pytest.fixture
def site(built: Site) -> Site:
    built.forget()
    return built


@pytest.fixture
def worker(site: Site) -> Iterator[None]:
    alone = ("--without-gossip", "--without-mingle")
    process = site.python("-m", "celery", "-A", "fangpin", "worker", "-l", "INFO", "-c", "1", *alone)
    try:
        assert any(" ready." in line for line in process.stdout or ())
        yield
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_a_screening_outlives_two_crashes_of_the_database(site: Site) -> None:
    parts = "SELECT count(*) FROM monitoring_screeningpart WHERE done_at IS NOT NULL"
    reached = 0
    for _crash in range(2):
        running = site.python("manage.py", "rescreen", "--region", ZONE, "--on", f"{timezone.localdate()}")
        wait_until(lambda reached=reached: site.ask(parts) > reached, 60, every=0.005)
        services.crash_postgres(site.address)
        running.communicate(timeout=60)
        assert running.returncode != 0
        reached = site.ask(parts)
        assert reached < site.ask("SELECT count(*) FROM monitoring_screeningpart")
        wait_until(lambda: site.ask("SELECT max(lease_until) < now() FROM monitoring_screening"), LEASE + 5)
    printed = site.done(site.python("manage.py", "rescreen", "--region", ZONE, "--on", f"{timezone.localdate()}"))
    assert "共 6000 户，结论有变化 5400 户" in printed
    assert site.ask("SELECT count(*) FROM monitoring_assessment") == 5400
    assert site.ask("SELECT count(DISTINCT household_id) FROM monitoring_assessment") == 5400
    assert site.ask("SELECT attempts FROM monitoring_screening") == 3


def test_a_worker_keeps_its_connection_and_takes_another_when_it_is_lost(site: Site, worker: None) -> None:
    def sessions_after_a_screening() -> str:
        done = site.ask(DONE)
        site.done(site.python("-c", REQUEST.format(code=ZONE)))
        wait_until(lambda: site.ask(DONE) > done, 60)
        return site.ask(OTHERS)

    kept = sessions_after_a_screening()
    assert kept
    assert sessions_after_a_screening() == kept
    # The server of the tests commits before the log is on disk: only what is there outlives a crash.
    wait_until(lambda: site.ask("SELECT pg_current_wal_flush_lsn() >= pg_current_wal_insert_lsn()"))
    services.crash_postgres(site.address)
    assert sessions_after_a_screening() not in (kept, None)
