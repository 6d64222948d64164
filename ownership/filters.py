"""The one filter of the asset list: page, export and API read the same address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import django_filters
from django.db.models import Q

from ownership.domain.crossing_states import SHOWN, STATE_WORDS
from ownership.domain.gaps import GAP_KINDS
from ownership.domain.impact import CHANGE_WORDS
from ownership.domain.kinds import all_kinds, kind_named
from ownership.domain.plans import PlanState
from ownership.domain.references import OPEN
from ownership.domain.scores import LEVEL_ORDER
from ownership.domain.states import PRIMARY, Duty, Lifecycle, Origin, State
from ownership.models import (
    Announcement,
    AnnouncementRecipient,
    Asset,
    ChangePlan,
    Crossing,
    Domain,
    Gap,
    Ownership,
    Reference,
)
from ownership.queries.assets import has_primary, matching
from ownership.queries.proposals import answerable
from portal.core import clock

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.forms import Form

BIG = 2**62
GAPS = [("no_owner", "Nobody owns it"), ("not_confirmed", "Declared, not confirmed"), ("no_backup", "No backup")]


def _held() -> QuerySet[Ownership]:
    return Ownership.objects.filter(
        state=State.ACCEPTED.value, valid__upper_inf=True, duty=Duty.TECHNICAL, asset__retired_at=None
    )


class AssetFilter(django_filters.FilterSet):
    """Search text, kind, tier, domain, lifecycle, owner (a handle), team (a slug), gap."""

    q = django_filters.CharFilter(method="search", label="Search", max_length=200)
    kind = django_filters.ChoiceFilter(method="of_kind", label="Kind", choices=[], empty_label="Any kind")
    tier = django_filters.ChoiceFilter(
        label="Tier", choices=[(n, f"Tier {n}") for n in range(1, 5)], empty_label="Any tier"
    )
    domain = django_filters.CharFilter(method="in_domain", label="Domain", max_length=120)
    lifecycle = django_filters.ChoiceFilter(
        label="Lifecycle",
        choices=[(state.value, state.value.capitalize()) for state in Lifecycle if state != Lifecycle.RETIRED],
        empty_label="Any state",
    )
    owner = django_filters.CharFilter(method="of_owner", label="Owner", max_length=40)
    team = django_filters.CharFilter(method="of_team", label="Team", max_length=60)
    gap = django_filters.ChoiceFilter(method="with_gap", label="Gap", choices=GAPS, empty_label="Owned or not")

    _form_class: ClassVar[type[Form] | None] = None

    class Meta:
        model = Asset
        fields = ["q", "kind", "tier", "domain", "lifecycle", "owner", "team", "gap"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["kind"].extra["choices"] = [(kind.name, kind.label) for kind in all_kinds()]

    def get_form_class(self) -> type[Form]:
        """Built once a process: no field depends on who asks."""
        if AssetFilter._form_class is None:
            AssetFilter._form_class = super().get_form_class()  # type: ignore[no-untyped-call] # the library has no types
        return AssetFilter._form_class

    def in_domain(self, queryset: QuerySet[Asset], name: str, value: str) -> QuerySet[Asset]:
        """By id rather than by a join: only so can the index of a domain's names be walked."""
        del name
        return queryset.filter(domain_id=Domain.objects.filter(slug=value).values("pk")[:1])

    def search(self, rows: QuerySet[Asset], _: str, value: str) -> QuerySet[Asset]:
        return matching(rows, value)

    def of_kind(self, rows: QuerySet[Asset], _: str, value: str) -> QuerySet[Asset]:
        kind = kind_named(value)
        return rows.filter(kind=kind.code) if kind else rows.none()

    def of_owner(self, rows: QuerySet[Asset], _: str, value: str) -> QuerySet[Asset]:
        return rows.filter(pk__in=_held().filter(person__handle=value).values("asset_id"))

    def of_team(self, rows: QuerySet[Asset], _: str, value: str) -> QuerySet[Asset]:
        return rows.filter(pk__in=_held().filter(team__slug=value).values("asset_id"))

    def with_gap(self, rows: QuerySet[Asset], _: str, value: str) -> QuerySet[Asset]:
        if value == "no_owner":
            return rows.filter(~Q(has_primary()), unowned_until=None)
        if value == "not_confirmed":
            declared = _held().filter(rank=PRIMARY, origin=Origin.IMPORT.value, confirmed_at=None)
            return rows.filter(pk__in=declared.values("asset_id"))
        return rows.exclude(pk__in=_held().filter(rank__gt=PRIMARY).values("asset_id"))


