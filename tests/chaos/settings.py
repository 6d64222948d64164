"""The portal with one more room: pages whose far end is a fake that logs."""

from __future__ import annotations

from portal.settings.test import *  # noqa: F403 (settings modules are layered this way)
from portal.settings.test import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.chaos.house"]
