"""One filter set for the list of rotas, for page and API."""

from __future__ import annotations

import django_filters

from oncall.domain.words import RotaKind
from oncall.models import Rota


class RotaFilter(django_filters.FilterSet):
    team = django_filters.CharFilter(field_name="team__slug", label="Team")
    kind = django_filters.ChoiceFilter(
        choices=[(kind.value, kind.value) for kind in RotaKind], label="Kind", empty_label="All kinds"
    )

    class Meta:
        model = Rota
        fields = ["team", "kind"]
