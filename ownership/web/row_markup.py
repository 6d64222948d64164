"""The rows of the asset list as ready markup: what `components/row.html` prints, at a fifth of its cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.html import format_html, format_html_join

from ownership.domain.kinds import all_kinds
from portal.core.icons import icon_markup

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.utils.safestring import SafeString

    from portal.core.web.presentation import Badge, OwnerChip, Row

# Icons are our own constants, so they are part of the form and never of what is filled in.
ROWS = {
    kind.icon: f'<li>{icon_markup(kind.icon, "muted")} <div class="grow"><a class="title" href="{{}}">{{}}</a>'
    '<div class="meta">{}{}{}</div></div>{}</li>'
    for kind in all_kinds()
}
BADGES = {kind.icon: f'<span class="badge {{}}">{icon_markup(kind.icon)}{{}}</span>' for kind in all_kinds()}
BADGE = '<span class="badge {}">{}</span>'
OWNER = '<a class="badge {}" href="{}">{}</a>'
NOBODY = (
    f'<span class="text-bad strong">Nobody</span><a class="badge line" href="{{}}">{icon_markup("hand")}'
    "Claim or nominate</a>"
)
FACT = "<span>{}</span>"
SIDE = '<span class="small nowrap {}">{}</span>'


def rows_markup(rows: Iterable[Row]) -> SafeString:
    """Rows with the icon of an asset kind, badges, an owner, plain facts and a side."""
    return format_html_join("", "{}", ((_row(row),) for row in rows))


def _row(row: Row) -> SafeString:
    badges = format_html_join("", "{}", ((_badge(badge),) for badge in row.badges))
    facts = format_html_join("", FACT, ((fact,) for fact in row.facts))
    side = format_html(SIDE, row.side_css, row.side) if row.side else ""
    return format_html(ROWS[row.icon], row.url, row.title, badges, _owner(row.owner) if row.owner else "", facts, side)


def _badge(badge: Badge) -> SafeString:
    return format_html(BADGES.get(badge.icon, BADGE), badge.css, badge.label)


def _owner(chip: OwnerChip) -> SafeString:
    if chip.is_nobody:
        return format_html(NOBODY, chip.url)
    return format_html(OWNER, chip.css, chip.url, chip.label)
