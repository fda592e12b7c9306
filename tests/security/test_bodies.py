"""How much may be sent at once: a stranger sends a form and no files, somebody at work sends photos and scans."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler
from django.test import Client
from django.urls import reverse

from fangpin.bodies import MOST_AT_WORK, MOST_OF_STRANGERS

MEGABYTE = 1024 * 1024


@pytest.fixture
def kept(monkeypatch):
    """Names of files of which the server began to write something."""
    begun: list[str] = []

    def noted(self, field_name, file_name, *args, **kwargs):
        begun.append(file_name)

    monkeypatch.setattr(FileUploadHandler, "new_file", noted)
    return begun


def send(client, address, length):
    body = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f.bin"\r\n\r\n'
    return client.generic("POST", address, body, "multipart/form-data; boundary=x", CONTENT_LENGTH=str(length))


@pytest.mark.parametrize(
    "address", ["/login/", "/sb/", "/sb/nobody-knows/", "/gs/answers/", "/households/", "/nothing/"]
)
def test_a_stranger_cannot_fill_the_disk(db, kept, address):
    answer = send(Client(), address, MOST_OF_STRANGERS + 1)
    assert answer.status_code == 413
    assert "太大" in answer.text
    assert not kept


def test_a_stranger_with_a_made_up_session_is_a_stranger(db, kept):
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = "a" * 32
    assert send(client, reverse("public:progress"), 300 * MEGABYTE).status_code == 413
    assert not kept


def test_who_is_logged_in_sends_what_a_form_of_photos_may_hold_and_no_more(client, staff, kept):
    client.force_login(staff.cadre)
    assert send(client, reverse("households:list"), MOST_AT_WORK + 1).status_code == 413
    assert not kept
    assert client.post(reverse("households:list"), {"words": "x" * (3 * MEGABYTE)}).status_code in (400, 405)


def test_whose_session_is_over_is_told_to_log_in_again(db, kept):
    assert "重新登录" in send(Client(), reverse("households:list"), 5 * MEGABYTE).text


def test_a_length_that_is_no_number_is_no_way_around(db):
    assert send(Client(), reverse("public:progress"), "1e9").status_code < 500


def test_the_public_host_has_the_same_limit():
    """Its middleware is chosen anew; this one must be among it."""
    code = "from django.conf import settings; print(settings.MIDDLEWARE)"
    variables = {
        "FANGPIN_PUBLIC": "1",
        "PUBLIC_DATABASE_URL": "sqlite:////tmp/none.sqlite3",
        "PATH": os.environ["PATH"],
    }
    variables |= {"DJANGO_SETTINGS_MODULE": "fangpin.settings", "VAR_DIR": str(settings.VAR_DIR)}
    told = subprocess.run(
        [sys.executable, "-c", code], env=variables, capture_output=True, text=True, check=True, cwd=settings.BASE_DIR
    )
    assert "fangpin.bodies.NotTooLarge" in told.stdout
