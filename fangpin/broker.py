"""Messages as files, for machines without Redis: kombu's filesystem transport, made safe against half-written files.

The stock transport lets a worker see a message before it is written to the end, and a message that cannot be read
ends the whole worker. Here a message appears under its name only when it is complete, is taken by renaming it (of
two workers one succeeds), and an unreadable one is put aside.
"""

import logging
import os
import uuid
from pathlib import Path
from queue import Empty
from time import time_ns
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.encoding import bytes_to_str, str_to_bytes
from kombu.utils.json import dumps, loads

logger = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    """One queue folder: `*.msg` wait, `.taken-*` are being read, `.refused-*` could not be read."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:
        folder = Path(self.data_folder_out)
        name = f"{time_ns():020d}_{uuid.uuid4().hex}.{queue}.msg"
        write_whole(folder / name, str_to_bytes(dumps(payload)))

    def _get(self, queue: str) -> Any:
        folder = Path(self.data_folder_in)
        for name in sorted(os.listdir(folder)):
            if name.startswith(".") or name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = folder / f".taken-{name}"
            try:
                (folder / name).rename(taken)
            except FileNotFoundError:  # another worker was faster
                continue
            try:
                payload = loads(bytes_to_str(taken.read_bytes()))
            except ValueError:
                taken.rename(folder / f".refused-{name}")
                logger.error("unreadable message put aside: .refused-%s", name)
                continue
            taken.unlink()
            return payload
        raise Empty

    def get_table(self, exchange: str) -> list[filesystem.exchange_queue_t]:
        try:
            return super().get_table(exchange)
        except ValueError:  # left empty by a process that was killed: its owner binds again at its next start
            self._exchange_file(exchange).unlink(missing_ok=True)
            return []

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        """Add one binding; the list is replaced whole, so that no reader meets half of it."""
        binding = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        lock_path = Path(self.control_folder) / ".lock"
        with lock_path.open("wb") as lock_file:
            filesystem.lock(lock_file, filesystem.LOCK_EX)
            bindings = self.get_table(exchange)
            if binding not in bindings:
                write_whole(self._exchange_file(exchange), str_to_bytes(dumps([binding, *bindings])))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that appears under its name only when it is complete."""
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    unfinished.write_bytes(content)
    unfinished.replace(path)


class Transport(filesystem.Transport):
    """atomicfs://, with the options of kombu's filesystem://."""

    Channel = Channel


TRANSPORT_ALIASES["atomicfs"] = "fangpin.broker:Transport"
