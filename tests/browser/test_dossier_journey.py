"""The dossiers of a village of 300 families: asked for on the page of the village, made by a real worker, watched, taken."""

import io
import re
import zipfile

from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import AuditEvent, Level, Notification
from assistance.models import DossierJob
from households.models import Household, Member
from monitoring.models import Case
from tests.browser.test_axe import grave_findings
from tests.factories import add_place, add_region, add_staff

FAMILIES = 300


def settle(village):
    """Three hundred families of two, all on the register."""
    families = [
        Household(village=village, number=f"88{number:010d}", group_no=number % 9 + 1, head_name=f"户{number:03d}", household_type="ordinary")
        for number in range(FAMILIES)
    ]  # fmt: skip
    Household.objects.bulk_create(families)
    Member.objects.bulk_create(
        Member(household=family, name=family.head_name if not place else "某乙", relation=relation, position=place)
        for family in families
        for place, relation in enumerate(("户主", "配偶"))
    )
    Case.objects.bulk_create(
        Case(
            household=family, village=village, monitor_class="edge", stage="registered", stage_since=timezone.now(),
            ruleset="zaozhuang_2020", main_risk="illness", decided_on=timezone.localdate(),
        )
        for family in families
    )  # fmt: skip


def test_a_town_takes_the_dossiers_of_a_village_of_three_hundred_families(desk, worker, tmp_path):
    place = add_place()
    staff = add_staff(place)
    village = add_region("379903002209", "大石桥村委会", Level.VILLAGE, place.town)
    settle(village)
    page = desk(staff.reviewer)
    page.goto("/dossiers/")
    page.get_by_label("村", exact=True).select_option(village.code)
    page.get_by_role("button", name="看这个村").click()
    expect(page.get_by_text(f"在册和曾经在册 {FAMILIES} 户")).to_be_visible()
    faults = grave_findings(page)
    page.get_by_label("按档案顺序的压缩包").check()
    page.get_by_role("button", name="生成 1 份").click()
    # How far it is stands there, moving, before it is done; nobody reloads the page.
    seen = page.get_by_text(re.compile(rf"[1-9]\d* / {FAMILIES}"))
    expect(seen).to_be_visible(timeout=120_000)
    page.screenshot(path=tmp_path / "progress.png")
    faults += grave_findings(page)
    expect(page.get_by_text(f"已生成 {FAMILIES} 户")).to_be_visible(timeout=120_000)
    page.screenshot(path=tmp_path / "done.png")
    faults += grave_findings(page)
    with page.expect_download() as taken:
        page.get_by_role("link", name=re.compile("^下载 1 份")).click()
    assert taken.value.suggested_filename == f"大石桥村委会_一户一档_{timezone.localdate()}.zip"
    archive = zipfile.ZipFile(io.BytesIO(taken.value.path().read_bytes()))
    assert archive.testzip() is None
    pages = [name for name in archive.namelist() if name.endswith("/一户一档.html")]
    assert len(pages) == FAMILIES
    assert pages[0].startswith("云山高新区/青石镇/大石桥村委会/001-")
    heads = {name.split("-")[-1].split("/")[0] for name in pages}
    assert heads == {f"户{number:03d}" for number in range(FAMILIES)}
    assert DossierJob.objects.get().attempts == 1
    assert AuditEvent.objects.filter(action="dossier.fetch", actor=staff.reviewer).count() == 1
    assert Notification.objects.filter(
        person=staff.reviewer, link=f"/dossiers/jobs/{DossierJob.objects.get().pk}/"
    ).exists()
    assert faults == []
