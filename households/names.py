"""Names of people as lists search them: the first letters of the pinyin."""

import unicodedata

from pypinyin import Style, lazy_pinyin

LONGEST = 30
# Surnames that are read otherwise than the same character is as a word.
SURNAMES = dict(zip("单曾解仇查区盖朴种繁翟", "szxqzogpcpz", strict=True))


def initials(name: str) -> str:
    """The first letters of a name's pinyin in lower case: 王大海 is ``wdh``; letters and digits stay as they are."""
    plain = unicodedata.normalize("NFKC", name or "")
    letters = lazy_pinyin(plain, style=Style.FIRST_LETTER, errors=lambda rest: list(rest))
    if letters and plain[0] in SURNAMES:
        letters[0] = SURNAMES[plain[0]]
    return "".join(letter for letter in letters if letter.isalnum()).lower()[:LONGEST]
