"""The door of programs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from rest_framework.test import APIClient, APIRequestFactory

from portal.accounts.authentication import TokenAuthentication
from portal.accounts.models import ApiToken
from portal.accounts.services.people import create_service_person
from portal.accounts.services.tokens import NewToken, issue_token, revoke_token, rotate_token
from portal.core import context
from portal.core.clock import now
from portal.core.errors import BadRequest, DomainError, NotAllowed
from portal.core.models import AuditEntry
from tests.world import BEFORE

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
WISH = NewToken("laptop", ["people:read"])


def knock(header: str, address: str = "10.2.3.4", query: str = "") -> Any:
    request = APIRequestFactory().get(f"/api/v1/people{query}", HTTP_AUTHORIZATION=header, REMOTE_ADDR=address)
    return TokenAuthentication().authenticate(_wrapped(request))


def _wrapped(request: Any) -> Any:
    from rest_framework.request import Request  # noqa: PLC0415 (keeps the name `request` apart)

    return Request(request)


def answer(header: str, address: str = "10.2.3.4") -> str:
    try:
        knock(header, address)
    except Exception as refusal:  # noqa: BLE001 (the text is what is compared)
        return f"{type(refusal).__name__}: {refusal}"
    return "in"


def test_a_token_opens_as_its_person_with_its_scopes(bob: Person) -> None:
    token, secret = issue_token(actor=bob, person=bob, wish=WISH, at=now())
    with context.use(context.Context(via="api")):
        person, auth = knock(f"Bearer {secret}")
        assert context.current().token_id == token.pk
    assert (person, auth.scopes, secret[:4]) == (bob, ["people:read"], "hwt_")


def test_unknown_expired_revoked_and_foreign_get_one_answer(bob: Person, clock: MovableClock) -> None:
    _, expired = issue_token(actor=bob, person=bob, wish=NewToken("old", ["people:read"], days=1), at=now())
    row, revoked = issue_token(actor=bob, person=bob, wish=WISH, at=now())
    revoke_token(actor=bob, token=row, at=now())
    near = NewToken("near", ["people:read"], networks=["192.168.0.0/16"])
    _, foreign = issue_token(actor=bob, person=bob, wish=near, at=now())
    clock.advance(days=2)
    headers = [f"Bearer {secret}" for secret in (expired, revoked, foreign, "hwt_unknown", "\xff\xfe", "é", "")]
    assert {answer(header) for header in headers} == {"AuthenticationFailed: This token opens nothing."}
    assert answer(f"bearer {foreign}", "192.168.7.7") == "in"


def test_no_header_is_somebody_elses_door(bob: Person) -> None:
    assert knock("") is None
    assert knock("Basic Ym9iOg==") is None


def test_a_token_in_the_address_is_refused_and_revoked(bob: Person) -> None:
    row, secret = issue_token(actor=bob, person=bob, wish=WISH, at=now())
    with pytest.raises(BadRequest) as refusal:
        knock("", query=f"?token={secret}")
    row.refresh_from_db()
    assert (refusal.value.code, row.revoked_at is not None) == ("core.token_in_url", True)


def test_use_is_remembered_by_the_minute(bob: Person, clock: MovableClock) -> None:
    row, secret = issue_token(actor=bob, person=bob, wish=WISH, at=now())
    seen = []
    for _ in range(3):
        knock(f"Bearer {secret}")
        seen.append(ApiToken.objects.get(pk=row.pk).last_used_at)
        clock.advance(seconds=31)
    assert (seen[0] == seen[1], seen[1] == seen[2], row.last_used_from) == (True, False, None)


def test_the_secret_is_nowhere_at_rest(bob: Person) -> None:
    row, secret = issue_token(actor=bob, person=bob, wish=WISH, at=now())
    entry = AuditEntry.objects.get(verb="accounts.token_issued")
    assert secret not in f"{row.__dict__} {entry.__dict__}"


def test_a_rotated_token_lives_24_more_hours(bob: Person) -> None:
    at = now()
    row, _ = issue_token(actor=bob, person=bob, wish=WISH, at=at)
    new, _ = rotate_token(actor=bob, token=row, at=at)
    row.refresh_from_db()
    assert (row.expires_at, row.replaced_by, new.scopes) == (at + timedelta(hours=24), new, ["people:read"])
    with pytest.raises(DomainError) as refusal:
        rotate_token(actor=bob, token=row, at=at)
    assert refusal.value.code == "accounts.token_ended"


@pytest.mark.parametrize(
    ("wish", "code", "field"),
    [
        (NewToken("x", ["people:*"]), "accounts.unknown_scope", "scopes"),
        (NewToken("x", []), "accounts.no_scope", "scopes"),
        (NewToken("x", ["people:read"], days=367), "accounts.token_life", "days"),
        (NewToken("x", ["people:read"], networks=["10.0.0.1/8"]), "accounts.bad_network", "networks"),
        (NewToken("a\u202eb", ["people:read"]), "accounts.unsafe_text", "name"),
    ],
)
def test_a_wrong_wish_is_refused_with_its_field(bob: Person, wish: NewToken, code: str, field: str) -> None:
    with pytest.raises(DomainError) as refusal:
        issue_token(actor=bob, person=bob, wish=wish, at=now())
    assert (refusal.value.code, refusal.value.field, ApiToken.objects.count()) == (code, field, 0)


def test_a_token_makes_none_stronger_than_itself(bob: Person) -> None:
    maker, _ = issue_token(actor=bob, person=bob, wish=NewToken("maker", ["tokens:write"], days=10), at=now())
    with context.use(context.Context(via="api", token_id=maker.pk)), pytest.raises(DomainError) as refusal:
        issue_token(actor=bob, person=bob, wish=WISH, at=now())
    assert (refusal.value.code, ApiToken.objects.count()) == ("accounts.token_scope", 1)


def test_tokens_of_others_are_made_by_nobody_and_those_of_programs_by_the_lead(world: World) -> None:
    robot = create_service_person(
        actor=None, handle="loader", name="Loader", owner_team=world.data_platform, purpose="loads", at=BEFORE
    )
    issue_token(actor=world.alice, person=robot, wish=WISH, at=now())
    for actor, person in ((world.alice, world.bob), (world.bob, robot)):
        with pytest.raises(NotAllowed):
            issue_token(actor=actor, person=person, wish=WISH, at=now())
    assert ApiToken.objects.count() == 1


def test_the_api_answers_401_with_the_scheme(bob: Person) -> None:
    response = APIClient().get("/api/v1/teams", HTTP_AUTHORIZATION="Bearer hwt_nothing")
    assert response.status_code in (401, 404)


def by_token(token: ApiToken) -> Any:
    return context.use(context.Context(via="api", token_id=token.pk))


def test_revoking_a_token_ends_what_was_made_with_it_and_no_other(bob: Person) -> None:
    maker, _ = issue_token(actor=bob, person=bob, wish=NewToken("maker", ["tokens:write", "people:read"]), at=now())
    other, _ = issue_token(actor=bob, person=bob, wish=WISH, at=now())
    child_wish = NewToken("child", ["tokens:write", "people:read"], days=60)
    with by_token(maker):
        child, _ = issue_token(actor=bob, person=bob, wish=child_wish, at=now())
    with by_token(child):
        grandchild, secret = issue_token(actor=bob, person=bob, wish=NewToken("its", ["people:read"], days=9), at=now())
    assert answer(f"Bearer {secret}") == "in"
    revoke_token(actor=bob, token=maker, reason="it leaked", at=now())
    ended = dict(ApiToken.objects.filter(revoked_at__isnull=False).values_list("name", "pk"))
    assert ended == {"maker": maker.pk, "child": child.pk, "its": grandchild.pk}
    assert (other.name in ended, answer(f"Bearer {secret}") == "in") == (False, False)
    reasons = AuditEntry.objects.filter(verb="accounts.token_revoked").order_by("pk").values_list("reason", flat=True)
    assert list(reasons) == ["it leaked", *["made with maker, which was revoked"] * 2]


def test_a_rotated_token_answers_for_what_its_forerunner_made(bob: Person) -> None:
    maker, _ = issue_token(actor=bob, person=bob, wish=NewToken("maker", ["tokens:write", "people:read"]), at=now())
    with by_token(maker):
        child, _ = issue_token(actor=bob, person=bob, wish=NewToken("child", ["people:read"], days=9), at=now())
    successor, _ = rotate_token(actor=bob, token=maker, at=now())
    assert successor.made_by is None
    revoke_token(actor=bob, token=successor, at=now())
    child.refresh_from_db()
    assert child.revoked_at is not None


def test_what_another_token_rotated_ends_with_that_one(bob: Person) -> None:
    maker, _ = issue_token(actor=bob, person=bob, wish=NewToken("maker", ["tokens:write", "people:read"]), at=now())
    own, _ = issue_token(actor=bob, person=bob, wish=NewToken("own", ["people:read"], days=9), at=now())
    with by_token(maker):
        successor, _ = rotate_token(actor=bob, token=own, at=now())
    revoke_token(actor=bob, token=maker, at=now())
    successor.refresh_from_db()
    assert (successor.revoked_at is not None, ApiToken.objects.get(pk=own.pk).revoked_at) == (True, None)
