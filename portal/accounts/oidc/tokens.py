"""Whether an ID token says what it must (OpenID Connect Core 1.0, section 3.1.3.7)."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING, Any

import jwt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# The only two, and the kind of key each needs: a public key is never taken for the secret of an HMAC.
KEY_TYPES = {"RS256": "RSA", "ES256": "EC"}
NEEDED = ["exp", "iat", "iss", "aud", "sub", "nonce"]
LEEWAY_SECONDS = 60
LONGEST_SUBJECT = 255


class BadTokenError(Exception):
    """The token proves nothing; the message is for the log."""


def verified_claims(
    token: str, *, keys: Sequence[Mapping[str, Any]], issuer: str, client_id: str, nonce: str
) -> dict[str, Any]:
    """The claims of a token that `issuer` signed for this client and this very sign-in. Raises `BadTokenError`.

    `keys` is the provider's key set (JWKS). Unsigned tokens, HMAC, foreign keys, audiences, issuers and nonces, and
    tokens whose time is over are refused.
    """
    try:
        header = jwt.get_unverified_header(token)
        key = _key(header, keys)
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[header["alg"]],
            issuer=issuer,
            audience=client_id,
            leeway=LEEWAY_SECONDS,
            options={"require": NEEDED},
        )
    except jwt.PyJWTError as error:
        raise BadTokenError(str(error)) from error
    if not compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
        raise BadTokenError("the nonce is another sign-in's")
    if claims.get("azp", client_id) != client_id or (isinstance(claims["aud"], list) and len(claims["aud"]) > 1):
        raise BadTokenError("the token is meant for others as well")
    if not claims["sub"] or len(claims["sub"]) > LONGEST_SUBJECT:
        raise BadTokenError("the subject is empty or too long")
    return claims


def _key(header: Mapping[str, Any], keys: Sequence[Mapping[str, Any]]) -> jwt.PyJWK:
    """The one key that may have signed: of the kind the algorithm needs, and of the name in the header."""
    algorithm = header.get("alg")
    if algorithm not in KEY_TYPES:
        raise BadTokenError("the algorithm is neither RS256 nor ES256")
    fitting = [
        key
        for key in keys
        if key.get("kty") == KEY_TYPES[algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and ("kid" not in header or key.get("kid") == header["kid"])
    ]
    if len(fitting) != 1:
        raise BadTokenError("no key of the provider fits")
    return jwt.PyJWK.from_dict(dict(fitting[0]), algorithm=algorithm)
