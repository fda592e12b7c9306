"""Somebody who acts in a process of his own, at the moment when everybody else does: python -m tests.support.acting.

It says ``ready`` when it has started, waits for a line, acts, and says what came of it as one line of JSON.
"""

import json
import sys

import django
from django.core.exceptions import PermissionDenied, ValidationError


def main(arguments: list[str]) -> None:
    """``take <step> <case> <user>`` takes a step, ``beat`` is one round of the clock."""
    django.setup()
    from accounts.models import User
    from monitoring import clock_work
    from monitoring.models import Case
    from monitoring.workflow import AlreadyMoved, take

    print("ready", flush=True)
    if arguments[0] == "beat":
        sys.stdin.readline()
        print(json.dumps(clock_work.move_due()._asdict()), flush=True)
        return
    step, case, by = arguments[1], Case.objects.get(pk=arguments[2]), User.objects.get(pk=arguments[3])
    sys.stdin.readline()
    try:
        take(step, case=case, by=by, note="原因", main_risk="illness")
        came = "done"
    except AlreadyMoved:
        came = "too late"
    except (PermissionDenied, ValidationError) as fault:
        came = getattr(fault, "messages", [str(fault)])[0]
    print(json.dumps({"came": came}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
