"""The first administrator of a new installation, whom nobody with an account can add."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import audit
from accounts.models import Posting, Region, User
from accounts.roles import Role
from accounts.services import one_time_password


@transaction.atomic
def add_first_administrator(*, username: str, name: str, region: Region) -> tuple[User, str]:
    """A system administrator over the region, and his one-time password.

    Raises ValidationError when the region already has one in force: he adds the others, and the trace names him.
    """
    today = timezone.localdate()
    if any(region.contains(posting.region) or posting.region.contains(region) for posting in _in_force()):
        raise ValidationError("这个区域已有系统管理员，请由他在“用户与权限”页面添加其他人。")
    password = one_time_password()
    person = User(username=username, name=name, must_change_password=True)
    person.set_password(password)
    person.full_clean()
    person.save()
    posting = Posting.objects.create(user=person, role=Role.SYSTEM_ADMIN, region=region, begins_on=today)
    audit.record(
        action="user.add", actor=None, target=person, region=region, role=posting.role, source="create_administrator"
    )
    return person, password


def _in_force() -> list[Posting]:
    people = User.objects.filter(is_active=True, postings__role=Role.SYSTEM_ADMIN).distinct()
    return [posting for person in people for posting in person.postings_in_force() if posting.role == Role.SYSTEM_ADMIN]
