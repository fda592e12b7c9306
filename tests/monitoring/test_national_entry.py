"""录入国家系统: what is listed, what the form says, the tick, and what comes back with what differs."""

import datetime
import re
import uuid

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from assistance.models import Helper
from households import codes
from households.models import BatchKind, Household, ImportBatch, Member
from households.national_codes import code_lists, national
from monitoring import inbox, national_entry
from monitoring.models import Case, CaseSource, NationalEntry, Stage
from monitoring.national_entry import Work
from monitoring.workflow import forget_designated

DECIDED = datetime.date(2026, 3, 20)


@pytest.fixture
def registered(place, make):
    def designate(head: str = "王大海", village=None, household=None, **fields) -> Case:
        home = household or make.household(village or place.village, head, phone="13800001234")
        values = {
            "stage": Stage.REGISTERED, "stage_since": timezone.now(), "ruleset": "zaozhuang_2020", "main_risk": "illness",
            "decided_on": DECIDED, "monitor_class": "edge", **fields,
        }  # fmt: skip
        return Case.objects.create(household=home, village=home.village, **values)

    return designate


def listed(user) -> dict[str, str]:
    """The worklist of somebody's office, by the head's name."""
    national_entry.refresh()
    cases = national_entry.worklist(Case.objects.visible_to(user))
    return dict(cases.values_list("household__head_name", "work"))


def sheet_of(case):
    return next(national_entry.sheets([case]))


def digest_of(case) -> str:
    return national_entry.prints_of(sheet_of(case)).digest


def tick(case, by, **given):
    values = {"keyed_on": timezone.localdate(), "digest": digest_of(case), **given}
    return national_entry.tick(case=case, by=by, **values)


def change(case, **fields) -> None:
    """As an edit of the register does it: the fact, and the household's version with it."""
    member = case.household.members.get(relation="户主")
    Member.objects.filter(pk=member.pk).update(**fields)
    Household.objects.filter(pk=case.household_id).update(version=F("version") + 1)


def texts(sheet) -> dict[str, tuple[str, str]]:
    return {item.label: (item.text, item.code) for item in sheet.household}


def test_who_is_on_the_register_and_was_not_ticked_is_new_and_others_are_not_listed(registered, staff):
    registered("王大海")
    registered("李在办", stage=Stage.TOWN)
    registered("赵不予", stage=Stage.REFUSED)
    assert listed(staff.officer) == {"王大海": Work.NEW}
    assert listed(staff.foreign_officer) == {}


def test_ticked_it_is_done_and_a_change_brings_it_back_with_its_name(registered, staff):
    case = registered()
    tick(case, staff.reviewer)
    assert listed(staff.officer) == {"王大海": Work.DONE}
    change(case, labour_skill=codes.LabourSkill.LOST)
    assert listed(staff.officer) == {"王大海": Work.CHANGED}
    assert national_entry.differing(sheet_of(case)) == ["王大海：劳动技能"]
    tick(case, staff.officer)
    assert listed(staff.officer) == {"王大海": Work.DONE}
    entry = NationalEntry.objects.get()
    assert (entry.ticked_by, entry.ticks, entry.keyed_on) == (staff.officer, 2, timezone.localdate())
    assert AuditEvent.objects.filter(action="national_entry.tick").count() == 2


def test_a_change_of_something_that_is_not_in_the_form_does_not_bring_it_back(registered, staff):
    case = registered()
    tick(case, staff.reviewer)
    change(case, position=3)
    assert listed(staff.officer) == {"王大海": Work.DONE}


def test_a_new_person_one_who_left_a_new_contact_and_a_corrected_class_are_named(registered, staff, make):
    case = registered()
    tick(case, staff.reviewer)
    make.member(case.household, name="王新丁", relation="之女", born_on=datetime.date(2026, 5, 1))
    case.household.members.filter(relation="配偶").update(left_on=timezone.localdate())
    Household.objects.filter(pk=case.household_id).update(version=F("version") + 1)
    Helper.objects.create(household=case.household, name="赵卫东", unit="农业办", begun_on=DECIDED)
    Case.objects.filter(pk=case.pk).update(monitor_class="sudden", version=F("version") + 1)
    assert listed(staff.officer) == {"王大海": Work.CHANGED}
    assert set(national_entry.differing(sheet_of(case))) == {
        "监测对象类别", "监测联系人", "监测联系人单位", "王新丁：新增的人", "减少 1 人",
    }  # fmt: skip


