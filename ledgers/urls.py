"""Addresses of ledgers."""

from django.urls import URLPattern, URLResolver, path

from ledgers.views import home

app_name = "ledgers"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("dashboard/", home.dashboard, name="dashboard"),
]
