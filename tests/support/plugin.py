"""Chooses the engines of a test run before Django reads its settings: pytest --db=sqlite (default) or --db=postgres.

sqlite: a database file, and messages as files, both in a temporary VAR_DIR. postgres: a private PostgreSQL and a
private Redis, started here and ended with the run. With -n each process has its own folder, database and broker.
The plugin is loaded with -p, because a conftest.py would be read after the settings.
"""

import atexit
import gc
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from tests.support import services

# What the person at the keyboard has set for a running installation must not reach the tests.
FOREIGN_VARIABLES = (
    "FANGPIN_ENV", "FANGPIN_DEBUG", "FANGPIN_PROXY_COUNT", "ALLOWED_HOSTS", "SECRET_KEY", "SECRET_KEY_FILE",
    "DATABASE_URL", "DATABASE_PASSWORD_FILE", "REDIS_URL", "REDIS_PASSWORD_FILE", "TEST_DATABASE_NAME",
    "KEYRING_PATH", "STATIC_ROOT", "HTTP_PORT",
)  # fmt: skip


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", choices=["sqlite", "postgres"], default="sqlite", help="the engines to run on")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    process = os.environ.get("PYTEST_XDIST_WORKER")
    if process is None:
        prepare_run(early_config.known_args_namespace.db)
    else:
        prepare_process(process)


def prepare_run(engines: str) -> None:
    """Start what the run needs, once."""
    for name in FOREIGN_VARIABLES:
        os.environ.pop(name, None)
    run_dir = Path(tempfile.mkdtemp(prefix="fangpin-tests-"))
    atexit.register(shutil.rmtree, run_dir, ignore_errors=True)
    os.environ["VAR_DIR"] = str(run_dir / "main")
    os.environ["FANGPIN_JOB_LEASE"] = "5"  # seconds, so that tests of killed workers need not wait long
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright runs an event loop beside synchronous tests
    if engines == "postgres":
        os.environ["DATABASE_URL"] = services.start_postgres()
        os.environ["REDIS_URL"] = services.start_redis() + "/0"


def prepare_process(process: str) -> None:
    """Give a process of pytest-xdist its own folder and its own number in Redis."""
    os.environ["VAR_DIR"] = str(Path(os.environ["VAR_DIR"]).parent / process)
    if redis_url := os.environ.get("REDIS_URL"):
        number = 1 + int(process.removeprefix("gw"))
        os.environ["REDIS_URL"] = f"{redis_url.rpartition('/')[0]}/{number}"


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is there by now stays to the end of the run: looking through it for garbage again and again took a tenth of it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


def pytest_report_header(config: pytest.Config) -> str:
    database, broker = os.environ.get("DATABASE_URL", "sqlite"), os.environ.get("REDIS_URL", "files")
    return f"engines: {database.partition(':')[0]} and {broker.partition(':')[0]}"
