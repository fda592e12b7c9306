"""Addresses of monitoring."""

from django.urls import URLPattern, URLResolver, path

from monitoring.views import calendar as calendar_views
from monitoring.views import (
    cases,
    clues,
    comparisons,
    corrections,
    department_figures,
    explanations,
    grading,
    grading_rounds,
    leads,
    leads_paper,
    meetings,
    national_entry,
    notices,
    objections,
    oversight,
    oversight_consultations,
    parameters,
    registrations,
    removals,
    screening,
    whatif,
)
from monitoring.views import clocks as clock_views

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

# leads, and the papers of declarations
lead_patterns = [
    path("clues/new/", leads.lead_new, name="lead-new"),
    path("clues/act/", leads.lead_act, name="lead-act"),
    path("clues/take-up/", leads.lead_take_up, name="lead-take-up"),
    path("clues/households/<uuid:pk>/", leads.lead_of, name="lead-of"),
    path("clues/declarations/paper/", leads_paper.declaration_paper, name="declaration-paper"),
    path("clues/declarations/switch/", leads_paper.declaration_switch, name="declaration-switch"),
    path("clues/declarations/posters/", leads_paper.poster_list, name="lead-posters"),
    path("clues/declarations/posters/<slug:code>/", leads_paper.poster, name="lead-poster"),
    path("clues/declarations/posters/<slug:code>/renew/", leads_paper.poster_renew, name="lead-poster-renew"),
    path("clues/<uuid:pk>/", leads.lead_detail, name="lead"),
    path("clues/<uuid:pk>/visit/", leads.lead_visit, name="lead-visit"),
    path("clues/<uuid:pk>/match/", leads.lead_match, name="lead-match"),
    path("clues/<uuid:pk>/reveal/", leads.lead_reveal, name="lead-reveal"),
    path("clues/<uuid:pk>/answer/", leads_paper.lead_answer, name="lead-answer"),
]

