"""Boundaries of the demo: three crossings, a talk, a handover that waits for its answer (spec exercise 8)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ownership.models import Asset, Crossing
from ownership.services.assets import AssetDraft, create_asset
from ownership.services.domains import DomainDraft, create_domain
from ownership.services.evidence import Act, record_evidence
from ownership.services.handoffs import HandoffDraft, draft_handoff, offer_handoff
from ownership.services.inferring import infer_owners
from ownership.services.owning import Nomination, propose_owner
from ownership.services.refreshing import count_downstream, refresh_all
from ownership.services.reviewing import next_quarter, start_review
from ownership.services.risks import refresh_risks
from ownership.services.talks import TalkDraft, start_talk
from portal.accounts.models import Person, Team
from portal.engine.domain.subjects import subject_of
from portal.engine.services.notices import settle_notices

if TYPE_CHECKING:
    from ownership.models import Handoff

REASON = "demo"
RETENTION = "web.click_events_retention"
# Who has worked on what in the last weeks: (handle, asset, kind, days ago).
ACTS = (
    ("maeve", "net_revenue_retention", "commit", 24), ("maeve", "net_revenue_retention", "review", 17),
    ("maeve", "net_revenue_retention", "question_answered", 9), ("jonas", RETENTION, "commit", 20),
    ("jonas", RETENTION, "page_acked", 12), ("chidi", "experiment_exposures", "commit", 6),
    ("ines", "profit_agg_investor", "commit", 15), ("maeve", "profit_agg_investor", "review", 15),
    ("kofi", "growth_agg_investor", "review", 30), ("ines", "engagement_agg_investor", "commit", 40),
    # Maeve looks after what Chidi answers for.
    ("maeve", "experiment_exposures", "commit", 52), ("maeve", "experiment_exposures", "review", 46),
    ("maeve", "experiment_exposures", "commit", 39), ("maeve", "experiment_exposures", "commit", 33),
)  # fmt: skip
DAY = timedelta(days=1)


def load_boundaries(*, admin: Person, since: datetime, at: datetime) -> None:
    """Logging with a data engineer, a pipeline with a data scientist, a metric with a data engineer; what is done."""
    people = {person.handle: person for person in Person.objects.all()}
    web = Team.objects.get(slug="web-client")
    create_domain(actor=admin, draft=DomainDraft("Web", lead_team=web), at=since)
    draft = AssetDraft(
        "logging_event", RETENTION, "Deletes clicks of more than 90 days; runs beside the event it cleans.", 2, "web"
    )
    retention = create_asset(actor=admin, draft=draft, at=since)
    propose_owner(actor=people["jonas"], asset=retention, nomination=Nomination(person=people["jonas"]), at=since)
    assets = {asset.name: asset for asset in Asset.objects.all()}
    for handle, name, kind, days in ACTS:
        act = Act(kind=kind, ref=f"demo-{handle}-{name}-{days}", at=at - days * DAY)
        record_evidence(actor=None, person=people[handle], assets=[assets[name]], act=act)
    count_downstream()
    refresh_all(at=at)
    infer_owners(at=at)
    for then in (at - 12 * DAY, at):
        refresh_risks(at=then)
    _handover(people, assets["net_revenue_retention"], at - 2 * DAY)
    talk = start_talk(
        actor=people["ruth"], at=at - DAY,
        draft=TalkDraft(Team.objects.get(slug="core-data"), web, at + 5 * DAY, f"- {RETENTION}\n- who is paged for it"),
    )  # fmt: skip
    settle_notices(actor=None, subject=subject_of(talk), reason=REASON, at=at)
    review = start_review(actor=None, quarter=next_quarter(at), at=at - 2 * DAY)
    settle_notices(actor=None, subject=subject_of(review), reason=REASON, at=at)


def _handover(people: dict[str, Person], metric: Asset, offered_at: datetime) -> Handoff:
    """Maeve offers the metric to the analysts; Elif has not answered yet."""
    draft = HandoffDraft(
        giver=people["maeve"], taker=Team.objects.get(slug="product-analytics"), asset_ids=[metric.pk],
        effective_at=offered_at + 14 * DAY, reason="The definition belongs with the analysts.",
        note="The pipeline below stays with Core Data.",
        crossing_ids=list(Crossing.objects.filter(asset=metric, valid__upper_inf=True).values_list("pk", flat=True)),
    )  # fmt: skip
    handoff = draft_handoff(actor=people["maeve"], draft=draft, at=offered_at)
    offer_handoff(actor=people["maeve"], handoff=handoff, at=offered_at)
    settle_notices(actor=None, subject=subject_of(handoff), reason=REASON, at=offered_at)
    return handoff
