"""Keys as they come in addresses and forms: what is none finds nothing, and is no error of the server."""

import uuid


def key_or_none(text: str) -> uuid.UUID | None:
    """The key; None for anything else."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
