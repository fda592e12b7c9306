"""The catalogue of measures: whole, with document and article, every ledger column ticked, and strict in reading."""

import io
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from assistance.catalogue import DEVELOPING, HOUSEHOLD_COLUMNS, MEASURES, GivenTo, Group, LedgerColumn
from assistance.catalogue.reading import FILE, read
from households.codes import Guarantee, RiskCause
from monitoring.policy.shapes import RuleSetRefused

# How each of the five documents is cited.
DOCUMENTS = (
    "常新阳扶办〔2020〕8号", "湖北《关于建立防止返贫监测和帮扶机制的实施意见》", "枣扶贫组办字〔2020〕4号", "《关于建立防返贫长效机制的指导意见》",
    "六政办〔2019〕15号",
)  # fmt: skip


def test_each_of_the_five_documents_is_cited_and_each_measure_has_an_article():
    cited = [source for measure in MEASURES.values() for source in measure.sources]
    for document in DOCUMENTS:
        assert any(source.document.startswith(document) for source in cited), document
    assert all(measure.sources and all(one.article for one in measure.sources) for measure in MEASURES.values())


def test_each_column_of_the_ledger_is_ticked_by_a_measure_of_its_own_name():
    for column in LedgerColumn:
        measure = MEASURES[column]
        assert measure.column == column
        assert measure.given_to == (GivenTo.HOUSEHOLD if column in HOUSEHOLD_COLUMNS else GivenTo.PERSON)


def test_each_group_has_measures_and_each_need_is_answered():
    assert {measure.group for measure in MEASURES.values()} == set(Group)
    answered = {cause for measure in MEASURES.values() for cause in measure.causes}
    assert answered == set(RiskCause)
    assert {one for measure in MEASURES.values() for one in measure.guarantees} == set(Guarantee)


def test_who_can_work_finds_developing_measures_for_every_cause_of_low_income():
    for cause in (RiskCause.UNSTABLE_JOB, RiskCause.FAILED_VENTURE, RiskCause.EPIDEMIC, RiskCause.DISASTER):
        assert any(measure.group in DEVELOPING for measure in MEASURES.values() if cause in measure.causes)


@pytest.mark.parametrize(
    ("code", "amount_most", "months_most", "amount_least", "months_least"),
    [
        ("small_loan", 50_000, 12, None, None),  # 003 二（二）11
        ("enterprise_loan", 100_000, 12, None, None),  # 003 二（二）10
        ("enterprise_support", None, None, 300, 36),  # 003 二（三）13
        ("living_subsidy", 200, None, None, None),  # 001 四（二）
    ],
)
def test_the_bounds_are_those_of_the_documents(code, amount_most, months_most, amount_least, months_least):
    measure = MEASURES[code]
    assert (measure.amount_most, measure.months_most) == (amount_most, months_most)
    assert (measure.amount_least, measure.months_least) == (amount_least, months_least)


def test_the_page_is_the_printed_one():
    out = io.StringIO()
    call_command("print_measures", stdout=out)
    assert (Path(settings.BASE_DIR) / "docs" / "measures.md").read_text(encoding="utf-8") == out.getvalue()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('group = "finance"', 'group = "money"', "group 不能是“money”"),
        ("amount_most = 50000", "amount_most = 0", "amount_most 要是从 1 起的整数"),
        ('checks = ["has_loan"]', 'checks = ["has_gold"]', "checks 里不能有“has_gold”"),
        ('excludes = ["tekun"]', 'excludes = ["gold"]', "excludes 里的 gold 不在目录里"),
        ('code = "loan_extension"', 'code = "small_loan"', "措施 small_loan 写了两次"),
        ("months_least = 36", "months_least = 36\nmonths_most = 12", "months_most 不能比下限还小"),
        ('document = "luan", article = "三（二）"', 'document = "luan", article = ""', "article 不能是空的"),
        ('document = "luan", article = "三（二）"', 'document = "moon", article = "三（二）"', "document 不能是“moon”"),
        ('ticks = "water"', 'ticks = "wine"', "ticks 不能是“wine”"),
        ('note = "牵头单位文件没有写，参数"', 'colour = "red"', "有不认识的项：colour"),
    ],
)
def test_a_file_that_is_not_whole_is_refused_with_its_line(tmp_path, old, new, said):
    whole = FILE.read_text(encoding="utf-8")
    assert old in whole
    spoiled = tmp_path / "measures.toml"
    spoiled.write_text(whole.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RuleSetRefused) as fault:
        read(spoiled)
    assert said in fault.value.messages[0]
    assert "measures.toml 第 " in fault.value.messages[0]