def test_removed_or_gone_as_a_whole_must_be_marked_and_ticked_again(registered, staff):
    for head in ("王大海", "李四海"):
        tick(registered(head), staff.reviewer)
    Case.objects.filter(household__head_name="王大海").update(
        stage=Stage.REMOVED, removed_on=timezone.localdate(), version=F("version") + 1
    )
    Household.objects.filter(head_name="李四海").update(closed_on=timezone.localdate(), version=F("version") + 1)
    assert listed(staff.officer) == {"王大海": Work.REMOVED, "李四海": Work.REMOVED}
    case = Case.objects.get(household__head_name="王大海")
    assert texts(sheet_of(case))["风险是否已消除"][0] == "是"
    tick(case, staff.reviewer)
    assert listed(staff.officer)["王大海"] == Work.DONE


def test_stock_is_in_the_national_system_already_and_only_its_changes_are_listed(registered, staff):
    case = registered(source=CaseSource.STOCK)
    assert listed(staff.officer) == {"王大海": Work.DONE}
    assert NationalEntry.objects.get().ticked_by is None
    change(case, name="王大江")
    assert listed(staff.officer) == {"王大海": Work.CHANGED}


def test_undoing_the_import_of_stock_takes_its_entry_along(registered, staff, place):
    batch = ImportBatch.objects.create(
        kind=BatchKind.ROSTER, region=place.village, file_name="a.xlsx", requested_by=staff.officer, state="done"
    )
    registered(source=CaseSource.STOCK, stock_batch=batch)
    national_entry.refresh()
    assert forget_designated(batch=batch, by=staff.officer) == 1
    assert not NationalEntry.objects.exists()


def test_what_changed_while_somebody_looked_cannot_be_ticked(registered, staff):
    case = registered()
    seen = digest_of(case)
    change(case, labour_skill=codes.LabourSkill.LOST)
    with pytest.raises(ValidationError, match="又变了"):
        tick(case, staff.reviewer, digest=seen)
    assert not NationalEntry.objects.exists()


def test_days_that_cannot_be_and_other_desks_are_refused(registered, staff):
    case = registered()
    for day, words in (
        (timezone.localdate() + datetime.timedelta(days=1), "晚于今天"),
        (datetime.date(2026, 3, 1), "认定时间"),
    ):
        with pytest.raises(ValidationError, match=words):
            tick(case, staff.reviewer, keyed_on=day)
    for desk in (staff.cadre, staff.inspector, staff.other_reviewer, staff.foreign_officer):
        with pytest.raises(PermissionDenied):
            tick(case, desk)


def test_a_form_sent_twice_ticks_once(registered, staff):
    case, key = registered(), str(uuid.uuid4())
    tick(case, staff.reviewer, idempotency_key=key)
    tick(case, staff.reviewer, idempotency_key=key)
    assert NationalEntry.objects.get().ticks == 1


def test_what_is_kept_of_a_tick_holds_nothing_that_was_keyed(registered, staff):
    case = registered()
    entry = tick(case, staff.reviewer)
    kept = str(entry.parts) + entry.digest
    assert re.fullmatch(r"[0-9a-f]{40}", entry.digest)
    assert all(re.fullmatch(r"[0-9a-f]+", part) for part in entry.parts.values())
    for member in case.household.members.all():
        assert member.name not in kept
        assert member.id_number not in kept


def test_the_same_family_twice_has_digests_that_cannot_be_compared(registered):
    first, second = (
        national_entry.prints_of(sheet_of(registered(head))).parts["household"] for head in ("王一", "王一")
    )
    same = sum(first[at : at + 4] == second[at : at + 4] for at in range(0, len(first), 4))
    assert same <= 1


