"""Reading the environment: what is not understood is refused with a sentence, in English and in Chinese."""

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from environ import Env

ENVIRONMENTS = ("development", "production")
OWN_VARIABLES = {
    "FANGPIN_ENV", "FANGPIN_DEBUG", "FANGPIN_PROXY_COUNT", "FANGPIN_JOB_LEASE", "FANGPIN_SCREENING_PART", "FANGPIN_PUBLIC",
    "FANGPIN_PUBLIC_URL", "FANGPIN_SMALL_VILLAGE", "FANGPIN_LIST_PART",
}  # fmt: skip

# The web server waits for a page, so the database must not let a page wait longer; nor compile a statement that it asks once,
# nor plan one again that it was asked to plan once (by itself it would, five times).
POSTGRES_OPTIONS = (
    "-c jit=off -c plan_cache_mode=force_generic_plan "
    "-c statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000"
)
# Where a firewall drops a connection that is kept, nobody says so: after half a minute of silence it counts as lost.
POSTGRES_SILENCE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 30_000}
SQLITE_OPTIONS = {
    # Without IMMEDIATE concurrent writers fail; without FULL a power cut loses what was acknowledged.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
        "PRAGMA temp_store=MEMORY;PRAGMA cache_size=-20000;"
    ),
}


def refuse(variable: str, english: str, chinese: str) -> ImproperlyConfigured:
    """The exception to raise for a variable that cannot be used; never quotes the value, which may be a secret."""
    return ImproperlyConfigured(f"{variable}: {english} / {variable}：{chinese}")


def refuse_unknown(environment: Mapping[str, str]) -> None:
    """A misspelt FANGPIN_ variable would be silently without effect, so it is refused."""
    for name in sorted(environment):
        if name.startswith("FANGPIN_") and name not in OWN_VARIABLES:
            raise refuse(name, "no such setting.", "没有这个设置，请检查拼写。")


def read_choice(env: Env, variable: str, choices: tuple[str, ...]) -> str:
    """One of the given words; the first when the variable is not set."""
    value = env.str(variable, default="") or choices[0]
    if value not in choices:
        raise refuse(variable, f"must be one of {', '.join(choices)}.", f"只能是 {'、'.join(choices)} 之一。")
    return value


def read_switch(env: Env, variable: str) -> bool:
    """0 or 1, nothing else; 0 when the variable is not set."""
    return read_choice(env, variable, ("0", "1")) == "1"


def read_number(env: Env, variable: str, default: int, least: int, most: int) -> int:
    """A whole number between two bounds, both included."""
    value = env.str(variable, default="") or str(default)
    if not re.fullmatch(r"[0-9]{1,6}", value) or not least <= int(value) <= most:
        raise refuse(
            variable, f"must be a whole number from {least} to {most}.", f"必须是 {least} 到 {most} 之间的整数。"
        )
    return int(value)


def read_path(env: Env, variable: str, default: Path) -> Path:
    """A path, made absolute."""
    value = env.str(variable, default="")
    return Path(value).expanduser().resolve() if value else default


def read_file(variable: str, path: Path) -> str:
    """The first line of a secret's file; an empty or unreadable file is refused."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise refuse(variable, "the file cannot be read.", "无法读取该文件。") from error
    if not lines or not lines[0].strip():
        raise refuse(variable, "the file is empty.", "该文件是空的。")
    return lines[0].strip()


def read_secret_key(env: Env, keys: Path, *, production: bool) -> str:
    """From SECRET_KEY or SECRET_KEY_FILE; in development generated once under VAR_DIR.

    Production refuses to start without one, and with one shorter than 32 characters.
    """
    if env.str("SECRET_KEY_FILE", default=""):
        key = read_file("SECRET_KEY_FILE", Path(env.str("SECRET_KEY_FILE")))
    else:
        key = env.str("SECRET_KEY", default="")
    if not key and production:
        raise refuse(
            "SECRET_KEY", "production needs it (or SECRET_KEY_FILE).", "生产环境必须提供（或用 SECRET_KEY_FILE）。"
        )
    if key and len(key) < 32:
        raise refuse("SECRET_KEY", "at least 32 characters, please.", "长度不能少于 32 个字符。")
    return key or generated_once(keys / "secret_key")


def generated_once(path: Path) -> str:
    """A random secret in a file that only its owner reads; of two processes starting together, one writes it."""
    if not path.exists():
        unfinished = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(64) + "\n")
        try:
            os.link(unfinished, path)
        except FileExistsError:
            pass  # the other process was first: its secret counts
        finally:
            unfinished.unlink()
    return read_file("SECRET_KEY", path)


def read_database(env: Env, variable: str, var_dir: Path) -> dict[str, Any]:
    """Django's description of the database in DATABASE_URL: sqlite:///file or postgresql://user:password@host/name.

    Not set: SQLite under VAR_DIR. The password may come from DATABASE_PASSWORD_FILE; a `host` in the query names the
    folder of a socket. TEST_DATABASE_NAME puts a worker process on the database of a running test.
    """
    url = urlsplit(env.str(variable, default=""))
    if url.scheme in ("", "sqlite"):
        database = sqlite(url.path, var_dir, "db.sqlite3" if variable == "DATABASE_URL" else "public.sqlite3")
    elif url.scheme in ("postgres", "postgresql"):
        database = postgres(env, variable)
    else:
        raise refuse(variable, "only sqlite:// and postgresql:// are known.", "只支持 sqlite:// 和 postgresql://。")
    test = env.str("TEST_DATABASE_NAME", default="") if variable == "DATABASE_URL" else ""
    return {**database, "NAME": test or database["NAME"]}


def read_databases(env: Env, var_dir: Path, *, public_only: bool) -> dict[str, dict[str, Any]]:
    """The register's database, and that of the public pages where it is another one (PUBLIC_DATABASE_URL).

    A public host knows the latter alone, and refuses to be told of the register.
    """
    if not public_only:
        databases = {"default": read_database(env, "DATABASE_URL", var_dir)}
        if env.str("PUBLIC_DATABASE_URL", default=""):
            databases["public"] = read_database(env, "PUBLIC_DATABASE_URL", var_dir)
        return databases
    for variable in ("DATABASE_URL", "DATABASE_PASSWORD_FILE", "KEYRING_PATH", "REDIS_URL"):
        if env.str(variable, default=""):
            raise refuse(variable, "a public host must not know it.", "公开页面的主机不能知道它，请去掉。")
    if not env.str("PUBLIC_DATABASE_URL", default=""):
        raise refuse("PUBLIC_DATABASE_URL", "a public host needs it.", "公开页面的主机必须写明它。")
    return {"default": read_database(env, "PUBLIC_DATABASE_URL", var_dir)}


def read_site(env: Env, variable: str) -> str:
    """The beginning of an address, https://host, without a slash at its end; empty when it is not set."""
    value = env.str(variable, default="").rstrip("/")
    url = urlsplit(value)
    if value and (url.scheme not in ("https", "http") or not url.hostname or url.path or url.query):
        raise refuse(variable, "must be https://host.", "必须是 https://主机名。")
    return value


