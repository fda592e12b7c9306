"""Every address: those of the apps, and one that says the server is up."""

from django.urls import include, path

from fangpin.health import ping

urlpatterns = [
    path("ping", ping, name="ping"),
    path("", include("accounts.urls")),
    path("", include("households.urls")),
    path("", include("monitoring.urls")),
    path("", include("monitoring.public.urls")),
    path("", include("assistance.urls")),
    path("", include("ledgers.urls")),
]
