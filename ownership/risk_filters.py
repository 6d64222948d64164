"""The one filter of what rests on too few: page, export and API read the same address."""

from __future__ import annotations

import django_filters

from ownership.domain.risks import RISK_KINDS
from ownership.models import Risk


class RiskFilter(django_filters.FilterSet):
    """Kind, tier, domain (a slug)."""

    kind = django_filters.ChoiceFilter(
        label="What", choices=[(code, kind.label) for code, kind in RISK_KINDS.items()], empty_label="Everything"
    )
    tier = django_filters.ChoiceFilter(
        field_name="asset__tier", label="Tier", choices=[(n, f"Tier {n}") for n in range(1, 5)], empty_label="Any tier"
    )
    domain = django_filters.CharFilter(field_name="asset__domain__slug", label="Domain", max_length=120)

    class Meta:
        model = Risk
        fields = ["kind", "tier", "domain"]
