"""`/assets/<slug>/contract.yaml`: the dataset as an open data contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from ownership.domain.contracts import contract
from ownership.queries.contracts import dataset_of
from ownership.web.details import find

if TYPE_CHECKING:
    from django.http import HttpRequest


@require_safe
def export_contract(request: HttpRequest, slug: str) -> HttpResponse:
    """ODCS 3.1.0 with everybody who ever owned it; what the reader of contracts takes back without a change."""
    asset = find(request, slug)
    text = yaml.safe_dump(contract(dataset_of(asset)), sort_keys=False, allow_unicode=True, width=100)
    response = HttpResponse(text, content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{asset.slug}.odcs.yaml"'
    return response
