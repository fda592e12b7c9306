"""Every action that the code records has a name on the page of the trace."""

import re
from pathlib import Path

from accounts.names import ACTIONS
from households.codes import LifeEventKind
from monitoring.steps import STEPS

ROOT = Path(__file__).parent.parent
APPS = ("accounts", "households", "monitoring", "assistance", "ledgers")
NOUNS = "|".join(sorted({action.partition(".")[0] for action in ACTIONS}))
# Actions are handed on by name (``action="…"``), by place, and as values of a table. A migration names models.
LITERAL = re.compile(rf'"((?:{NOUNS})\.[a-z_]+)"(?!:)')
NO_ACTIONS = {"assistance.urls", "ledger.xlsx"}
LEAVING = (LifeEventKind.DEATH, LifeEventKind.MARRIED_OUT, LifeEventKind.MOVED_OUT)


def test_every_recorded_action_has_a_name():
    sources = (path for app in APPS for path in (ROOT / app).rglob("*.py") if path.parent.name != "migrations")
    recorded = {action for path in sources for action in LITERAL.findall(path.read_text())}
    assert len(recorded) > 30
    assert recorded - ACTIONS.keys() - NO_ACTIONS == set()


def test_every_step_and_departure_has_a_name():
    derived = {f"case.{step.name}" for step in STEPS} | {f"member.{kind}" for kind in LEAVING}
    assert derived - ACTIONS.keys() == set()
