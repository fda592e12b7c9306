"""What is true of every template, style sheet and menu, and of the pieces they share."""

import gzip
import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Row, Submit
from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.template import engines
from django.test import RequestFactory
from django.urls import reverse

from accounts.models import User
from accounts.navigation import MENUS, PAGES, counting_work, menu_groups, menu_items, waiting_work
from accounts.roles import Role
from accounts.templatetags import ui
from tests.factories import Staff
from tests.isolation import routes

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
STATIC = settings.BASE_DIR / "static"
KILOBYTE = 1024


def render(source: str, **values: object) -> str:
    request = RequestFactory().get("/households/?village=12&page=2")
    return engines["django"].from_string("{% load ui crispy_forms_tags %}" + source).render(values, request)


class PersonForm(forms.Form):
    name = forms.CharField(label="姓名", help_text="和身份证上一样。")
    sex = forms.ChoiceField(label="性别", choices=[("1", "男"), ("2", "女")], widget=forms.RadioSelect)
    wage = forms.CharField(label="工资", required=False, widget=forms.TextInput(attrs={"data-unit": "元"}))
    agreed = forms.BooleanField(label="户主已同意", required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.layout = Layout(Row("name", "sex"), "wage", "agreed")
        self.helper.add_input(Submit("save", "保存 1 人"))


# ---- figures and marks ----


@pytest.mark.parametrize(
    ("fen", "exact", "whole"),
    [
        (423600, "4,236.00", "4,236"),
        (499999, "4,999.99", "4,999"),
        (0, "0.00", "0"),
        (None, "—", "—"),
        (-150, "-1.50", "-2"),
    ],
)
def test_money_is_shown_in_yuan_and_the_unknown_is_not_zero(fen: int | None, exact: str, whole: str) -> None:
    assert (ui.yuan(fen), ui.yuan0(fen)) == (exact, whole)


def test_an_income_just_below_the_line_never_reads_as_the_line() -> None:
    assert ui.yuan0(Decimal(1999999) / 4) == "4,999"


def test_personal_data_lose_their_middle() -> None:
    assert ui.masked_id("37040019660304021X") == "3704**********021X"
    assert ui.masked_phone("13800010001") == "138****0001"
    assert ui.masked_phone("0632-1234567") == "063*****4567"
    assert [ui.masked_name(name) for name in ("王大海", "王海", "王", "欧阳大海")] == ["王*海", "王*", "*", "欧**海"]


def test_short_numbers_are_hidden_whole() -> None:
    assert ui.masked_id("12345678") == "********"
    assert ui.masked_phone("8001") == "****"
    assert ui.masked_id("") == ui.masked_phone(None) == ui.masked_name(None) == "—"


def test_a_risk_mark_is_colour_shape_and_words() -> None:
    mark = ui.risk(2)
    assert "risk-2" in mark and "#i-diamond" in mark and "黄 二级" in mark
    assert ui.risk(None) == ""


@pytest.mark.parametrize(("days", "words"), [(-2, "超 2 天"), (0, "今天到期"), (1, "明天到期"), (3, "还剩 3 天")])
def test_a_time_limit_is_told_in_words(days: int, words: str) -> None:
    assert words in ui.days_left(days)


@pytest.mark.parametrize(
    ("days", "words"), [(-2, "超 2 天"), (0, "今天到期"), (1, "还剩 1 个工作日"), (3, "还剩 3 个工作日"), (None, "")]
)
def test_a_limit_in_working_days_says_so_and_what_is_late_is_counted_in_days(days: int | None, words: str) -> None:
    assert words in ui.days_left(days, "工作日")


def test_words_of_a_mark_are_escaped() -> None:
    assert "<script>" not in ui.status_tag("<script>", "late")


# ---- pieces of page ----


def test_the_pager_keeps_the_filters_of_the_list() -> None:
    html = render('{% pager page "户" %}', page=Paginator(range(312), 20).page(2))
    assert "?village=12&amp;page=3" in html
    assert "共 312 户" in html


def test_the_bar_of_levels_says_its_figures_in_words() -> None:
    html = render("{% levels 24 112 176 312 %}")
    assert "红 24 户，黄 112 户，蓝 176 户" in html
    assert "w-100" in html


def test_a_form_lists_its_errors_once_and_ties_them_to_the_fields() -> None:
    html = render("{% crispy form %}", form=PersonForm({"name": ""}))
    assert html.count("有 2 处要改") == 1
    assert 'href="#id_name"' in html and 'href="#div_id_sex"' in html
    assert 'id="id_name_error"' in html
    assert re.search(r'<input[^>]*aria-describedby="id_name_helptext id_name_error"', html)
    assert re.search(r'<fieldset id="div_id_sex"[^>]*aria-describedby="[^"]*id_sex_error"', html)


def test_errors_listed_above_are_not_listed_again_by_the_template_pack() -> None:
    html = render("{% error_summary form %}{{ form|crispy }}", form=PersonForm({}))
    assert html.count("处要改") == 1


def test_a_form_shows_units_options_and_a_button_with_a_number() -> None:
    html = render("{% crispy form %}", form=PersonForm())
    assert "csrfmiddlewaretoken" in html
    assert '<span class="unit" aria-hidden="true">元</span>' in html
    assert html.count('class="chip"') == 2
    assert re.search(r'<button type="submit" name="save"[^>]*>保存 1 人</button>', html)


# ---- menus ----


@pytest.mark.parametrize("role", list(Role))
def test_every_entry_of_every_menu_leads_to_a_page(role: Role) -> None:
    assert all(reverse(name) for group in MENUS[role] for name in group)


def test_a_person_with_two_roles_finds_each_page_once() -> None:
    names = [name for group in menu_groups([Role.TOWN_REVIEWER, Role.DISTRICT_OFFICER]) for name in group]
    assert len(names) == len(set(names))
    assert {"monitoring:notices", "ledgers:dashboard"} <= set(names)


def test_the_entry_of_the_page_below_is_the_current_one() -> None:
    path = reverse("accounts:users") + "12/"
    items = menu_items(roles=[Role.SYSTEM_ADMIN], path=path, counts={"accounts:users": 3})
    assert [(item.label, item.count) for item in items if item.current] == [("用户与权限", 3)]


@pytest.mark.parametrize(
    ("path", "label"),
    [("/comparisons/", "审核办理"), ("/corrections/", "审核办理"), ("/whatif/", "政策参数"), ("/screenings/", "线索预警"),
     ("/consultations/", "督导会商"), ("/national/", "台账报表"), ("/cases/late/", "审核办理"), ("/", "工作台")],
)  # fmt: skip
def test_a_page_that_is_in_no_menu_stands_under_the_entry_it_belongs_to(path: str, label: str) -> None:
    items = menu_items(roles=[Role.DISTRICT_OFFICER], path=path, counts={})
    assert [item.label for item in items if item.current] == [label]


def test_every_beginning_that_an_entry_claims_is_one_of_ours() -> None:
    addresses = {f"/{pattern.pattern}" for _name, pattern in routes()}
    claimed = {begin for page in PAGES.values() for begin in page.also}
    assert claimed
    assert {begin for begin in claimed if not any(one.startswith(begin) for one in addresses)} == set()


def test_work_is_counted_by_the_apps_above(staff: Staff) -> None:
    def count(sender: object, user: User, **more: object) -> dict[str, int]:
        return {"monitoring:cases": len(user.name)}

    counting_work.connect(count)
    try:
        assert waiting_work(staff.unposted)["monitoring:cases"] == len(staff.unposted.name)
    finally:
        counting_work.disconnect(count)


# ---- every template, every style sheet ----


def symbols() -> set[str]:
    sprite = (settings.BASE_DIR / "templates/ui/_icons.html").read_text()
    return set(re.findall(r'id="i-([a-z]+)"', sprite))


def test_every_icon_that_is_asked_for_exists() -> None:
    asked = {page.icon for page in PAGES.values()} | set(ui.RISK_SHAPES.values())
    for template in TEMPLATES:
        asked |= set(re.findall(r'{%\s*icon "([a-z]+)"', template.read_text()))
    assert asked - symbols() == set()


FORBIDDEN = {
    "a style attribute": r"<[^>]*\sstyle\s*=",
    "a script in the page": r"<script(?![^>]*\bsrc=)",
    "a handler in the page": r"<[a-z][^>]*\son[a-z]+\s*=[^=]",
    "an address elsewhere": r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//",
    "a value printed unescaped": r"\|\s*safe\b|autoescape off",
}


def offences() -> Iterator[str]:
    for template in TEMPLATES:
        text = template.read_text()
        for name, pattern in FORBIDDEN.items():
            if re.search(pattern, text, re.IGNORECASE):
                yield f"{template.relative_to(settings.BASE_DIR)}: {name}"


def test_templates_hold_nothing_that_the_content_security_policy_would_stop() -> None:
    assert list(offences()) == []


def test_no_half_width_comma_or_colon_touches_a_chinese_character() -> None:
    pattern = re.compile(r"[\u4e00-\u9fff][,;:!?](?![a-z\"'=])|[,;:!?][\u4e00-\u9fff]")
    wrong = [
        f"{template.name}: {found.group()}"
        for template in TEMPLATES
        for found in pattern.finditer(re.sub(r"{[%{#].*?[%}#]}", "", template.read_text()))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("names", "limit"),
    [
        (["fangpin.css"], 8 * KILOBYTE),
        (["fangpin.css", "office.css"], 14 * KILOBYTE),  # an office page may weigh 65
        (["field.js"], 5 * KILOBYTE),
        (["desk.js"], 5 * KILOBYTE),
    ],
)
def test_style_sheets_and_scripts_stay_small_on_a_weak_signal(names: list[str], limit: int) -> None:
    assert sum(len(gzip.compress((STATIC / name).read_bytes())) for name in names) <= limit


def test_the_phone_script_is_readable_by_old_web_views() -> None:
    script = (STATIC / "field.js").read_text()
    assert not re.search(r"=>|`|\b(?:let|const|class|async|await)\s", script)
    assert "localStorage" not in script


def test_an_error_page_needs_neither_a_person_nor_a_menu() -> None:
    html = engines["django"].get_template("500.html").render()
    assert "回待办" in html and "phone-bar" not in html


def test_an_address_that_only_takes_a_form_answers_a_hand_with_a_page(client, staff):
    client.force_login(staff.cadre)
    answer = client.get(reverse("accounts:logout"))
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "只在页面上点按钮时用" in answer.content.decode()
