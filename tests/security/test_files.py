"""What the program writes is for its own account alone."""

import os
import stat
import subprocess
import sys

from django.conf import settings


def test_a_database_in_a_folder_that_others_may_enter_is_still_unreadable_for_them(tmp_path):
    tmp_path.chmod(0o755)
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "accounts", "-v0"],
        env={"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path)},
        cwd=settings.BASE_DIR,
        check=True,
    )
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert tmp_path / "db.sqlite3" in written
    assert [path.name for path in written if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


def test_the_account_of_the_container_can_read_the_pages_styles():
    """They are collected by root, with the same narrow permissions as everything else."""
    steps = (settings.BASE_DIR / "Dockerfile").read_text(encoding="utf-8")
    collected, opened, changed = (
        steps.index(words) for words in ("collectstatic", 'chmod -R a+rX "$STATIC_ROOT"', "USER")
    )
    assert collected < opened < changed
