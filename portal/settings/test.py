"""Settings of the test suite: the development profile on a database of its own."""

from __future__ import annotations

import os

os.environ.setdefault("HEADWATER_ENV", "test")
# Loading the model costs seconds; the tests that need it switch it on.
os.environ.setdefault("HEADWATER_SEMANTIC", "no")

from portal.settings.development import *

ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
