"""The Chromium that the browser tests drive."""

import os
import shutil

# Debian's Chromium, as root, in a container, without a network.
LAUNCH_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PHONE = {"viewport": {"width": 360, "height": 800}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
OFFICE = {"viewport": {"width": 1440, "height": 900}}
HERE = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


def chromium() -> str:
    """The program: CHROMIUM names it, else the one on PATH; a missing one is an error, not a skipped test."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    assert program, "No Chromium: apt-get install chromium, or set CHROMIUM to the path of one."
    return program
