"""The other side of benchmarks.screening.memory: a process of its own Python environment that is told what to do."""

import json
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
PYTHON = ROOT / ".venv-bench" / "bin" / "python"


class Peers:
    """Starts the process; it ends when this is closed."""

    def __init__(self, address: str, on: str) -> None:
        command = [str(PYTHON), "-m", "benchmarks.screening.memory", address]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.on = on

    def ask(self, order: str) -> dict[str, Any]:
        """Give an order and wait for its answer; raises RuntimeError when the process has ended."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps([order, self.on]) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"The process with OpenFisca ended at “{order}”; its message stands above.")
        return json.loads(answer)

    def close(self) -> None:
        """Let the process end."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(30)