def test_an_older_edition_of_the_form_comes_back_as_a_whole(registered, staff):
    case = registered()
    tick(case, staff.reviewer)
    NationalEntry.objects.update(form=0)
    assert listed(staff.officer) == {"王大海": Work.CHANGED}
    assert national_entry.differing(sheet_of(case)) == ["录入表有新版，请全部核对"]
    assert national_entry.refresh() == 0


def test_names_and_codes_are_those_of_the_national_lists(registered):
    case = registered(main_risk="epidemic", risk_causes=["disaster"])
    form = texts(sheet_of(case))
    assert form["监测对象类别"] == ("边缘易致贫户", "")
    assert form["致贫返贫风险1"] == ("其他", "100A27011")
    assert form["致贫返贫风险2"] == ("因自然灾害", "100A27004")
    assert form["其他风险备注"] == ("因疫情", "")
    assert form["识别监测时间"] == ("202603", "")
    assert form["行政村"] == ("北石桥村委会", "379903002201")
    person = {item.label: (item.text, item.code) for item in sheet_of(case).people[0][1]}
    assert (person["性别"], person["民族"]) == (("男", "1"), ("汉族", "01"))


def test_every_label_of_ours_that_has_a_list_is_in_it_and_every_list_names_its_source():
    ours = {
        "sex": [one.label for one in codes.Sex],
        "risk_cause": [one.label for one in codes.RiskCause],
        "ethnic_group": [label for _value, label in codes.ETHNIC_GROUPS],
        "disability_category": [label for _value, label in codes.DISABILITY_CATEGORIES],
        "disability_level": [label for _value, label in codes.DISABILITY_LEVELS],
    }
    for name, labels in ours.items():
        assert all(national(name, str(label))[1] for label in labels), name
    assert all(one.source and one.title for one in code_lists().values())


# ---- pages ----


def test_the_page_masks_what_it_must_and_offers_the_rest_to_copy(registered, staff, at_desk):
    case = registered()
    text = at_desk(staff.reviewer).get(reverse("monitoring:national-entry", args=[case.pk])).content.decode()
    for member in case.household.members.all():
        assert member.id_number not in text
    assert "13800001234" not in text
    assert "138****1234" in text
    assert "what=id_number&amp;member=" in text
    assert text.count("data-copy") > 30


def test_the_list_is_ticked_many_at_once_each_as_it_was_seen(registered, staff, at_desk):
    first, second = registered("王大海"), registered("李四海")
    chosen = [f"{case.pk}:{digest_of(case)}" for case in (first, second)]
    change(second, labour_skill=codes.LabourSkill.LOST)
    browser = at_desk(staff.reviewer)
    sent = {"case": chosen, "keyed_on": timezone.localdate(), "idempotency_key": str(uuid.uuid4())}
    text = browser.post(reverse("monitoring:national-entries-tick"), sent, follow=True).content.decode()
    assert "已登记录入 1 户" in text
    assert "李四海户的资料在您打开以后又变了" in text
    assert listed(staff.reviewer) == {"王大海": Work.DONE, "李四海": Work.NEW}


def test_the_inbox_of_the_offices_has_one_line_for_all_of_it(registered, staff):
    for head in ("王大海", "李四海"):
        registered(head)
    for desk in (staff.reviewer, staff.officer):
        assert [one.title for one in inbox.todo(desk) if one.kind == "national"] == ["2 户要录入国家系统"]
    for desk in (staff.cadre, staff.inspector, staff.other_reviewer):
        assert [one for one in inbox.todo(desk) if one.kind == "national"] == []


def test_the_list_and_the_comparison_cost_the_same_for_three_and_thirty(registered, staff, at_desk):
    browser, counts = at_desk(staff.reviewer), []
    browser.get(reverse("monitoring:national-entries"))  # the numbers in the menu are kept from here on
    for more in (3, 17):
        for _ in range(more):
            registered()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            browser.get(reverse("monitoring:national-entries"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_household_that_is_not_to_be_keyed_has_no_page(registered, staff, at_desk):
    case = registered(stage=Stage.TOWN)
    assert at_desk(staff.reviewer).get(reverse("monitoring:national-entry", args=[case.pk])).status_code == 404
