"""Addresses of monitoring."""

from django.urls import URLPattern, URLResolver, path

from monitoring.views import screening

app_name = "monitoring"

# conclusions, clues and screenings
screening_patterns = [
    path("surveys/<uuid:pk>/result/", screening.survey_result, name="survey-result"),
    path("clues/", screening.clue_list, name="clues"),
    path("screenings/", screening.screening_list, name="screenings"),
    path("screenings/new/", screening.screening_new, name="screening-new"),
    path("screenings/<uuid:pk>/", screening.screening_detail, name="screening-detail"),
    path("screenings/<uuid:pk>/cancel/", screening.screening_cancel, name="screening-cancel"),
]

urlpatterns: list[URLPattern | URLResolver] = [*screening_patterns]
