"""Production refuses unsafe settings, each by name; a secret may come from a file, not from two places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploy.gate import PRODUCTION
from portal.settings.env import DEVELOPMENT_SECRET, Env, SettingsError, load

if TYPE_CHECKING:
    from pathlib import Path

SAFE = {name: value for name, value in PRODUCTION.items() if name != "DJANGO_SETTINGS_MODULE"}
SECRETS = [setting.metadata["name"] for setting in Env.__dataclass_fields__.values() if setting.metadata["secret"]]
REFUSED = {
    "a short secret key": ("HEADWATER_SECRET_KEY", "short"),
    "a secret key of few characters": ("HEADWATER_SECRET_KEY", "ab" * 40),
    "the shipped secret key": ("HEADWATER_SECRET_KEY", DEVELOPMENT_SECRET),
    "no data keys": ("HEADWATER_DATA_KEYS", ""),
    "no database": ("DATABASE_URL", ""),
    "a database without TLS": ("DATABASE_URL", "postgresql://headwater_app:x@db/headwater"),
    "a plain address": ("HEADWATER_BASE_URL", "http://headwater.internal"),
    "any host": ("HEADWATER_ALLOWED_HOSTS", "*"),
    "failpoints": ("HEADWATER_FAILPOINTS", "send:0.1"),
    "a skewed clock": ("HEADWATER_TEST_CLOCK_SKEW", "60"),
    "no second factor": ("HEADWATER_MFA", "off"),
    "the fast engine": ("HEADWATER_ENGINE_PROFILE", "fast"),
}


def test_a_complete_installation_starts() -> None:
    assert load(SAFE).is_production


@pytest.mark.parametrize(("name", "value"), REFUSED.values(), ids=REFUSED.keys())
def test_production_refuses(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load(SAFE | {name: value})


def test_all_faults_come_in_one_message() -> None:
    with pytest.raises(SettingsError) as refusal:
        load(SAFE | {"HEADWATER_BASE_URL": "http://x", "HEADWATER_FAILPOINTS": "x:1", "HEADWATER_NO_SUCH": "1"})
    assert all(name in str(refusal.value) for name in ("BASE_URL", "FAILPOINTS", "HEADWATER_NO_SUCH"))


def test_a_message_never_shows_a_secret() -> None:
    with pytest.raises(SettingsError) as refusal:
        load(SAFE | {"HEADWATER_SECRET_KEY": "tooshort-and-private"})
    assert "tooshort-and-private" not in str(refusal.value)


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_may_come_from_a_file(name: str, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("from-a-file\n")
    env = load({f"{name}_FILE": str(path)})
    field = next(setting.name for setting in Env.__dataclass_fields__.values() if setting.metadata["name"] == name)
    assert getattr(env, field) in ("from-a-file", ["from-a-file"])


@pytest.mark.parametrize("name", SECRETS)
def test_a_value_given_twice_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("x")
    with pytest.raises(SettingsError, match="not both"):
        load({name: "x", f"{name}_FILE": str(path)})
