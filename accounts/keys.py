"""Keys: those that new rows get, and those that come in addresses and forms."""

import uuid

from uuid_utils.compat import uuid7


def key_in_order() -> uuid.UUID:
    """The key of a new row: larger than those that this process gave before, and not to be guessed (UUID version 7, RFC 9562).

    For tables whose rows other tables name by the hundred thousand: what was entered together lies together in every index
    (docs/decisions/0046). It tells when the row was made, so rows that strangers can address have ``uuid.uuid4`` instead.
    """
    return uuid7()


def key_or_none(text: str) -> uuid.UUID | None:
    """The key; None for anything else, which finds nothing and is no error of the server."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
