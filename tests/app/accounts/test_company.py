"""The company's own sign-in, against a real provider over HTTP: authorization code, PKCE, nonce, key set."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import io
import json
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import jwt
import oidc_provider_mock  # type: ignore[import-untyped]  # ships no types
import pytest
import requests
import werkzeug.serving
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from werkzeug.wrappers import Request, Response

from portal.accounts.models import Person
from portal.accounts.services.leaving import deactivate_person
from portal.core.clock import now
from portal.core.models import AuditEntry
from portal.engine.models import Notice
from tests.world import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.test import Client

    from tests.world import World

pytestmark = [
    pytest.mark.django_db,
    # What the provider's own packages say of each other is not ours to mend.
    pytest.mark.filterwarnings("ignore:get_jwt_config"),
    pytest.mark.filterwarnings("ignore:authlib.jose"),
]
CLIENT_ID = "headwater"
DOOR, BACK = "/auth/company/", "/auth/company/callback"
ANA = {"email": "ana@example.com", "email_verified": True, "name": "Ana Ruiz", "preferred_username": "ana.ruiz"}
Claims = dict[str, Any]


@dataclass
class Provider:
    """oidc-provider-mock on a port of its own, behind a lens that sees each request and can bend the ID token."""

    app: Any = field(default_factory=oidc_provider_mock.app)
    seen: dict[str, list[dict[str, list[str]]]] = field(default_factory=dict)
    bend: Callable[[str], str] | None = None
    url: str = ""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        body = request.get_data()
        environ["wsgi.input"] = io.BytesIO(body)
        self.seen.setdefault(request.path, []).append(parse_qs(body.decode()))
        answer = Response.from_app(self.app, environ)
        if request.path == "/oauth2/token" and self.bend is not None and answer.status_code == 200:
            told = json.loads(answer.get_data())
            answer.set_data(json.dumps(told | {"id_token": self.bend(told["id_token"])}))
        return answer(environ, start_response)

    def knows(self, sub: str, claims: Claims) -> None:
        requests.put(f"{self.url}/users/{sub}", json=claims, timeout=5).raise_for_status()

    def agree(self, url: str, sub: str) -> str:
        """What the person does there: they choose who they are, and are sent back with a code."""
        answer = requests.post(url, data={"sub": sub}, allow_redirects=False, timeout=5)
        back = urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    provider = Provider()
    server = werkzeug.serving.make_server("127.0.0.1", 0, provider, threaded=True)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield provider
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def provider(running: Provider, monkeypatch: pytest.MonkeyPatch) -> Provider:
    running.seen.clear()
    running.bend = None
    place = urlsplit(running.url).netloc
    env = dataclasses.replace(
        settings.ENV, oidc_issuer=running.url, oidc_client_id=CLIENT_ID, oidc_client_secret="s3cret",
        oidc_name="Example account", oidc_domains=["example.com"], egress_allow=[f"{place}=127.0.0.0/8"],
    )  # fmt: skip
    monkeypatch.setattr(settings, "ENV", env)
    return running


def way_out(client: Client, door: str = DOOR) -> str:
    """The link of the page that leads to the provider."""
    page = client.post(door)
    assert page.status_code == 200
    url: str = page.context["url"]
    return url


def come(client: Client, provider: Provider, sub: str, claims: Claims = ANA) -> Any:
    provider.knows(sub, claims)
    return client.get(provider.agree(way_out(client), sub))


def who(client: Client) -> str:
    """The handle of who is signed in, or nothing."""
    pk = client.session.get("_auth_user_id")
    return Person.objects.get(pk=pk).handle if pk else ""


def forged(token: str, **changed: Any) -> Claims:
    """The claims of a real token with some of them changed."""
    return jwt.decode(token, options={"verify_signature": False}) | changed


def test_a_newcomer_of_the_company_comes_in_without_a_team(client: Client, provider: Provider, world: World) -> None:
    answer = come(client, provider, "ana-1")
    ana = Person.objects.get(email="ana@example.com")
    assert (answer.status_code, answer["Location"], who(client)) == (302, "/", "ana.ruiz")
    assert (ana.name, ana.is_admin, ana.has_usable_password()) == ("Ana Ruiz", False, False)
    assert [place.team.slug for place in ana.memberships.all()] == ["no-team"]
    assert AuditEntry.objects.filter(verb="accounts.company_connected", object_id=str(ana.pk)).count() == 1


def test_the_way_there_carries_state_nonce_and_pkce_and_the_code_proves_it(
    client: Client, provider: Provider, world: World
) -> None:
    url = way_out(client)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert (asked["response_type"], asked["client_id"], asked["code_challenge_method"]) == ("code", CLIENT_ID, "S256")
    assert asked["redirect_uri"] == f"{settings.BASE_URL}{BACK}"
    assert (len(asked["nonce"]) > 40, bool(asked["state"])) == (True, True)
    provider.knows("ana-2", ANA)
    client.get(provider.agree(url, "ana-2"))
    verifier = provider.seen["/oauth2/token"][0]["code_verifier"][0]
    proof = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    assert proof == asked["code_challenge"]
    assert len(provider.seen["/jwks"]) == 1


def test_the_second_time_it_is_the_same_person_whatever_the_address_says_now(
    client: Client, provider: Provider, world: World
) -> None:
    come(client, provider, "ana-3")
    client.post("/auth/logout/")
    come(client, provider, "ana-3", ANA | {"email": "ana.new@example.com"})
    assert (who(client), Person.objects.filter(handle__startswith="ana").count()) == ("ana.ruiz", 1)


def test_an_address_somebody_has_here_never_links_by_itself(client: Client, provider: Provider, world: World) -> None:
    answer = come(client, provider, "thief", ANA | {"email": "bob@example.com"})
    assert (answer.status_code, who(client), SocialAccount.objects.count()) == (403, "", 0)
    assert b"Somebody here has this e-mail address" in answer.content


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"email": "eve@elsewhere.org"}, b"not of a company that may come in"),
        ({"email_verified": False}, b"has not verified your e-mail"),
        ({"email_verified": "true"}, b"has not verified your e-mail"),
        ({"email": "eve@example.com.elsewhere.org"}, b"not of a company that may come in"),
    ],
)
def test_strangers_stay_outside(
    client: Client, provider: Provider, world: World, changed: Claims, reason: bytes
) -> None:
    before = Person.objects.count()
    answer = come(client, provider, "eve", ANA | changed)
    assert (answer.status_code, reason in answer.content, who(client)) == (403, True, "")
    assert (Person.objects.count(), SocialAccount.objects.count()) == (before, 0)


def test_groups_ask_the_leads_and_give_nothing(client: Client, provider: Provider, world: World) -> None:
    come(client, provider, "ana-4", ANA | {"groups": ["data-platform", "admin", "unknown"]})
    ana = Person.objects.get(handle="ana.ruiz")
    assert [place.team.slug for place in ana.memberships.all()] == ["no-team"]
    told = Notice.objects.filter(kind="accounts.place_me").values_list("recipient__handle", flat=True)
    assert (list(told), ana.is_admin, ana.is_auditor) == (["alice"], False, False)


def test_a_second_person_of_one_name_gets_a_number(client: Client, provider: Provider, world: World) -> None:
    come(client, provider, "bob-2", ANA | {"preferred_username": "bob"})
    assert who(client) == "bob2"


def unsigned(token: str) -> str:
    return jwt.encode(forged(token), "", algorithm="none")


def of_another_key(token: str) -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(forged(token), key, algorithm="RS256", headers=jwt.get_unverified_header(token))


def confused(provider: Provider) -> Callable[[str], str]:
    """Signed by HMAC with the provider's public key as the secret."""
    keys = requests.get(f"{provider.url}/jwks", timeout=5).json()["keys"]
    public: Any = jwt.PyJWK.from_dict(keys[0], algorithm="RS256").key
    secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def bend(token: str) -> str:
        head = {"alg": "HS256", "typ": "JWT", "kid": keys[0].get("kid")}
        parts = [_b64(json.dumps(part).encode()) for part in (head, forged(token))]
        signed = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
            ".".join(parts).encode(), secret
        )
        return ".".join([*parts, _b64(signed)])

    return bend


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.mark.parametrize("bend", [unsigned, of_another_key, lambda _: "", lambda _: "not.a.token"])
def test_a_token_nobody_signed_opens_nothing(
    client: Client, provider: Provider, world: World, bend: Callable[[str], str]
) -> None:
    before = Person.objects.count()
    provider.bend = bend
    answer = come(client, provider, "mallory")
    assert (answer.status_code, who(client), Person.objects.count()) == (403, "", before)


