"""What was exported, for whom, from which region, and what became of the file."""

from ledgers.models.exports import Export, RowMode

__all__ = ["Export", "RowMode"]
