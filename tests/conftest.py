"""What every test may ask for: a real worker, and desks with a real browser.

A test that needs the worker sees what the worker sees only when its own writes are committed. Therefore `worker` and
`desk` bring a database without a surrounding transaction (`transactional_db`), emptied after each test, which is slow:
ask for them only where the process or the browser itself is what is tested. Everything else takes `db`.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page

from fangpin.celery import app
from monitoring.public.reading import reads
from tests.factories import make, place, staff, today  # noqa: F401
from tests.support.browser import HERE, LAUNCH_ARGUMENTS, OFFICE, PHONE, chromium
from tests.support.processes import WorkerProcess, wait_until


@pytest.fixture(autouse=True)
def reads_are_counted_anew() -> None:
    """Each test may open the public pages as often as anybody may in a minute."""
    reads.counts = {}


@pytest.fixture(scope="session")
def worker_process(django_db_setup: None) -> Iterator[WorkerProcess]:
    """One worker for all tests of this process, because a start takes seconds."""
    process = WorkerProcess()
    yield process
    process.kill9()


@pytest.fixture
def worker(transactional_db: None, worker_process: WorkerProcess) -> WorkerProcess:
    """A running Celery worker on the test database, with nothing left in its queue from earlier tests.

    `worker.kill9()`, `worker.start()` and `worker.restart()` may be called freely; the next test finds one running.
    """
    app.control.purge()
    worker_process.start()
    return worker_process


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium instead of Playwright's own."""
    return {**browser_type_launch_args, "executable_path": chromium(), "args": LAUNCH_ARGUMENTS}


@pytest.fixture(scope="session")
def browser(browser: Browser) -> Iterator[Browser]:
    """Playwright's browser. While its event loop runs, Django has other connections than before and after (asgiref's
    Local): they can be closed only as long as it runs, and would keep the database from being dropped."""
    yield browser
    connections.close_all()


Desk = Callable[..., Page]
PATIENCE = 90_000  # ms: on a busy machine a page may take its time; what is measured is measured elsewhere


@pytest.fixture
def desk(live_server: Any, browser: Browser) -> Iterator[Desk]:
    """Sits a person down: `desk(user)` is a page in an office window (1440 × 900), already logged in.

    `desk(user, phone=True)` is a phone (360 × 800); `desk()` is nobody; `desk(user, java_script_enabled=False)` hands
    options to Playwright. Addresses are relative: `page.goto("/")`. Each desk has its own cookies. A script error or a
    violation of the content security policy on any page fails the test.
    """
    contexts, complaints = [], []

    def listen(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            complaints.append(message.text)

    def sit_down(user: Any = None, *, phone: bool = False, **options: Any) -> Page:
        context = browser.new_context(base_url=live_server.url, **HERE, **(PHONE if phone else OFFICE), **options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        if user is not None:
            context.add_cookies([session_cookie(user, live_server.url)])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", listen)
        return page

    yield sit_down
    for context in contexts:
        context.close()
    wait_until(no_request_is_served)
    assert complaints == []


def no_request_is_served() -> bool:
    """Whether the live server has answered everything: a page may leave while a draft is being saved behind it, and the
    database cannot be emptied under a request."""
    return not any("process_request_thread" in thread.name for thread in threading.enumerate())


def session_cookie(user: Any, url: str) -> dict[str, str]:
    """The cookie of a session in which the user is logged in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": url,
    }
