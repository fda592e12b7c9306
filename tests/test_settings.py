"""What the environment may say, and what is refused."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

KEY = "k" * 50
PRINT = "from fangpin import settings as s; print({})"


def ask(expression: str, var_dir: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Read the settings in a process of its own, with nothing but these variables."""
    return subprocess.run(
        [sys.executable, "-c", PRINT.format(expression)],
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(var_dir), **environment},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )


PRODUCTION = {"FANGPIN_ENV": "production", "SECRET_KEY": KEY, "ALLOWED_HOSTS": "fangpin.example"}
REFUSED = {
    "a misspelt variable": ({"FANGPIN_ENVIROMENT": "production"}, "没有这个设置"),
    "an unknown environment": ({"FANGPIN_ENV": "prod"}, "development"),
    "debugging in production": ({**PRODUCTION, "FANGPIN_DEBUG": "1"}, "不能打开调试"),
    "a switch that is neither 0 nor 1": ({"FANGPIN_DEBUG": "yes"}, "FANGPIN_DEBUG"),
    "a port out of range": ({"HTTP_PORT": "70000"}, "65535"),
    "another database": ({"DATABASE_URL": "mysql://u:p@h/d"}, "只支持"),
    "a database without a name": ({"DATABASE_URL": "postgresql://u@h"}, "数据库名"),
    "an odd option of the database": ({"DATABASE_URL": "postgresql://u@h/d?fsync=off"}, "问号"),
    "another broker": ({"REDIS_URL": "amqp://localhost"}, "redis://"),
    "production without a key": ({**PRODUCTION, "SECRET_KEY": ""}, "SECRET_KEY"),
    "a short key": ({**PRODUCTION, "SECRET_KEY": "short"}, "32"),
    "a key file that is not there": ({"SECRET_KEY_FILE": "/nowhere/key"}, "无法读取"),
    "production without host names": ({**PRODUCTION, "ALLOWED_HOSTS": ""}, "主机名"),
    "every host name": ({"ALLOWED_HOSTS": "*"}, "主机名"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_understood_is_refused_with_a_sentence(name: str, tmp_path: Path) -> None:
    environment, words = REFUSED[name]
    answer = ask("s.DEBUG", tmp_path, **environment)
    assert answer.returncode != 0
    last_line = answer.stderr.strip().splitlines()[-1]
    assert words in last_line
    assert "ImproperlyConfigured" in last_line


def test_a_refusal_does_not_repeat_the_secret(tmp_path: Path) -> None:
    answer = ask("s.DEBUG", tmp_path, DATABASE_URL="mysql://user:Geheim123@host/name")
    assert "Geheim123" not in answer.stderr


def test_development_keeps_one_secret_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    first, second = ask("s.SECRET_KEY", tmp_path), ask("s.SECRET_KEY", tmp_path)
    assert len(first.stdout.strip()) > 50
    assert first.stdout == second.stdout
    assert stat.S_IMODE((tmp_path / "keys" / "secret_key").stat().st_mode) == 0o600


def test_everything_that_is_written_lies_under_var_dir(tmp_path: Path) -> None:
    names = ("DATABASES['default']['NAME']", "MEDIA_ROOT", "FILE_UPLOAD_TEMP_DIR", "KEYRING_PATH", "STATIC_ROOT")
    queue = ("CELERY_BROKER_TRANSPORT_OPTIONS['data_folder_in']", "CELERY_BEAT_SCHEDULE_FILENAME")
    paths = ask(", ".join(f"s.{name}" for name in (*names, *queue)), tmp_path).stdout.split()
    assert len(paths) == 7
    assert all(Path(path).is_relative_to(tmp_path) for path in paths)


def test_passwords_of_database_and_redis_come_from_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("p@ss/wort\n", encoding="utf-8")
    answer = ask(
        "s.DATABASES['default']['PASSWORD'], s.REDIS_URL",
        tmp_path,
        DATABASE_URL="postgresql://fangpin@postgres/fangpin",
        DATABASE_PASSWORD_FILE=str(secret),
        REDIS_URL="redis://redis:6379/0",
        REDIS_PASSWORD_FILE=str(secret),
    )
    assert answer.stdout.split() == ["p@ss/wort", "redis://:p%40ss%2Fwort@redis:6379/0"]


def test_production_sends_cookies_and_pages_over_https_only(tmp_path: Path) -> None:
    names = "s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS > 0"
    answer = ask(f"all(({names}, s.SESSION_COOKIE_NAME.startswith('__Host-'), not s.DEBUG))", tmp_path, **PRODUCTION)
    assert answer.stdout.strip() == "True"


def test_every_variable_that_is_read_is_documented() -> None:
    code = "".join((settings.BASE_DIR / "fangpin" / name).read_text() for name in ("settings.py", "environment.py"))
    read = set(re.findall(r'(?:env, |env\.str\()"([A-Z_]+)"', code))
    documented = (settings.BASE_DIR / "docs" / "running.md").read_text(encoding="utf-8")
    assert {"DATABASE_URL", "HTTP_PORT"} < read
    assert {name for name in read - {"TEST_DATABASE_NAME"} if f"`{name}`" not in documented} == set()
