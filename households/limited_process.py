"""Hand a file that somebody sent to a script of ours in a process of its own, limited in memory and time."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BOOTSTRAP = Path(__file__).with_name("limited_child.py")


@dataclass(frozen=True)
class Limits:
    """What a child may use: megabytes of address space, seconds of processor time, seconds on the clock."""

    megabytes: int
    cpu_seconds: int
    seconds: int


@contextmanager
def child_over(content: bytes, script: str, *arguments: str, limits: Limits) -> Iterator[subprocess.Popen[bytes]]:
    """The running child with the content on its standard input; read its standard output. It ends with the block.

    ``script`` is the name of a file beside this one. The child sees no environment and none of our modules.
    """
    command = [sys.executable, "-I", str(BOOTSTRAP), script, str(limits.megabytes), str(limits.cpu_seconds), *arguments]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}
    ) as child:
        # Fed from a thread, because a child may print before it has been given everything; one that hangs is killed.
        feeder = threading.Thread(target=_feed, args=(child, content), daemon=True)
        watchdog = threading.Timer(limits.seconds, child.kill)
        feeder.start()
        watchdog.start()
        try:
            yield child
        finally:
            watchdog.cancel()
            child.kill()
            feeder.join()


def _feed(child: subprocess.Popen[bytes], content: bytes) -> None:
    assert child.stdin is not None
    try:
        child.stdin.write(content)
        child.stdin.close()
    except OSError:
        return  # the child ended first; what it printed says why


def how_it_ended(child: subprocess.Popen[bytes]) -> str:
    """``damaged`` or ``too_big``: an error of the parser ends the child with 1, a limit ends it by a signal."""
    return "damaged" if child.wait() == 1 else "too_big"
