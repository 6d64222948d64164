"""Sign-in at the company's own provider: OpenID Connect, authorization code with PKCE (spec security 3)."""

from __future__ import annotations
