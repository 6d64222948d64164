"""What the site itself adds to the navigation."""

from __future__ import annotations

from portal.core.registries import register_nav

register_nav("home", "My day", "home", "sun", 10, shortcut="g d")
