"""What everybody may read: how often, from which line, what a tiny village does not tell, and the answer to an objection."""

import uuid

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from monitoring import notices_public, objections, objections_intake
from monitoring.models import Objection
from monitoring.public import limits
from monitoring.public.models import PublicNotice, SealedObjection
from monitoring.public.reading import MOST, MOST_LINES, SPAN, Reads
from tests.monitoring.noticed import at, enable, running  # noqa: F401

# ---- how often ----


def test_a_line_reads_so_often_in_a_minute_and_then_waits_while_others_read():
    reads = Reads()
    assert all(reads.one_more("a", now=0) for _each in range(MOST))
    assert not reads.one_more("a", now=SPAN - 1)
    assert reads.one_more("b", now=SPAN - 1)
    assert reads.one_more("a", now=SPAN)


def test_a_flood_from_many_lines_fills_no_memory():
    reads = Reads()
    for number in range(MOST_LINES + 5):
        reads.one_more(str(number), now=0)
    assert len(reads.counts) <= MOST_LINES


def test_who_reads_too_often_is_told_to_wait_and_nothing_is_asked_of_the_database(
    running, place, staff, monkeypatch, django_assert_num_queries
):
    enable(place, staff)
    monkeypatch.setattr("monitoring.public.reading.MOST", 2)
    page = reverse("public:notice", args=[running.token])
    assert [Client().get(page).status_code for _each in range(2)] == [200, 200]
    with django_assert_num_queries(0):
        answer = Client().get(page)
    assert (answer.status_code, answer["Retry-After"]) == (429, str(SPAN))
    assert "请过一分钟再看" in answer.content.decode()
    assert (answer["Cache-Control"], "noindex" in answer["X-Robots-Tag"]) == ("no-store", True)
    assert Client(REMOTE_ADDR="10.0.0.9").get(page).status_code == 200


@pytest.mark.parametrize(
    ("address", "line"),
    [("10.1.2.3", "10.1.2.3"), ("2408:8000:1:2:3:4:5:6", "2408:8000:1:2::/64"), ("::ffff:10.1.2.3", "10.1.2.3"),
     ("fe80::1%eth0", "fe80::/64"), ("no address", "-"), ("", "-"), ("10.1.2.3:51234", "10.1.2.3"),
     ("[2408:8000:1:2:3:4:5:6]:443", "2408:8000:1:2::/64"), ("[2408:8000:1:2::9]", "2408:8000:1:2::/64"), ("10.1.2.3:x", "-")],
)  # fmt: skip
def test_a_line_of_the_sixth_version_is_the_first_half_of_its_addresses(address, line):
    assert limits.address_of(RequestFactory().get("/", REMOTE_ADDR=address)) == line


# ---- a tiny village ----


def test_a_tiny_village_tells_no_category_on_the_public_page(running, place, staff, make, settings):
    settings.SMALL_VILLAGE = 3  # two stand on the notice
    enable(place, staff)
    page = reverse("public:notice", args=[running.token])
    text = Client().get(page).content.decode()
    assert "见公示栏" in text and "边缘户" not in text
    make.household(place.village)
    notices_public.publish([running])
    text = Client().get(page).content.decode()
    assert "见公示栏" not in text and "边缘户" in text
    assert "边缘户" in str(running.snapshot)


def test_zero_tells_it_everywhere(running, place, staff, settings):
    settings.SMALL_VILLAGE = 0
    enable(place, staff)
    assert "见公示栏" not in str(PublicNotice.objects.get().sheet)


# ---- the answer to an objection ----


@pytest.fixture
def objected(running, place, staff):
    """What an objector has: the receipt that his page showed."""
    enable(place, staff)
    form = {"row": "0", "content": "他家有一辆货车", "name": "", "contact": "", "form_key": str(uuid.uuid4())}
    return Client().post(reverse("public:objection", args=[running.token]), form).context["receipt"]


def ask(receipt: str, **more):
    return Client(**more).post(reverse("public:reply"), {"receipt": receipt})


def test_an_objector_follows_his_objection_by_its_receipt_to_the_answer(objected, staff):
    assert ask(objected).context["found"].get_answer_display() == "已收到"
    objections_intake.exchange()
    ticket = Objection.objects.get()
    objections.assign(objection=ticket, by=staff.reviewer, investigator=staff.team)
    objections_intake.exchange()
    assert "正在核查" in ask(objected).content.decode()
    objections.settle_objection(
        objection=ticket,
        by=staff.team,
        finding="货车是王大海的侄子的",
        upheld=False,
        reply="货车登记在王大海的侄子名下",
    )
    assert objections_intake.exchange()["objections_told"] == 1
    assert objections_intake.exchange()["objections_told"] == 0
    text = ask(objected).content.decode()
    assert "异议不成立" in text and "货车登记在王*海的侄子名下" in text and f"{timezone.localdate():%Y-%m-%d}" in text
    assert "王大海" not in text and "周建设" not in text


def test_a_number_that_nobody_got_is_answered_with_a_sentence_and_tried_only_so_often(objected):
    answer = ask("123456789012")
    assert answer.context["found"] is None
    assert "没有这个回执号" in answer.content.decode()
    for number in range(limits.QUESTIONS_OF_ADDRESS.most):
        ask(f"{number:012d}", REMOTE_ADDR="10.9.9.9")
    assert ask(objected, REMOTE_ADDR="10.9.9.9").status_code == 429
    assert ask(objected, REMOTE_ADDR="10.9.9.8").status_code == 200
    assert "12 个数字" in ask("12").content.decode()


def test_the_receipt_itself_is_kept_nowhere_outside_and_in_no_address(objected):
    number = objected.replace(" ", "")
    assert number not in str(SealedObjection.objects.values().get())
    answer = ask(objected)
    assert answer.request["PATH_INFO"] == "/gs/answers/" and number not in answer.request["QUERY_STRING"]


def test_a_receipt_of_a_declaration_opens_no_objection_and_the_other_way_round(objected):
    answer = Client().post(reverse("public:progress"), {"receipt": objected, "phone_tail": "0000"})
    assert answer.context["found"] is None


def test_after_half_a_year_nothing_of_it_is_kept_outside(objected):
    objections_intake.exchange()
    SealedObjection.objects.update(received_at="2020-01-01T00:00:00+08:00")
    assert objections_intake.forget() == 1
    assert not SealedObjection.objects.exists()
    assert Objection.objects.count() == 1
