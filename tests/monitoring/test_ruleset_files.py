"""A rule set file that is not whole is refused when a process starts, with its name, the line and a sentence."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings

from monitoring.policy.checking import EXAMPLES, RULESETS, check_rulesets
from monitoring.policy.places import line_of
from monitoring.policy.rulesets import RuleSetRefused

ZAOZHUANG = (RULESETS / "zaozhuang_2020.toml").read_text(encoding="utf-8")
TOWN_STEP = ZAOZHUANG[ZAOZHUANG.index('[[procedure.steps]]\npath = "designation"\nstage = "town"') :].partition("\n\n")[
    0
]
NUMBER = 'values = [{ from = 2020-03-05, value = "5", source = "文件未规定，参数：取各地通行的5天" }]'
TWO_NUMBERS = """values = [
    {{ from = 2020-03-05, value = "5", source = "甲" }},
    {{ from = {day}, value = "7", source = "乙" }},
]"""


def line_holding(text: str, words: str) -> int:
    """The line on which some words first stand."""
    return text[: text.index(words)].count("\n") + 1


@pytest.fixture
def folder(tmp_path):
    """A copy of the shipped rule sets and examples, to be spoilt."""
    shutil.copytree(RULESETS, tmp_path / "rulesets")
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    return tmp_path


def check(folder: Path) -> None:
    check_rulesets(folder / "rulesets", folder / "examples")


def spoil(folder: Path, before: str, after: str, kind: str = "rulesets", code: str = "zaozhuang_2020") -> str:
    file = folder / kind / f"{code}.toml"
    text = file.read_text(encoding="utf-8")
    assert before in text
    text = text.replace(before, after, 1)
    file.write_text(text, encoding="utf-8")
    return text


def test_what_ships_is_whole_and_quickly_read():
    begun = time.process_time()
    found = check_rulesets()
    took = time.process_time() - begun
    assert [rules.code for rules in found] == [path.stem for path in sorted(RULESETS.glob("*.toml"))]
    assert took < 0.3


@pytest.mark.parametrize(
    ("before", "after", "at", "says"),
    [
        ('title = "枣庄2020"', 'title = "枣庄2020"\ncolour = "red"', "colour", "不认识的项：colour"),
        ('decides = "town"', 'decides = "town"\nwho = "镇"', "who", "不认识的项：who"),
        ('unit = "天"', 'unit = "天"\nform = 3', "form = 3", "不认识的项：form"),
        ("{ from = 2020-03-05", "{ since = 2020-03-05", "{ since", "不认识的项：since"),
        ('basis = "net"', 'basis = "net"\nfloor = true', "floor = true", "不认识的项：floor"),
        ("[income_items.wage]", "[income_items.wages]", "[income_items.wages]", "不认识的项：wages"),
        ('scheme = "none"', 'scheme = "none"\nred = "RED"', "red =", "不认识的项：red"),
        ('met = [["Z01"]]', 'met = [["Z01"]]\nwhen = "x"', "when =", "不认识的项：when"),
        ('label = "暂缓，待核实说明"', 'label = "暂缓"\nshade = 1', "shade", "不认识的项：shade"),
        ("lines = { lifted", 'lines = { others = "income_line", lifted', "lines = ", "不认识的项：others"),
        (
            NUMBER,
            NUMBER.replace("文件未规定，参数：取各地通行的5天", " "),
            'value = "5", source = " "',
            "source 不能是空的",
        ),
        (NUMBER, NUMBER.replace(', source = "文件未规定，参数：取各地通行的5天"', ""), 'value = "5" }', "缺少 source"),
        (NUMBER, NUMBER.replace('"5"', '"five"'), 'value = "five"', "不是数"),
        (NUMBER, NUMBER.replace("2020-03-05", "2020-03-06"), "2020-03-06", "2020-03-05 起就有"),
        (NUMBER, NUMBER.replace("2020-03-05", '"2020-03-05"'), '"2020-03-05"', "要是日期"),
        (NUMBER, TWO_NUMBERS.format(day="2020-03-05"), '"乙"', "由早到晚、不重复"),
        (NUMBER, TWO_NUMBERS.format(day="2020-01-01"), '"乙"', "由早到晚、不重复"),
        (NUMBER, TWO_NUMBERS.format(day="2021-01-01"), '"乙"', "要有这一天和前一天的例子"),
        (NUMBER, "values = []", "values = []", "由区里定"),
        (NUMBER, 'set_by_district = true\nsource = "由区里定"\n' + NUMBER, NUMBER, "由区里定"),
        (NUMBER, "set_by_district = true\nvalues = []", "[parameters.notice_days]", "在 source 写明"),
        ('met = [["Z01"]]', 'met = [["Z99"]]', '"Z99"', "Z99 没有列入 rules"),
        ('met = [["Z01"]]', "met = []", "met = []", "不带条件"),
        ('met = [["Z01"]]', 'met = [["Z01"], []]', "[]]", "不能是空的"),
        ('met = [["Z01"]]', 'met = "Z01"', 'met = "Z01"', "列表的列表"),
        ('outcome = "NA"', 'outcome = "na"', 'outcome = "na"', "大写字母"),
        ('outcome = "NA"', 'outcome = "NA"\nlevel = "RED"', 'level = "RED"', "没有红黄蓝"),
        ('outcome = "NA"', 'outcome = "NA"\nlevel = "GREEN"', 'level = "GREEN"', "GREEN"),
        ('NA = "不适用"', "", 'outcome = "NA"', "NA 没有名称"),
        ('NA = "不用研判。"', "", 'outcome = "NA"', "NA 没有下一步"),
        ('outcome = "NA"', 'outcome = { lifted = "NA" }', 'outcome = { lifted = "NA" }', "缺少 ordinary"),
        ('reason = "家庭人口为0', 'reason = "{家庭人口为0', 'reason = "{家庭', "花括号"),
        ('code = "NEGATIVE_HOLD"', 'code = "hold"', 'code = "hold"', "大写字母"),
        ('ordinary = "edge_line" }', 'ordinary = "some_line" }', '"some_line"', "some_line 没有写"),
        ("[parameters.floor_operating_at_zero]", "[parameters.floor]", "[parameters.", "floor_operating_at_zero"),
        ("[parameters.notice_days]", "[parameters.notice]", "[parameters.", "notice_days"),
        ("[parameters.edge_line]", "[parameters.ruleset]", "[parameters.ruleset]", "不能叫 ruleset"),
        ('unit = "天"', 'unit = "日"', 'unit = "日"', "unit 不能是“日”"),
        ('"Z09", "Z10"]', '"Z09", "Z10", "Z9"]', '"Z9"', "一个字母加两位数字"),
        ('"Z09", "Z10"]', '"Z09", "Z10", "Z11"]', '"Z11"', "没有规则 Z11"),
        ('"Z09", "Z10"]', '"Z09", "Z10", "Z10"]', '"Z09", "Z10"', "写了两次"),
        ('yes = ["务工收入"', 'yes = ["务工收入", "务工收入"', '"务工收入", "务工收入"', "写了两次"),
        ('stage = "survey"', 'stage = "dance"', '"dance"', "stage 不能是“dance”"),
        ("asks = []", 'asks = ["shoe_size"]', "shoe_size", "shoe_size"),
        ("graded_types = []", 'graded_types = ["lifted"]', "graded_types", "有颜色的"),
        ('code = "zaozhuang_2020"', 'code = "elsewhere"', "elsewhere", "与文件名不一致"),
        ("begins_on = 2020-03-05", "begins_on = 2020-03-05T08:00:00", "begins_on", "要是日期"),
        ("[procedure]", "[procedure", "[procedure", "写法不对"),
        ("[colours]", "[[size]]", "[[size]]", "缺少 colours"),
        ('stage = "meeting"', 'stage = "district"', 'stage = "notice"', "次序不对，或者写了两次"),
        ('stage = "meeting"', 'stage = "survey"', 'stage = "survey"\ntitle = "民主评议"', "次序不对，或者写了两次"),
        ('path = "removal"', 'path = "designation"', 'stage = "survey"\ntitle = "入户核实"', "次序不对，或者写了两次"),
        ('path = "removal"', 'path = "return"', 'path = "return"', "path 不能是“return”"),
        ('stage = "town"', 'stage = "announce"', 'stage = "district"', "次序不对"),
        (TOWN_STEP, "", "[[procedure.steps]]", "designation 的步骤里至少要有入户、镇、区三步"),
        ('limit = "town_days"', 'limit = "village_days"', '"village_days"', "village_days 没有写"),
        ('limit = "town_days"', 'limit = "income_line"', 'limit = "income_line"', "单位不是天、工作日"),
        ('limit = "town_days"', "days = 5", "days = 5", "不认识的项：days"),
    ],
)
def test_a_file_that_is_not_whole_is_refused_with_name_line_and_sentence(folder, before, after, at, says):
    text = spoil(folder, before, after)
    with pytest.raises(RuleSetRefused) as refusal:
        check(folder)
    said = refusal.value.messages[0]
    assert says in said
    line = 1 if says == "缺少 colours" else line_holding(text, at)
    assert re.match(rf"规则集文件 zaozhuang_2020\.toml 第 {line} 行：", said), said


def test_a_rule_without_examples_on_both_sides_is_refused_at_its_place(folder):
    file = folder / "examples" / "zaozhuang_2020.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text("\n\n".join(part for part in text.split("\n\n") if 'rule = "Z05"' not in part), encoding="utf-8")
    line = line_holding(ZAOZHUANG, '"Z05"')
    with pytest.raises(
        RuleSetRefused, match=rf"zaozhuang_2020\.toml 第 {line} 行：规则 Z05 要有触发和不触发两边的例子"
    ):
        check(folder)


def test_a_rule_whose_number_is_missing_is_refused_at_its_place(folder):
    text = spoil(folder, "[parameters.drop_percent]", "[parameters.fall_percent]", code="hubei_2020")
    line = line_holding(text, '"H09"')
    with pytest.raises(RuleSetRefused, match=rf"第 {line} 行：规则 H09 用到的数没有写：.*drop_percent"):
        check(folder)


def test_a_rule_set_without_a_file_of_examples_is_refused(folder):
    (folder / "examples" / "luan_2019.toml").unlink()
    with pytest.raises(RuleSetRefused, match=r"luan_2019\.toml 第 2 行：规则集 luan_2019 没有例子文件"):
        check(folder)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("meets = false", 'meets = "no"', "要是 true 或 false"),
        ("meets = false", "meets = false\nmeet = 1", "不认识的项：meet"),
        ('rule = "Z01"', 'rule = "H01"', "不能是“H01”"),
        ("facts = { persons", "facts = { people", "没有事实 people"),
        ("meets = false", 'values = { some_line = "1" }\nmeets = false', "没有参数 some_line"),
    ],
)
def test_examples_that_are_not_whole_are_refused_by_their_own_file(folder, before, after, says):
    spoil(folder, before, after, kind="examples")
    with pytest.raises(RuleSetRefused, match=rf"规则集例子文件 zaozhuang_2020\.toml 第 \d+ 行：.*{says}"):
        check(folder)


def test_a_new_number_with_examples_on_its_day_and_the_day_before_is_taken(folder):
    text = spoil(folder, NUMBER, TWO_NUMBERS.format(day="2021-01-01"))
    example = '\n[[example]]\nname = "{on}"\nrule = "Z01"\non = {on}\nfacts = {{ persons = 0 }}\nmeets = true\n'
    file = folder / "examples" / "zaozhuang_2020.toml"
    more = "".join(example.format(on=on) for on in ("2020-12-31", "2021-01-01"))
    file.write_text(file.read_text(encoding="utf-8") + more, encoding="utf-8")
    check(folder)
    assert "2021-01-01" in text


TEXT = """# first
title = "a # b" # c
words = [
    "one",
    "two [three]", # four
]
[table]
"quoted.key" = '''
[not.a.table]
'''
inner.deep = { left = 1, right = [ { at = 2020-01-01 },
  { at = "x" } ] }
