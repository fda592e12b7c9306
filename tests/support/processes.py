"""Real processes for the tests: a Celery worker that can be killed, and people who act at the same moment."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from fangpin.celery import app

START_SECONDS = 60


def wait_until(claim: Callable[[], object], seconds: float = 30, every: float = 0.1) -> None:
    """Returns as soon as the claim holds; fails when it does not in time."""
    deadline = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < deadline, f"not true after {seconds} seconds: {claim}"
        time.sleep(every)


def act_together(*acts: Sequence[object]) -> list[dict[str, Any]]:
    """What came of these acts (arguments of tests.support.acting), each in a process of its own, all let go at once.

    They see what has been committed to the database of the running test.
    """
    environment = {
        **os.environ, "TEST_DATABASE_NAME": str(connection.settings_dict["NAME"]),
        "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "fangpin.settings"),
    }  # fmt: skip
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.support.acting", *map(str, act)],
            env=environment, cwd=settings.BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for act in acts
    ]  # fmt: skip
    try:
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            process.stdin.write("now\n")
            process.stdin.flush()
        return [json.loads(process.communicate(timeout=START_SECONDS)[0]) for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait(10)


class WorkerProcess:
    """`celery worker` with one child, on the database and the broker of the running test.

    Beat runs inside it only when asked for. Its log is a file under VAR_DIR, shown when it does not start.
    """

    def __init__(self, *, beat: bool = False) -> None:
        self.beat = beat
        self.log = Path(settings.VAR_DIR) / "worker.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, if it is not running, and wait until it answers."""
        if self.alive():
            return
        command = [sys.executable, "-m", "celery", "-A", "fangpin", "worker", "-l", "INFO", "-c", "1"]
        command += ["--without-gossip", "--without-mingle", "-n", f"tests-{time.time_ns()}@localhost"]
        if self.beat:
            command += ["-B", "--schedule", str(Path(settings.VAR_DIR) / "beat-of-tests")]
        environment = {**os.environ, "TEST_DATABASE_NAME": str(connection.settings_dict["NAME"])}
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                env=environment,
                cwd=settings.BASE_DIR,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        deadline = time.monotonic() + START_SECONDS
        while not app.control.ping(timeout=0.5):
            if not self.alive() or time.monotonic() > deadline:
                raise RuntimeError(f"the worker did not start:\n{self.log.read_text(errors='replace')[-3000:]}")

    def alive(self) -> bool:
        """True while the process runs."""
        return self.process is not None and self.process.poll() is None

    def kill9(self) -> None:
        """End worker and children at once, as a power cut does."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        self.process = None

    def restart(self) -> None:
        """kill -9, then a new one."""
        self.kill9()
        self.start()
