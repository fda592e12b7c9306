"""Addresses of households."""

from django.urls import URLPattern, URLResolver, path

from households.views import attachments, detail, editing, events, imports, listing, surveys

app_name = "households"
urlpatterns: list[URLPattern | URLResolver] = [
    # the register
    path("households/", listing.households, name="list"),
    path("households/new/", editing.household_new, name="new"),
    path("households/<uuid:pk>/", detail.detail, name="detail"),
    path("households/<uuid:pk>/members/", detail.detail, {"tab": "members"}, name="members"),
    path("households/<uuid:pk>/income/", detail.detail, {"tab": "income"}, name="income"),
    path("households/<uuid:pk>/cases/", detail.detail, {"tab": "cases"}, name="cases"),
    path("households/<uuid:pk>/assistance/", detail.detail, {"tab": "assistance"}, name="assistance"),
    path("households/<uuid:pk>/files/", detail.detail, {"tab": "attachments"}, name="attachments"),
    path("households/<uuid:pk>/files/new/", attachments.attachment_new, name="attachment-new"),
    path("households/<uuid:pk>/log/", detail.detail, {"tab": "log"}, name="log"),
    path("households/<uuid:pk>/reveal/", detail.reveal, name="reveal"),
    path("households/<uuid:pk>/edit/", editing.household_edit, name="edit"),
    path("households/<uuid:pk>/members/new/", editing.member_new, name="member-new"),
    path("households/<uuid:pk>/members/<uuid:member_pk>/", editing.member_edit, name="member-edit"),
    path("households/<uuid:pk>/events/", events.life_events, name="life-events"),
    path("households/<uuid:pk>/events/<slug:kind>/", events.life_event, name="life-event"),
    # photos and scans
    path("files/<uuid:pk>/", attachments.attachment, name="attachment"),
    path("files/<uuid:pk>/small/", attachments.attachment_small, name="attachment-small"),
    # home visits
    path("households/<uuid:pk>/survey/", surveys.survey, name="survey"),
    path("households/<uuid:pk>/survey/draft/", surveys.survey_draft, name="survey-draft"),
    path("households/<uuid:pk>/survey/paper/", surveys.survey_paper, name="survey-paper"),
    path("households/group/<int:group_no>/", surveys.group, name="group"),
    path("surveys/<uuid:pk>/", surveys.survey_detail, name="survey-detail"),
    path("surveys/<uuid:pk>/correct/", surveys.survey_correct, name="survey-correct"),
    # workbooks that come in
    path("imports/", imports.batches, name="import-list"),
    path("imports/new/", imports.batch_new, name="import-new"),
    path("imports/template/", imports.template, name="import-template"),
    path("imports/<uuid:pk>/", imports.batch_detail, name="import-detail"),
    path("imports/<uuid:pk>/confirm/", imports.batch_confirm, name="import-confirm"),
    path("imports/<uuid:pk>/undo/", imports.batch_undo, name="import-undo"),
    path("imports/<uuid:pk>/discard/", imports.batch_discard, name="import-discard"),
    path("imports/<uuid:pk>/refused/", imports.batch_refused, name="import-refused"),
]
