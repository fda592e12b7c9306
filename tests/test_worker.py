"""The real worker of the tests: it works on the test database, can be killed, and comes back."""

import pytest
from django.urls import reverse

from fangpin.celery import app
from tests.conftest import Desk
from tests.support.processes import WorkerProcess


def test_a_killed_worker_is_dead_and_a_new_one_answers(worker: WorkerProcess) -> None:
    worker.kill9()
    assert not worker.alive()
    worker.start()
    assert app.control.ping(timeout=2)


def test_every_scheduled_task_is_known_to_the_worker(worker: WorkerProcess) -> None:
    scheduled = {entry["task"] for entry in app.conf.beat_schedule.values()}
    known = {name for names in app.control.inspect(timeout=1).registered().values() for name in names}
    assert scheduled - known == set()


@pytest.mark.parametrize("phone", [False, True])
def test_a_browser_reaches_the_server(desk: Desk, phone: bool) -> None:
    page = desk(phone=phone)
    answer = page.goto(reverse("ping"))
    assert answer is not None
    assert answer.status == 200
    assert page.viewport_size == ({"width": 360, "height": 800} if phone else {"width": 1440, "height": 900})
