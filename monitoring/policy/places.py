"""On which line of a TOML text each table and key stands: what the standard library's reader does not tell."""

import re
from collections.abc import Callable

Place = tuple[str | int, ...]

BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
SPACE = re.compile(r"[ \t]*")
NAME = re.compile(r"\"((?:[^\"\\\n]|\\.)*)\"|'([^'\n]*)'|([A-Za-z0-9_-]+)")
LONG_TEXT = re.compile(r"\"\"\"(?:[^\\]|\\.)*?\"{3,5}|'''.*?'{3,5}", re.DOTALL)
TEXT = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'")
BARE = re.compile(r"[^,\]}\n#]+")


def line_of(text: str, place: Place) -> int:
    """The line, from 1, where a table, key or entry of a list begins; of what is absent, that of what should hold it.

    The text is one that the TOML reader has accepted.
    """
    found = _Scanner(text).scan()
    while place and place not in found:
        place = place[:-1]
    return found.get(place, 1)


class _Scanner:
    """Walks the text once and notes the line of every place; values themselves are stepped over."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Place, int] = {}
        self.entries: dict[Place, int] = {}  # list of tables -> how many were begun

    def scan(self) -> dict[Place, int]:
        table: Place = ()
        while self._skip(BLANK) < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
        return self.lines

    def _header(self) -> Place:
        doubled = self.text.startswith("[[", self.at)
        start, self.at = self.at, self.at + (2 if doubled else 1)
        names = self._names()
        self.at += 2 if doubled else 1
        place: Place = ()
        for name in names[:-1]:
            self._note((*place, name), start)
            place = self._last_entry((*place, name))
        place = (*place, names[-1])
        if doubled:
            self._note(place, start)
            self.entries[place] = self.entries.get(place, 0) + 1
        place = self._last_entry(place)
        self._note(place, start)
        return place

    def _last_entry(self, place: Place) -> Place:
        return (*place, self.entries[place] - 1) if place in self.entries else place

    def _pair(self, table: Place) -> None:
        start = self.at
        place = table
        for name in self._names():
            place = (*place, name)
            self._note(place, start)
        self.at += 1  # the sign of equality
        self._value(place)

    def _names(self) -> list[str]:
        names = []
        while True:
            self._skip(SPACE)
            name = NAME.match(self.text, self.at)
            if name is None:
                raise ValueError(f"第 {self._line(self.at)} 行不是 TOML。")
            names.append(next(part for part in name.groups() if part is not None))
            self.at = name.end()
            self._skip(SPACE)
            if self.text[self.at] != ".":
                return names
            self.at += 1

    def _value(self, place: Place) -> None:
        self._skip(SPACE)
        first = self.text[self.at]
        if first == "[":
            self._inside("]", place, self._entry)
        elif first == "{":
            self._inside("}", place, lambda whole, _number: self._pair(whole))
        else:
            end = next(found for kind in (LONG_TEXT, TEXT, BARE) if (found := kind.match(self.text, self.at)))
            self.at = end.end()

    def _inside(self, closing: str, place: Place, one: Callable[[Place, int], None]) -> None:
        self.at += 1
        number = 0
        while self._skip(BLANK) < len(self.text) and self.text[self.at] != closing:
            one(place, number)
            number += 1
            if self.text[self._skip(BLANK)] == ",":
                self.at += 1
        self.at += 1

    def _entry(self, place: Place, number: int) -> None:
        self._note((*place, number), self.at)
        self._value((*place, number))

    def _note(self, place: Place, at: int) -> None:
        self.lines.setdefault(place, self._line(at))

    def _line(self, at: int) -> int:
        return self.text.count("\n", 0, at) + 1

    def _skip(self, kind: re.Pattern[str]) -> int:
        found = kind.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.at
