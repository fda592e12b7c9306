"""The marks, figures and small pieces of page that every template shares."""

from collections.abc import Iterable
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from django import forms, template
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

NOTHING = "—"
RISK_WORDS = {1: "红 一级", 2: "黄 二级", 3: "蓝 三级"}
RISK_SHAPES = {1: "triangle", 2: "diamond", 3: "circle"}
CLOCKED_KINDS = {"late", "soon"}
BAR_STEP = 5  # percent


# ---- figures ----


@register.filter
def yuan(fen: int | Decimal | None) -> str:
    """An amount in fen as yuan with two decimals: 423600 is 4,236.00; unknown is a dash, never zero."""
    if fen is None or fen == "":
        return NOTHING
    amount = (Decimal(fen) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{amount:,.2f}"


@register.filter
def yuan0(fen: int | Decimal | None) -> str:
    """An amount in fen as whole yuan, rounded down, so that 4,999.99 never reads as 5,000."""
    if fen is None or fen == "":
        return NOTHING
    return f"{(Decimal(fen) / 100).quantize(Decimal(1), ROUND_FLOOR):,}"


@register.filter
def share(part: int | None, whole: int | None) -> int:
    """What part of the whole, in whole percent from 0 to 100."""
    if not part or not whole:
        return 0
    return max(0, min(100, round(part * 100 / whole)))


@register.filter
def bar(part: int | None, whole: int | None) -> int:
    """The width of a bar in percent, in the steps for which there is a style; what is not nothing is seen, its number stands beside."""
    return max(BAR_STEP if part and whole else 0, round(share(part, whole) / BAR_STEP) * BAR_STEP)


# ---- personal data, masked ----


@register.filter
def masked_id(number: str | None) -> str:
    """An identity number with its first and last four characters: 3704**********021X."""
    if not number:
        return NOTHING
    text = str(number)
    if len(text) < 12:
        return "*" * len(text)
    return text[:4] + "*" * (len(text) - 8) + text[-4:]


@register.filter
def masked_phone(number: str | None) -> str:
    """A telephone number without its middle: 138****0001."""
    if not number:
        return NOTHING
    text = str(number)
    if len(text) < 8:
        return "*" * len(text)
    return text[:3] + "*" * max(4, len(text) - 7) + text[-4:]


@register.filter
def masked_name(name: str | None) -> str:
    """A name as a public page may print it: 王*海, 王*."""
    if not name:
        return NOTHING
    text = str(name).strip()
    if len(text) < 3:
        return text[:1] + "*" if len(text) == 2 else "*"
    return text[0] + "*" * (len(text) - 2) + text[-1]


# ---- marks ----


@register.simple_tag
def icon(name: str, css_class: str = "") -> SafeString:
    """One symbol of the sprite in ui/_icons.html; always put a word beside it."""
    return format_html(
        '<svg class="icon{}" aria-hidden="true" focusable="false"><use href="#i-{}"/></svg>',
        f" {css_class}" if css_class else "",
        name,
    )


@register.simple_tag
def risk(level: int | str | None, css_class: str = "") -> SafeString | str:
    """The mark of a risk level, as colour, shape and words; without a level, nothing."""
    if level in (None, "", 0, "0"):
        return ""
    number = int(level)
    return format_html(
        '<span class="risk risk-{}{}">{}{}</span>',
        number,
        f" {css_class}" if css_class else "",
        icon(RISK_SHAPES[number]),
        RISK_WORDS[number],
    )


@register.simple_tag(name="tag")
def status_tag(words: str, kind: str = "") -> SafeString | str:
    """A state in words: kind is doing, late, soon, done or empty (waiting)."""
    if not words:
        return ""
    if kind == "done":
        return format_html('<span class="done">{}{}</span>', icon("check"), words)
    return format_html(
        '<span class="tag{}">{}{}</span>',
        f" tag-{kind}" if kind else "",
        icon("clock") if kind in CLOCKED_KINDS else "",
        words,
    )


@register.simple_tag
def badge(count: int | None) -> SafeString | str:
    """A count in a bubble; nothing when there is nothing to count."""
    if not count:
        return ""
    return format_html('<span class="badge">{}</span>', count)


@register.simple_tag
def days_left(days: int | None, unit: str = "天") -> SafeString | str:
    """The tag of a time limit in 天 or 工作日; what is late (negative) is counted in 天 always, None is no limit."""
    if days is None:
        return ""
    if days < 0:
        return status_tag(f"超 {-days} 天", "late")
    if days == 0:
        return status_tag("今天到期", "soon")
    if unit != "天":  # the last working day is rarely tomorrow: it is counted, not named
        return status_tag(f"还剩 {days} 个{unit}", "soon" if days < 2 else "")
    return status_tag("明天到期", "soon") if days == 1 else status_tag(f"还剩 {days} 天")


# ---- forms ----


@register.filter
def unit(field: BoundField) -> str:
    """The unit to print after a control, from the widget's data-unit."""
    return str(field.field.widget.attrs.get("data-unit", ""))


@register.filter
def is_chips(field: BoundField) -> bool:
    """Whether the field is a set of options to tap rather than one control."""
    return isinstance(field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)


@register.inclusion_tag("ui/_error_summary.html")
def error_summary(*bound_forms: forms.BaseForm) -> dict[str, Any]:
    """What must be mended, on top of the page, with links to the fields; empty when all is well.

    A form whose errors have been listed remembers it, so that the template pack does not list them again.
    """
    wrong: list[tuple[str, str]] = []
    for form in bound_forms:
        if not form or not form.is_bound:
            continue
        form.summarized = True  # type: ignore[attr-defined]
        wrong += [("", message) for message in form.non_field_errors()]
        for field in form:
            target = field.id_for_label or f"div_{field.auto_id}"
            wrong += [(target, f"{field.label}：{message}") for message in field.errors]
    return {"wrong": wrong}


# ---- pieces of page ----


@register.simple_tag
def crumb(label: str, url_name: str = "", *args: Any) -> SafeString:
    """One step of the breadcrumb; without a URL name it is the page itself."""
    if not url_name:
        return format_html('<li aria-current="page">{}</li>', label)
    return format_html('<li><a href="{}">{}</a></li>', reverse(url_name, args=args), label)


@register.simple_tag
def back_link(url_name: str, *args: Any) -> SafeString:
    """The arrow at the left of a phone page's head."""
    return format_html(
        '<a class="phone-back" href="{}" aria-label="返回">{}</a>', reverse(url_name, args=args), icon("back")
    )


@register.inclusion_tag("ui/_pager.html", takes_context=True)
def pager(context: Context, page: Page, measure: str = "条") -> dict[str, Any]:
    """Links to the other pages of a list, keeping its filters."""
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    return {"request": context["request"], "page": page, "measure": measure, "numbers": list(numbers)}


@register.inclusion_tag("ui/_stepper.html")
def stepper(steps: Iterable[Any]) -> dict[str, Any]:
    """How far a case has come; each step has label, state, and perhaps title, date and note.

    States are done, current, future, skipped and returned.
    """
    return {"steps": steps}


@register.inclusion_tag("ui/_progress.html")
def progress(label: str, done: int, total: int | None, note: str = "") -> dict[str, Any]:
    """How much of a job is done, as a bar and in figures."""
    return {"label": label, "done": done, "total": total, "note": note}


@register.inclusion_tag("ui/_gauge.html")
def gauge(value: int | None, line: int) -> dict[str, Any]:
    """An amount in fen against a line in fen, on a scale that ends at 1.6 times the line."""
    return {"fill": share(value, round(line * 1.6)), "line_words": yuan0(line)}


@register.inclusion_tag("ui/_levels.html")
def levels(red: int, yellow: int, blue: int, longest: int | None = None) -> dict[str, Any]:
    """Households per risk level as one bar; with longest, bars of a table are drawn to one scale."""
    total = red + yellow + blue
    segments = [
        {"number": number, "count": count, "width": bar(count, total)}
        for number, count in ((1, red), (2, yellow), (3, blue))
        if count
    ]
    return {
        "segments": segments,
        "width": bar(total, longest) if longest else 100,
        "words": f"红 {red} 户，黄 {yellow} 户，蓝 {blue} 户",
    }


@register.inclusion_tag("ui/_nav.html", takes_context=True)
def nav(context: Context) -> dict[str, Any]:
    """The menu of the person at this desk, with what waits for him."""
    return {"items": context.get("nav_items") or ()}
