"""What was exported, for whom, from which region, and what became of the file."""

from ledgers.models.exports import EXPORT_ROLES, FULL_ID_ROLES, Export, ExportKind, RowMode

__all__ = ["EXPORT_ROLES", "FULL_ID_ROLES", "Export", "ExportKind", "RowMode"]
