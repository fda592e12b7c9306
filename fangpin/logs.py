"""Log lines without personal data: the last line of defence, behind code that does not log any."""

import logging
import re

IDENTITY_NUMBER = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx]")
PHONE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")
# What people search for stands in the address; a request line keeps its path alone.
QUERY = re.compile(r"\b((?:GET|HEAD|POST) [^\s?\"]*)\?[^\s\"]*")
# PostgreSQL quotes the whole row in this line of an error.
DATABASE_DETAIL = re.compile(r"^DETAIL:.*$", re.MULTILINE)


class DiscreetFormatter(logging.Formatter):
    """Formats as usual, then blots out what looks like an identity number, a phone, a query, or a row of the database."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The line, with what must not be read replaced."""
        line = IDENTITY_NUMBER.sub("[identity number]", QUERY.sub(r"\1?[query]", super().format(record)))
        return DATABASE_DETAIL.sub("DETAIL: [not logged]", PHONE.sub("[phone]", line))
