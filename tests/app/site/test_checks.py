from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from portal.core.registries import register_command
from portal.site.checks import icons_are_known

if TYPE_CHECKING:
    from pathlib import Path


def test_every_named_icon_is_in_the_list() -> None:
    assert icons_are_known() == []


def test_a_template_that_names_another_icon_fails_the_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "page.html").write_text('{% icon "no-such-icon" %}')
    monkeypatch.setitem(settings.TEMPLATES[0], "DIRS", [tmp_path])
    assert [error.msg for error in icons_are_known()] == [
        "page.html names the icon 'no-such-icon', which is not in portal.core.icons.ICONS"
    ]


@pytest.mark.usefixtures("empty_registries")
def test_a_command_that_names_another_icon_fails_the_check() -> None:
    register_command("x", "X", "home", "no-such-icon")
    assert [error.id for error in icons_are_known()] == ["headwater.E001"]
