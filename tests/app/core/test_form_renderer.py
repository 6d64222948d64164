"""The house prints form fields itself; they read as Django's own templates print them."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from portal.core.web.form_renderer import HouseRenderer

if TYPE_CHECKING:
    from django.forms import Widget

CHOICES: list[Any] = [
    ("", "Any"),
    (1, "One & <two>"),
    ("Old", [("a", SafeString("<b>a</b>")), ("b", gettext_lazy("B"))]),
]
ATTRS: dict[str, str | bool] = {"class": "input", "data-text": 'say "no" & <go>', "required": True, "disabled": False}


@pytest.mark.parametrize("value", [None, "", "orders <b>", 1, "1", ["1", "b"], date(2026, 3, 1)])
@pytest.mark.parametrize(
    "widget",
    [
        forms.TextInput(),
        forms.NumberInput(),
        forms.EmailInput(),
        forms.URLInput(),
        forms.DateInput(),
        forms.HiddenInput(),
        forms.Select(choices=CHOICES),
        forms.SelectMultiple(choices=CHOICES),
        forms.Textarea(),
        forms.CheckboxInput(),
        forms.RadioSelect(choices=CHOICES),
        forms.PasswordInput(),
    ],
    ids=lambda widget: type(widget).__name__,
)
def test_a_field_reads_as_django_prints_it(widget: Widget, value: object) -> None:
    ours = widget.render("name", value, ATTRS, HouseRenderer())
    assert compact(ours) == compact(widget.render("name", value, ATTRS, DjangoTemplates()))


def compact(markup: str) -> str:
    """Without the whitespace between tags, which no reader sees."""
    return re.sub(r">\s+|\s+<", lambda found: found[0].strip(), markup).strip()
