"""The accounts app: who may act, where, and the trace they leave."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, regions, postings, audit, encryption and background jobs."""

    name = "accounts"
    verbose_name = "用户与权限"
