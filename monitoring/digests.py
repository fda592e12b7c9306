"""Gather what a screening changed into one digest per village and period, and know who has read it."""

import datetime
from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.audit import record
from accounts.models import Region, User
from accounts.roles import VILLAGE_ROLES, Role
from accounts.sql import as_kept, new_key, one_of
from monitoring.clues import asking
from monitoring.models import Assessment, ClueDigest, DigestEntry, DigestReading
from monitoring.models.digests import ClueDigestQuerySet
from monitoring.models.screenings import AssessmentQuerySet
from monitoring.policy.explain import is_open
from monitoring.policy.rulesets import RuleSet
from monitoring.policy.values import Policy

LENGTH = "digest_days"  # the parameter
KEPT_DAYS = 31  # how long a digest that nobody has read stands among the work


def period_of(day: datetime.date, days: int) -> tuple[datetime.date, datetime.date]:
    """The first and last day of the period of so many days that a day lies in; seven days begin on a Monday."""
    begins_on = day - datetime.timedelta(days=(day.toordinal() - 1) % days)
    return begins_on, begins_on + datetime.timedelta(days=days - 1)


def gather(told: str, told_in: str, villages: QuerySet[Region], policy: Policy) -> None:
    """Put what a part of a screening has just written for today into the digests of its villages.

    Runs in the part's transaction, which keeps others out of these villages. ``told`` are the keys of the conclusions that
    may be news, ``told_in`` those of their villages, with commas. A household that changed before in the same days stands
    there once, with what was said first and last; one of which the same is said again drops out.
    """
    written = Assessment.objects.filter(pk__in=one_of(told))
    changed = _otherwise(written, policy.ruleset, now="", before="previous__")
    begun = timezone.now()
    _open(told_in, policy, begun)
    if not _add(changed, policy.on):
        return
    older = ClueDigest.objects.covering(policy.on).filter(village__in=villages.values("pk"), changed_at__lt=begun)
    if not older.exists():
        return
    touched = DigestEntry.objects.filter(now__in=one_of(told), digest__in=older)
    differing = _otherwise(touched, policy.ruleset, now="now__", before="before__")
    moved = set(touched.values_list("digest", flat=True))
    touched.exclude(pk__in=differing.values("pk")).delete()
    ClueDigest.objects.filter(pk__in=moved).update(changed_at=begun)


def _otherwise(rows: QuerySet, rules: RuleSet, *, now: str, before: str) -> QuerySet:
    """The rows whose conclusion suggests something else than the one before; a first one, when it asks for something.

    What only the offices may see makes no difference, or its being listed would tell.
    """
    shown = sum(1 << place for place, flag in enumerate(rules.flags) if is_open(rules, flag.code))
    marked_otherwise = Q(**{f"{before}ruleset": rules.code}) & ~Q(flags_now=F("flags_before"))
    differs = ~Q(**{f"{now}outcome": F(f"{before}outcome")}) | ~Q(**{f"{now}level": F(f"{before}level")})
    first = Q(**{before.removesuffix("__"): None})
    told = (~first & (differs | marked_otherwise)) | (first & asking(now))
    return rows.alias(
        flags_now=F(f"{now}flag_bits").bitand(shown), flags_before=F(f"{before}flag_bits").bitand(shown)
    ).filter(told)


def _open(told_in: str, policy: Policy, now: datetime.datetime) -> None:
    """A digest for each of these villages that has none for the day; one that stays empty is shown to nobody."""
    covered = ClueDigest.objects.covering(policy.on).filter(village=OuterRef("pk"))
    without = Region.objects.filter(~Exists(covered), pk__in=one_of(told_in)).order_by().values_list("pk")
    sql, params = without.query.sql_with_params()
    begins_on, ends_on = period_of(policy.on, policy.whole(LENGTH))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {ClueDigest._meta.db_table} (id, begins_on, ends_on, changed_at, village_id) "  # noqa: S608
            f"SELECT {new_key()}, %s, %s, %s, without.* FROM ({sql}) AS without WHERE 1 = 1 ON CONFLICT DO NOTHING",
            [*map(as_kept, (begins_on, ends_on, now)), *params],
        )


def _add(changed: AssessmentQuerySet, day: datetime.date) -> int:
    """List the households, or say of those listed already what is said now, in one statement; how many."""
    digest = ClueDigest.objects.covering(day).filter(village=OuterRef("village")).order_by("-ends_on").values("pk")
    found = changed.order_by().annotate(digest=Subquery(digest[:1]))
    sql, params = found.values_list("digest", "household_id", "previous_id", "pk").query.sql_with_params()
    table = DigestEntry._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (digest_id, household_id, before_id, now_id) {sql} "  # noqa: S608  names of our own
            "ON CONFLICT (digest_id, household_id) DO UPDATE SET now_id = excluded.now_id",
            params,
        )
        return cursor.rowcount


# ---- who has read it ----


@transaction.atomic
def read(*, digest: ClueDigest, by: User) -> None:
    """Note that somebody has opened a digest; the first time leaves a trace."""
    in_village = bool(by.posting_over(digest.village, *VILLAGE_ROLES))
    read_at = timezone.now()
    _reading, first = DigestReading.objects.update_or_create(
        digest=digest, reader=by, defaults={"in_village": in_village, "read_at": read_at}
    )
    if first:
        record(action="digest.read", actor=by, target=digest, region=digest.village)


def waiting_for(user: User) -> ClueDigestQuerySet:
    """The digests of his villages that somebody of the village should open.

    One whose days are not over asks once; when they are over, once more if anything was added since.
    """
    mine = DigestReading.objects.filter(digest=OuterRef("pk"), reader=user)
    since = mine.filter(read_at__gte=OuterRef("changed_at"))
    over = Q(ends_on__lt=timezone.localdate())
    recent = _recent(ClueDigest.objects.visible_to(user, *VILLAGE_ROLES))
    return recent.filter(Q(over, ~Exists(since)) | Q(~over, ~Exists(mine))).select_related("village")


def unread_in_the_village(user: User) -> ClueDigestQuerySet:
    """For the town: digests whose days are over and that nobody of the village has opened."""
    digests = _recent(ClueDigest.objects.visible_to(user, Role.TOWN_REVIEWER))
    return digests.filter(ends_on__lt=timezone.localdate()).exclude(_read_there())


def digests_for(user: User) -> ClueDigestQuerySet:
    """The digests that the user may read, the latest first, with who of the village opened each first."""
    first = DigestReading.objects.filter(digest=OuterRef("pk"), in_village=True).order_by("read_at")
    return (
        ClueDigest.objects.visible_to(user)
        .with_households()
        .select_related("village__parent")
        .annotate(reader=Subquery(first.values("reader__name")[:1]), read_at=Subquery(first.values("read_at")[:1]))
        .order_by("-begins_on", "village__path")
    )


def households_in(digests: Iterable[ClueDigest] | QuerySet[ClueDigest]) -> Exists:
    """Whether the household of a row stands in one of the digests."""
    return Exists(DigestEntry.objects.filter(digest__in=digests, household=OuterRef("household")))


def _recent(digests: ClueDigestQuerySet) -> ClueDigestQuerySet:
    since = timezone.localdate() - datetime.timedelta(days=KEPT_DAYS)
    return digests.with_households().filter(ends_on__gte=since)


def _read_there() -> Exists:
    return Exists(DigestReading.objects.filter(digest=OuterRef("pk"), in_village=True))
