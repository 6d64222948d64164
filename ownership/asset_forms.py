"""An asset as people describe it."""

from __future__ import annotations

from typing import Any

from django import forms

from ownership.domain.kinds import all_kinds, kind_of
from ownership.domain.naming import GRAIN_CHARACTERS, PITFALLS_CHARACTERS
from ownership.domain.states import Lifecycle
from ownership.models import Asset, Domain
from ownership.services.assets import BY_HAND
from portal.core.limits import DESCRIPTION_CHARACTERS

PLAIN_FIELDS = (
    "name",
    "description",
    "grain",
    "pitfalls",
    "tier",
    "lifecycle",
    "relation",
    "repo",
    "file_path",
    "version",
)


class AssetForm(forms.Form):
    """An asset as people describe it; `version` is that of the page they saw."""

    name = forms.CharField(max_length=255, help_text="As people call it. A new name gets a new address; the old stays.")
    kind = forms.ChoiceField(choices=[])
    description = forms.CharField(
        max_length=DESCRIPTION_CHARACTERS, required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What it is for, and where it comes from.",
    )  # fmt: skip
    grain = forms.CharField(
        label="One row is", max_length=GRAIN_CHARACTERS, required=False, help_text="Such as: one line of an order."
    )
    pitfalls = forms.CharField(
        label="Watch out", max_length=PITFALLS_CHARACTERS, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What misleads those who do not know it: late rows, test accounts, columns with two meanings.",
    )  # fmt: skip
    tier = forms.TypedChoiceField(
        choices=[("", "None"), *((n, f"Tier {n}") for n in range(1, 5))], coerce=int, empty_value=None, required=False,
        help_text="1 hurts at once when it is wrong.",
    )  # fmt: skip
    domain = forms.ChoiceField(choices=[], required=False)
    lifecycle = forms.ChoiceField(
        choices=[(word, word.capitalize()) for word in sorted(BY_HAND)], required=False, initial=Lifecycle.ACTIVE.value
    )
    relation = forms.CharField(label="Table", max_length=1000, required=False, help_text="database.schema.table")
    repo = forms.CharField(label="Repository", max_length=300, required=False)
    file_path = forms.CharField(label="File", max_length=1000, required=False)
    documents = forms.CharField(
        label="Describes",
        max_length=200,
        required=False,
        help_text="For a document: the slug of the asset it is about.",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds, domains = self.fields["kind"], self.fields["domain"]
        kinds.choices = [(kind.name, kind.label) for kind in all_kinds()]  # type: ignore[attr-defined] # a ChoiceField
        domains.choices = [("", "None"), *Domain.objects.order_by("name").values_list("slug", "name")]  # type: ignore[attr-defined] # a ChoiceField
        if self.initial.get("version"):
            kinds.disabled = True

    @staticmethod
    def of(asset: Asset) -> dict[str, Any]:
        """What the form shows of an asset."""
        return {
            "kind": kind_of(asset.kind).name,
            "domain": asset.domain.slug if asset.domain else "",
            "documents": asset.documents.slug if asset.documents else "",
            **{name: getattr(asset, name) for name in PLAIN_FIELDS},
        }

    def draft(self) -> dict[str, Any]:
        """The fields of an `AssetDraft`."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"version", "lifecycle"}}

    def changes(self) -> dict[str, Any]:
        """What was edited; a lifecycle that people do not set stays as it is."""
        return {
            name: self.cleaned_data[name]
            for name in self.changed_data
            if name not in {"version", "kind"} and (name != "lifecycle" or self.cleaned_data[name])
        }
