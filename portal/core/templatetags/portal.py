"""The few tags every template may use; they are built in, so nothing is loaded by hand."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.conf import settings
from django.forms import CheckboxInput, CheckboxSelectMultiple, RadioSelect
from django.middleware.csrf import get_token
from django.template import Library, Node, TemplateSyntaxError
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.core.icons import ICONS, icon_markup
from portal.core.web import presentation
from portal.core.web.presentation import When

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.forms import BoundField
    from django.template.base import FilterExpression, Parser, Token
    from django.template.context import Context

    from portal.core.web.shell import NavItem

register = Library()
WORD = re.compile(r"[A-Za-z0-9]+")


class IconNode(Node):
    """Prints a ready string from `portal.core.icons`; it holds no text of a user."""

    def __init__(self, name: FilterExpression, extra: str) -> None:
        self.name = name
        self.extra = extra

    def render(self, context: Context) -> str:
        name = self.name.resolve(context)
        return icon_markup(name, self.extra) if name else ""


@register.tag
def icon(parser: Parser, token: Token) -> IconNode:
    """{% icon "moon-star" %} or {% icon row.icon "text-warn" %}; a quoted name outside the list stops the template."""
    parts = token.split_contents()
    if len(parts) not in {2, 3}:
        message = 'write {% icon "name" %} or {% icon "name" "class" %}'
        raise TemplateSyntaxError(message)
    quoted = parts[1].strip("\"'")
    if quoted != parts[1] and quoted not in ICONS:
        message = f"the icon {quoted!r} is not in portal.core.icons.ICONS"
        raise TemplateSyntaxError(message)
    return IconNode(parser.compile_filter(parts[1]), parts[2].strip("\"'") if len(parts) == 3 else "")  # noqa: PLR2004


@register.simple_tag(takes_context=True)
def when(context: Context, value: datetime | When | None, style: str = "") -> SafeString | str:
    """An instant in the viewer's zone as <time>; with "relative" the script turns it into "1 h ago"."""
    if value is None:
        return ""
    shown = value
    if not isinstance(shown, When):
        shell = context["shell"]
        shown = presentation.when(shown, shell.zone, shell.at, is_relative=style == "relative")
    if shown.is_relative:
        return format_html('<time datetime="{}" title="{}" data-rel>{}</time>', shown.iso, shown.title, shown.text)
    return format_html('<time datetime="{}" title="{}">{}</time>', shown.iso, shown.title, shown.text)


@register.simple_tag(takes_context=True)
def csrf_token(context: Context) -> SafeString | str:
    """Django's hidden field, also in a part included with `only`, where Django's own tag prints nothing."""
    request = getattr(context, "request", None)
    if request is None:
        return ""
    return format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(request))


@register.simple_tag
def form_key() -> SafeString:
    """A hidden field that makes a second tap of the same form one act."""
    return format_html('<input type="hidden" name="form_key" value="{}">', uuid4())


@register.simple_tag
def nav_items(items: Sequence[NavItem], nav_key: str) -> SafeString:
    """Pages of the side navigation, the minor ones folded; the count is what waits for the viewer."""
    major: list[str] = []
    minor: list[str] = []
    for item in items:
        (minor if item.is_minor else major).append(_nav_item(item, is_here=item.key == nav_key))
    if minor:
        is_open = any(item.is_minor and item.key == nav_key for item in items)
        major.append(f"<details{' open' if is_open else ''}>{_more()}{''.join(minor)}</details>")
    return SafeString("".join(major))


@lru_cache(maxsize=1)
def _more() -> str:
    return f'<summary class="nav">{icon_markup("ellipsis")}More</summary>'


@lru_cache(maxsize=1000)
def _nav_item(item: NavItem, *, is_here: bool) -> str:
    key = f' data-key="{escape(item.shortcut)}"' if item.shortcut else ""
    here = ' aria-current="page"' if is_here else ""
    count = f'<span class="n">{item.count}</span>' if item.count else ""
    sign = icon_markup(item.icon)
    return f'<a class="nav" href="{escape(item.url)}"{key}{here}>{sign}{escape(item.label)}{count}</a>'


@register.simple_tag
def fixed(template: str) -> SafeString:
    """A part that reads the same on every page, printed once a process; not while templates are being written."""
    return render_to_string(template) if settings.DEBUG else _fixed(template)


@lru_cache(maxsize=20)
def _fixed(template: str) -> SafeString:
    return render_to_string(template)


@register.simple_tag
def pct_class(share: float, letter: str = "p") -> str:
    return presentation.pct_class(share, letter)


@register.filter
def words_of_path(path: str) -> str:
    """What a wrong address was probably about: "/assets/fct-orders" gives "fct orders"."""
    last = path.rstrip("/").rsplit("/", 1)[-1]
    return " ".join(WORD.findall(last))[:80]


@register.filter("input")
def input_(field: BoundField) -> SafeString:
    """The widget of a form field in the house's dress; ticks and radio buttons keep their own."""
    kind = field.field.widget
    if isinstance(kind, CheckboxInput | RadioSelect | CheckboxSelectMultiple):
        return field.as_widget()
    css = f"{kind.attrs.get('class', '')} input".strip()
    rows = {"rows": "3"} if kind.attrs.get("rows") == "10" else {}  # Django's ten lines push the page away
    attrs: dict[str, str | bool] = {"class": css, **rows}
    return field.as_widget(attrs=attrs)


@register.filter
def avatar(person: Any) -> presentation.Avatar:
    return presentation.avatar(person)
