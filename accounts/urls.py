"""Addresses of accounts."""

from django.urls import URLPattern, URLResolver, path

from accounts.views import notifications, people, places, session, trace

app_name = "accounts"
urlpatterns: list[URLPattern | URLResolver] = [
    path("login/", session.log_in, name="login"),
    path("logout/", session.log_out, name="logout"),
    path("password/", session.password, name="password"),
    path("me/", session.me, name="me"),
    path("notifications/", notifications.notification_list, name="notifications"),
    path("notifications/read/", notifications.notifications_read, name="notifications-read"),
    path("notifications/<uuid:pk>/open/", notifications.notification_open, name="notification-open"),
    path("users/", people.users, name="users"),
    path("users/new/", people.user_new, name="user-new"),
    path("users/<int:pk>/", people.user, name="user"),
    path("users/<int:pk>/identity/", people.user_identity, name="user-identity"),
    path("users/<int:pk>/postings/new/", people.posting_new, name="posting-new"),
    path("users/<int:pk>/reset/", people.user_reset, name="user-reset"),
    path("users/<int:pk>/activity/", people.user_activity, name="user-activity"),
    path("postings/<int:pk>/move/", people.posting_move, name="posting-move"),
    path("postings/<int:pk>/end/", people.posting_end, name="posting-end"),
    path("regions/", places.regions, name="regions"),
    path("regions/<str:code>/", places.region_edit, name="region-edit"),
    path("audit/", trace.audit_log, name="audit"),
    path("status/", trace.status, name="status"),
    path("status/unlock/", trace.unlock, name="unlock"),
]
