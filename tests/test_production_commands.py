"""The commands of Dockerfile and docker-compose.yml, run as they stand there, in production settings.

There is no container here: addresses, ports and folders of the containers are exchanged for those of this test, and
nothing else. PostgreSQL and Redis are real and private, Redis with the command and the password of docker-compose.yml.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPMessage
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import redis
import yaml
from django.conf import settings
from django.urls import reverse

from tests.support import services
from tests.support.processes import wait_until

HOST = "fangpin.example"
COMPOSE = yaml.safe_load((settings.BASE_DIR / "docker-compose.yml").read_text(encoding="utf-8"))
DOCKERFILE = re.sub(r"\\\n\s*", "", (settings.BASE_DIR / "Dockerfile").read_text(encoding="utf-8"))


def image_instruction(name: str) -> list[str]:
    """The program of the image's CMD or HEALTHCHECK."""
    [line] = re.findall(rf"^{name} .*", DOCKERFILE, re.MULTILINE)
    return json.loads(line[line.index("[") :])


def collect_static_files() -> str:
    """The shell command by which the image gathers its static files."""
    [line] = re.findall(r"^RUN (SECRET_KEY=.*collectstatic --noinput)", DOCKERFILE, re.MULTILINE)
    return line


@dataclass
class Installation:
    """What stands in for the containers."""

    folder: Path
    environment: dict[str, str]
    exchanges: dict[str, str]
    http_port: int
    redis_url: str

    def translate(self, command: list[str]) -> list[str]:
        """The command with this test's addresses and folders in the place of the containers'."""
        words = [word.replace("$$", "$") for word in command]
        for there, here in self.exchanges.items():
            words = [word.replace(there, here) for word in words]
        return words

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        """Run to the end; a health check in shell form is given to the shell."""
        words = self.translate(command)
        if words[0] == "CMD-SHELL":
            words = ["sh", "-c", *words[1:]]
        elif words[0] == "CMD":
            words = words[1:]
        return subprocess.run(
            words, env=self.environment, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=120, check=False
        )

    @contextmanager
    def running(self, command: list[str]) -> Iterator[Path]:
        """The process for as long as the block lasts; gives its log. It must still run at the end, and end on TERM."""
        log = self.folder / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                self.translate(command), env=self.environment, cwd=settings.BASE_DIR, stdout=output, stderr=output
            )
        try:
            yield log
            assert process.poll() is None, log.read_text(errors="replace")
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            finally:
                process.kill()

    def get(self, path: str, **headers: str) -> tuple[int, HTTPMessage, str]:
        """What the web server answers to the proxy: status, headers, body."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.http_port}{path}")
        for name, value in {"Host": HOST, "X-Forwarded-Proto": "https", **headers}.items():
            request.add_header(name, value)
        try:
            with urllib.request.build_opener(StayHere).open(request, timeout=20) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read().decode()


class StayHere(urllib.request.HTTPRedirectHandler):
    """Follows no redirect."""

    def redirect_request(self, *arguments: Any) -> None:
        return None


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("secrets")
    subprocess.run([settings.BASE_DIR / "bin" / "make-secrets", folder], check=True, stdout=subprocess.DEVNULL)
    return folder


@pytest.fixture(scope="module")
def database_url() -> Iterator[str]:
    """An empty database of its own, in the run's PostgreSQL if there is one."""
    with empty_database("production") as url:
        yield url