[[rows]]
name = \"\"\"
long \\\"\"\" text
\"\"\"
[rows.below]
key = 1
[[rows]]
name = "second"
[rows.below]
key = 2
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("title",), 2),
        (("words",), 3),
        (("words", 0), 4),
        (("words", 1), 5),
        (("table",), 7),
        (("table", "quoted.key"), 8),
        (("table", "inner"), 11),
        (("table", "inner", "deep"), 11),
        (("table", "inner", "deep", "right", 0, "at"), 11),
        (("table", "inner", "deep", "right", 1, "at"), 12),
        (("rows",), 13),
        (("rows", 0, "name"), 14),
        (("rows", 0, "below", "key"), 18),
        (("rows", 1), 19),
        (("rows", 1, "below"), 21),
        (("rows", 1, "below", "key"), 22),
        (("rows", 1, "absent"), 19),
        (("absent",), 1),
    ],
)
def test_each_place_of_a_text_is_found_on_its_line(place, line):
    assert line_of(TEXT, place) == line


def test_a_process_does_not_start_with_a_file_that_is_not_whole(tmp_path):
    """On a copy of the project: every command, and so ``make check``, stops with the sentence."""
    left_out = shutil.ignore_patterns(".git", ".venv*", "var", "node_modules", "__pycache__", "tests", "benchmarks")
    project = tmp_path / "project"
    shutil.copytree(settings.BASE_DIR, project, ignore=left_out)
    file = project / "monitoring" / "policy" / "rulesets" / "zaozhuang_2020.toml"
    file.write_text(ZAOZHUANG.replace("from = 2020-03-05", "since = 2020-03-05", 1), encoding="utf-8")
    line = line_holding(ZAOZHUANG, "from = 2020-03-05")
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=project,
        env={**kept, "VAR_DIR": str(tmp_path / "var")},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert f"ImproperlyConfigured: 规则集文件 zaozhuang_2020.toml 第 {line} 行：有不认识的项：since。" in done.stderr
