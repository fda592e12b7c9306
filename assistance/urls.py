"""Addresses of assistance."""

from django.urls import URLPattern, URLResolver, path

from assistance.views import measures, overview, visits

app_name = "assistance"
urlpatterns: list[URLPattern | URLResolver] = [
    path("assistance/", overview.overview, name="overview"),
    path("households/<uuid:pk>/measures/new/", measures.delivery_new, name="delivery-new"),
    path("households/<uuid:pk>/measures/<uuid:delivery_pk>/", measures.delivery_edit, name="delivery-edit"),
    path("households/<uuid:pk>/measures/<uuid:delivery_pk>/remove/", measures.delivery_remove, name="delivery-remove"),
    path("households/<uuid:pk>/helper/", measures.helper_change, name="helper-change"),
    path("households/<uuid:pk>/visits/new/", visits.visit_new, name="visit-new"),
    path("visits/", visits.visits, name="visits"),
]
