"""Every action that the code records has a name on the page of the trace."""

import re
from pathlib import Path

from accounts.names import ACTIONS
from households.codes import LifeEventKind
from monitoring.steps import STEPS

ROOT = Path(__file__).parent.parent
APPS = ("accounts", "households", "monitoring", "assistance", "ledgers")
LITERAL = re.compile(r'action="([a-z_]+\.[a-z_]+)"')
LEAVING = (LifeEventKind.DEATH, LifeEventKind.MARRIED_OUT, LifeEventKind.MOVED_OUT)


def test_every_recorded_action_has_a_name():
    sources = (path for app in APPS for path in (ROOT / app).rglob("*.py"))
    recorded = {action for path in sources for action in LITERAL.findall(path.read_text())}
    assert len(recorded) > 30
    assert recorded - ACTIONS.keys() == set()


def test_every_step_and_departure_has_a_name():
    derived = {f"case.{step.name}" for step in STEPS} | {f"member.{kind}" for kind in LEAVING}
    assert derived - ACTIONS.keys() == set()
