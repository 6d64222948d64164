"""The canary: a webhook to the own web processes, the one address of the own house that is called."""

from __future__ import annotations

import base64

from django.conf import settings

from portal.core.secrets import derived_key
from portal.engine.channels.webhook import WebhookChannel

PATH = "/engine/canary"


def canary_secret() -> str:
    """Signs the canary; the same on every host of the installation."""
    return base64.b64encode(derived_key("canary")).decode()


class CanaryChannel(WebhookChannel):
    slug = "canary"

    def __init__(self) -> None:
        self.own_url = f"{settings.BASE_URL}{PATH}"
