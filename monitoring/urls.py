"""Addresses of monitoring."""

from django.urls import URLPattern, URLResolver, path

from monitoring.views import cases, clues, corrections, explanations, meetings, notices, parameters, screening, whatif

app_name = "monitoring"

# conclusions, clues and screenings
screening_patterns = [
    path("surveys/<uuid:pk>/result/", screening.survey_result, name="survey-result"),
    path("households/<uuid:pk>/basis/", explanations.basis, name="basis"),
    path("households/<uuid:pk>/basis/paper/", explanations.basis_paper, name="basis-paper"),
    path("clues/", clues.clue_list, name="clues"),
    path("clues/changes/", clues.digest_list, name="digests"),
    path("clues/changes/<uuid:pk>/", clues.digest_detail, name="digest"),
    path("screenings/", screening.screening_list, name="screenings"),
    path("screenings/new/", screening.screening_new, name="screening-new"),
    path("screenings/<uuid:pk>/", screening.screening_detail, name="screening-detail"),
    path("screenings/<uuid:pk>/cancel/", screening.screening_cancel, name="screening-cancel"),
]

# cases, meetings and notices, from 预警关注 to 在册
case_patterns = [
    path("households/<uuid:pk>/watch/", cases.case_open, name="case-open"),
    path("cases/", cases.case_list, name="cases"),
    path("cases/batch/", cases.case_batch, name="cases-batch"),
    path("cases/meeting/", meetings.meeting, name="meeting"),
    path("cases/meeting/paper/", meetings.meeting_paper, name="meeting-paper"),
    path("cases/<uuid:pk>/", cases.case_detail, name="case"),
    path("cases/<uuid:pk>/paper/", cases.case_paper, name="case-paper"),
    path("cases/<uuid:pk>/correction/", corrections.correction_new, name="correction-new"),
    path("cases/<uuid:pk>/<slug:step>/", cases.case_step, name="case-step"),
    path("notices/", notices.notice_list, name="notices"),
    path("notices/new/", notices.notice_new, name="notice-new"),
    path("notices/web/", notices.web_switch, name="web-switch"),
    path("notices/<uuid:pk>/", notices.notice_detail, name="notice"),
    path("notices/<uuid:pk>/print/", notices.notice_print, name="notice-print"),
    path("notices/<uuid:pk>/close/", notices.notice_close, name="notice-close"),
    path("notices/<uuid:pk>/objections/new/", notices.objection_new, name="objection-new"),
    path("objections/<uuid:pk>/", notices.objection_settle, name="objection-settle"),
    path("gs/<str:token>/", notices.public_notice, name="public-notice"),
    path("corrections/", corrections.correction_list, name="corrections"),
    path("corrections/<uuid:pk>/settle/", corrections.correction_settle, name="correction-settle"),
]

# the policy of a region, and what a draft of it would change
policy_patterns = [
    path("parameters/", parameters.parameter_list, name="parameters"),
    path("parameters/paper/", parameters.parameter_paper, name="parameters-paper"),
    path("parameters/ruleset/propose/", parameters.ruleset_propose, name="ruleset-propose"),
    path("parameters/<str:key>/propose/", parameters.parameter_propose, name="parameter-propose"),
    path("parameters/<uuid:pk>/settle/", parameters.parameter_settle, name="parameter-settle"),
    path("whatif/", whatif.whatif_list, name="whatifs"),
    path("whatif/new/", whatif.whatif_new, name="whatif-new"),
    path("whatif/<uuid:pk>/", whatif.whatif_detail, name="whatif"),
    path("whatif/<uuid:pk>/paper/", whatif.whatif_paper, name="whatif-paper"),
    path("whatif/<uuid:pk>/households/", whatif.whatif_households, name="whatif-households"),
    path("whatif/<uuid:pk>/propose/", whatif.whatif_propose, name="whatif-propose"),
    path("whatif/<uuid:pk>/cancel/", whatif.whatif_cancel, name="whatif-cancel"),
]

urlpatterns: list[URLPattern | URLResolver] = [*screening_patterns, *case_patterns, *policy_patterns]
