"""An invented district with its members, what they have already, and the list of a month as it was read from its file."""

import datetime
import uuid

from django.utils import timezone

from accounts.jobs import JobState
from accounts.models import Level, Posting, Region, User
from accounts.roles import Role
from assistance.catalogue import MEASURES
from assistance.models import Delivery, DepartmentList, DepartmentListRow, ListPhase, WrittenLine
from assistance.services import told_by
from benchmarks.lists import paper
from benchmarks.screening import rows
from households.models import Household, Member

MEASURE = "dibao"
LAST_MONTH, MONTH, SINCE = datetime.date(2020, 5, 1), datetime.date(2020, 6, 1), datetime.date(2020, 1, 1)
LAST_AMOUNT, AMOUNT = 36_000, 38_000  # fen
VILLAGES, TOWNS = 100, 5
IN_A_HOUSEHOLD = 3
# Of a hundred lines: people of the district; the others are elsewhere, not on the register, or have died.
ELSEWHERE, DEAD, NOBODY = 2, 2, 99
# Of a hundred people of the district: by hand, confirmed by last month's list, and new.
BY_HAND, CONFIRMED = 35, 35
KEPT = {Delivery: "bench_deliveries", DepartmentListRow: "bench_lines", WrittenLine: "bench_written"}
# What two ways may give a row differently: the key of a new one, and the moment.
OWN = ("id", "entered_at")
WAS = ", ".join(field.column for field in WrittenLine._meta.concrete_fields if field.column.startswith("was_"))
DIGEST = "(SELECT known.digest FROM bench_numbers known WHERE known.whose = {0})"
PAYLOAD = '{"name": "王某某", "number": "370499196405170016", "amount": "380"}'


