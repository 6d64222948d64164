"""Two signatures, texts that never change, an end, and the runbook that waking needs."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DatabaseError, transaction

from oncall.domain.agreements import NightClass, NightException, Terms
from oncall.handlers.digests import run_digests
from oncall.models import AgreementVersion, Runbook
from oncall.queries.night import decision_for
from oncall.services.agreements import Drafted, draft_agreement, sign_agreement
from oncall.services.parting import end_with_archived_teams
from oncall.services.runbooks import archive_runbook, draft_runbook, publish_runbook
from ownership.services.owning import Nomination, propose_owner
from portal.accounts.models import Team
from portal.accounts.services.teams import archive_team
from portal.core.errors import Conflict, NotAllowed
from portal.core.models import AuditEntry
from portal.engine.models import Deadline, Notice
from portal.engine.services.draining import drain_events
from tests.app.oncall.house import NIGHT, UNTIL_HALF_PAST_SIX, WAKE, House, report_to_investors, run_until

if TYPE_CHECKING:
    from django.test import Client

    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def drafted(house: House, terms: Terms = UNTIL_HALF_PAST_SIX) -> AgreementVersion:
    agreement = house.register("growth_agg", at=NIGHT)
    return draft_agreement(actor=house.ruth, agreement=agreement, drafted=Drafted(terms), at=NIGHT)


def test_the_owner_signs_then_the_downstream_lead_and_it_is_in_force(house: House) -> None:
    version = drafted(house)
    facts: dict[str, Any] = {"agreement": version.agreement, "text_sha256": version.text_sha256, "at": NIGHT}
    with pytest.raises(Conflict, match="owner signs first"):
        sign_agreement(actor=house.bea, **facts)
    sign_agreement(actor=house.ruth, **facts)
    assert sign_agreement(actor=house.bea, **facts).state == "active"
    version.refresh_from_db()
    assert (version.expires_on, version.downstream_signed_by) == (date(2027, 8, 3), house.bea)
    signed = AuditEntry.objects.filter(verb="oncall.agreement_signed")
    assert {entry.after["sha256"] for entry in signed} == {version.text_sha256}


def test_a_member_and_an_outsider_sign_nothing(house: House) -> None:
    version = drafted(house)
    for person in (house.jonas, house.lucia):
        with pytest.raises(NotAllowed) as refused:
            sign_agreement(actor=person, agreement=version.agreement, text_sha256=version.text_sha256, at=NIGHT)
        assert refused.value.code == "oncall.not_a_party"
    assert AgreementVersion.objects.get().owner_signed_at is None


def test_a_changed_text_needs_both_signatures_again_and_the_same_text_keeps_them(house: House) -> None:
    version = drafted(house)
    sign_agreement(actor=house.ruth, agreement=version.agreement, text_sha256=version.text_sha256, at=NIGHT)
    same = draft_agreement(actor=house.bea, agreement=version.agreement, drafted=Drafted(UNTIL_HALF_PAST_SIX), at=NIGHT)
    assert same.owner_signed_by == house.ruth
    later = Terms(NightClass.WAIT_UNTIL, time(9))
    changed = draft_agreement(actor=house.bea, agreement=version.agreement, drafted=Drafted(later), at=NIGHT)
    assert (changed.number, changed.owner_signed_by) == (1, None)
    with pytest.raises(Conflict) as refused:
        sign_agreement(actor=house.ruth, agreement=version.agreement, text_sha256=version.text_sha256, at=NIGHT)
    assert refused.value.code == "oncall.text_changed"


def test_somebody_of_another_team_proposes_nothing(house: House) -> None:
    agreement = house.register("growth_agg", at=NIGHT)
    with pytest.raises(NotAllowed):
        draft_agreement(actor=house.lucia, agreement=agreement, drafted=Drafted(WAKE), at=NIGHT)
    assert not AgreementVersion.objects.exists()


def test_the_database_refuses_a_change_of_what_is_in_force(house: House) -> None:
    version = house.agree("growth_daily", UNTIL_HALF_PAST_SIX, at=NIGHT)
    with pytest.raises(DatabaseError), transaction.atomic():
        AgreementVersion.objects.filter(pk=version.pk).update(night_class="wake")
    with pytest.raises(DatabaseError), transaction.atomic():
        AgreementVersion.objects.filter(pk=version.pk).delete()


def test_a_new_version_replaces_the_former_in_the_same_moment(house: House) -> None:
    first = house.agree("growth_daily", UNTIL_HALF_PAST_SIX, at=NIGHT)
    second = house.agree("growth_daily", WAKE, at=NIGHT + DAY)
    first.refresh_from_db()
    assert (first.state, first.ended_at, second.number) == ("replaced", NIGHT + DAY, 2)
    assert decision_for(house.assets["growth_daily"], NIGHT + timedelta(hours=1)).is_now is False
    assert decision_for(house.assets["growth_daily"], NIGHT + DAY).is_now is True


def test_nobody_is_woken_for_an_investor_asset_without_a_published_runbook(house: House) -> None:
    asset = house.assets["growth_agg"]
    report_to_investors(asset)
    close = NightException(date(2027, 3, 1), date(2027, 3, 5), NightClass.WAKE)
    for terms in (WAKE, Terms(NightClass.WATCH_LAST_WEEK), Terms(NightClass.WITHIN_WEEK, exceptions=(close,))):
        version = drafted(house, terms)
        with pytest.raises(Conflict) as refused:
            sign_agreement(actor=house.ruth, agreement=version.agreement, text_sha256=version.text_sha256, at=NIGHT)
        assert refused.value.code == "oncall.runbook_required"
    draft_runbook(actor=house.ines, asset=asset, team=None, at=NIGHT)
    publish_runbook(actor=house.ines, runbook=Runbook.objects.get(), at=NIGHT)
    assert house.agree("growth_agg", WAKE, at=NIGHT).state == "active"
    with pytest.raises(Conflict) as refused:
        archive_runbook(actor=house.ines, runbook=Runbook.objects.get(), reason="old", at=NIGHT)
    assert refused.value.code == "oncall.runbook_required"
    assert Runbook.objects.get().archived_at is None


def test_both_sides_are_reminded_and_then_the_default_holds(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    version = house.register("growth_daily", at=NIGHT)
    ends = date(2027, 3, 15)
    text = draft_agreement(actor=house.ruth, agreement=version, drafted=Drafted(UNTIL_HALF_PAST_SIX, ends), at=NIGHT)
    for person in (house.ruth, house.bea):
        sign_agreement(actor=person, agreement=version, text_sha256=text.text_sha256, at=NIGHT)
    end = datetime(2027, 3, 16, tzinfo=ZoneInfo("Europe/Madrid"))
    run_until(clock, end + timedelta(minutes=1))
    told = Notice.objects.filter(kind="oncall.agreement_ends").order_by("created_at")
    assert [row.context["left"][:9] for row in told if row.recipient == house.bea] == [
        "ends in 3", "ends in 7", "ends in 1", "has ended",
    ]  # fmt: skip
    text.refresh_from_db()
    assert text.state == "expired"
    assert decision_for(house.assets["growth_daily"], end).not_agreed == ("Investor Relations",)


def test_an_expired_one_counts_for_nothing_even_if_no_clock_ticked(house: House) -> None:
    house.agree("growth_daily", UNTIL_HALF_PAST_SIX, at=NIGHT)
    late = datetime(2028, 1, 5, 3, tzinfo=ZoneInfo("Europe/Madrid"))
    assert decision_for(house.assets["growth_daily"], late).not_agreed == ("Investor Relations",)


def test_another_owner_is_bound_by_nothing_the_former_signed(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    house.agree("growth_daily", UNTIL_HALF_PAST_SIX, at=NIGHT)
    asset = house.assets["growth_daily"]
    held = asset.ownerships.get()
    from_now = NIGHT + timedelta(minutes=1)
    held.valid = (held.valid.lower, from_now)
    held.state = "ended"
    held.save(update_fields=["valid", "state"])
    clock.set(from_now)
    propose_owner(actor=house.lucia, asset=asset, nomination=Nomination(team=house.identity), at=from_now)
    while drain_events():
        pass
    assert AgreementVersion.objects.get(agreement__asset=asset).state == "expired"
    assert not Deadline.objects.filter(kind="oncall.agreement_expiry", state="armed").exists()


def test_an_agreement_ends_with_its_downstream_team_and_the_owner_hears_why(house: House, clock: MovableClock) -> None:
    clock.set(NIGHT)
    version = house.agree("growth_daily", WAKE, at=NIGHT)
    later = NIGHT + timedelta(minutes=5)
    archive_team(actor=None, team=house.readers, reason="merged", at=later)
    asset = house.assets["growth_daily"]
    assert decision_for(asset, NIGHT + timedelta(minutes=1)).is_now is True
    # At once it decides nothing and is asked of nobody; within the hour it is ended.
    assert (decision_for(asset, later).is_now, decision_for(asset, later).not_agreed) == (False, ())
    assert [end_with_archived_teams(at=later + passed) for passed in (timedelta(minutes=30), DAY)] == [1, 0]
    version.refresh_from_db()
    assert (version.state, version.end_reason) == ("expired", "Investor Relations was archived")
    assert not Deadline.objects.filter(kind="oncall.agreement_expiry", state="armed").exists()
    told = Notice.objects.filter(kind="oncall.agreement_ends")
    assert [(row.recipient, row.context["left"][:48]) for row in told] == [
        (house.ruth, "has ended, because that team was archived; your "),
    ]  # fmt: skip


def test_the_page_of_an_agreement_with_an_archived_team_says_so_and_takes_no_text(
    house: House, clock: MovableClock, client: Client
) -> None:
    clock.set(NIGHT)
    agreement = house.agree("growth_daily", WAKE, at=NIGHT).agreement
    archive_team(actor=None, team=Team.objects.get(pk=house.readers.pk), reason="merged", at=NIGHT)
    assert run_digests({}, Mute())["ended"] == 1
    client.force_login(house.ruth)
    page = client.get(agreement.get_absolute_url()).content.decode()
    assert "Investor Relations was archived" in page
    assert "What was agreed with that team has ended." in page
    assert ("Propose a text" in page, "Not agreed." in page) == (False, False)
    assert "Team archived" in client.get(f"/assets/{house.assets['growth_daily'].slug}").content.decode()
    listed = [client.get("/agreements/", query).content.decode() for query in ({}, {"standing": "not_agreed"})]
    assert ["growth_daily" in each for each in listed] == [True, False]
    assert "growth_daily for" not in client.get("/oncall/proof", {"show": "agreements"}).content.decode()
    for act in (
        lambda: draft_agreement(actor=house.ruth, agreement=agreement, drafted=Drafted(WAKE), at=NIGHT),
        lambda: house.register("growth_board", team=Team.objects.get(pk=house.readers.pk), at=NIGHT),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert refused.value.code == "oncall.team_archived"
    assert AgreementVersion.objects.count() == 1


class Mute:
    """Nobody watches the Job."""

    def tell(self, **counts: int) -> None:
        del counts
