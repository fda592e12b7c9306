"""Add, move and disable people; each change is traced, and nobody changes his own postings."""

import datetime
import secrets

from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts import audit
from accounts.models import Posting, Region, User
from accounts.models.people import ALREADY_POSTED, same_people
from accounts.roles import Role

LONGEST_LEAVE = 92  # days, both ends counted
ONE_TIME_WORDS = 3
# Easy to read aloud on the phone: no look-alikes.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def one_time_password() -> str:
    """A password to be told once and changed at the first login: three groups of four."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(ONE_TIME_WORDS))


@transaction.atomic
def add_person(
    *,
    by: User,
    username: str,
    name: str,
    unit: str,
    role: str,
    region: Region,
    begins_on: datetime.date,
    identity_index: str = "",
) -> tuple[User, str]:
    """A new person with a first posting, and the one-time password to tell him. Raises ValidationError."""
    password = one_time_password()
    told = {"name": name, "unit": unit, "identity_index": identity_index}
    try:
        with transaction.atomic():
            person = User.objects.create_user(username, password, must_change_password=True, **told)
    except IntegrityError as fault:  # another administrator was first, between the form's look and this
        raise ValidationError("这个账号已有人使用，请换一个。") from fault
    audit.record(action="user.add", actor=by, target=person, region=region)
    add_posting(by=by, person=person, role=role, region=region, begins_on=begins_on)
    return person, password


@transaction.atomic
def set_identity(*, by: User, person: User, identity_index: str) -> int:
    """Say whose account it is, by the digest of his identity number (none: unknown again); how many others he has.

    Accounts of one person count as one where two people have to act. Raises ValidationError.
    """
    _in_charge_of(by, person)
    if User.objects.filter(pk=person.pk).exclude(identity_index=identity_index).update(identity_index=identity_index):
        person.identity_index = identity_index
        audit.record(action="user.identify" if identity_index else "user.forget_identity", actor=by, target=person)
    return len(same_people({person.pk})) - 1


@transaction.atomic
def add_posting(
    *,
    by: User,
    person: User,
    role: str,
    region: Region,
    begins_on: datetime.date,
    ends_on: datetime.date | None = None,
    on_behalf_of: User | None = None,
) -> Posting:
    """Post a person; the administrator's own regions must contain the region. Raises ValidationError."""
    _may_administer(by, person, region)
    posting = Posting(
        user=person, role=role, region=region, begins_on=begins_on, ends_on=ends_on, on_behalf_of=on_behalf_of
    )
    _post(posting)
    audit.record(
        action="posting.add", actor=by, target=person, region=region, role=role, begins_on=begins_on, ends_on=ends_on
    )
    return posting


@transaction.atomic
def end_posting(*, by: User, posting: Posting, ends_on: datetime.date) -> None:
    """End a posting; the last day still counts.

    Raises ValidationError when it would end before it began, or somebody has ended it otherwise meanwhile.
    """
    _may_administer(by, posting.user, posting.region)
    as_seen = Posting.objects.filter(pk=posting.pk, ends_on=posting.ends_on)
    posting.ends_on = ends_on
    posting.full_clean()
    if not as_seen.update(ends_on=ends_on):
        raise ValidationError("这个岗位刚被别人改过，请刷新后再办。")
    audit.record(action="posting.end", actor=by, target=posting.user, region=posting.region, ends_on=ends_on)


@transaction.atomic
def move_person(*, by: User, posting: Posting, region: Region, role: str, begins_on: datetime.date) -> Posting:
    """Move a person: the old posting ends the day before the new one begins."""
    end_posting(by=by, posting=posting, ends_on=begins_on - datetime.timedelta(days=1))
    return add_posting(by=by, person=posting.user, role=role, region=region, begins_on=begins_on)


