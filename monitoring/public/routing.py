"""Where the rows of the public pages lie: in a database of their own where one is named, else beside the register."""

from typing import Any

from django.conf import settings
from django.db import models

LABEL = "public"
ALIAS = "public"


class PublicRouter:
    """Sends the models of the public pages to their own database, and keeps everything else out of it."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str | None:
        """The public database for public rows, where there is one."""
        return ALIAS if model._meta.app_label == LABEL and ALIAS in settings.DATABASES else None

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        """Public tables in the public database alone, and no others there."""
        if ALIAS not in settings.DATABASES:
            return None
        return (app_label == LABEL) == (db == ALIAS)
