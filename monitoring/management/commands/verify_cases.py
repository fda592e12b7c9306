"""manage.py verify_cases: whether every case has every step, paper and distinct actor of its procedure."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from monitoring.models import Stage
from monitoring.proof import prove

MOST_SHOWN = 200


class Command(BaseCommand):
    """Print what was looked at and each fault with the key of its case; exits 1 when there is any."""

    help = "核验办理：每一户的步骤、材料、办理人是不是齐全"

    def handle(self, *args: Any, **options: Any) -> None:
        """Prove everything."""
        begun = time.monotonic()
        proof = prove()
        for stage in Stage:
            if count := proof.cases[stage]:
                self.stdout.write(f"{stage.label} {count} 户")
        total = sum(proof.cases.values())
        self.stdout.write(f"共 {total} 户，{proof.steps} 条办理记录，用时 {time.monotonic() - begun:.1f} 秒。")
        for fault in proof.faults[:MOST_SHOWN]:
            self.stdout.write(f"{fault.key} {fault.sentence}")
        if len(proof.faults) > MOST_SHOWN:
            self.stdout.write(f"还有 {len(proof.faults) - MOST_SHOWN} 处没有列出。")
        if proof.faults:
            raise CommandError(f"核验没有通过，有 {len(proof.faults)} 处问题。")
        self.stdout.write("核验通过，没有发现问题。")
