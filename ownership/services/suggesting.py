"""What files say about people's names elsewhere: kept as suggestions, confirmed by people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.accounts.models import IdentityAlias, Team
from portal.accounts.queries.people import active_people, identity_key

if TYPE_CHECKING:
    from collections.abc import Sequence

RAW_CHARACTERS = 300


def suggest_aliases(*, source: str, names: Sequence[tuple[str, str, str]]) -> int:
    """For (raw, email, team slug) triples whose party is here: a suggestion each, once; returns the new ones."""
    people = {person.email.casefold(): person for person in active_people() if person.email}
    teams = {team.slug: team for team in Team.objects.filter(archived_at=None, is_system=False)}
    wanted = {}
    for raw, email, slug in names:
        person, team = people.get(email.casefold()), teams.get(slug.casefold().replace("_", "-").replace(" ", "-"))
        key = identity_key(raw)[:RAW_CHARACTERS]
        if key and (person or team) and key not in {(person.email or "").casefold() if person else "", slug}:
            party = (person.pk if person else None, None if person else team.pk if team else None)
            wanted[key, party] = raw[:RAW_CHARACTERS]
    known = set(IdentityAlias.objects.filter(key__in=[key for key, _ in wanted]).values_list("key", flat=True))
    new = [
        IdentityAlias(
            system="any", key=key, shown=raw, person_id=person_id, team_id=team_id, state="suggested",
            source=source[:20], confidence="0.95",
        )
        for (key, (person_id, team_id)), raw in wanted.items()
        if key not in known
    ]  # fmt: skip
    IdentityAlias.objects.bulk_create(new)
    return len(new)
