"""Reading a TOML file that must be whole: what is unknown, missing or of another kind is refused with its line."""

import datetime
import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.core.exceptions import ValidationError

from monitoring.policy.places import Place, line_of
from monitoring.policy.shapes import RuleSetRefused

Read = TypeVar("Read")
AT_LINE = re.compile(r"\(at line (\d+)")


class Flaw(ValidationError):
    """Something in a file that is not as it must be, and where it stands."""

    def __init__(self, sentence: str, place: Place) -> None:
        super().__init__(sentence)
        self.place = place


def read_file(path: Path, build: Callable[["Table"], Read], kind: str = "规则集文件") -> Read:
    """What ``build`` makes of a file; raises RuleSetRefused with the file's name and the line of what is wrong."""
    text = ""
    try:
        text = path.read_text(encoding="utf-8")
        return build(Table((), tomllib.loads(text)))
    except UnicodeDecodeError as fault:
        line, sentence = path.read_bytes().count(b"\n", 0, fault.start) + 1, "不是 UTF-8 编码的文字。"
    except tomllib.TOMLDecodeError as fault:
        said = AT_LINE.search(str(fault))
        line, sentence = int(said[1]) if said else text.count("\n") + 1, f"写法不对（{fault}）。"
    except Flaw as fault:
        line, sentence = line_of(text, fault.place), fault.messages[0]
    raise refused(path, line, sentence, kind)


def refused(path: Path, line: int, sentence: str, kind: str = "规则集文件") -> RuleSetRefused:
    """The one sentence in which a file is refused."""
    return RuleSetRefused(f"{kind} {path.name} 第 {line} 行：{sentence}")


@dataclass(frozen=True)
class Table:
    """One table of a file with the place where it stands; asking for a key checks that it is there, and its kind."""

    place: Place
    raw: Mapping[str, Any]

    def flaw(self, sentence: str, *below: str | int) -> Flaw:
        """A flaw at a place in this table."""
        return Flaw(sentence, (*self.place, *below))

    def only(self, required: Collection[str], optional: Collection[str] = ()) -> "Table":
        """The same table, if it has all of the required keys and no other than these and the optional ones."""
        for key in self.raw:
            if key not in required and key not in optional:
                raise self.flaw(f"有不认识的项：{key}。", key)
        for key in required:
            if key not in self.raw:
                raise self.flaw(f"缺少 {key}。")
        return self

    def text(self, key: str, default: str | None = None, *, may_be_empty: bool = False) -> str:
        """Words; empty ones only where that says something."""
        found = self._found(key, default)
        if not isinstance(found, str):
            raise self.flaw(f"{key} 要是文字。", key)
        if not found.strip() and not may_be_empty and found != default:
            raise self.flaw(f"{key} 不能是空的。", key)
        return found

    def one_of(self, key: str, choices: Collection[str]) -> str:
        """One of some words."""
        if (found := self.text(key)) not in choices:
            raise self.flaw(f"{key} 不能是“{found}”，可用的有：{'、'.join(choices)}。", key)
        return found

    def date(self, key: str) -> datetime.date:
        """A day."""
        found = self._found(key)
        if not isinstance(found, datetime.date) or isinstance(found, datetime.datetime):
            raise self.flaw(f"{key} 要是日期，写成 2020-03-05。", key)
        return found

    def whole(self, key: str) -> int:
        """A whole number from 1."""
        found = self._found(key)
        if not isinstance(found, int) or isinstance(found, bool) or found < 1:
            raise self.flaw(f"{key} 要是从 1 起的整数。", key)
        return found

    def yes(self, key: str, default: bool | None = None) -> bool:
        """true or false."""
        found = self._found(key, default)
        if not isinstance(found, bool):
            raise self.flaw(f"{key} 要是 true 或 false。", key)
        return found

    def words(
        self, key: str, choices: Collection[str] | None = None, default: list[str] | None = None
    ) -> tuple[str, ...]:
        """A list of words, each once."""
        return self._words_at((key,), self._found(key, default), choices)

    def lists(self, key: str) -> tuple[tuple[str, ...], ...]:
        """A list of lists of words, none of them empty."""
        found = self._found(key)
        if not isinstance(found, list):
            raise self.flaw(f"{key} 要是列表的列表。", key)
        for number, one in enumerate(found):
            if one == []:
                raise self.flaw(f"{key} 的一组不能是空的。", key, number)
        return tuple(self._words_at((key, number), one, None) for number, one in enumerate(found))

    def _words_at(self, below: Place, found: Any, choices: Collection[str] | None) -> tuple[str, ...]:
        name = below[0]
        if not isinstance(found, list):
            raise self.flaw(f"{name} 要是文字的列表。", *below)
        for number, word in enumerate(found):
            if not isinstance(word, str) or not word.strip():
                raise self.flaw(f"{name} 要是文字的列表。", *below, number)
            if choices is not None and word not in choices:
                raise self.flaw(f"{name} 里不能有“{word}”，可用的有：{'、'.join(choices)}。", *below, number)
            if word in found[:number]:
                raise self.flaw(f"{name} 里“{word}”写了两次。", *below, number)
        return tuple(found)

    def table(self, key: str) -> "Table":
        """A table below this one."""
        found = self._found(key)
        if not isinstance(found, dict):
            raise self.flaw(f"{key} 要是一张表。", key)
        return Table((*self.place, key), found)

    def named(self, key: str) -> dict[str, "Table"]:
        """A table of tables, by name."""
        whole = self.table(key)
        return {name: whole.table(name) for name in whole.raw}

    def tables(self, key: str, default: list[Any] | None = None) -> list["Table"]:
        """A list of tables."""
        found = self._found(key, default)
        if not isinstance(found, list):
            raise self.flaw(f"{key} 要是表的列表。", key)
        for number, one in enumerate(found):
            if not isinstance(one, dict):
                raise self.flaw(f"{key} 要是表的列表。", key, number)
        return [Table((*self.place, key, number), one) for number, one in enumerate(found)]

    def by_name(self, key: str, names: Collection[str]) -> dict[str, str]:
        """Words under each of these names."""
        whole = self.table(key).only(names)
        return {name: whole.text(name) for name in whole.raw}

    def _found(self, key: str, default: Any = None) -> Any:
        if key in self.raw:
            return self.raw[key]
        if default is None:
            raise self.flaw(f"缺少 {key}。")
        return default