def sqlite(path: str, var_dir: Path, file_name: str) -> dict[str, Any]:
    """A database in one file; the tests' own is a file too, so that a worker process sees it."""
    name = unquote(path[1:]) if path else ""
    if path and not name:
        raise refuse("DATABASE_URL", "sqlite needs a file: sqlite:////folder/file.", "SQLite 需要文件名。")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(Path(name).absolute() if name else var_dir / file_name),
        "OPTIONS": SQLITE_OPTIONS,
        "TEST": {"NAME": str(var_dir / f"test.{file_name.removeprefix('db.')}")},
    }


def postgres(env: Env, variable: str) -> dict[str, Any]:
    """A PostgreSQL database, with limits on how long a page may wait for it; ``variable`` names its address."""
    url = urlsplit(env.str(variable))
    extra = parse_qs(url.query)
    if set(extra) - {"host", "sslmode", "sslrootcert"}:
        raise refuse(variable, "unknown part after the question mark.", "问号后面有不认识的内容。")
    try:
        port = url.port
    except ValueError as error:
        raise refuse(variable, "the port is not a number.", "端口不是数字。") from error
    if not url.path[1:] or not url.username:
        raise refuse(variable, "user and database name are needed.", "必须写明用户名和数据库名。")
    password_variable = variable.removesuffix("URL") + "PASSWORD_FILE"
    password_file = env.str(password_variable, default="")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path[1:]),
        "USER": unquote(url.username),
        "PASSWORD": (
            read_file(password_variable, Path(password_file)) if password_file else unquote(url.password or "")
        ),
        "HOST": extra["host"][0] if "host" in extra else url.hostname or "",
        "PORT": str(port or ""),
        "CONN_MAX_AGE": 600,  # seconds: a new session has to read the tables' descriptions again
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "options": POSTGRES_OPTIONS,
            **POSTGRES_SILENCE,
            **{name: values[0] for name, values in extra.items() if name != "host"},
        },
    }


def read_redis(env: Env) -> str:
    """The address of Redis, with the password of REDIS_PASSWORD_FILE put in; empty when REDIS_URL is not set."""
    value = env.str("REDIS_URL", default="")
    if not value:
        return ""
    url = urlsplit(value)
    if url.scheme != "redis" or not url.hostname or not re.fullmatch(r"/?[0-9]*", url.path):
        raise refuse("REDIS_URL", "must be redis://host:port/number.", "必须是 redis://主机:端口/编号。")
    password_file = env.str("REDIS_PASSWORD_FILE", default="")
    if not password_file:
        return value
    password = quote(read_file("REDIS_PASSWORD_FILE", Path(password_file)), safe="")
    return url._replace(netloc=f":{password}@{url.netloc.rpartition('@')[2]}").geturl()


def read_hosts(env: Env, *, production: bool) -> list[str]:
    """The names under which the pages are asked for; in development only this machine's."""
    hosts = [host.strip() for host in env.str("ALLOWED_HOSTS", default="").split(",") if host.strip()]
    if production and not hosts:
        raise refuse("ALLOWED_HOSTS", "production needs the host names.", "生产环境必须写明主机名，用逗号分隔。")
    if "*" in hosts:
        raise refuse("ALLOWED_HOSTS", "* would accept forged host names.", "不能写 *，请写明主机名。")
    return [*hosts, "localhost", "127.0.0.1", "[::1]"]
