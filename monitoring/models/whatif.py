"""What-if runs (试算): a draft of other numbers or another rule set, and what it would change, counted by village."""

import datetime
from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import Q

from accounts.jobs import BackgroundJob
from accounts.models import Region
from accounts.roles import OFFICE_ROLES, Role
from accounts.scoping import RegionScopedQuerySet
from monitoring.models.values import PolicyValue
from monitoring.policy.rulesets import RuleSet, ruleset
from monitoring.policy.shapes import RULESET_KEY

if TYPE_CHECKING:
    from accounts.models import User

TRIAL_READERS = (*OFFICE_ROLES, Role.INSPECTOR)


class PolicyTrialQuerySet(RegionScopedQuerySet):
    """Trials, scoped by the region they were made for."""

    region_lookup = "region"
    reader_roles = TRIAL_READERS

    def visible_to(self, user: "User", *roles: Role) -> Self:
        """Also those of the regions above: a town learns what its district tries, from its own counts alone."""
        postings = [one for one in user.postings_in_force() if one.role in (roles or self.reader_roles)]
        above = {path for posting in postings for path in posting.region.ancestor_paths}
        return super().visible_to(user, *roles) | self.filter(Q(region__path__in=above))


class PolicyTrial(BackgroundJob):
    """One what-if run over a region: today's households by today's policy, and by the draft; it writes counts and nothing else."""

    task_name = "monitoring.tasks.run_policy_trial"
    page_name = "monitoring:whatif"

    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="范围")
    on = models.DateField("基准日期")
    starts_on = models.DateField("起始日期", help_text="草案从哪一天起用")
    ruleset = models.CharField("规则集", max_length=30)
    takes_ruleset = models.BooleanField(default=False)  # the draft takes a rule set that the region would not have
    values = models.JSONField("草案", default=dict)  # parameter -> number as typed
    # [district, first path, last path, households] of each; ``cursor`` counts those done
    parts = models.JSONField(default=list)
    proposed_at = models.DateTimeField("转为正式参数", null=True)

    objects = PolicyTrialQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "试算"
        ordering: ClassVar = ["-created_at"]

    @property
    def rules(self) -> RuleSet:
        """The rule set that the draft is for."""
        return ruleset(self.ruleset)

    @property
    def draft(self) -> list[PolicyValue]:
        """The draft as rows that nobody has saved."""
        chosen = {RULESET_KEY: self.ruleset} if self.takes_ruleset else {}
        return [
            PolicyValue(
                region=self.region,
                ruleset=self.ruleset,
                key=key,
                value=value,
                starts_on=self.starts_on,
                source="试算草案",
            )
            for key, value in {**chosen, **self.values}.items()
        ]

    @property
    def drafted_for(self) -> datetime.date:
        """The day whose numbers the draft is added to: its first day, or today when that is past."""
        return max(self.on, self.starts_on)


class TrialCountQuerySet(RegionScopedQuerySet):
    """Counts, scoped by village; the offices alone read them."""

    reader_roles = TRIAL_READERS


class TrialCount(models.Model):
    """Households of one village with one code by today's policy and one by the draft; a code is a level, a class, or NOT_VISITED."""

    trial = models.ForeignKey(PolicyTrial, models.CASCADE, related_name="counts")
    village = models.ForeignKey(Region, models.PROTECT, related_name="+")
    before = models.CharField(max_length=12)
    after = models.CharField(max_length=12)
    households = models.PositiveIntegerField()

    objects = TrialCountQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "试算户数"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["trial", "village", "before", "after"], name="trial_counts_each_move_once"),
        ]
