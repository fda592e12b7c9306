"""People who work with the system, and the postings that say where and as what."""

import datetime
from typing import Any, ClassVar, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.models.regions import Region
from accounts.roles import VILLAGE_ROLES, Role
from accounts.scoping import RegionScopedQuerySet

Found = TypeVar("Found")
ALREADY_POSTED = "这个岗位已经有了，没有重复增加。"


class UserQuerySet(models.QuerySet["User"]):
    """People, as an administrator sees them."""

    def visible_to(self, user: "User") -> "UserQuerySet":
        """People with a posting in the administrator's regions, whenever, and people without any posting."""
        if not user.holds(Role.SYSTEM_ADMIN):
            return self.none()
        within = Posting.objects.visible_to(user).values("user")
        return self.filter(Q(pk__in=within) | Q(postings=None)).distinct()


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Creates people; what they may do comes from their postings alone."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """The person who logs in with this name; capitals make no difference."""
        return self.get(username__iexact=username or "")

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """A person with a hashed password; without one he cannot log in until it is set."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person with an account. Nobody is a superuser; a person without a posting sees nothing."""

    username = models.CharField("账号", max_length=40, unique=True, validators=[UnicodeUsernameValidator()])
    name = models.CharField("姓名", max_length=30)
    unit = models.CharField("工作单位", max_length=60, blank=True)
    # Keyed digest of the identity number, by which two accounts of one person are known; the number itself is not kept.
    identity_index = models.CharField(max_length=40, blank=True, editable=False, db_index=True)
    is_active = models.BooleanField("可以登录", default=True)
    must_change_password = models.BooleanField("下次登录须改密码", default=False)
    created_at = models.DateTimeField("建立时间", auto_now_add=True)

    _remembered: "dict[datetime.date, list[Posting]] | None" = None
    _noted: dict[str, Any] | None = None

    objects = UserManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = verbose_name_plural = "用户"
        ordering: ClassVar = ["username"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("username"),
                name="usernames_differ_by_more_than_case",
                violation_error_message="这个账号已有人使用，请换一个。",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def remember_postings(self) -> None:
        """Ask for the postings once only from here on: for the length of a request, in which they do not change."""
        self._remembered, self._noted = {}, {}

    def note(self, name: str, found: Found) -> Found:
        """Keep for the rest of the request what was found for this person; outside of a request nothing is kept."""
        if self._noted is not None:
            self._noted[name] = found
        return found

    def noted(self, name: str) -> Any:
        """What was kept under this name in this request; None when nothing was."""
        return (self._noted or {}).get(name)

    def postings_in_force(self, on: datetime.date | None = None) -> "list[Posting]":
        """The postings that hold on a day (today): begun, not ended; a disabled person has none."""
        if not self.is_active or self.pk is None:
            return []
        day = on or timezone.localdate()
        if self._remembered is None:
            return self._postings_on(day)
        if day not in self._remembered:
            self._remembered[day] = self._postings_on(day)
        return self._remembered[day]

    def _postings_on(self, day: datetime.date) -> "list[Posting]":
        own = list(self.postings.running(day).select_related("region__parent"))
        if not any(posting.on_behalf_of_id for posting in own):
            return own  # nearly always; whether a colleague is still at his place need not be asked
        return list(self.postings.in_force(day).select_related("region__parent", "on_behalf_of"))

    def holds(self, *roles: Role) -> bool:
        """Whether any posting in force is in one of these roles, wherever it is."""
        return any(posting.role in roles for posting in self.postings_in_force())

    def posting_over(self, region: Region, *roles: Role) -> "Posting | None":
        """The posting in one of these roles (any role when none is named) whose region contains this one."""
        for posting in self.postings_in_force():
            if (not roles or posting.role in roles) and posting.region.contains(region):
                return posting
        return None

    def capacities(self, region: Region, on: datetime.date | None = None) -> set[int]:
        """Keys of the accounts in whose name this person may act there (on a day that has passed, could): his own ones,
        and those of whom he stands in for."""
        stood_in_for = {
            posting.on_behalf_of_id
            for posting in self.postings_in_force(on)
            if posting.on_behalf_of_id and posting.region.contains(region)
        }
        return same_people({self.pk, *stood_in_for})

    def named_in(self, column: str) -> Q:
        """Rows of which this column names the person, by whichever of his accounts."""
        named = Q(**{column: self.pk})
        return named | Q(**{f"{column}__identity_index": self.identity_index}) if self.identity_index else named

    @property
    def works_in_village(self) -> bool:
        """Whether the phone pages are this person's desk: all postings are village postings."""
        postings = self.postings_in_force()
        return bool(postings) and all(posting.role in VILLAGE_ROLES for posting in postings)


def same_people(keys: set[int]) -> set[int]:
    """These accounts, and every other account of the same persons."""
    known = User.objects.filter(pk__in=keys).exclude(identity_index="").values("identity_index")
    return keys | set(User.objects.filter(identity_index__in=known).values_list("pk", flat=True))


class PostingQuerySet(RegionScopedQuerySet):
    """Postings; an administrator sees those in his regions."""

    region_lookup = "region"
    reader_roles = (Role.SYSTEM_ADMIN,)

    def running(self, on: datetime.date) -> "PostingQuerySet":
        """Begun on or before the day and not ended before it; the last day counts."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=on), begins_on__lte=on)

    def in_force(self, on: datetime.date) -> "PostingQuerySet":
        """Running, and of whom somebody stands in for, running too.

        Who stands in does so only as long as the colleague has that very posting himself and may log in: a
        delegation does not outlive a dismissal or a move.
        """
        handed_over = Posting.objects.running(on).filter(
            user=OuterRef("on_behalf_of"),
            role=OuterRef("role"),
            region=OuterRef("region"),
            on_behalf_of=None,
            user__is_active=True,
        )
        return self.running(on).filter(Q(on_behalf_of=None) | Exists(handed_over))


class Posting(models.Model):
    """A role in a region for a time. With ``on_behalf_of`` it stands in for a colleague on leave (代录)."""

    user = models.ForeignKey(User, models.PROTECT, related_name="postings", verbose_name="人员")
    role = models.CharField("岗位", max_length=20, choices=Role)
    region = models.ForeignKey(Region, models.PROTECT, related_name="postings", verbose_name="负责区域")
    begins_on = models.DateField("开始日期", default=timezone.localdate)
    ends_on = models.DateField("结束日期", null=True, blank=True, help_text="不填表示一直有效；填的这一天仍有效。")
    on_behalf_of = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="delegations", verbose_name="代谁履职"
    )

    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任职"
        ordering: ClassVar = ["user", "begins_on", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("begins_on")), name="posting_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(on_behalf_of=None) | ~Q(on_behalf_of=F("user")), name="nobody_stands_in_for_himself"
            ),
            models.UniqueConstraint(
                fields=["user", "role", "region", "begins_on"],
                condition=Q(on_behalf_of=None),
                name="posting_of_one_day_stands_once",
                violation_error_message=ALREADY_POSTED,
            ),
            models.UniqueConstraint(
                fields=["user", "role", "region", "begins_on", "on_behalf_of"],
                condition=Q(on_behalf_of__isnull=False),
                name="delegation_of_one_day_stands_once",
                violation_error_message=ALREADY_POSTED,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.get_role_display()}"
