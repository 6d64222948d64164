"""Settings of `make up`: one machine, no TLS."""

from __future__ import annotations

from portal.settings.base import *

STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
STATIC_ROOT = None  # files come from their sources
