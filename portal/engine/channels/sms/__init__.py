"""A text message. It wakes."""

from __future__ import annotations

from portal.engine.channels.phone import PhoneChannel, Provider, provider_of


class SmsChannel(PhoneChannel):
    """Through the provider of `HEADWATER_SMS_URL`."""

    slug = "sms"
    max_ambiguous = 2

    def provider(self) -> Provider:
        return provider_of(self.slug)
