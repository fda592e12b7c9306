"""Every public page of every notice, before, during and after its days, tells nothing that it must not; of the notices of the
demonstration see test_demonstration."""

import io

import pytest
from django.core.management import CommandError, call_command

from monitoring.models import Case, Notice, NoticeKind, Stage
from monitoring.notices_crawl import crawl
from tests.factories import invented_id
from tests.monitoring.noticed import at, enable, hang, running  # noqa: F401


def told(**options) -> str:
    out = io.StringIO()
    call_command("check_public_notices", stdout=out, **options)
    return out.getvalue()


def test_more_notices_than_one_line_may_look_at_are_all_looked_at(at, staff, place, monkeypatch):
    monkeypatch.setattr("monitoring.public.reading.MOST", 6)
    for head in ("王大海", "赵玉梅"):
        hang([at(Stage.NOTICE_DUE, head)], staff.cadre)
    assert [faults for _notice, faults in crawl()] == [[], []]


@pytest.mark.parametrize(
    ("column", "value", "found"),
    [
        ("remark", f"证号 {invented_id(serial=61)}", "写了身份证号"),
        ("remark", "电话 138 0000 1234", "写了电话号码"),
        ("remark", "家里有人患癌症", "写了病情或残疾"),
        ("remark", "因病", "写了致贫返贫原因"),
        ("remark", "人均收入 3000 元", "写了收入"),
        ("remark", "王大海户", "写了姓名"),
        ("remark", "卡号 6222 0200 0000 0000 000", "写了银行卡号"),
    ],
)
def test_each_secret_that_slipped_onto_a_notice_is_found(running, place, staff, column, value, found):
    enable(place, staff)
    Notice.objects.filter(pk=running.pk).update(**{column: value})
    faults = [fault for _notice, faults in crawl() for fault in faults]
    assert found in {fault.words for fault in faults}
    assert {fault.when for fault in faults} == {"公示中"}
    with pytest.raises(CommandError, match="处不对"):
        told()


def test_a_clean_notice_passes_and_nothing_of_the_crawl_stays(running, place):
    assert "1 张公示" in told()
    place.zone.refresh_from_db()
    assert not place.zone.web_notices_enabled
    assert list(Notice.objects.values_list("kind", "closed_on")) == [(NoticeKind.INTAKE, None)]
    assert Case.objects.filter(notices=running).count() == 2
