"""The accounts app: who may act, where, and the trace they leave."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, regions, postings, audit, encryption and background jobs."""

    name = "accounts"
    verbose_name = "用户与权限"

    def ready(self) -> None:
        """Listen to jobs; say what is missing in plain words, on every form that has no better words of its own."""
        from django.forms import Field

        from accounts import receivers  # noqa: F401

        Field.default_error_messages["required"] = "请填这一项。"
