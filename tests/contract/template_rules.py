"""The rules of templates, style sheet and script, L1 to L15 (docs/look.md): text in, faults out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.core.icons import ICONS

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMENT = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", re.DOTALL)
TEMPLATE_TAG = re.compile(r"\{%\s*(.*?)\s*%\}")
OPENING = re.compile(r"<([a-z][a-z0-9]*)\b([^<>]*)>", re.DOTALL)
ATTRIBUTE = re.compile(r"([a-zA-Z:-]+)(?:=(\"[^\"]*\"|'[^']*'|[^\s>]+))?")
FIELDS = {"input", "select", "textarea"}
UNLABELLED = {"hidden", "submit", "reset", "button"}
BANNED_ATTRIBUTES = re.compile(
    r"\son[a-z]+\s*=|hx-on|data-hx-on|[\"']\s*js:|javascript:|hx-vars|hx-vals='js|hx-trigger=\"[^\"]*\[|"
    r"hx-boost|hx-ext|hx-confirm|hx-put|hx-patch|hx-delete"
)
FOREIGN = re.compile(r"(?:src=|<link[^>]*href=)[\"']?(?:https?:)?//|url\(|@import|@font-face|[\"'(]data:")
UNESCAPED = re.compile(r"\|\s*safe\b|\|\s*safeseq\b|mark_safe|autoescape off")
DATES = re.compile(r"\|\s*(?:date|time|timesince|timeuntil|naturaltime)\b|\{%\s*now\b")
WORDS = re.compile(r"\b(?:priority|asap|oops|null|invalid|error occurred|sla breach)\b|\.\.\.", re.IGNORECASE)
SCRIPT = re.compile(r"\beval\b|Function\(|innerHTML|outerHTML|setAttribute\('style'|localStorage|sessionStorage")
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|oklch\((?![^)]*var\(--h\))|rgb\(")
APART = re.compile(r"<form\b.*?</form>|<div class=\"banner.*?</div>\s*</div>", re.DOTALL)
MOST_LINES = 120
MOST_TABS = 6
LEAST_FONT = 11


@dataclass(frozen=True)
class Tag:
    """An opening tag of a template: its attributes, and where it stands."""

    name: str
    attributes: dict[str, str]
    start: int
    end: int


def readable(source: str) -> str:
    """The template without comments; its own tags become ⟦...⟧, so that they cannot look like HTML."""
    plain = COMMENT.sub("", source)
    return TEMPLATE_TAG.sub(lambda found: "⟦" + found[1].replace("<", "").replace(">", "") + "⟧", plain)


def tags(text: str) -> list[Tag]:
    return [Tag(found[1], _attributes(found[2]), found.start(), found.end()) for found in OPENING.finditer(text)]


def _attributes(text: str) -> dict[str, str]:
    return {name: value.strip("\"'") for name, value in ATTRIBUTE.findall(re.sub(r"\s⟦[^⟧]*⟧|^⟦[^⟧]*⟧", " ", text))}


def inline_code(source: str) -> Iterator[str]:
    """L1: nothing inline; scripts and images come from {% static %}."""
    for tag in tags(readable(source)):
        if tag.name == "style" or "style" in tag.attributes:
            yield f"L1 inline style in <{tag.name}>"
        if tag.name == "script" and "src" not in tag.attributes:
            yield "L1 <script> without src"
        if "src" in tag.attributes and not tag.attributes["src"].startswith("⟦static "):
            yield f"L1 src {tag.attributes['src']!r} is not from {{% static %}}"


def banned_attributes(source: str) -> Iterator[str]:
    """L2: nothing that evaluates code or needs another method than GET and POST."""
    for found in BANNED_ATTRIBUTES.finditer(readable(source)):
        yield f"L2 {found[0].strip()}"


def foreign_addresses(source: str) -> Iterator[str]:
    """L3: nothing is loaded from elsewhere."""
    for found in FOREIGN.finditer(readable(source)):
        yield f"L3 {found[0]}"


def posts(source: str) -> Iterator[str]:
    """L4: hx-post only where the form also works without it; every POST form carries the CSRF token."""
    text = readable(source)
    forms = [(tag, text[tag.start : _closing(text, tag.end)]) for tag in tags(text) if tag.name == "form"]
    posting = [(tag, body) for tag, body in forms if tag.attributes.get("method", "").lower() == "post"]
    for _, body in posting:
        if "⟦csrf_token⟧" not in body:
            yield "L4 a POST form without {% csrf_token %}"
    for tag in tags(text):
        if "hx-post" not in tag.attributes:
            continue
        around = [(form, body) for form, body in posting if form.start <= tag.start < form.start + len(body)]
        if not around or "action" not in around[0][0].attributes or "⟦form_key⟧" not in around[0][1]:
            yield "L4 hx-post outside a POST form with action, {% csrf_token %} and {% form_key %}"


def _closing(text: str, start: int) -> int:
    found = text.find("</form>", start)
    return len(text) if found < 0 else found


def gets(source: str) -> Iterator[str]:
    """L5: hx-get only on what also works without it, or on a live part."""
    for tag in tags(readable(source)):
        address = tag.attributes.get("hx-get")
        if address is None or tag.name in FIELDS or "data-poll" in tag.attributes:
            continue
        is_form = tag.name == "form" and tag.attributes.get("method", "get").lower() == "get"
        if not is_form and not (tag.name == "a" and tag.attributes.get("href") == address):
            yield f"L5 hx-get on <{tag.name}>"


def unescaped(source: str) -> Iterator[str]:
    """L6: everything printed is escaped."""
    for found in UNESCAPED.finditer(COMMENT.sub("", source)):
        yield f"L6 {found[0]}"


def icons(source: str, *, may_draw: bool = False) -> Iterator[str]:
    """L7: icons from the list, drawings only in components, and a name for a control that is only an icon."""
    text = readable(source)
    for name in re.findall(r"⟦icon [\"']([^\"']+)", text):
        if name not in ICONS:
            yield f"L7 icon {name!r} is not in ICONS"
    if not may_draw and "<svg" in text:
        yield "L7 raw <svg> outside components"
    for found in re.finditer(r"<(a|button)\b([^<>]*)>\s*⟦icon [^⟧]*⟧\s*</\1>", text):
        if "aria-label" not in found[2]:
            yield f"L7 <{found[1]}> is only an icon and has no aria-label"


def used_classes(source: str) -> set[str]:
    """The classes a template names outright; those that a variable fills in are not known here."""
    names: set[str] = set()
    for found in re.finditer(r"\bclass=\"([^\"]*)\"", readable(source)):
        text = re.sub(r"⟦[^⟧]*⟧", " ", found[1])
        names |= {name for name in re.sub(r"\S*\{\{.*?\}\}\S*", " ", text).split() if name}
    return names


def defined_classes(style: str) -> set[str]:
    selectors = re.findall(r"(?:^|[{};])\s*([^{};]*)\{", re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL))
    return {name for selector in selectors if "@" not in selector for name in re.findall(r"\.([a-z][\w-]*)", selector)}


def dates(source: str) -> Iterator[str]:
    """L9: an instant is printed by the time component only."""
    for found in DATES.finditer(COMMENT.sub("", source)):
        yield f"L9 {found[0]}"


def style_values(style: str) -> Iterator[str]:
    """L10: colours are tokens or shades of a component; no !important, no ids, no tiny type."""
    plain = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    if "!important" in plain:
        yield "L10 !important"
    sizes = re.findall(r"font(?:-size)?:[^;}]*?(\d+(?:\.\d+)?)px", plain)
    yield from (f"L10 {size}px type" for size in sizes if float(size) < LEAST_FONT)
    selectors = re.findall(r"(?:^|[{};])\s*([^{};@]*)\{", plain)
    yield from (f"L10 id in {selector.strip()!r}" for selector in selectors if re.search(r"(?<!\w)#[a-z]", selector))
    for layer in ("reset", "base", "utilities", "phone"):
        for found in COLOUR.finditer(_layer(plain, layer)):
            yield f"L10 colour {found[0]} in layer {layer}"


def _layer(style: str, name: str) -> str:
    """What stands between the braces of a layer."""
    start = style.find(f"@layer {name} {{")
    depth = 0
    for index in range(max(start, 0), len(style) if start >= 0 else 0):
        depth += {"{": 1, "}": -1}.get(style[index], 0)
        if style[index] == "}" and depth == 0:
            return style[start:index]
    return ""


def words(source: str) -> Iterator[str]:
    """L12: words that blame, hurry or mean nothing to a reader."""
    text = re.sub(r"⟦(?:translate|blocktranslate) [\"'](.*?)[\"'].*?⟧", r" \1 ", readable(source))
    text = re.sub(r"⟦[^⟧]*⟧|\{\{.*?\}\}|<[^<>]*>", " ", text, flags=re.DOTALL)
    for found in WORDS.finditer(text):
        yield f"L12 {found[0]!r}"


def size(source: str) -> Iterator[str]:
    """L13: a template of at most 120 lines."""
    lines = source.count("\n")
    if lines > MOST_LINES:
        yield f"L13 {lines} lines"


def labels(source: str) -> Iterator[str]:
    """L14: each field has a label, each table heads, each drawing a sentence."""
    text = readable(source)
    labelled = set(re.findall(r"<label\b[^<>]*for=\"([^\"]+)\"", text))
    for tag in tags(text):
        if tag.name in FIELDS and tag.attributes.get("type") not in UNLABELLED:
            inside = text.rfind("<label", 0, tag.start) > text.rfind("</label>", 0, tag.start)
            if not inside and "aria-label" not in tag.attributes and tag.attributes.get("id") not in labelled:
                yield f"L14 <{tag.name}> without label"
        if tag.attributes.get("role") == "img" and "aria-label" not in tag.attributes:
            yield "L14 role=img without aria-label"
    for body in re.findall(r"<table\b.*?</table>", text, re.DOTALL):
        if "<th" not in body:
            yield "L14 a table without <th>"


def script(source: str) -> Iterator[str]:
    """L15: nothing that evaluates text, writes markup or keeps anything in the browser."""
    for found in SCRIPT.finditer(source):
        yield f"L15 {found[0]}"


def rendered(page: str) -> Iterator[str]:
    """L11 and L13 on a finished page: one heading, a title, a place; each key once; one primary button."""
    keys = re.findall(r"data-key=\"([^\"]+)\"", page)
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield f"L11 data-key {key!r} {keys.count(key)} times"
    if page.count("<h1") != 1:
        yield f"L11 {page.count('<h1')} h1"
    if not re.search(r"<title>\s*[^<\s·]", page):
        yield "L11 no title"
    if "<nav" in page and "aria-current" not in page:
        yield "L11 no aria-current"
    main = re.sub(
        r"<form\b.*?</form>|<div class=\"banner.*?</div>\s*</div>", "", page[page.find("<main") :], flags=re.DOTALL
    )
    if len(re.findall(r"class=\"btn[^\"]*\bprimary\b", main)) > 1:
        yield "L13 more than one primary button"
    for tabs in re.findall(r"<nav class=\"tabs\".*?</nav>", page, re.DOTALL):
        if tabs.count("<a ") > MOST_TABS:
            yield f"L13 {tabs.count('<a ')} tabs"
