"""Words of this room in templates."""

from __future__ import annotations

import re

from django.template import Library
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = Library()
# A name of a table may break after these, never amid a word.
AFTER = re.compile(r"(?<=[_./])(?=\w)")
MAY_BREAK = SafeString("<wbr>")


@register.filter
def breakable(text: str) -> SafeString:
    """The text, escaped, with places to break a long name."""
    return format_html_join(MAY_BREAK, "{}", ((part,) for part in AFTER.split(text)))