class Scene:
    """A list of so many lines, as it stands when its file has been read: no line has its answer yet."""

    def __init__(self, lines: int) -> None:
        self.lines = lines
        self.clerk = User.objects.create_user(username="clerk", unit="示例区民政局")
        self.district = self._places()
        Posting.objects.create(
            user=self.clerk, role=Role.DEPARTMENT_CLERK, region=self.district, begins_on=datetime.date(2020, 1, 1)
        )
        self.last, self.list = self._list(LAST_MONTH, ListPhase.APPLIED), self._list(MONTH, ListPhase.APPLYING)
        self._people()
        self._deliveries()
        self._lines()
        for model, kept in KEPT.items():
            rows.run(f"CREATE UNLOGGED TABLE {kept} AS SELECT * FROM {rows.table(model)}")

    def restore(self) -> DepartmentList:
        """The tables as they were before anything was written, and the list claimed by this process."""
        emptied = ", ".join(rows.table(model) for model in KEPT)
        rows.run(f"TRUNCATE {emptied} CASCADE")
        for model, kept in KEPT.items():
            names = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
            rows.run(
                f"INSERT INTO {rows.table(model)} ({names}) SELECT {names} FROM {kept} ORDER BY {model._meta.pk.column}"
            )
        rows.run("VACUUM (ANALYZE)")
        rows.run("CHECKPOINT")
        token = uuid.uuid4()
        DepartmentList.objects.filter(pk=self.list.pk).update(
            state=JobState.RUNNING, token=token, phase=ListPhase.APPLYING, cursor="", done_count=0, counts={}
        )
        return DepartmentList.objects.get(pk=self.list.pk)

    def workbook(self) -> bytes:
        """The same list as the department sends it."""
        return paper.workbook(
            (-number if number % 100 == NOBODY else number, (AMOUNT if number % 5 else LAST_AMOUNT) // 100)
            for number in range(1, self.lines + 1)
        )

    def came(self) -> list[tuple]:
        """What came of it, row by row: a digest of each line's answer, of every delivery, and of what undoing would put back."""
        lines, deliveries, written = (rows.table(model) for model in (DepartmentListRow, Delivery, WrittenLine))
        spoken = ", ".join(
            f"stands.{field.column}" for field in Delivery._meta.concrete_fields if field.name not in OWN
        )
        spoken = spoken.replace("stands.column", 'stands."column"')
        digest = "count(*), sum(hashtextextended(CAST(ROW({0}) AS text), 0))"
        return [
            *rows.ask(
                f"SELECT status, {digest.format('row_no, reason, member_id, household_id, begun_on, amount')} FROM {lines} "
                "WHERE batch_id = %s GROUP BY status ORDER BY status",
                [self.list.pk],
            ),
            *rows.ask(f"SELECT {digest.format(spoken)} FROM {deliveries} AS stands"),
            *rows.ask(
                f"SELECT {digest.format(f'line_id, began, stands.member_id, {WAS}')} FROM {written} AS told "
                f"JOIN {deliveries} AS stands ON stands.id = told.delivery_id AND stands.list_row_id = told.line_id"
            ),
        ]

    def _places(self) -> Region:
        city = Region.objects.create(code="370000000000", name="示例市", level=Level.CITY, path="0001")
        for number, name in enumerate(("示例区", "外区"), start=1):
            path = f"0001{number:04d}"
            county = Region.objects.create(
                code=f"3701{number:02d}000000", name=name, level=Level.COUNTY, parent=city, path=path
            )
            towns = TOWNS if number == 1 else 1
            for town in range(1, towns + 1):
                place = Region.objects.create(
                    code=f"3701{number:02d}{town:03d}000", name=f"第{town}镇", level=Level.TOWN, parent=county,
                    path=f"{path}{town:04d}",
                )  # fmt: skip
                Region.objects.bulk_create(
                    Region(
                        code=f"3701{number:02d}{town:03d}{village:03d}", name=f"第{village}村", level=Level.VILLAGE,
                        parent=place, path=f"{place.path}{village:04d}",
                    )
                    for village in range(1, VILLAGES // towns + 1)
                )  # fmt: skip
        return Region.objects.get(path="00010001")

    def _list(self, month: datetime.date, phase: str) -> DepartmentList:
        return DepartmentList.objects.create(
            region=self.district, department="示例区民政局", measure=MEASURE, month=month, phase=phase,
            requested_by=self.clerk, confirmed_at=timezone.now(), state=JobState.DONE, fund="province",
        )  # fmt: skip

    def _people(self) -> None:
        """A third more people than the list has lines; of a hundred two have died, and two live elsewhere."""
        people = self.lines * 4 // 3 // IN_A_HOUSEHOLD * IN_A_HOUSEHOLD
        paper.keep_numbers(people, [-number for number in range(1, self.lines + 1) if number % 100 == NOBODY])
        rows.run("SET session_replication_role = replica")
        rows.run(
            "CREATE UNLOGGED TABLE bench_village AS SELECT id, path LIKE '00010001%' AS here, row_number() OVER "
            "(PARTITION BY path LIKE '00010001%' ORDER BY path) AS place FROM accounts_region WHERE level = 'village'"
        )
        rows.run(
            f"""
            CREATE UNLOGGED TABLE bench_home AS SELECT number, md5('home' || number)::uuid AS id, village.id AS village_id
            FROM generate_series(1, {people // IN_A_HOUSEHOLD}) number
            JOIN bench_village village ON village.here = (number % 100 >= {ELSEWHERE})
                AND village.place = 1 + number % (SELECT count(*) FROM bench_village v WHERE v.here = (number % 100 >= {ELSEWHERE}))
            """
        )
        sealed = f"'{Member._meta.get_field('id_number').get_prep_value('370499196405170016')}'"
        with rows.without_indexes(Household, Member):
            rows.insert(
                Household, "bench_home ORDER BY number",
                {
                    "id": "id", "number": "'H' || number", "village_id": "village_id", "household_type": "'ordinary'",
                    "head_name": "'户主' || number", "head_initials": "'hz'", "phone": "''", "version": "1",
                },
            )  # fmt: skip
            rows.insert(
                Member,
                f"(SELECT home.*, (number - 1) * {IN_A_HOUSEHOLD} + place AS person, place FROM bench_home home, "
                f"generate_series(1, {IN_A_HOUSEHOLD}) place) one ORDER BY md5(person::text)",
                {
                    "id": "md5('member' || person)::uuid", "household_id": "id", "position": "place",
                    "name": "'成员' || person", "initials": "'cy'",
                    "relation": "CASE place WHEN 1 THEN '户主' WHEN 2 THEN '配偶' ELSE '之子' END", "id_number": sealed,
                    "id_digest": DIGEST.format("person"), "id_tail_digest": "lpad((person %% 10000)::text, 40, '0')",
                    "sex": "'male'", "health": "'[]'::jsonb", "lives_here": "true",
                    "left_on": f"CASE WHEN number %% 100 >= {100 - DEAD} THEN date '2020-03-01' END",
                    "left_reason": f"CASE WHEN number %% 100 >= {100 - DEAD} THEN 'death' ELSE '' END",
                },
            )  # fmt: skip
        rows.run("RESET session_replication_role")
        rows.run("VACUUM (ANALYZE)")

    def _deliveries(self) -> None:
        """What 70 of a hundred people of the list have already: half by hand, half by last month's list."""
        rows.run("SET session_replication_role = replica")
        told = {name: f"'{value}'" for name, value in told_by(MEASURES[MEASURE]).items()}
        person = "substring(member.initials || member.name from 5)::int"
        source = (
            f"(SELECT member.*, {person} AS person FROM households_member member WHERE {person} <= {self.lines} "
            f"AND {person} %% 100 < {BY_HAND + CONFIRMED}) one ORDER BY md5(name)"
        )
        confirmed = f"person %% 100 >= {BY_HAND}"
        rows.insert(
            DepartmentListRow,
            source.replace("ORDER BY", f"WHERE {confirmed} ORDER BY"),
            {
                "batch_id": f"'{self.last.pk}'::uuid", "row_no": "person", "id_digest": "id_digest", "status": "'new'",
                "payload": f"'{self._sealed()}'", "member_id": "id", "household_id": "household_id", "amount": "36000",
            },
        )  # fmt: skip
        columns = {
            **told, "id": "md5('delivery' || person)::uuid", "household_id": "household_id", "member_id": "id",
            "begun_on": f"date '{SINCE}'", "amount": f"CASE WHEN {confirmed} THEN 36000 END",
            "every": f"CASE WHEN {confirmed} THEN 'month' ELSE 'once' END",
            "list_row_id": f"(SELECT line.id FROM {rows.table(DepartmentListRow)} line WHERE line.row_no = person)",
        }  # fmt: skip
        rows.run("ANALYZE")
        rows.insert(Delivery, source, columns)
        rows.insert(
            WrittenLine,
            f"{rows.table(Delivery)} stands WHERE list_row_id IS NOT NULL ORDER BY list_row_id",
            {"line_id": "list_row_id", "delivery_id": "id", "began": "true"},
        )
        rows.run("RESET session_replication_role")

    def _lines(self) -> None:
        """The lines as they were kept when the file was read; the last of a hundred know nobody."""
        rows.run("SET session_replication_role = replica")
        rows.insert(
            DepartmentListRow,
            f"generate_series(1, {self.lines}) number",
            {
                "batch_id": f"'{self.list.pk}'::uuid", "row_no": "number + 1", "status": "'unknown'",
                "id_digest": DIGEST.format(f"CASE WHEN number %% 100 = {NOBODY} THEN -number ELSE number END"),
                "payload": f"'{self._sealed()}'", "amount": f"CASE WHEN number %% 5 = 0 THEN {LAST_AMOUNT} ELSE {AMOUNT} END",
            },
        )  # fmt: skip
        rows.run("RESET session_replication_role")

    def _sealed(self) -> str:
        return str(DepartmentListRow._meta.get_field("payload").get_prep_value(PAYLOAD))