@contextmanager
def empty_database(prefix: str) -> Iterator[str]:
    server = os.environ.get("DATABASE_URL") or services.start_postgres()
    socket_folder = server.partition("host=")[2]
    name = f"{prefix}_{os.getpid()}"
    connection = psycopg2.connect(host=socket_folder, user="fangpin", dbname="postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        yield f"postgresql://fangpin@/{name}?host={socket_folder}"
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    connection.close()


@pytest.fixture(scope="module")
def redis_port(secrets: Path) -> Iterator[int]:
    """Redis by the command of docker-compose.yml, with its password."""
    port = services.free_port()
    command = [word.replace("$$", "$") for word in COMPOSE["services"]["redis"]["command"]]
    command = [word.replace("/run/secrets", str(secrets)) for word in command]
    command[-1] = command[-1].replace(
        "redis-server -", f"{services.redis_program()} - --port {port} --bind 127.0.0.1 --dir {secrets}"
    )
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    wait_until(lambda: listens(port))
    yield port
    os.killpg(process.pid, signal.SIGTERM)  # the shell and the server behind its pipe
    process.wait(10)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def installation(
    tmp_path_factory: pytest.TempPathFactory, secrets: Path, database_url: str, redis_port: int
) -> Installation:
    """Migrated and with its static files gathered, both by the commands of the files."""
    folder = tmp_path_factory.mktemp("production")
    port = services.free_port()
    described = {**COMPOSE["x-fangpin"]["environment"], **dict(re.findall(r"(\w+)=(\S+)", environment_of_image()))}
    environment = {
        **{name: value.replace("/run/secrets", str(secrets)) for name, value in described.items()},
        "ALLOWED_HOSTS": HOST,
        "DATABASE_URL": database_url,
        "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0",
        "VAR_DIR": str(folder / "var"),
        "STATIC_ROOT": str(folder / "static"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOSTNAME": socket.gethostname(),
    }
    exchanges = {
        "0.0.0.0:8000": f"127.0.0.1:{port}",
        "127.0.0.1:8000": f"127.0.0.1:{port}",
        "/run/secrets": str(secrets),
        "/tmp/beat-schedule": str(folder / "beat-schedule"),
        "'/tmp'": f"'{folder}'",
        "/tmp/build": str(folder / "build"),
    }
    password = (secrets / "redis_password").read_text().strip()
    stand_in = Installation(folder, environment, exchanges, port, f"redis://:{password}@127.0.0.1:{redis_port}/0")
    for command in (["sh", "-c", collect_static_files()], COMPOSE["services"]["migrate"]["command"]):
        answer = stand_in.run(command)
        assert answer.returncode == 0, answer.stderr
    return stand_in


def environment_of_image() -> str:
    [line] = re.findall(r"^ENV .*", DOCKERFILE, re.MULTILINE)
    return line


def test_the_web_server_answers_the_proxy_and_nobody_else(installation: Installation) -> None:
    health_check = image_instruction("HEALTHCHECK")
    with installation.running(image_instruction("CMD")):
        wait_until(lambda: listens(installation.http_port))
        wait_until(lambda: installation.run(health_check).returncode == 0)
        status, headers, page = installation.get(reverse("accounts:login"))
        assert status == 200
        assert "max-age=31536000" in headers["Strict-Transport-Security"]
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "__Host-csrf=" in headers["Set-Cookie"]
        assert "Secure" in headers["Set-Cookie"]
        [stylesheet] = re.findall(r'href="(/static/fangpin\.[0-9a-f]+\.css)"', page)
        assert installation.get(stylesheet)[0] == 200
        assert installation.get("/")[0] == 302
        assert installation.get("/nowhere/")[0] in (302, 404)
        assert installation.get("/", **{"X-Forwarded-Proto": "http"})[0] == 301
        assert installation.get(reverse("accounts:login"), Host="evil.example")[0] == 400


def test_beat_rings_and_is_healthy(installation: Installation) -> None:
    service = COMPOSE["services"]["beat"]
    broker = redis.Redis.from_url(installation.redis_url)
    broker.delete("celery")
    with installation.running(service["command"]):
        wait_until(lambda: broker.llen("celery") > 0, seconds=60)
        assert installation.run(service["healthcheck"]["test"]).returncode == 0
    broker.delete("celery")


def test_the_worker_answers_its_health_check(installation: Installation) -> None:
    service = COMPOSE["services"]["worker"]
    with installation.running(service["command"]) as log:
        wait_until(lambda: b"ready." in log.read_bytes(), seconds=60)
        answer = installation.run(service["healthcheck"]["test"])
        assert answer.returncode == 0, answer.stdout + answer.stderr
        assert "pong" in answer.stdout


def test_postgres_takes_its_settings() -> None:
    program, *words = COMPOSE["services"]["postgres"]["command"]
    assert program == "postgres"
    assert all(word.startswith("-c") for word in words)
    wanted = dict(re.sub(r"\$\{\w+:-(\w+)}", r"\1", word).removeprefix("-c").split("=") for word in words)
    if not services.postgres_compresses_with_lz4():  # the image's is built with it, as Debian's
        wanted["wal_compression"] = "pglz"
    connection = psycopg2.connect(services.start_postgres({"listen_addresses": "", **wanted}))
    with connection.cursor() as cursor:
        for name, value in wanted.items():
            cursor.execute(f"SHOW {name}")
            assert cursor.fetchone() == (value,)
    connection.close()


def test_redis_asks_for_the_password(installation: Installation) -> None:
    stranger = redis.Redis.from_url(re.sub(r":[^:@]+@", "", installation.redis_url))
    with pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_only_the_web_port_is_published_and_by_default_to_this_machine(installation: Installation) -> None:
    published = {name: service["ports"] for name, service in COMPOSE["services"].items() if "ports" in service}
    assert published == {
        "web": ["${LISTEN:-127.0.0.1}:${HTTP_PORT:-8000}:8000"],
        "public": ["${PUBLIC_LISTEN:-127.0.0.1}:${PUBLIC_HTTP_PORT:-8001}:8000"],
    }


def test_the_public_host_shares_no_network_with_the_register_and_starts_only_when_asked() -> None:
    networks = {
        name: set(service["networks"]) for name, service in COMPOSE["services"].items() if "networks" in service
    }
    inner = networks["postgres"] | networks["redis"] | networks["web"] | networks["worker"]
    for name in ("public", "public-migrate"):
        assert not (set(COMPOSE["services"][name]["networks"]) & inner), name
    assert networks["public-postgres"] & networks["worker"] and networks["public-postgres"] & networks["public"]
    asked = {name for name, service in COMPOSE["services"].items() if "public" in service.get("profiles", [])}
    assert asked == {"public", "public-migrate", "public-postgres"}
    assert not {"database_password", "keyring"} & set(COMPOSE["services"]["public"]["secrets"])


def test_the_public_host_answers_with_its_pages_and_knows_no_others(installation: Installation, secrets: Path) -> None:
    described = COMPOSE["services"]["public"]["environment"]
    kept = {name: installation.environment[name] for name in ("PATH", "STATIC_ROOT", "HOSTNAME")}
    with empty_database("public") as url:
        environment = {name: value.replace("/run/secrets", str(secrets)) for name, value in described.items()}
        here = {"ALLOWED_HOSTS": HOST, "PUBLIC_DATABASE_URL": url, "VAR_DIR": str(installation.folder / "public")}
        public = replace(installation, environment={**environment, **kept, **here})
        made = public.run(COMPOSE["services"]["public-migrate"]["command"])
        assert made.returncode == 0, made.stderr
        with public.running(image_instruction("CMD")):
            wait_until(lambda: listens(public.http_port))
            status, headers, page = public.get("/gs/answers/")
            assert (status, "查异议结果" in page, "noindex" in headers["X-Robots-Tag"]) == (200, True, True)
            assert [public.get(path)[0] for path in ("/sb/", "/login/", "/cases/", "/gs/%00/")] == [200, 404, 404, 404]


def test_every_service_that_stays_has_a_health_check() -> None:
    without = {name for name, service in COMPOSE["services"].items() if "test" not in service.get("healthcheck", {})}
    # migrations end; web and public have the one of their image
    assert without == {"migrate", "public-migrate", "web", "public"}
    assert image_instruction("HEALTHCHECK")


def test_secrets_are_written_once_and_the_keyring_is_one_we_can_use(installation: Installation, secrets: Path) -> None:
    before = {path.name: path.read_bytes() for path in secrets.iterdir() if path.is_file()}
    subprocess.run([settings.BASE_DIR / "bin" / "make-secrets", secrets], check=True, stdout=subprocess.DEVNULL)
    assert {path.name: path.read_bytes() for path in secrets.iterdir() if path.is_file()} == before
    program = (
        "from accounts.encryption import keyring\nprint(keyring().decrypt(keyring().encrypt('secret', 'a.b'), 'a.b'))"
    )
    answer = installation.run([sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", program])
    assert answer.stdout.strip() == "secret", answer.stderr
