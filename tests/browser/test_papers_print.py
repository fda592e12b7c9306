"""Papers as Chromium prints them: every household on pages of its own, every letter there, nothing cut off, in A4."""

import datetime
import re
import subprocess
import unicodedata
from collections import Counter

import pytest
from django.urls import reverse
from django.utils import timezone

from assistance.models import DossierJob, Helper, Plan, PlanItem, Visit
from assistance.tasks import make_dossiers
from households.attachments import store
from households.models import Household, Survey
from tests.factories import add_place, add_staff
from tests.households.sent_files import picture, sent
from tests.ledgers.conftest import designate, give

A_PAGE = re.compile(rb"/Type\s*/Page\b")
A4 = {"width": 595, "height": 842}  # points
BOX = re.compile(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]")
FORM_WIDTH, CARD_WIDTH = 650, 688  # pixels of A4 between the margins
LONG = "这是一个很长很长的说明，写了孩子上学、老人看病、地里收成和家里打算，一直写到两百个字为止。" * 4
# Every element whose content is wider than itself, or that reaches over the edge of the paper.
CUT_OFF = """() => [...document.querySelectorAll('.sheet, .sheet *')].filter(one =>
  one.tagName !== 'TR' && one.clientWidth && (one.scrollWidth > one.clientWidth + 1 || one.getBoundingClientRect().right > innerWidth + 1)
).map(one => one.tagName + ' ' + one.textContent.slice(0, 40))"""


@pytest.fixture
def staff(transactional_db):
    return add_staff(add_place())


@pytest.fixture
def families(staff, make):
    """A family with hardly anything, one with much of everything, and one with an unbroken name of sixty letters."""
    village = staff.cadre.postings.get().region
    poor, rich, odd = (
        make.household(village, name, address="三号", members=6) for name in ("王大海", "李长寿", "赵" * 20)
    )
    for family in (poor, rich, odd):
        designate(family, decided_on=timezone.localdate().replace(day=1))
    Household.objects.filter(pk=odd.pk).update(address="W" * 60, number="9" * 30)
    fill(rich, staff)
    return [poor, rich, odd]


def fill(household, staff):
    """Years of visits, measures, photos, a plan and long sentences."""
    today = timezone.localdate()
    for years in (0, 1, 2):
        day = today - datetime.timedelta(days=365 * years)
        Survey.objects.create(
            household=household, village=household.village, visited_on=day, entered_by=staff.cadre, persons=3, hukou_persons=3,
            period_start=day - datetime.timedelta(days=360), period_end=day, wage=99_999_999_00, operating_gross=1_234_567_00,
            operating_cost=0, property_income=0, transfer=0, transfer_expense=0, submitted_at=timezone.now(), note=LONG,
        )  # fmt: skip
    Helper.objects.create(
        household=household,
        name="买买提江·阿布都热合曼",
        unit="云山高新区农业农村和社会事务局乡村振兴科",
        phone="13800000009",
        begun_on=today,
    )
    plan = Plan.objects.create(
        household=household, number=1, goal=LONG[:200], begun_by=staff.cadre, stage="confirmed", confirmed_by=staff.reviewer,
        confirmed_at=timezone.now(),
    )  # fmt: skip
    for place in range(12):
        PlanItem.objects.create(
            plan=plan, position=place + 1, measure=f"m{place}", name="产业项目扶持（以奖代补）", needs=["illness", "education"],
            goal=LONG[:110], unit="云山高新区农业农村和社会事务局", person="买买提江·阿布都热合曼", due_on=today, runs_until=today,
            amount=1_234_567_89, every="month", fund="county",
        )  # fmt: skip
    for number in range(14):
        give(household, "industry", household.head if number % 2 else None, begun_on=today, amount=99_999_00, every="month",
             unit="云山高新区农业农村和社会事务局乡村振兴科", fund="county")  # fmt: skip
        Visit.objects.create(
            household=household, visited_on=today - datetime.timedelta(days=number), mood="worse", sentence=LONG[:200],
            chips=["home", "away", "ill", "school", "house", "water"], visitor=staff.cadre,
        )  # fmt: skip
    for number in range(7):
        photo = sent(picture(colour=(number * 30, 90, 80)), f"{number}.jpg")
        store(photo, kind="visit_photo", village=household.village, household=household, by=staff.cadre)


