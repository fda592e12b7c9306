"""What the national system calls a value, and its code, as far as a source gives one (data/national_codes.toml)."""

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent / "data" / "national_codes.toml"
UNVERIFIED = "unverified"


@dataclass(frozen=True)
class CodeList:
    """One list of the national system: codes by its own names, and its names for ours."""

    title: str
    status: str
    source: str
    codes: dict[str, str]
    aliases: dict[str, str]


@functools.cache
def code_lists() -> dict[str, CodeList]:
    """All lists by their name in the file."""
    content = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {
        name: CodeList(one["title"], one["status"], one["source"], one["codes"], one.get("aliases", {}))
        for name, one in content.items()
    }


def national(list_name: str, label: str) -> tuple[str, str]:
    """The national name and code of one of our labels; the code is empty where no source gives it."""
    found = code_lists().get(list_name)
    if found is None or not label:
        return label, ""
    name = found.aliases.get(label, label)
    return name, found.codes.get(name, "")