class AnnouncementFilter(django_filters.FilterSet):
    """Change, asset (a slug), author (a handle), and those that wait for the viewer."""

    change = django_filters.ChoiceFilter(label="Change", choices=list(CHANGE_WORDS.items()), empty_label="Any change")
    asset = django_filters.CharFilter(field_name="asset__slug", label="Asset", max_length=200)
    author = django_filters.CharFilter(field_name="author__handle", label="Author", max_length=40)
    waiting = django_filters.ChoiceFilter(
        method="waits", label="Waits for", choices=[("me", "Me"), ("anybody", "Anybody")], empty_label="Answered or not"
    )

    class Meta:
        model = Announcement
        fields = ["change", "asset", "author", "waiting"]

    def waits(self, rows: QuerySet[Announcement], _: str, value: str) -> QuerySet[Announcement]:
        pending = AnnouncementRecipient.objects.filter(state=AnnouncementRecipient.State.PENDING)
        if value == "me":
            pending = pending.filter(person=self.request.user)
        return rows.filter(pk__in=pending.values("announcement_id"))


class CrossingFilter(django_filters.FilterSet):
    """Level, state, kind of asset, domain. There is none by person, and there will be none."""

    level = django_filters.ChoiceFilter(
        label="Level", choices=[(word, word.capitalize()) for word in LEVEL_ORDER], empty_label="Any level"
    )
    state = django_filters.ChoiceFilter(
        label="State", choices=[(state, STATE_WORDS[state].capitalize()) for state in SHOWN], empty_label="Any state"
    )
    kind = django_filters.ChoiceFilter(method="of_kind", label="Kind", choices=[], empty_label="Any kind")
    domain = django_filters.CharFilter(field_name="asset__domain__slug", label="Domain", max_length=120)

    class Meta:
        model = Crossing
        fields = ["level", "state", "kind", "domain"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["kind"].extra["choices"] = [(kind.name, kind.label) for kind in all_kinds()]

    def of_kind(self, rows: QuerySet[Crossing], _: str, value: str) -> QuerySet[Crossing]:
        kind = kind_named(value)
        return rows.filter(asset__kind=kind.code) if kind else rows.none()


class GapFilter(django_filters.FilterSet):
    """Kind of gap, tier, domain."""

    kind = django_filters.ChoiceFilter(
        label="Gap", choices=[(name, kind.label) for name, kind in GAP_KINDS.items()], empty_label="Any gap"
    )
    tier = django_filters.ChoiceFilter(
        field_name="asset__tier", label="Tier", choices=[(n, f"Tier {n}") for n in range(1, 5)], empty_label="Any tier"
    )
    domain = django_filters.CharFilter(field_name="asset__domain__slug", label="Domain", max_length=120)

    class Meta:
        model = Gap
        fields = ["kind", "tier", "domain"]


class ProposalFilter(django_filters.FilterSet):
    """Kind and tier of the asset, a source, what the viewer may answer, and `after` a row one has put off."""

    kind = django_filters.ChoiceFilter(method="of_kind", label="Kind", choices=[], empty_label="Any kind")
    tier = django_filters.ChoiceFilter(
        field_name="asset__tier", label="Tier", choices=[(n, f"Tier {n}") for n in range(1, 5)], empty_label="Any tier"
    )
    source = django_filters.CharFilter(field_name="source__name", label="Source", max_length=120)
    mine = django_filters.BooleanFilter(method="of_viewer", label="For me to answer")
    after = django_filters.NumberFilter(field_name="pk", lookup_expr="gt", label="After", min_value=0, max_value=BIG)

    class Meta:
        model = Ownership
        fields = ["kind", "tier", "source", "mine", "after"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["kind"].extra["choices"] = [(kind.name, kind.label) for kind in all_kinds()]

    def of_kind(self, rows: QuerySet[Ownership], _: str, value: str) -> QuerySet[Ownership]:
        kind = kind_named(value)
        return rows.filter(asset__kind=kind.code) if kind else rows.none()

    def of_viewer(self, rows: QuerySet[Ownership], _: str, value: bool) -> QuerySet[Ownership]:  # noqa: FBT001 (the library's call)
        return answerable(rows, self.request.user, clock.now()) if value else rows


class PlanFilter(django_filters.FilterSet):
    """State, kind, asset (a slug), owner (a handle), and those with references of the viewer to move."""

    state = django_filters.ChoiceFilter(
        label="State",
        choices=[(state.value, state.value.replace("_", " ").capitalize()) for state in PlanState],
        empty_label="Any state",
    )
    kind = django_filters.ChoiceFilter(
        label="Kind", choices=[("backfill", "Backfill"), ("migration", "Migration")], empty_label="Any kind"
    )
    asset = django_filters.CharFilter(field_name="asset__slug", label="Asset", max_length=200)
    owner = django_filters.CharFilter(field_name="owner__handle", label="Owner", max_length=40)
    mine = django_filters.ChoiceFilter(
        method="with_mine", label="Mine", choices=[("1", "With references of mine")], empty_label="Mine or not"
    )

    class Meta:
        model = ChangePlan
        fields = ["state", "kind", "asset", "owner", "mine"]

    def with_mine(self, rows: QuerySet[ChangePlan], _: str, value: str) -> QuerySet[ChangePlan]:
        del value
        mine = Reference.objects.filter(person=self.request.user, state=OPEN)
        return rows.filter(pk__in=mine.values("plan_id"))
