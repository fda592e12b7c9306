"""风险消除: who visited, on which survey it rests, and which conditions were looked at."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from households.models import Survey
from monitoring.models.cases import Case


class Removal(models.Model):
    """What the case of a removal rests on.

    The three ``*_conditions`` are what monitoring.removals.asked looked at when it was opened, after the visit, and when it
    was decided last: a list of {"key", "met", "words", and figures}. They are never written again for the same moment.
    """

    case = models.OneToOneField(Case, models.PROTECT, related_name="removal", primary_key=True)
    first_visitor = models.CharField("入户人", max_length=30, blank=True)
    first_account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    second_visitor = models.CharField("另一位入户人", max_length=30, blank=True)
    # Null: somebody without an account, such as a contact person of another office.
    second_account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    # The visit on which the designation rested; null where it did not pass our procedure.
    survey_before = models.ForeignKey(Survey, models.PROTECT, null=True, related_name="+", verbose_name="认定时的调查")
    survey = models.ForeignKey(Survey, models.PROTECT, null=True, related_name="+", verbose_name="消除时的调查")
    opening_conditions = models.JSONField("发起时核对", default=list)
    visit_conditions = models.JSONField("入户后核对", default=list)
    decision_conditions = models.JSONField("审定时核对", default=list)

    class Meta:
        verbose_name = verbose_name_plural = "风险消除"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(second_account=None) | ~models.Q(second_account=models.F("first_account")),
                name="two_accounts_visit_for_a_removal",
                violation_error_message="两位入户人不能是同一个人。",
            ),
        ]

    @property
    def visitors(self) -> list[str]:
        """The names of those who visited; empty before the visit."""
        return [name for name in (self.first_visitor, self.second_visitor) if name]

    @property
    def accounts(self) -> set[int]:
        """The accounts of those who visited."""
        return {key for key in (self.first_account_id, self.second_account_id) if key}

    def figures(self, moment: str) -> dict[str, Any]:
        """What was looked at in one of the three moments, by the key of the condition."""
        return {row["key"]: row for row in getattr(self, f"{moment}_conditions")}
