"""An officer's browser: sends the form, then asks as the page does until the result is there."""

import datetime
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.test import Client
from django.urls import reverse

from accounts.models import User
from monitoring.models import PolicyTrial

ASKS_EVERY = 0.4  # seconds, as the page does
GIVES_UP = 120
LOGIN = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True)
class Draft:
    """Numbers of a rule set to be tried."""

    title: str
    ruleset: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Click:
    """What came of one click: seconds until the page with the matrix was there, and of these the job's own."""

    trial: PolicyTrial
    seconds: float
    job_seconds: float
    looks: int


class Browser:
    """Logged in as one person."""

    def __init__(self, user: User) -> None:
        self.client = Client(SERVER_NAME="127.0.0.1")
        self.client.force_login(user, backend=LOGIN)

    def click(self, draft: Draft, today: datetime.date) -> Click:
        """Press 试算 and wait for the matrix; raises RuntimeError when it does not come."""
        form = {f"value_{key}": value for key, value in draft.values.items()}
        form |= {"starts_on": today.isoformat(), "idempotency_key": str(uuid.uuid4())}
        begun = time.perf_counter()
        answer = self.client.post(f"{reverse('monitoring:whatif-new')}?ruleset={draft.ruleset}", form)
        if answer.status_code != 302:
            raise RuntimeError(f"The form was refused: {answer.status_code}")
        page, looks = answer.headers["Location"], 0
        self._read(page)
        while True:
            time.sleep(ASKS_EVERY)
            progress = self.client.get(page, headers={"HX-Request": "true"})
            if "HX-Refresh" in progress.headers:
                break
            looks += 1
            if time.perf_counter() - begun > GIVES_UP:
                raise RuntimeError(f"No answer after {GIVES_UP} s.")
        if "谁变成什么" not in self._read(page):
            raise RuntimeError("The page shows no matrix.")
        seconds = time.perf_counter() - begun
        trial = PolicyTrial.objects.latest("created_at")
        return Click(trial, seconds, (trial.finished_at - trial.started_at).total_seconds(), looks)

    def _read(self, page: str) -> str:
        return self.client.get(page).content.decode()
