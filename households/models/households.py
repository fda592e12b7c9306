"""Households, their members, and the dated events that change a family."""

import datetime
import re
import unicodedata
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.encryption import EncryptedField, blind_index
from accounts.keys import key_in_order
from accounts.models import Region
from accounts.scoping import RegionScopedQuerySet
from households import codes
from households.identity import Identity, person_number
from households.money import money

ID_NUMBER = "id_number"
ID_TAIL = "id_tail"
ID_TAIL_TYPED = re.compile(r"[0-9]{3}[0-9Xx]")


def full_years(born_on: datetime.date, on: datetime.date) -> int:
    """How old somebody is on a day; who was born on 29 February is older from 1 March on."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


class HouseholdQuerySet(RegionScopedQuerySet):
    """Households, scoped by their village."""

    def present(self) -> "HouseholdQuerySet":
        """Households that still exist: not closed, merged away or moved out."""
        return self.filter(closed_on=None)

    def in_village_order(self) -> "HouseholdQuerySet":
        """By village, group and household number, as ledgers print them; those without a group first on both databases."""
        return self.order_by("village__path", F("group_no").asc(nulls_first=True), "number")

    def groups(self) -> list[int]:
        """The numbers of the groups (村民小组) in which they stand."""
        numbered = self.exclude(group_no=None).order_by("group_no")
        return list(numbered.values_list("group_no", flat=True).distinct())

    def matching(self, words: str) -> "HouseholdQuerySet":
        """By the name or pinyin initials of anybody present, household number, address, or last four of an ID."""
        wanted = unicodedata.normalize("NFKC", words).strip()
        people = Member.objects.present()
        found = Q(number__icontains=wanted) | Q(address__contains=wanted)
        found |= Q(pk__in=people.filter(name__contains=wanted).values("household"))
        if wanted.isascii() and wanted.isalpha():
            found |= Q(pk__in=people.filter(initials__startswith=wanted.lower()).values("household"))
        if ID_TAIL_TYPED.fullmatch(wanted):
            found |= Q(pk__in=people.with_id_tail(wanted).values("household"))
        return self.filter(found)


class Household(models.Model):
    """A family that lives together, with exactly one head among its present members."""

    id = models.UUIDField(primary_key=True, default=key_in_order, editable=False)
    number = models.CharField("户编号", max_length=30, unique=True)
    village = models.ForeignKey(Region, models.PROTECT, related_name="households", verbose_name="所在村")
    group_no = models.PositiveSmallIntegerField("村民小组", null=True, blank=True)
    natural_village = models.CharField("自然村", max_length=60, blank=True)
    address = models.CharField("家庭住址", max_length=120, blank=True)
    household_type = models.CharField("户类型", max_length=20, choices=codes.HouseholdType)
    # Since when and after which decision, where it was decided here; empty where the roster says it.
    type_since = models.DateField("户类型起始日期", null=True, blank=True)
    type_source = models.CharField("户类型依据", max_length=120, blank=True)
    phone = EncryptedField("户联系电话", blank=True)
    whole_without_labour = models.BooleanField("整户无劳动能力", default=False)
    unsafe_house = models.BooleanField("危房户", null=True, blank=True)
    safe_water = models.BooleanField("是否解决安全饮用水", null=True, blank=True)
    roster_per_capita_income = money("名册人均纯收入")
    roster_member_count = models.PositiveSmallIntegerField("名册人数", null=True, blank=True)
    first_identified_on = models.DateField("首次识别时间", null=True, blank=True)
    # What the national system says of the household, as the last roster had it; the case itself is monitoring's.
    roster_monitor_class = models.CharField("名册监测对象类型", max_length=10, choices=codes.MonitorClass, blank=True)
    roster_risk_found_on = models.DateField("名册风险识别时间", null=True, blank=True)
    roster_risk_removed = models.BooleanField("名册风险是否消除", null=True, blank=True)
    roster_risk_removed_on = models.DateField("名册风险消除时间", null=True, blank=True)
    # Copied from the head, so that lists search and sort without a join.
    head_name = models.CharField("户主姓名", max_length=60, blank=True)
    head_initials = models.CharField("户主姓名首字母", max_length=30, blank=True, db_index=True)
    closed_on = models.DateField("注销日期", null=True, blank=True)
    closed_reason = models.CharField("注销原因", max_length=60, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "农户"
        indexes: ClassVar = [
            models.Index(fields=["village", "group_no", "number"], name="household_village_order"),
            models.Index(fields=["village"], condition=Q(closed_on=None), name="household_present"),
            models.Index(fields=["village"], condition=Q(closed_on__isnull=False), name="household_closed"),
        ]

    def __str__(self) -> str:
        return f"{self.head_name or self.number}户"

    @property
    def head(self) -> "Member | None":
        """The present head, or None for a household of which nobody is left."""
        return self.members.present().filter(relation=codes.HEAD).first()


class MemberQuerySet(RegionScopedQuerySet):
    """Members, scoped by their household's village."""

    region_lookup = "household__village"

    def present(self) -> "MemberQuerySet":
        """Members who have not died, married out or moved away."""
        return self.filter(left_on=None)

    def living_together(self) -> "MemberQuerySet":
        """Present members who share income and spending: what 人均 is divided by (A16)."""
        return self.present().filter(lives_here=True)

    def with_id(self, id_number: str) -> "MemberQuerySet":
        """Members with this identity number, through the blind index."""
        return self.filter(id_digest=blind_index(person_number(id_number), ID_NUMBER))

    def with_id_tail(self, last_four: str) -> "MemberQuerySet":
        """Members whose identity number ends so, through the blind index."""
        return self.filter(id_tail_digest=blind_index(last_four.upper(), ID_TAIL))

    def head_first(self) -> "MemberQuerySet":
        """The head, then the others in the order of the roster."""
        return self.order_by(models.Case(models.When(relation=codes.HEAD, then=0), default=1), "position", "created_at")


