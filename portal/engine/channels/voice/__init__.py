"""A call that reads the page aloud. It wakes; a line that broke is not called twice."""

from __future__ import annotations

from portal.engine.channels.phone import PhoneChannel, Provider, provider_of


class VoiceChannel(PhoneChannel):
    """Through the provider of `HEADWATER_VOICE_URL`; a link is of no use on the phone and left out."""

    slug = "voice"
    bundles = False
    most_characters = 600

    def provider(self) -> Provider:
        return provider_of(self.slug)

    def spoken(self, title: str, text: str, link: str) -> str:
        del link
        return f"Headwater. {title}. {text}"[: self.most_characters]
