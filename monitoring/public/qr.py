"""QR codes as one path of SVG, for papers and pages."""

import functools
from dataclasses import dataclass

import segno


@dataclass(frozen=True)
class QRCode:
    """A QR code as one path of SVG, a unit to each dark square; ``size`` is its side with the quiet zone."""

    size: int
    path: str
    border: int = 4

    @property
    def inner(self) -> int:
        """The side without the quiet zone, where the paper around it is white enough."""
        return self.size - 2 * self.border


@functools.lru_cache(maxsize=512)
def qr_code(address: str, *, level: str = "q") -> QRCode:
    """The code of an address; level Q leaves a quarter of it to spare for dirt."""
    code = segno.make(address, error=level, micro=False)
    border = code.default_border_size
    parts = [
        f"M{column + border} {line + border}h1v1h-1z"
        for line, squares in enumerate(code.matrix)
        for column, dark in enumerate(squares)
        if dark
    ]
    return QRCode(code.symbol_size()[0], "".join(parts), border)
