"""Adding, changing, merging and retiring assets by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.urls import reverse

from ownership.asset_forms import AssetForm
from ownership.domain.experiments import Experiment, experiment_of
from ownership.domain.kinds import EXPERIMENT
from ownership.forms import (
    AliasForm,
    CorrectionForm,
    ExperimentForm,
    MergeForm,
    RetireForm,
    SplitForm,
    UnownedForm,
)
from ownership.models import AssetAlias, Ownership
from ownership.queries.assets import aliases_of
from ownership.queries.owners import history_of
from ownership.services.assets import AssetDraft, create_asset, free_slugs, update_asset
from ownership.services.experiments import describe_experiment
from ownership.services.keeping import Correction, correct_history, retire_asset, set_unowned
from ownership.services.merging import add_alias, merge_assets, split_alias
from ownership.services.triggers import RUNNABLE
from ownership.web.details import find
from ownership.web.shown import asset_url, holder_row
from portal.core.errors import NotVisible
from portal.core.web.views import DomainFormMixin

if TYPE_CHECKING:
    from datetime import datetime

    from ownership.models import Asset

CRUMBS = (("Assets", "/assets/"),)


class AssetNewView(DomainFormMixin):
    """`/assets/new`: what no file describes."""

    page_title = "New asset"
    nav_key = "assets"
    crumbs = CRUMBS
    template_name = "ownership/asset_form.html"
    form_class = AssetForm

    def get_initial(self) -> dict[str, Any]:
        return {name: self.request.GET.get(name, "") for name in ("kind", "domain", "documents", "name")}

    def perform(self, form: Any, at: datetime) -> str:
        actor: Any = self.request.user
        return asset_url(create_asset(actor=actor, draft=AssetDraft(**form.draft()), at=at).slug)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"verb": "Add it", "back": reverse("assets_list")}


class _OnAsset(DomainFormMixin):
    """A form about the asset of the address."""

    nav_key = "assets"

    @property
    def asset(self) -> Asset:
        return find(self.request, str(self.kwargs["slug"]))


class AssetEditView(_OnAsset):
    """`/assets/<slug>/edit`."""

    template_name = "ownership/asset_form.html"
    form_class = AssetForm

    def get_initial(self) -> dict[str, Any]:
        return AssetForm.of(self.asset)

    def perform(self, form: Any, at: datetime) -> str:
        actor: Any = self.request.user
        data = form.changes()
        asset = update_asset(actor=actor, asset=self.asset, changes=data, version=form.cleaned_data["version"], at=at)
        messages.success(self.request, f"{asset.name} is saved.")
        return asset_url(asset.slug)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asset = self.asset
        return super().get_context_data(**kwargs) | {
            "page_title": f"Edit {asset.name}",
            "crumbs": (*CRUMBS, (asset.name, asset_url(asset.slug))),
            "verb": "Save",
            "back": asset_url(asset.slug),
        }


class AssetManageView(_OnAsset):
    """`/assets/<slug>/manage`: names, merging, retiring, no owner on purpose, mending the past."""

    template_name = "ownership/asset_manage.html"
    verb = ""

    def get_form_class(self) -> Any:
        return FORMS.get(self.verb, MergeForm)

    def perform(self, form: Any, at: datetime) -> str:
        said, url = ACTS[self.verb](self.request.user, self.asset, form.cleaned_data, at)
        messages.success(self.request, said)
        return str(url)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        asset, viewer = self.asset, self.request.user
        forms = {f"{verb}_form": form(auto_id=f"id_{verb}_%s") for verb, form in FORMS.items()}
        told = experiment_of(asset.attrs)
        forms["experiment_form"] = ExperimentForm(initial=vars(told), auto_id="id_experiment_%s")
        if self.verb:
            forms[f"{self.verb}_form"] = context["form"]
        return (
            context
            | forms
            | {
                "page_title": f"Manage {asset.name}",
                "crumbs": (*CRUMBS, (asset.name, asset_url(asset.slug))),
                "asset": asset,
                "aliases": aliases_of(asset.pk),
                "is_experiment": asset.kind == EXPERIMENT.code,
                "is_runnable": asset.kind in RUNNABLE,
                "can_correct": getattr(viewer, "is_admin", False),
                "past": [
                    (held.id, holder_row(held, getattr(viewer, "zone", "UTC"), self.seen_at))
                    for held in history_of(asset.pk)
                ],
            }
        )

    @property
    def seen_at(self) -> datetime:
        return self.asset.updated_at


def _merge(actor: Any, asset: Asset, data: dict[str, Any], at: datetime) -> tuple[str, str]:
    merge_assets(actor=actor, kept=asset, gone=data["asset"], at=at)
    return f"{data['asset'].name} is a part of {asset.name} now. It can be undone for 30 days.", asset_url(asset.slug)


def _retire(actor: Any, asset: Asset, data: dict[str, Any], at: datetime) -> tuple[str, str]:
    retire_asset(actor=actor, asset=asset, reason=data["reason"], at=at)
    return f"{asset.name} is retired; its history stays.", asset_url(asset.slug)


def _unowned(actor: Any, asset: Asset, data: dict[str, Any], at: datetime) -> tuple[str, str]:
    set_unowned(actor=actor, asset=asset, until=data["until"], reason=data["reason"], at=at)
    said = f"Nobody is asked about it until {data['until']}." if data["until"] else "It needs an owner again."
    return said, asset_url(asset.slug)


def _alias(actor: Any, asset: Asset, data: dict[str, Any], at: datetime) -> tuple[str, str]:
    add_alias(actor=actor, asset=asset, key=data["key"], at=at)
    return f"It answers to {data['key']} now.", f"{asset_url(asset.slug)}/manage"


def _split(actor: Any, asset: Asset, data: dict[str, Any], at: datetime) -> tuple[str, str]:
    alias = AssetAlias.objects.filter(pk=data["alias"], asset=asset).first()
    if alias is None:
        raise NotVisible
    slug = free_slugs([asset.slug])[0]
    made = split_alias(actor=actor, alias=alias, slug=slug, at=at)
    return f"{alias.key} is an asset of its own now.", asset_url(made.slug)


def _experiment(actor: Any, asset: Asset, data: dict[str, Any], at: datetime) -> tuple[str, str]:
    describe_experiment(actor=actor, asset=asset, told=Experiment(**data), at=at)
    return "The experiment is described.", asset_url(asset.slug)


def _correct(actor: Any, asset: Asset, data: dict[str, Any], at: datetime) -> tuple[str, str]:
    row = Ownership.objects.filter(pk=data["ownership"], asset=asset).first()
    if row is None:
        raise NotVisible
    correction = Correction(data["since"], data["until"], data["reason"])
    correct_history(actor=actor, row=row, correction=correction, at=at)
    return "The past is mended; the change log has both versions.", asset_url(asset.slug)


FORMS: dict[str, Any] = {
    "merge": MergeForm, "retire": RetireForm, "unowned": UnownedForm, "alias": AliasForm, "split": SplitForm,
    "correct": CorrectionForm, "experiment": ExperimentForm,
}  # fmt: skip
ACTS: dict[str, Any] = {
    "merge": _merge, "retire": _retire, "unowned": _unowned, "alias": _alias, "split": _split, "correct": _correct,
    "experiment": _experiment,
}  # fmt: skip
