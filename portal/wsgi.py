"""The WSGI entry of the web process."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from portal.core.patience import OF_A_PAGE, limit_sessions
from portal.core.startup import ensure_startable, settle_memory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.production")
application = get_wsgi_application()
limit_sessions(OF_A_PAGE)
ensure_startable()
settle_memory()
