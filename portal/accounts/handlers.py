"""What happens when a deadline of this room falls due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.accounts.models import ApiToken, Person
from portal.accounts.queries.changes import followed_changes
from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import leads_of_team
from portal.core.web.presentation import count_words
from portal.engine.domain.drafts import FireResult, NoticeDraft, Recipient, dedup_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from portal.engine.domain.drafts import DueDeadline

EXPIRY = "accounts.token_expiry"
DIGEST = "accounts.follow_digest"
TOKENS_URL = "/me/tokens/"


class TokenExpiry:
    """Warns the owner of a token 30, 7 and 1 days before its end; a program's token warns the leads of its team."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> Mapping[int, FireResult]:
        ids = [deadline.subject.id for deadline in deadlines]
        rows = ApiToken.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__in=ids)
        tokens = {token.pk: token for token in rows.select_related("person__owner_team")}
        known = set(ApiToken.objects.filter(pk__in=ids).values_list("pk", flat=True))
        return {
            deadline.id: _warning(tokens.get(deadline.subject.id), deadline, at)
            for deadline in deadlines
            if deadline.subject.id in tokens or deadline.subject.id not in known
        }


def _warning(token: ApiToken | None, deadline: DueDeadline, at: datetime) -> FireResult:
    if token is None or token.revoked_at is not None or token.replaced_by_id is not None or token.expires_at <= at:
        return FireResult("skipped", "the token has ended")
    context = {"name": token.name, "left": count_words(deadline.step, "day"), "url": TOKENS_URL}
    notices = [
        NoticeDraft(
            EXPIRY, dedup_key(EXPIRY, deadline.subject, deadline.step, to), deadline.subject, to, "warn", context
        )
        for to in _owners(token, at)
    ]
    return FireResult(notices=tuple(notices))


def _owners(token: ApiToken, at: datetime) -> list[Recipient]:
    owner = token.person
    if not owner.is_service or owner.owner_team is None:
        return [Recipient(person_id=owner.pk)]
    leads = leads_of_team(owner.owner_team, local_day(owner, at))
    return [Recipient(person_id=lead.pk) for lead in leads] or [Recipient()]


class FollowDigest:
    """One notice for what others changed in ten minutes (spec accounts 5)."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> Mapping[int, FireResult]:
        del at
        ids = [deadline.subject.id for deadline in deadlines]
        people = {person.pk: person for person in Person.objects.filter(pk__in=ids)}
        return {deadline.id: _digest(people.get(deadline.subject.id), deadline) for deadline in deadlines}


def _digest(person: Person | None, deadline: DueDeadline) -> FireResult:
    if person is None or not person.is_active:
        return FireResult("skipped", "the person has left")
    changes = followed_changes(person, after_id=int(deadline.payload.get("after", 0)))
    if not changes:
        return FireResult("nothing", "nothing visible changed")
    to = Recipient(person_id=person.pk)
    key = f"{DIGEST}:{deadline.subject.key}:{changes[-1].pk}"
    context = {"count": count_words(len(changes), "change"), "lines": "\n".join(entry.line for entry in changes)}
    notice = NoticeDraft(DIGEST, key, deadline.subject, to, "info", context | {"url": "/changes/"})
    return FireResult(notices=(notice,))
