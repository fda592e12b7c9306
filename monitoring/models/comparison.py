"""承诺授权 and 信息比对: what the family allowed, what the departments answered, and how a hit was explained."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.encryption import EncryptedField
from accounts.scoping import RegionScopedQuerySet
from households.models import Attachment
from monitoring.models.cases import Case


class NegativeItem(models.TextChoices):
    """What the negative list asks of the departments; the place in this list is the bit in the facts row: append only."""

    HOUSING = "housing", "购买商品房、自建豪华住房、村外商铺"
    VEHICLE = "vehicle", "家用小汽车、大型农机、工程机械"
    PAYROLL = "payroll", "家庭成员为财政供养人员"
    VILLAGE_OFFICE = "village_office", "现任村干部"
    COMPANY = "company", "注册公司、法人股东、雇工经营"
    DEPOSIT = "deposit", "大额存款、理财、商业养老保险"
    STUDY_ABROAD = "study_abroad", "自费出国留学"
    ABSENT = "absent", "长期人户分离、无法核实"


# Whom each item is asked of.
DEPARTMENTS = {
    NegativeItem.HOUSING: "自然资源（不动产）、住建",
    NegativeItem.VEHICLE: "公安（车管）、农机",
    NegativeItem.PAYROLL: "财政、组织、人社",
    NegativeItem.VILLAGE_OFFICE: "组织、乡镇",
    NegativeItem.COMPANY: "市场监管、行政审批",
    NegativeItem.DEPOSIT: "金融",
    NegativeItem.STUDY_ABROAD: "公安、教育",
    NegativeItem.ABSENT: "乡镇",
}
BITS = {item: 1 << place for place, item in enumerate(NegativeItem)}


class AuthorisationQuerySet(RegionScopedQuerySet):
    """Authorisations, scoped by the case's village."""

    region_lookup = "case__village"

    def in_force(self) -> "AuthorisationQuerySet":
        """Those that have not been withdrawn."""
        return self.filter(withdrawn_on=None)


class Authorisation(models.Model):
    """承诺授权: the family lets the departments compare the data of all its members."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="authorisations")
    signed_on = models.DateField("签字日期")
    signed_by = models.CharField("签字人", max_length=30)
    explained_by = models.CharField("谁讲解的", max_length=30)
    for_minors = models.BooleanField("未成年人由监护人签字", default=False)
    papers = models.ManyToManyField(Attachment, related_name="+", verbose_name="授权书")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    withdrawn_on = models.DateField("撤回日期", null=True, blank=True)
    withdrawn_reason = models.CharField("撤回原因", max_length=300, blank=True)

    objects = AuthorisationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "承诺授权"
        ordering: ClassVar = ["-recorded_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(withdrawn_on=None),
                name="case_has_one_authorisation_in_force",
                violation_error_message="这一户已经登记过承诺授权。",
            ),
        ]


class ComparisonAnswerQuerySet(RegionScopedQuerySet):
    """Answers, scoped by the case's village."""

    region_lookup = "case__village"


class ComparisonAnswer(models.Model):
    """What the departments answered on one item for a household, and how a hit was explained."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="answers")
    item = models.CharField("比对项", max_length=20, choices=NegativeItem)
    hit = models.BooleanField("有没有")
    detail = EncryptedField("部门反馈", blank=True)
    answered_on = models.DateField("反馈日期")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(auto_now=True)
    explanation = EncryptedField("核实情况", blank=True)
    evidence = models.ManyToManyField(Attachment, related_name="+", verbose_name="佐证")
    explained_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    explained_at = models.DateTimeField(null=True, blank=True)

    objects = ComparisonAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "比对反馈"
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "item"], name="item_is_answered_once_for_a_case"),
            models.CheckConstraint(condition=Q(hit=True) | Q(explained_at=None), name="only_a_hit_is_explained"),
        ]
