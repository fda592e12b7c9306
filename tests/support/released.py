"""The way back to the tables of an earlier version, for programs that carry its rows to today's."""

from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def at_version(nodes: list[tuple[str, str]]):
    """Bring an empty database to these migrations, step by step; returns the models as they were then."""
    executor = MigrationExecutor(connection)
    executor.loader.replace_migrations = False  # the steps themselves, not what stands for them on a new database
    executor.loader.build_graph()
    executor.migrate(nodes)
    return executor.loader.project_state(nodes).apps
