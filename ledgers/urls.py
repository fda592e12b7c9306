"""Addresses of ledgers."""

from django.urls import URLPattern, URLResolver, path

from ledgers.views import exports, home, national_entry

app_name = "ledgers"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("dashboard/", home.dashboard, name="dashboard"),
    path("ledgers/", exports.exports, name="exports"),
    path("ledgers/national/", national_entry.national_export, name="national-export"),
    path("ledgers/jobs/", exports.export_new, name="export-new"),
    path("ledgers/jobs/<uuid:pk>/", exports.export_detail, name="export-detail"),
    path("ledgers/jobs/<uuid:pk>/cancel/", exports.export_cancel, name="export-cancel"),
    path("ledgers/jobs/<uuid:pk>/file/", exports.export_file, name="export-file"),
]
