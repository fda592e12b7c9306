"""Addresses of assistance."""

from django.urls import URLPattern, URLResolver, path

from assistance.views import (
    catalogue,
    desk,
    effect,
    gaps,
    lists,
    measures,
    overview,
    plans,
    snapshots,
    tasks,
    teams,
    visits,
)

app_name = "assistance"
urlpatterns: list[URLPattern | URLResolver] = [
    path("assistance/", overview.overview, name="overview"),
    path("households/<uuid:pk>/measures/new/", measures.delivery_new, name="delivery-new"),
    path("households/<uuid:pk>/measures/<uuid:delivery_pk>/", measures.delivery_edit, name="delivery-edit"),
    path("households/<uuid:pk>/measures/<uuid:delivery_pk>/remove/", measures.delivery_remove, name="delivery-remove"),
    path("households/<uuid:pk>/helper/", measures.helper_change, name="helper-change"),
    path("households/<uuid:pk>/visits/new/", visits.visit_new, name="visit-new"),
    # 走访、保障任务
    path("households/<uuid:pk>/visits/draft/", visits.visit_draft, name="visit-draft"),
    path("households/<uuid:pk>/visits/same/", visits.visit_same, name="visit-same"),
    path("visits/", visits.visits, name="visits"),
    path("visits/<uuid:pk>/undo/", visits.visit_undo, name="visit-undo"),
    path("visits/<uuid:pk>/lead/", visits.visit_lead, name="visit-lead"),
    path("visits/<uuid:pk>/contact/", visits.visit_contact, name="visit-contact"),
    path("tasks/", tasks.tasks, name="tasks"),
    path("tasks/<uuid:pk>/", tasks.task, name="task"),
    path("tasks/<uuid:pk>/step/", tasks.task_step, name="task-step"),
    path("tasks/<uuid:pk>/close/", tasks.task_close, name="task-close"),
    # 调度
    path("snapshots/", snapshots.snapshot_list, name="snapshots"),
    path("snapshots/take/", snapshots.snapshot_take, name="snapshot-take"),
    path("snapshots/<uuid:pk>/", snapshots.snapshot_detail, name="snapshot"),
    path("snapshots/<uuid:pk>/file/", snapshots.snapshot_file, name="snapshot-file"),
    # what is missing, plans and teams
    path("assistance/plans/", plans.plan_list, name="plan-list"),
    path("assistance/catalogue/", catalogue.catalogue, name="catalogue"),
    path("assistance/catalogue/new/", catalogue.measure_new, name="measure-new"),
    path("assistance/catalogue/<uuid:pk>/settle/", catalogue.measure_settle, name="measure-settle"),
    path("households/<uuid:pk>/gaps/", gaps.gaps, name="gaps"),
    path("households/<uuid:pk>/measures/begin/<slug:measure>/", gaps.measure_begin, name="measure-begin"),
    path("households/<uuid:pk>/plan/", plans.plan, name="plan"),
    path("households/<uuid:pk>/plan/begin/", plans.plan_begin, name="plan-begin"),
    path("households/<uuid:pk>/plan/add/", plans.plan_add, name="plan-add"),
    path("plans/<uuid:pk>/edit/", plans.plan_edit, name="plan-edit"),
    path("plans/<uuid:pk>/print/", plans.plan_paper, name="plan-paper"),
    path("plans/<uuid:pk>/items/<uuid:item_pk>/", plans.plan_item, name="plan-item"),
    path("plans/<uuid:pk>/items/<uuid:item_pk>/remove/", plans.plan_item_remove, name="plan-item-remove"),
    path("plans/<uuid:pk>/<slug:step>/", plans.plan_step, name="plan-step"),
    path("households/<uuid:pk>/team/", teams.team, name="team"),
    path("households/<uuid:pk>/team/<uuid:member_pk>/end/", teams.team_end, name="team-end"),
    # 部门名单，部门牵头的措施
    path("department/", desk.department_desk, name="desk"),
    path("department/mark/", desk.department_mark, name="desk-mark"),
    path("department/lists/", lists.list_index, name="lists"),
    path("department/lists/new/", lists.list_new, name="list-new"),
    path("department/lists/blank/<slug:measure>/", lists.list_template, name="list-template"),
    path("department/lists/<uuid:pk>/", lists.list_detail, name="list-detail"),
    path("department/lists/<uuid:pk>/confirm/", lists.list_confirm, name="list-confirm"),
    path("department/lists/<uuid:pk>/undo/", lists.list_undo, name="list-undo"),
    path("department/lists/<uuid:pk>/discard/", lists.list_discard, name="list-discard"),
    path("department/lists/<uuid:pk>/answers/", lists.list_answers, name="list-answers"),
    path("running-out/", desk.running_out, name="running-out"),
    path("households/<uuid:pk>/measures/<uuid:delivery_pk>/step/", desk.delivery_step, name="delivery-step"),
    # 成效、查询、资金、公益岗位、培训、带动主体
    path("assistance/effect/", effect.effect_overview, name="effect"),
    path("assistance/effect/list/", effect.effect_list, name="effect-list"),
]
