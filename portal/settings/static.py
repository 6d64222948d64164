"""Settings under which the image is built: hashed static files, no database, no secret."""

from __future__ import annotations

from portal.settings.base import *

STORAGES = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