def test_a_public_key_is_never_taken_for_a_secret(client: Client, provider: Provider, world: World) -> None:
    provider.bend = confused(provider)
    answer = come(client, provider, "mallory")
    assert (answer.status_code, who(client)) == (403, "")


def test_a_token_for_another_client_opens_nothing(client: Client, provider: Provider, world: World) -> None:
    """Signed by the provider itself, but somebody else is its audience."""
    stolen: list[str] = []
    provider.bend = lambda token: stolen.append(token) or token  # type: ignore[func-returns-value]  # remembers, passes
    elsewhere = dataclasses.replace(settings.ENV, oidc_client_id="another")
    ours, settings.ENV = settings.ENV, elsewhere
    come(client, provider, "mallory")
    client.post("/auth/logout/")
    settings.ENV = ours
    provider.bend = lambda _: stolen[0]
    answer = client.get(provider.agree(way_out(client), "mallory"))
    assert (answer.status_code, who(client)) == (403, "")


def test_a_token_of_an_earlier_sign_in_opens_nothing(client: Client, provider: Provider, world: World) -> None:
    kept: list[str] = []
    provider.bend = lambda token: kept.append(token) or token  # type: ignore[func-returns-value]  # remembers, passes
    come(client, provider, "ana-5")
    client.post("/auth/logout/")
    provider.bend = lambda _: kept[0]
    answer = client.get(provider.agree(way_out(client), "ana-5"))
    assert (answer.status_code, who(client)) == (403, "")


