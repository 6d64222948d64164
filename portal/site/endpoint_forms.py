"""Input of the pages of endpoints; rules live in the services."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.accounts.models import Team
from portal.site.domain.topics import TOPICS

KINDS = [("webhook", "Webhook, signed"), ("slack", "Slack or Mattermost"), ("mail", "Mailbox")]
ROOMS = sorted({topic.name.split(".", 1)[0] for topic in TOPICS})
CHOICES = [
    *((f"{room}.*", f"{room.capitalize()}: everything") for room in ROOMS),
    *((topic.name, f"{topic.name}: {topic.about}") for topic in TOPICS),
]


class TopicsField(forms.MultipleChoiceField):
    """Topics of the catalogue, or whole rooms."""

    def __init__(self) -> None:
        super().__init__(
            choices=CHOICES, required=False, widget=forms.SelectMultiple(attrs={"size": "8"}),
            help_text="For webhooks only. Hold Ctrl or Cmd to choose several.",
        )  # fmt: skip


class EndpointForm(forms.Form):
    slug = forms.CharField(label="Name", max_length=60, help_text="a-z, 0-9 and dashes, such as orders-alerts.")
    team = forms.ModelChoiceField(queryset=Team.objects.none(), to_field_name="slug")
    kind = forms.ChoiceField(choices=KINDS)
    address = forms.CharField(max_length=500, help_text="An https address, or a mailbox. It is shown to nobody again.")
    topics = TopicsField()

    def __init__(self, *args: Any, teams: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]  # a ModelChoiceField


class EndpointChangeForm(forms.Form):
    address = forms.CharField(max_length=500, required=False, help_text="Empty: it stays as it is.")
    topics = TopicsField()


class AgainForm(forms.Form):
    after = forms.DateTimeField(label="From (UTC)", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    until = forms.DateTimeField(label="Until (UTC)", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