# cases, meetings and notices, from 预警关注 to 在册
case_patterns = [
    path("households/<uuid:pk>/watch/", cases.case_open, name="case-open"),
    path("cases/", cases.case_list, name="cases"),
    path("cases/batch/", cases.case_batch, name="cases-batch"),
    path("cases/meeting/", meetings.meeting, name="meeting"),
    path("cases/meeting/paper/", meetings.meeting_paper, name="meeting-paper"),
    path("figures/", department_figures.figure_list, name="figures"),
    path("warnings/", department_figures.warning_list, name="warnings"),
    path("cases/<uuid:pk>/figures/new/", department_figures.figure_new, name="figure-new"),
    path("cases/<uuid:pk>/figures/<uuid:figure_pk>/", department_figures.figure_decide, name="figure-decide"),
    path("cases/late/", clock_views.late_cases, name="late"),
    path("cases/<uuid:pk>/extend/", clock_views.case_extend, name="case-extend"),
    path("meetings/<uuid:pk>/", meetings.meeting_record, name="meeting-record"),
    path("cases/<uuid:pk>/authorise/", comparisons.authorise, name="authorise"),
    path("cases/<uuid:pk>/authorise/paper/", comparisons.authorisation_paper, name="authorisation-paper"),
    path("cases/<uuid:pk>/authorise/withdraw/", comparisons.authorisation_withdraw, name="authorisation-withdraw"),
    path("comparisons/", comparisons.comparison_list, name="comparisons"),
    path("comparisons/request/", comparisons.comparison_request, name="comparison-request"),
    path("comparisons/upload/", comparisons.comparison_upload, name="comparison-upload"),
    path("cases/<uuid:pk>/compare/", comparisons.comparison, name="comparison"),
    path("hits/<uuid:pk>/explain/", comparisons.hit_explain, name="hit-explain"),
    path("meetings/<uuid:pk>/paper/", meetings.meeting_record_paper, name="meeting-record-paper"),
    path("cases/<uuid:pk>/", cases.case_detail, name="case"),
    path("cases/<uuid:pk>/paper/", cases.case_paper, name="case-paper"),
    path("cases/<uuid:pk>/removal/", removals.removal, name="removal"),
    path("cases/<uuid:pk>/verify_removal/", removals.removal_visit, name="removal-visit"),
    path("cases/<uuid:pk>/removal/paper/", removals.removal_paper, name="removal-paper"),
    path("cases/<uuid:pk>/reinstate/", removals.reinstate, name="reinstate"),
    path("cases/<uuid:pk>/urgent/", registrations.urgent, name="urgent"),
    path("cases/<uuid:pk>/answer/", registrations.answer, name="answer"),
    path("cases/<uuid:pk>/course/", registrations.course, name="course"),
    path("households/<uuid:pk>/registration/", registrations.registration_open, name="registration-open"),
    path("cases/<uuid:pk>/correction/", corrections.correction_new, name="correction-new"),
    path("cases/<uuid:pk>/<slug:step>/", cases.case_step, name="case-step"),
    path("notices/", notices.notice_list, name="notices"),
    path("notices/new/", notices.notice_new, name="notice-new"),
    path("notices/result/", notices.notice_new, {"result": True}, name="notice-result"),
    path("notices/web/", notices.web_switch, name="web-switch"),
    path("notices/print/", notices.notices_print, name="notices-print"),
    path("notices/<uuid:pk>/", notices.notice_detail, name="notice"),
    path("notices/<uuid:pk>/print/", notices.notice_print, name="notice-print"),
    path("notices/<uuid:pk>/close/", notices.notice_close, name="notice-close"),
    path("notices/<uuid:pk>/photo/", notices.notice_photo, name="notice-photo"),
    path("notices/<uuid:pk>/correct/", notices.notice_correct, name="notice-correct"),
    path("notices/<uuid:pk>/objections/new/", objections.objection_new, name="objection-new"),
    path("objections/<uuid:pk>/", objections.objection_settle, name="objection-settle"),
    path("objections/<uuid:pk>/assign/", objections.objection_assign, name="objection-assign"),
    path("objections/<uuid:pk>/contact/", objections.objection_contact, name="objection-contact"),
    path("objections/<uuid:pk>/paper/", objections.objection_paper, name="objection-paper"),
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

# 督导, 专题会商
oversight_patterns = [
    path("findings/", oversight.finding_list, name="findings"),
    path("findings/paper/", oversight.finding_list_paper, name="findings-paper"),
    path("findings/new/", oversight.finding_new, name="finding-new"),
    path("findings/<uuid:pk>/", oversight.finding_detail, name="finding"),
    path("findings/<uuid:pk>/paper/", oversight.finding_paper, name="finding-paper"),
    path("findings/<uuid:pk>/rectify/", oversight.finding_rectify, name="finding-rectify"),
    path("findings/<uuid:pk>/judge/", oversight.finding_judge, name="finding-judge"),
    path("findings/<uuid:pk>/withdraw/", oversight.finding_withdraw, name="finding-withdraw"),
    path("consultations/", oversight_consultations.consultation_list, name="consultations"),
    path("consultations/new/", oversight_consultations.consultation_new, name="consultation-new"),
    path("consultations/<uuid:pk>/", oversight_consultations.consultation_detail, name="consultation"),
    path("consultations/<uuid:pk>/paper/", oversight_consultations.consultation_paper, name="consultation-paper"),
    path("decisions/<uuid:pk>/", oversight_consultations.decision, name="decision"),
]

# 录入国家系统
national_patterns = [
    path("national/", national_entry.entry_list, name="national-entries"),
    path("national/tick/", national_entry.entry_tick_many, name="national-entries-tick"),
    path("national/<uuid:pk>/", national_entry.entry, name="national-entry"),
]

# 三色分级 (document 004): rounds, levels, key groups
grading_patterns = [
    path("grading/", grading.grading_list, name="grading"),
    path("grading/batch/", grading.grading_batch_page, name="grading-batch"),
    path("grading/groups/", grading.grading_groups, name="grading-groups"),
    path("grading/paper/", grading.grading_paper, name="grading-paper"),
    path("grading/rounds/new/", grading_rounds.round_new, name="grading-round-new"),
    path("grading/rounds/<uuid:pk>/", grading_rounds.round_detail, name="grading-round"),
    path("grading/rounds/<uuid:pk>/filing/", grading_rounds.round_filing, name="grading-filing"),
    path("grading/households/<uuid:pk>/", grading.grading_household, name="grading-household"),
    path("grading/<uuid:pk>/<slug:step>/", grading.grading_step, name="grading-step"),
]

# the calendar of rounds and limits, and the days off by which limits are counted
calendar_patterns = [
    path("calendar/", calendar_views.calendar_page, name="calendar"),
    path("calendar/dates/new/", calendar_views.date_new, name="calendar-date-new"),
    path("calendar/dates/<uuid:pk>/remove/", calendar_views.date_remove, name="calendar-date-remove"),
    path("calendar/workdays/", calendar_views.workday_list, name="workdays"),
    path("calendar/workdays/new/", calendar_views.workday_new, name="workdays-new"),
    path("calendar/workdays/settle/", calendar_views.workday_settle, name="workdays-settle"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *calendar_patterns,
    *screening_patterns,
    *lead_patterns,
    *case_patterns,
    *policy_patterns,
    *oversight_patterns,
    *national_patterns,
    *grading_patterns,
]