@transaction.atomic
def delegate(*, by: User, posting: Posting, deputy: User, begins_on: datetime.date, ends_on: datetime.date) -> Posting:
    """Hand one's own posting to a colleague for the days of a leave (代录); both are named in what he then does.

    The deputy must hold a posting in the same town, county or zone; a delegation is not passed on, begins today or
    later, and is for 92 days at most. Whoever administers accounts cannot hand that to anybody.
    """
    if posting.user_id != by.pk or posting.on_behalf_of_id:
        raise ValidationError("只能把自己的岗位委托给别人，代来的岗位不能再转。")
    if deputy.pk == by.pk:
        raise ValidationError("不能委托给自己。")
    if posting.role == Role.SYSTEM_ADMIN:
        raise ValidationError("管理员岗位不能委托，请上级管理员另设一位管理员。")
    if begins_on < timezone.localdate() or (ends_on - begins_on).days >= LONGEST_LEAVE:
        raise ValidationError(f"委托从今天或以后开始，最长 {LONGEST_LEAVE} 天。")
    office = posting.region.parent or posting.region
    if not any(office.contains(own.region) or own.region.contains(office) for own in deputy.postings_in_force()):
        raise ValidationError("只能委托给同一个镇（街）或区（市）的同事。")
    stand_in = Posting(
        user=deputy, role=posting.role, region=posting.region, begins_on=begins_on, ends_on=ends_on, on_behalf_of=by
    )
    _post(stand_in)
    audit.record(
        action="posting.delegate",
        actor=by,
        target=deputy,
        region=posting.region,
        role=posting.role,
        begins_on=begins_on,
        ends_on=ends_on,
    )
    return stand_in


@transaction.atomic
def reset_password(*, by: User, person: User) -> str:
    """A new one-time password; open sessions of the person end."""
    _in_charge_of(by, person)
    password = one_time_password()
    person.set_password(password)
    person.must_change_password = True
    person.save(update_fields=["password", "must_change_password"])
    audit.record(action="user.reset_password", actor=by, target=person)
    return password


@transaction.atomic
def change_own_password(*, by: User, password: str) -> None:
    """Set a password chosen by the person himself."""
    by.set_password(password)
    by.must_change_password = False
    by.save(update_fields=["password", "must_change_password"])
    audit.record(action="user.change_password", actor=by, target=by)


@transaction.atomic
def set_active(*, by: User, person: User, active: bool) -> None:
    """Disable or enable a person; a disabled person's sessions end at once."""
    _in_charge_of(by, person)
    User.objects.filter(pk=person.pk).update(is_active=active)
    if not active:
        _end_sessions(person)
    audit.record(action="user.enable" if active else "user.disable", actor=by, target=person)


@transaction.atomic
def change_region_office(*, by: User, region: Region, changed: list[str]) -> None:
    """Store a region's office and the people printed on papers."""
    region.save(update_fields=changed)
    audit.record(action="region.change_office", actor=by, target=region, region=region, fields=changed)


def _post(posting: Posting) -> None:
    """Save a new posting; the same one, begun on the same day, stands once however often the form is sent."""
    posting.full_clean()
    try:
        with transaction.atomic():
            posting.save(force_insert=True)
    except IntegrityError as fault:
        raise ValidationError(ALREADY_POSTED) from fault


def _end_sessions(person: User) -> None:
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get("_auth_user_id") == str(person.pk):
            session.delete()


def _may_administer(by: User, person: User, region: Region) -> None:
    _not_oneself(by, person)
    if not by.posting_over(region, Role.SYSTEM_ADMIN):
        raise ValidationError("这个区域不归您管理。")


def _in_charge_of(by: User, person: User) -> None:
    """An account opens all the regions of its person: who cannot administer them all could look into the others."""
    _not_oneself(by, person)
    lasting = person.postings.filter(Q(ends_on=None) | Q(ends_on__gte=timezone.localdate())).select_related("region")
    if not all(by.posting_over(posting.region, Role.SYSTEM_ADMIN) for posting in lasting):
        raise ValidationError("这个人还在您管理的范围以外任职，请上级管理员办理。")


def _not_oneself(by: User, person: User) -> None:
    if by.pk == person.pk:
        raise ValidationError("不能改自己的账号和岗位，请另一位管理员办理。")
