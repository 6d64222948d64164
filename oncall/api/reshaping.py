"""What the what-if of a rota answers (spec oncall 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers

if TYPE_CHECKING:
    from oncall.domain.reshaping import Outlook
    from oncall.queries.reshaping import WhatIf

HOUR = 3600


class BurdenShown(serializers.Serializer[Any]):
    """What one person would have; points exact to thousandths."""

    person = serializers.CharField()
    name = serializers.CharField()
    nights = serializers.IntegerField()
    milli_points = serializers.IntegerField()


class OutlookShown(serializers.Serializer[Any]):
    """Everybody, the turns nobody could take, and the rotas of one person."""

    people = BurdenShown(many=True)
    milli_points = serializers.IntegerField()
    gaps = serializers.IntegerField()
    islands = serializers.ListField(child=serializers.CharField())


class RotaWhatIfShown(serializers.Serializer[Any]):
    """As it is planned afresh and as it would be; `uncovered_hours`: covered now by the other rota, and not then."""

    until = serializers.DateTimeField()
    now = OutlookShown()
    then = OutlookShown(allow_null=True)
    uncovered_hours = serializers.IntegerField()


def what_if_facts(found: WhatIf) -> dict[str, Any]:
    """The answer as the API says it."""
    return {
        "until": found.until, "now": _side(found.now, found),
        "then": _side(found.then, found) if found.then is not None else None,
        "uncovered_hours": int(found.lost.total_seconds()) // HOUR,
    }  # fmt: skip


def _side(side: Outlook, found: WhatIf) -> dict[str, Any]:
    people = [
        {"person": each.handle, "name": found.names[each.handle], "nights": each.nights, "milli_points": each.milli}
        for each in side.people
    ]
    return {"people": people, "milli_points": side.milli, "gaps": side.gaps, "islands": list(side.islands)}
