"""The catalogue of measures that ships with the product, read once; a file that is not whole keeps the process from starting."""

from assistance.catalogue.reading import read
from assistance.catalogue.shapes import (
    DEVELOPING,
    HOUSEHOLD_COLUMNS,
    OF_THE_HOUSEHOLD,
    CatalogueMeasure,
    Condition,
    GivenTo,
    Group,
    Kind,
    LedgerColumn,
    Source,
)

MEASURES = read()

__all__ = [
    "DEVELOPING",
    "HOUSEHOLD_COLUMNS",
    "MEASURES",
    "OF_THE_HOUSEHOLD",
    "CatalogueMeasure",
    "Condition",
    "GivenTo",
    "Group",
    "Kind",
    "LedgerColumn",
    "Source",
]
