"""How often the public pages may be read: counted in this process alone, so that a flood of reads writes nothing.

A page costs one row by its key; the QR code on it is drawn once. The row is not kept, so that what is taken down is gone at
the next look.
"""

import threading
import time

MOST = 300  # in a minute from one line: a whole village may come through one
SPAN = 60  # seconds
MOST_LINES = 20_000  # remembered at once; beyond that counting begins anew


class Reads:
    """Reads of this minute by the line they came from."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.minute = -1
        self.counts: dict[str, int] = {}

    def one_more(self, line: str, now: float | None = None) -> bool:
        """Count one more; False above the limit, until the minute is over."""
        minute = int((time.monotonic() if now is None else now) // SPAN)
        with self.lock:
            if minute != self.minute or len(self.counts) >= MOST_LINES:
                self.minute, self.counts = minute, {}
            self.counts[line] = self.counts.get(line, 0) + 1
            return self.counts[line] <= MOST


reads = Reads()
