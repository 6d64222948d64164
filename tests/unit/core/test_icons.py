from __future__ import annotations

from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from django.template import Context, Template, TemplateSyntaxError

from portal.core.icons import ICONS, UnknownIcon, icon_markup

if TYPE_CHECKING:
    from typing import NoReturn


def test_an_icon_is_hidden_from_readers_and_sized_by_the_style_sheet() -> None:
    markup = icon_markup("check")
    assert markup == '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="M20 6 9 17l-5-5"/></svg>'


def test_an_icon_takes_a_class_of_the_template() -> None:
    assert icon_markup("check", "text-ok").startswith('<svg class="icon text-ok" ')


def test_after_start_no_icon_is_read_from_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError

    monkeypatch.setattr(ZipFile, "read", refuse)
    assert all(icon_markup(name).startswith("<svg") for name in ICONS)


def test_a_name_outside_the_list_is_refused() -> None:
    with pytest.raises(UnknownIcon):
        icon_markup("no-such-icon")


def test_a_template_with_a_name_outside_the_list_does_not_compile() -> None:
    with pytest.raises(TemplateSyntaxError, match="no-such-icon"):
        Template('{% icon "no-such-icon" %}')


def test_an_icon_named_by_a_variable_is_printed_unescaped() -> None:
    assert Template("{% icon name %}").render(Context({"name": "check"})) == icon_markup("check")


def test_no_name_prints_nothing() -> None:
    assert Template("{% icon name %}").render(Context({"name": ""})) == ""
