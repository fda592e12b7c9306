"""Every address of a host with the public pages alone (FANGPIN_PUBLIC=1)."""

from django.urls import include, path

from fangpin.health import ping

urlpatterns = [
    path("ping", ping, name="ping"),
    path("", include("monitoring.public.urls")),
]
