"""What the tests of pages share."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client


@pytest.fixture
def at_desk() -> Callable[[Any], Client]:
    """A browser in which this person has logged in."""

    def log_in(user: Any) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return log_in
