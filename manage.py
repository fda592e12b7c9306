#!/usr/bin/env python
"""Management commands."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db.utils import OperationalError, ProgrammingError

NO_TABLE = ("no such table", "UndefinedTable")

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fangpin.settings")
    try:
        execute_from_command_line(sys.argv)
    except (OperationalError, ProgrammingError) as fault:
        if not any(words in repr(fault) + repr(fault.__cause__) for words in NO_TABLE):
            raise
        sys.exit(
            "数据库里还没有表。先运行 make run，或 python manage.py migrate；已经运行过的，看看 VAR_DIR 是不是同一个。"
        )