@pytest.fixture
def printed(tmp_path):
    """Prints what stands in a page, and says on how many pages of A4; the file stays to be looked at."""
    return lambda page, **more: pages_of(page, tmp_path, **more)


def letters(words):
    """How often each letter stands there, however it is composed."""
    return Counter("".join(unicodedata.normalize("NFKC", words).split()))


def pages_of(page, folder, *, width, name):
    """How many pages it is; nothing is cut off, and each letter of the page is on the paper."""
    page.set_viewport_size({"width": width, "height": 1000})
    page.emulate_media(media="print")
    assert page.evaluate(CUT_OFF) == [], name
    words = page.evaluate("() => [...document.querySelectorAll('.sheet')].map(one => one.innerText).join('')")
    page.emulate_media(media="null")
    file = folder / f"{name}.pdf"
    pdf = page.pdf(path=file, prefer_css_page_size=True, print_background=True)
    paper = subprocess.run(["pdftotext", "-raw", file, "-"], capture_output=True, check=True).stdout.decode()
    assert words, name
    assert letters(words) - letters(paper) == Counter(), name
    boxes = {(round(float(wide)), round(float(high))) for wide, high in BOX.findall(pdf)}
    assert boxes == {(A4["width"], A4["height"])}, name
    return len(A_PAGE.findall(pdf))


def test_each_family_has_a_card_of_its_own_and_nothing_is_cut_off(desk, staff, families, printed):
    page = desk(staff.cadre)
    alone = []
    for family in families:
        page.goto(reverse("assistance:card", args=[family.pk]))
        alone.append(printed(page, width=CARD_WIDTH, name=family.head_name))
    assert alone[0] == 1
    page.goto(reverse("assistance:village-cards", args=[families[0].village.code]))
    assert page.locator(".wall-card").count() == 3
    assert printed(page, width=CARD_WIDTH, name="all-cards") == sum(alone)


def test_the_type_of_a_card_is_large(desk, staff, families):
    page = desk(staff.cadre)
    page.goto(reverse("assistance:card", args=[families[1].pk]))
    page.emulate_media(media="print")
    sizes = page.evaluate(
        "() => [...document.querySelectorAll('.sheet td, .sheet p')].map(one => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert min(sizes) >= 20  # 15 points


def test_plans_and_visit_records_are_not_cut_off(desk, staff, families, printed):
    page = desk(staff.reviewer)
    for name, key in (
        ("plan-paper", families[1].plans.get().pk),
        ("visits-paper", families[1].pk),
        ("visits-paper", families[2].pk),
    ):
        page.goto(reverse(f"assistance:{name}", args=[key]))
        assert printed(page, width=FORM_WIDTH, name=f"{name}-{key}") >= 1


def test_the_dossiers_of_a_village_are_a_set_of_pages_for_each_family(desk, staff, families, printed):
    page = desk(staff.cadre)
    alone = []
    for family in families:
        page.goto(reverse("assistance:dossier", args=[family.pk]))
        assert page.locator("img").evaluate_all("all => all.every(one => one.complete && one.naturalWidth > 0)")
        alone.append(printed(page, width=FORM_WIDTH, name=family.head_name))
    assert min(alone) >= 2
    assert alone[1] > alone[0]
    job = DossierJob.objects.create(region=families[0].village, form="print", requested_by=staff.cadre)
    make_dossiers(str(job.pk))
    page.goto(reverse("assistance:dossier-file", args=[job.pk]))
    assert page.locator(".dossier-cover").count() == 3
    assert page.locator("img").count() == 7
    assert printed(page, width=FORM_WIDTH, name="all-dossiers") == sum(alone) + 1  # and the list of the village