def test_an_answer_opens_the_door_once(client: Client, provider: Provider, world: World) -> None:
    provider.knows("ana-6", ANA)
    back = provider.agree(way_out(client), "ana-6")
    assert client.get(back).status_code == 302
    client.post("/auth/logout/")
    assert (client.get(back).status_code, who(client)) == (403, "")


def test_an_answer_opens_no_other_browser(client: Client, provider: Provider, world: World) -> None:
    provider.knows("ana-7", ANA)
    back = provider.agree(way_out(client), "ana-7")
    other = type(client)()
    assert (other.get(back).status_code, who(other)) == (403, "")


def test_a_person_connects_their_company_account_and_comes_in_by_it(
    client: Client, provider: Provider, world: World
) -> None:
    client.post("/auth/login/", {"login": "bob@example.com", "password": PASSWORD})
    provider.knows("bob-1", ANA | {"email": "bob@example.com"})
    answer = client.get(provider.agree(way_out(client, "/me/company/connect"), "bob-1"))
    assert (answer.status_code, answer["Location"]) == (302, "/me/sessions/")
    client.post("/auth/logout/")
    come(client, provider, "bob-1", ANA | {"email": "bob@example.com"})
    assert who(client) == "bob"
    client.post("/me/company/disconnect")
    client.post("/auth/logout/")
    come(client, provider, "bob-1", ANA | {"email": "bob@example.com"})
    assert who(client) == ""


def test_the_only_way_in_is_not_taken_away(client: Client, provider: Provider, world: World) -> None:
    come(client, provider, "ana-8")
    answer = client.post("/me/company/disconnect")
    assert (answer.status_code, SocialAccount.objects.count()) == (409, 1)


def test_a_leaver_does_not_come_back_by_the_company(
    client: Client, provider: Provider, world: World, admin: Person
) -> None:
    come(client, provider, "ana-9")
    client.post("/auth/logout/")
    deactivate_person(actor=admin, person=Person.objects.get(handle="ana.ruiz"), reason="left", at=now())
    come(client, provider, "ana-9")
    assert who(client) == ""


def test_after_fifteen_minutes_the_company_vouches_again(client: Client, provider: Provider, world: World) -> None:
    come(client, provider, "ana-10")
    make_old(client)
    answer = client.post("/me/tokens/", {}, follow=True)
    assert (answer.redirect_chain[0][0].split("?")[0], answer.status_code) == (DOOR, 200)
    out = client.post(DOOR, {"next": "/me/tokens/"})
    back = client.get(provider.agree(out.context["url"], "ana-10"))
    assert (back["Location"], client.post("/me/tokens/", {}).status_code) == ("/me/tokens/", 422)


def make_old(client: Client) -> None:
    """Half an hour passes since the person proved who they are."""
    session = client.session
    session["account_authentication_methods"] = [
        proof | {"at": time.time() - 1800} for proof in session["account_authentication_methods"]
    ]
    session.save()


@pytest.mark.parametrize("page", ["/auth/2fa/totp/activate/", "/auth/2fa/webauthn/add/", "/auth/password/set/"])
def test_a_new_door_is_opened_only_after_the_company_vouched_again(
    client: Client, provider: Provider, world: World, page: str
) -> None:
    come(client, provider, "ana-11")
    make_old(client)
    for ask in (client.get, client.post):
        asked = ask(page, follow=True)
        assert [step[0].split("?")[0] for step in asked.redirect_chain][-1] == DOOR
    out = client.post(DOOR, {"next": page})
    back = client.get(provider.agree(out.context["url"], "ana-11"))
    assert (back["Location"], client.get(page).status_code) == (page, 200)


def test_a_password_typed_too_late_is_kept_nowhere(client: Client, provider: Provider, world: World) -> None:
    come(client, provider, "ana-12")
    make_old(client)
    typed = {"password1": "a brand new sentence of mine", "password2": "a brand new sentence of mine"}
    assert client.post("/auth/password/set/", typed)["Location"] == "/auth/password/set/"
    assert "brand new sentence" not in str(dict(client.session))
    assert not Person.objects.get(handle="ana.ruiz").has_usable_password()


def test_a_provider_that_is_away_is_said_and_the_password_works(
    client: Client, provider: Provider, world: World
) -> None:
    settings.ENV = dataclasses.replace(
        settings.ENV, oidc_issuer="http://127.0.0.1:9", egress_allow=["127.0.0.1:9=127.0.0.0/8"]
    )
    answer = client.post(DOOR)
    assert (answer.status_code, b"does not answer" in answer.content) == (503, True)
    client.post("/auth/login/", {"login": "bob@example.com", "password": PASSWORD})
    assert who(client) == "bob"


def test_without_a_provider_there_is_no_such_door(client: Client, world: World) -> None:
    assert [client.post(DOOR).status_code, client.get(BACK).status_code] == [404, 404]
    assert b"company" not in client.get("/auth/login/").content