class Member(models.Model):
    """A person of a household. Birthday and sex come from the identity number where there is one."""

    id = models.UUIDField(primary_key=True, default=key_in_order, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="members", verbose_name="农户")
    number = models.CharField("人编号", max_length=30, blank=True)
    position = models.PositiveSmallIntegerField("顺序", default=0)
    name = models.CharField("姓名", max_length=60)
    initials = models.CharField("姓名首字母", max_length=30, blank=True, db_index=True)
    relation = models.CharField("与户主关系", max_length=20, choices=codes.RELATIONS)
    id_type = models.CharField("证件类型", max_length=20, choices=codes.IdType, default=codes.IdType.IDENTITY_CARD)
    id_number = EncryptedField("证件号码", blank=True)
    id_digest = models.CharField(max_length=40, blank=True, db_index=True, editable=False)
    id_tail_digest = models.CharField(max_length=40, blank=True, db_index=True, editable=False)
    born_on = models.DateField("出生日期", null=True, blank=True)
    sex = models.CharField("性别", max_length=10, choices=codes.Sex, blank=True)
    ethnic_group = models.CharField("民族", max_length=20, choices=codes.ETHNIC_GROUPS, default="汉族")
    education = models.CharField("文化程度", max_length=20, choices=codes.EDUCATIONS, blank=True)
    student_status = models.CharField("在校生状况", max_length=20, choices=codes.STUDENT_STATUSES, blank=True)
    health = models.JSONField("健康状况", default=list, blank=True)  # values of codes.Health
    disability_category = models.CharField("残疾类别", max_length=10, choices=codes.DISABILITY_CATEGORIES, blank=True)
    disability_level = models.CharField("残疾等级", max_length=10, choices=codes.DISABILITY_LEVELS, blank=True)
    labour_skill = models.CharField("劳动技能", max_length=20, choices=codes.LabourSkill, blank=True)
    work_months = models.PositiveSmallIntegerField("务工时间（月）", null=True, blank=True)
    medical_insured = models.BooleanField("参加基本医保", null=True, blank=True)
    serious_illness_insured = models.BooleanField("参加大病保险", null=True, blank=True)
    pension_insured = models.BooleanField("参加养老保险", null=True, blank=True)
    dibao = models.CharField("低保", max_length=10, choices=codes.Dibao, default=codes.Dibao.NONE)
    tekun = models.CharField("特困供养", max_length=20, choices=codes.Tekun, default=codes.Tekun.NONE)
    phone = EncryptedField("人联系电话", blank=True)
    first_cause = models.CharField("致贫原因", max_length=30, blank=True)  # of long ago, as the roster says
    identified_on = models.DateField("人员识别时间", null=True, blank=True)
    lives_here = models.BooleanField("共同生活", default=True)
    joined_on = models.DateField("加入日期", null=True, blank=True)
    left_on = models.DateField("离开日期", null=True, blank=True)
    left_reason = models.CharField("离开原因", max_length=20, choices=codes.LifeEventKind, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "家庭成员"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(relation=codes.HEAD, left_on=None),
                name="household_has_at_most_one_head",
                violation_error_message="一户只能有一个户主。",
            ),
            models.UniqueConstraint(
                fields=["id_digest"],
                condition=Q(left_on=None) & ~Q(id_digest=""),
                name="present_person_is_in_one_household",
                violation_error_message="这个证件号码已登记在另一户。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def age(self) -> int | None:
        """Full years today; None where the birthday is not known."""
        return None if self.born_on is None else full_years(self.born_on, timezone.localdate())

    @property
    def health_words(self) -> str:
        """健康状况 in words; a person may have several."""
        labels = dict(codes.Health.choices)
        return "、".join(str(labels.get(value, value)) for value in self.health) or "没有填"

    @property
    def care_marks(self) -> list[str]:
        """What a visitor should know of the person at a glance: illness, disability, school, 低保."""
        marks = [str(label) for value, label in codes.Health.choices[1:3] if value in self.health]
        if self.disability_category or codes.Health.DISABLED in self.health:
            marks.append(f"残疾{self.disability_level}")
        if self.student_status:
            marks.append(self.student_status)
        if self.dibao != codes.Dibao.NONE:
            marks.append("低保")
        return marks

    def take_identity(self, identity: Identity) -> None:
        """Set everything that follows from an identity; the disability card counts as the person's own number.

        A newborn's birthday and sex, which no number gives, are left as they are.
        """
        person = person_number(identity.number)
        self.id_type, self.id_number = identity.id_type, identity.number
        self.id_digest = blind_index(person, ID_NUMBER)
        self.id_tail_digest = blind_index(person[-4:], ID_TAIL)
        self.born_on, self.sex = identity.born_on or self.born_on, identity.sex or self.sex
        if identity.disability_category:
            self.disability_category, self.disability_level = identity.disability_category, identity.disability_level


class LifeEventQuerySet(RegionScopedQuerySet):
    """Life events, scoped by their household's village."""

    region_lookup = "household__village"


class LifeEvent(models.Model):
    """A dated event of a family: birth, death, marriage, move, split, merge, change of head."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="life_events")
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="life_events")
    other_household = models.ForeignKey(Household, models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField("事件", max_length=20, choices=codes.LifeEventKind)
    happened_on = models.DateField("发生日期")
    note = models.CharField("说明", max_length=200, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = LifeEventQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "家庭变动"
        ordering: ClassVar = ["-happened_on", "-recorded_at"]
