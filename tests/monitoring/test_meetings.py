"""民主评议: one meeting, several households, votes that add up, and what proves that it was held."""

import datetime
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from households.attachments import read
from households.incoming_files import examine
from households.models import Attachment
from monitoring import meetings
from monitoring.models import Ballot, Case, Meeting, PinnedProcedure, Stage
from monitoring.workflow import take
from tests.households.sent_files import PDF, sent
from tests.monitoring.casework import bring, surveyed

ONE_DAY = datetime.timedelta(days=1)


@pytest.fixture
def waiting(place, staff, make):
    """Three households that wait for a meeting."""
    people = {"village": staff.cadre, "town": staff.reviewer, "district": staff.officer}
    households = [make.household(place.village, head) for head in ("王大海", "赵玉梅", "孙立柱")]
    return [bring(surveyed(household, staff.cadre), Stage.MEETING, **people) for household in households]


def sitting(today, *, due=24, present=21):
    return meetings.Sitting(today, "村部", due, present, "逐户评议。", "石主任", "石会计")


def yes(case, votes=20, of=21):
    return meetings.Vote(case, case.version, votes, of - votes, 0, recognised=True)


def test_one_meeting_is_one_row_with_a_ballot_for_each_household(waiting, staff, today):
    moved = meetings.record_meeting(by=staff.cadre, sitting=sitting(today), votes=[yes(case) for case in waiting])
    meeting = Meeting.objects.get()
    assert (meeting.chair, meeting.minute_taker, meeting.ballots.count()) == ("石主任", "石会计", 3)
    assert {case.stage for case in moved} == {Stage.NOTICE_DUE}


def test_where_one_household_cannot_go_the_whole_meeting_is_not_recorded(waiting, staff, today):
    votes = [yes(waiting[0]), meetings.Vote(waiting[1], waiting[1].version, 20, 0, 0, recognised=True)]
    with pytest.raises(ValidationError, match="赵玉梅：同意、不同意、弃权加起来是 20，要等于实到 21 人"):
        meetings.record_meeting(by=staff.cadre, sitting=sitting(today), votes=votes)
    assert not Meeting.objects.exists()
    assert not Ballot.objects.exists()
    assert {case.stage for case in Case.objects.all()} == {Stage.MEETING}


def test_a_meeting_that_was_held_before_the_case_was_sent_back_is_not_held_again(waiting, staff, today):
    yesterday = today - ONE_DAY
    case = meetings.record_meeting(by=staff.cadre, sitting=sitting(yesterday), votes=[yes(waiting[0])])[0]
    case = take("hold_meeting_again", case=case, by=staff.cadre, note="有人没到")
    with pytest.raises(ValidationError, match="退回重新评议，评议日期不能早于这一天"):
        meetings.record_meeting(by=staff.cadre, sitting=sitting(yesterday), votes=[yes(case)])
    meetings.record_meeting(by=staff.cadre, sitting=sitting(today), votes=[yes(case)])
    assert Ballot.objects.count() == 2


def test_agreement_needs_more_than_half_of_those_present(waiting, staff, today):
    with pytest.raises(ValidationError, match="没有过半数"):
        meetings.record_meeting(by=staff.cadre, sitting=sitting(today, present=20), votes=[yes(waiting[0], 10, 20)])
    meetings.record_meeting(by=staff.cadre, sitting=sitting(today, present=20), votes=[yes(waiting[0], 11, 20)])
    assert Ballot.objects.get().in_favour == 11


@pytest.mark.parametrize(
    ("due", "present", "refused"),
    [(24, 15, "至少要到 16 人"), (None, 21, "请填应到人数"), (24, 16, ""), (25, 16, "至少要到 17 人")],
)
def test_where_the_procedure_asks_for_two_thirds_fewer_are_no_meeting(waiting, staff, today, due, present, refused):
    for pinned in PinnedProcedure.objects.all():
        PinnedProcedure.objects.filter(pk=pinned.pk).update(content={**pinned.content, "two_thirds": True})
    votes = [yes(waiting[0], present, present)]
    if refused:
        with pytest.raises(ValidationError, match=refused):
            meetings.record_meeting(by=staff.cadre, sitting=sitting(today, due=due, present=present), votes=votes)
    else:
        meetings.record_meeting(by=staff.cadre, sitting=sitting(today, due=due, present=present), votes=votes)
    assert Meeting.objects.exists() is not bool(refused)


def test_a_meeting_with_more_people_than_were_due_is_refused(waiting, staff, today):
    with pytest.raises(ValidationError, match="不能多于应到"):
        meetings.record_meeting(by=staff.cadre, sitting=sitting(today, due=20, present=21), votes=[yes(waiting[0])])


def test_a_second_click_records_nothing_twice(waiting, staff, today):
    key = str(uuid.uuid4())
    for _click in range(2):
        meetings.record_meeting(by=staff.cadre, sitting=sitting(today), votes=[yes(waiting[0])], idempotency_key=key)
    assert Meeting.objects.count() == Ballot.objects.count() == 1


def test_scans_are_filed_with_the_meeting_and_shown_on_its_page(waiting, staff, today, client):
    meetings.record_meeting(
        by=staff.cadre, sitting=sitting(today), votes=[yes(waiting[0])],
        papers={"sign_in": [examine(sent(PDF, "签到.pdf"))], "minutes": [], "meeting_photo": []},
    )  # fmt: skip
    (paper,) = Meeting.objects.get().papers.all()
    assert (paper.kind, paper.village_id, read(paper)) == ("sign_in", waiting[0].village_id, PDF)
    assert Attachment.objects.count() == 1
    client.force_login(staff.reviewer, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("monitoring:meeting-record", args=[Meeting.objects.get().pk])).content.decode()
    assert "石主任、石会计" in page
    assert "签到表" in page
    paper_form = client.get(
        reverse("monitoring:meeting-record-paper", args=[Meeting.objects.get().pk])
    ).content.decode()
    assert '应到</th><td class="left">24 人' in paper_form


def test_the_page_takes_a_scan_with_the_votes(waiting, staff, today, client):
    client.force_login(staff.cadre, backend="django.contrib.auth.backends.ModelBackend")
    case = waiting[0]
    form = {
        "idempotency_key": str(uuid.uuid4()), "held_on": today, "due": 24, "present": 21, "chair": "石主任", "minute_taker": "石会计",
        "minutes": "逐户评议", f"case-{case.pk}-include": "on", f"case-{case.pk}-version": case.version,
        f"case-{case.pk}-in_favour": 21, f"case-{case.pk}-recognised": "yes", "sign_in": sent(PDF, "签到.pdf"),
        **{f"case-{other.pk}-version": other.version for other in waiting[1:]},
    }  # fmt: skip
    assert client.post(reverse("monitoring:meeting"), form).status_code == 302
    assert Meeting.objects.get().papers.count() == 1
