"""How much a source counts beside another, and how often it ought to come (spec ownership 4)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from rest_framework.test import APIClient

from ownership.models import Claim, Ownership
from ownership.queries.owners import current_owners
from ownership.services.claims import resolve_claims
from ownership.services.sources import SETTLE, run_settling
from portal.core.models import AuditEntry, ImportSource
from portal.engine.models import Job
from tests.app.ownership.test_rules import asset, claim, own
from tests.world import make_admin

if TYPE_CHECKING:
    from django.test import Client

    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


def owner(asset_id: int) -> str:
    primary = current_owners([asset_id])[asset_id].primary
    return primary.party.slug if primary else ""


def test_with_another_rank_the_other_source_names_the_owner_and_people_keep_their_word(
    client: Client, world: World, clock: MovableClock
) -> None:
    at = clock.now() - timedelta(days=1)
    orders, refunds, alone = (asset(name, 20, at) for name in ("orders", "refunds", "alone"))
    own(refunds, world.dave, at)
    for thing in (orders, refunds):
        claim(thing, world.alice, "dbt", "declared", at)
        claim(thing, world.bob, "backstage", "declared", at)
    claim(alone, world.bob, "backstage", "declared", at)
    ImportSource.objects.filter(importer="dbt").update(precedence=70)
    resolve_claims(actor=None, asset_ids=[orders.pk, refunds.pk, alone.pk], known_since=at, at=at)
    assert [owner(each.pk) for each in (orders, refunds, alone)] == ["alice", "dave", "bob"]
    source = ImportSource.objects.get(importer="backstage")
    client.force_login(make_admin())
    wanted = {"precedence": "80", "cadence_hours": "24"}
    assert client.post(f"/sources/{source.pk}/edit", wanted).status_code == 303
    assert client.post(f"/sources/{source.pk}/edit", wanted).status_code == 303
    job = Job.objects.get(kind=SETTLE)
    assert run_settling(job.args, None) == {"assets": 2, "started": 1, "ended": 1}
    assert [owner(each.pk) for each in (orders, refunds, alone)] == ["bob", "dave", "bob"]
    assert run_settling(job.args, None) == {"assets": 2, "started": 0, "ended": 0}
    assert dict(Claim.objects.filter(asset=orders).values_list("person__handle", "outcome")) == {
        "alice": "shadowed", "bob": "applied",
    }  # fmt: skip
    (entry,) = AuditEntry.objects.filter(verb="ownership.source_set")
    assert entry.before == {"precedence": 40, "cadence_hours": None}
    assert Ownership.objects.filter(asset=orders, state="ended").get().end_reason == "import_closed"


@pytest.mark.parametrize(
    ("given", "field"), [({"precedence": 100}, "precedence"), ({"precedence": 5, "cadence_hours": 0}, "cadence_hours")]
)
def test_a_rank_above_people_or_no_hours_at_all_is_refused(
    client: Client, world: World, clock: MovableClock, given: dict[str, Any], field: str
) -> None:
    source = ImportSource.objects.create(importer="dbt", name="dbt:shop", scope="shop", created_at=clock.now())
    client.force_login(make_admin())
    page = client.post(f"/sources/{source.pk}/edit", given)
    assert (page.status_code, f'id="id_{field}_error"' in page.content.decode()) == (422, True)
    api = APIClient()
    api.force_authenticate(world.alice)
    assert api.patch(f"/api/v1/sources/{source.pk}", {"precedence": 5}, format="json").status_code == 403
    source.refresh_from_db()
    assert (source.precedence, source.cadence_hours) == (0, None)


def test_a_source_silent_for_twice_its_hours_is_marked_on_page_file_and_api(
    client: Client, world: World, clock: MovableClock
) -> None:
    ImportSource.objects.create(importer="dbt", name="dbt:a", scope="a", cadence_hours=24, created_at=clock.now())
    client.force_login(world.dave)
    assert "silent" not in client.get("/sources/").content.decode()
    clock.advance(hours=49)
    client.force_login(world.dave)
    page = client.get("/sources/").content.decode()
    assert (">silent<" in page, "/edit" in page) == (True, False)
    file: Any = client.get("/sources/export.csv")
    assert ",dbt:a,dbt,0,24,," in b"".join(file.streaming_content).decode()
    api = APIClient()
    api.force_authenticate(world.dave)
    (row,) = api.get("/api/v1/sources/").json()["results"]
    assert (row["name"], row["cadence_hours"], row["claims"]) == ("dbt:a", 24, 0)
