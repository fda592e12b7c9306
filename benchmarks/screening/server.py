"""A private PostgreSQL with honest settings, sized to this machine, that lives as long as the command."""

import os
import shutil
import tempfile
from pathlib import Path

from tests.support.services import postgres_compresses_with_lz4, start_postgres

GIGABYTE = 1024  # megabytes
MOST_SHARED, MOST_LOG, LEAST_LOG = 3 * GIGABYTE, 12 * GIGABYTE, GIGABYTE


def memory_mb() -> int:
    """The memory of this machine in megabytes."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1024**2


def settings() -> dict[str, str]:
    """Nothing that is committed may be lost; memory as an administrator would give it to a machine of this size."""
    shared = min(MOST_SHARED, memory_mb() // 6)
    room = shutil.disk_usage(Path(tempfile.gettempdir())).free // 1024**2
    return {
        "listen_addresses": "",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "wal_compression": "lz4" if postgres_compresses_with_lz4() else "pglz",
        "wal_writer_delay": "10ms",
        "shared_buffers": f"{shared}MB",
        "effective_cache_size": f"{memory_mb() // 2}MB",
        "work_mem": "128MB",
        "maintenance_work_mem": "512MB",
        "jit": "off",
        "max_wal_size": f"{max(LEAST_LOG, min(MOST_LOG, room // 4))}MB",
        "checkpoint_timeout": "30min",
        "random_page_cost": "1.1",
        "autovacuum": "off",  # it would run in some rounds and not in others: the command vacuums before each round
        "max_connections": "20",
        "timezone": "Asia/Shanghai",
    }


def start() -> str:
    """The address for DATABASE_URL of a new, empty server that ends with this process."""
    return start_postgres(settings())
