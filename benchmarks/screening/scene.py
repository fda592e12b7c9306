"""What stands in the tables before each run: nothing, or yesterday's conclusions with a share of the facts changed."""

import datetime

from accounts.models import User
from benchmarks.screening import population, rows
from monitoring.models import Assessment, ClueDigest, DigestEntry, Screening, ScreeningPart

KEPT = {Assessment: "bench_standing", Screening: "bench_screening", ScreeningPart: "bench_part"}
DATED = ("on", "policy_date")


class Scene:
    """Sets the tables for one size of the population on one day."""

    def __init__(self, on: datetime.date, user: User) -> None:
        self.on = on
        self.user = user
        self.visits = 0
        self.last: Screening | None = None  # the run that the conclusions of yesterday are from

    def nothing_judged(self) -> None:
        """No conclusion stands, and no screening has been."""
        emptied = ", ".join(rows.table(model) for model in (Assessment, Screening, ClueDigest, DigestEntry))
        rows.run(f"TRUNCATE {emptied} CASCADE")

    def remember(self) -> None:
        """Keep the conclusions that stand, and the screening that wrote them, as those of yesterday."""
        yesterday = self.on - datetime.timedelta(days=1)
        for model, kept in KEPT.items():
            columns = [field.column for field in model._meta.concrete_fields]
            chosen = ", ".join(f'%s AS "{name}"' if name in DATED else f'"{name}"' for name in columns)
            dates = [yesterday for name in columns if name in DATED]
            rows.run(f"DROP TABLE IF EXISTS {kept}")
            rows.run(f"CREATE UNLOGGED TABLE {kept} AS SELECT {chosen} FROM {rows.table(model)}", dates)

    def judged_yesterday(self) -> None:
        """Yesterday's conclusions stand, and the tables are in the order in which the nightly upkeep leaves them."""
        self.nothing_judged()
        for model, kept in KEPT.items():
            names = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
            rows.run(f"INSERT INTO {rows.table(model)} ({names}) SELECT {names} FROM {kept} ORDER BY id")
        rows.run(
            "SELECT setval(pg_get_serial_sequence('monitoring_assessment', 'id'), (SELECT max(id) FROM bench_standing))"
        )
        rows.run("VACUUM (ANALYZE) monitoring_assessment")

    def change(self, share: float) -> int:
        """Visit a share of the households today: their facts are new, and not judged; returns how many."""
        self.visits += 1
        return population.visit(self.visits, share, self.on, self.user)

    def undo_changes(self) -> None:
        """As if today's visits had not been."""
        rows.run("TRUNCATE households_changedhousehold")
        rows.run("DELETE FROM households_facts WHERE begins_on = %s", [self.on])
        rows.run("DELETE FROM households_survey WHERE visited_on = %s", [self.on])
        rows.run("UPDATE households_facts SET replaced_on = NULL WHERE replaced_on = %s", [self.on])
        rows.run("VACUUM (ANALYZE) households_facts")
        rows.run("VACUUM (ANALYZE) households_survey")

    def unequal(self) -> int:
        """Households whose conclusion is another one than was remembered."""
        compared = "outcome, rule_bits, flag_bits, decision, near_bits, lacks_one, margin"
        new, old = (", ".join(f"{side}.{name}" for name in compared.split(", ")) for side in ("new", "old"))
        return rows.ask(
            f"SELECT count(*) FROM monitoring_assessment new JOIN bench_standing old USING (household_id) "
            f"WHERE ({new}) IS DISTINCT FROM ({old})"
        )[0][0]
