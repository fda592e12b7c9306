"""The app of the public pages: the only one of ours that a public host installs."""

from django.apps import AppConfig


class PublicConfig(AppConfig):
    """Declarations by villagers and the pages behind QR codes."""

    name = "monitoring.public"
    label = "public"
    verbose_name = "公开页面"
