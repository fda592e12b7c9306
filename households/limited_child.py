"""Run one of the scripts beside this file with bounded memory and time; starts alone, in a process of its own.

Arguments: the name of the script, megabytes of memory, seconds of processor time, then what the script wants.
A script reads what somebody sent from standard input and writes what it made of it to standard output.
"""

import resource
import runpy
import sys
from pathlib import Path

MEGABYTE = 1024 * 1024


def limit_this_process(memory_megabytes: int, cpu_seconds: int) -> None:
    """From here on: bounded memory and time, no file written, no core dump."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_megabytes * MEGABYTE, memory_megabytes * MEGABYTE))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _this, script, memory, seconds, *rest = sys.argv
    limit_this_process(int(memory), int(seconds))
    sys.argv = [script, *rest]
    runpy.run_path(str(Path(__file__).with_name(script)), run_name="__main__")
