"""Addresses of the public pages: what a host without a register serves, and the one process of a small installation too."""

from django.urls import path

from monitoring.public import notice_views, views

app_name = "public"

urlpatterns = [
    # declarations
    path("sb/", views.progress, name="progress"),
    path("sb/<slug:token>/", views.declare, name="declare"),
    # notices, and objections to them with their answers
    path("gs/answers/", notice_views.reply, name="reply"),
    path("gs/<slug:token>/", notice_views.notice, name="notice"),
    path("gs/<slug:token>/objection/", notice_views.objection, name="objection"),
]
