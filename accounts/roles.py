"""The roles of the system, and the check that a view asks for one of them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


class Role(models.TextChoices):
    """What somebody is posted as; one person may hold several, each in its own region."""

    VILLAGE_CADRE = "village_cadre", "村干部"
    VILLAGE_TEAM = "village_team", "驻村工作队"
    TOWN_REVIEWER = "town_reviewer", "镇审核员"
    DISTRICT_OFFICER = "district_officer", "区业务员"
    DEPARTMENT_CLERK = "department_clerk", "部门经办"
    INSPECTOR = "inspector", "督查（只读）"
    SYSTEM_ADMIN = "system_admin", "系统管理员"


VILLAGE_ROLES = (Role.VILLAGE_CADRE, Role.VILLAGE_TEAM)
OFFICE_ROLES = (Role.TOWN_REVIEWER, Role.DISTRICT_OFFICER)
# Who enters and changes household data; an inspector only reads.
CASEWORK_ROLES = (*VILLAGE_ROLES, *OFFICE_ROLES)
# Who visits families and enters what was found: the village and the town; the district reads it.
SURVEY_ROLES = (*VILLAGE_ROLES, Role.TOWN_REVIEWER)
# Who may see household data at all: neither the department clerk nor the administrator browses families.
HOUSEHOLD_READERS = (*CASEWORK_ROLES, Role.INSPECTOR)


def role_required(*roles: Role) -> Callable[[View], View]:
    """Let a view be reached only by people who hold one of these roles today; others get 403.

    Which rows they then reach is a matter of ``visible_to``: a role held in one village opens nothing in another.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated or not request.user.holds(*roles):
                raise PermissionDenied("您的岗位不能做这件事。")
            return view(request, *args, **kwargs)

        checked.roles = roles  # type: ignore[attr-defined]  # read by test_isolation
        return checked

    return decorate
