"""Every setting of an installation, read once from the environment.

`load` returns a frozen `Env` or raises `SettingsError`, whose message lists every wrong value at once and never shows
a secret. `NAME_FILE` reads a value from a file and wins over nothing: giving both forms is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import available_timezones

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
DEVELOPMENT_SECRET = "development-only-secret-key-that-production-refuses-to-start-with"
TRUE = {"1", "yes", "true", "on"}
FALSE = {"", "0", "no", "false", "off"}


class SettingsError(Exception):
    """The environment does not describe an installation; the message names each variable."""


def _setting(name: str, default: Any, help_text: str, *, secret: bool = False, choices: tuple[str, ...] = ()) -> Any:
    meta = {"name": name, "help": help_text, "secret": secret, "choices": choices}
    if isinstance(default, list):
        return field(default_factory=lambda: list(default), metadata=meta)
    return field(default=default, metadata=meta)


@dataclass(frozen=True)
class Env:
    """The settings; each field names its variable and says what it does."""

    env: Literal["development", "test", "production"] = _setting(
        "HEADWATER_ENV", "development", "which profile runs", choices=("development", "test", "production")
    )
    secret_key: str = _setting("HEADWATER_SECRET_KEY", DEVELOPMENT_SECRET, "signs sessions and cursors", secret=True)
    secret_key_old: str = _setting("HEADWATER_SECRET_KEY_OLD", "", "the key before the last rotation", secret=True)
    data_keys: list[str] = _setting(
        "HEADWATER_DATA_KEYS", [], "Fernet keys for secrets at rest, newest first", secret=True
    )
    ack_keys: list[str] = _setting("HEADWATER_ACK_KEYS", [], "keys of acknowledge links; empty: derived", secret=True)
    database_url: str = _setting("DATABASE_URL", "", "PostgreSQL, role headwater_app", secret=True)
    watch_database_url: str = _setting(
        "HEADWATER_WATCH_DATABASE_URL", "", "PostgreSQL, role headwater_watch", secret=True
    )
    backup_database_url: str = _setting(
        "HEADWATER_BACKUP_DATABASE_URL", "", "PostgreSQL, role headwater_backup; empty: the application's", secret=True
    )
    verify_database_url: str = _setting(
        "HEADWATER_VERIFY_DATABASE_URL", "", "an empty database, role headwater_owner, for the weekly trial restore",
        secret=True,
    )  # fmt: skip
    backups_dir: str = _setting("HEADWATER_BACKUPS_DIR", "", "where the nightly backup goes; empty: none is made")
    db_plaintext: bool = _setting("HEADWATER_DB_PLAINTEXT", False, "the way to PostgreSQL is private and needs no TLS")
    redis_url: str = _setting("REDIS_URL", "", "hints for Celery; empty: the engine alone delivers", secret=True)
    base_url: str = _setting("HEADWATER_BASE_URL", "http://localhost:8000", "the address in every link")
    allowed_hosts: list[str] = _setting("HEADWATER_ALLOWED_HOSTS", ["localhost", "127.0.0.1"], "host names served")
    trusted_proxies: list[str] = _setting("HEADWATER_TRUSTED_PROXIES", [], "networks whose X-Forwarded-For counts")
    time_zone: str = _setting("HEADWATER_TIME_ZONE", "UTC", "zone of the installation")
    fiscal_year_start: int = _setting("HEADWATER_FISCAL_YEAR_START", 1, "month in which the fiscal year begins, 1-12")
    smtp_url: str = _setting("HEADWATER_SMTP_URL", "", "smtp://user:password@host:port, smtps:// for TLS", secret=True)
    mail_from: str = _setting("HEADWATER_MAIL_FROM", "Headwater <headwater@localhost>", "sender of every mail")
    watchdog_smtp_url: str = _setting("HEADWATER_WATCHDOG_SMTP_URL", "", "the watchdog's own way out", secret=True)
    watchdog_webhook_url: str = _setting(
        "HEADWATER_WATCHDOG_WEBHOOK_URL", "", "the watchdog posts alarms here", secret=True
    )
    watchdog_heartbeat_url: str = _setting(
        "HEADWATER_WATCHDOG_HEARTBEAT_URL", "", "called while all is well", secret=True
    )
    watchdog_to: str = _setting("HEADWATER_WATCHDOG_TO", "", "address of the watchdog's mail")
    mfa: str = _setting("HEADWATER_MFA", "", "who needs a second factor", choices=("", "off", "admins", "leads", "all"))
    oidc_issuer: str = _setting("HEADWATER_OIDC_ISSUER", "", "the company's sign-in, such as https://id.example.com")
    oidc_client_id: str = _setting("HEADWATER_OIDC_CLIENT_ID", "", "who we are there")
    oidc_client_secret: str = _setting("HEADWATER_OIDC_CLIENT_SECRET", "", "and our password there", secret=True)
    oidc_name: str = _setting("HEADWATER_OIDC_NAME", "your company account", "what the button calls it")
    oidc_domains: list[str] = _setting(
        "HEADWATER_OIDC_DOMAINS", [], "mail domains whose people may come in by themselves; empty: invited ones only"
    )
    oidc_groups_claim: str = _setting("HEADWATER_OIDC_GROUPS_CLAIM", "groups", "the claim that names teams")
    breached_passwords: str = _setting(
        "HEADWATER_BREACHED_PASSWORDS", "", "a sorted list of SHA-1 of leaked passwords, or of their beginnings"
    )
    egress_allow: list[str] = _setting("HEADWATER_EGRESS_ALLOW", [], "host:port=network of internal systems")
    attachments_dir: str = _setting("HEADWATER_ATTACHMENTS_DIR", "", "where uploads are kept")
    max_upload_mib: int = _setting("HEADWATER_MAX_UPLOAD_MIB", 25, "largest attachment")
    engine_profile: str = _setting("HEADWATER_ENGINE_PROFILE", "normal", "intervals", choices=("normal", "fast"))
    engine_start: str = _setting("HEADWATER_ENGINE_START", "run", "paused after a restore", choices=("run", "paused"))
    failpoints: str = _setting("HEADWATER_FAILPOINTS", "", "name:probability, for the fault suite")
    clock_skew: int = _setting(
        "HEADWATER_TEST_CLOCK_SKEW", 0, "seconds this process clock is wrong, for the fault suite"
    )
    log_level: str = _setting(
        "HEADWATER_LOG_LEVEL", "INFO", "least level logged", choices=("DEBUG", "INFO", "WARNING", "ERROR")
    )
    log_format: str = _setting("HEADWATER_LOG_FORMAT", "", "empty: by profile", choices=("", "json", "console"))
    sms_url: str = _setting("HEADWATER_SMS_URL", "", "the provider's API for text messages; empty: off", secret=True)
    sms_fields: list[str] = _setting(
        "HEADWATER_SMS_FIELDS", ["to=to", "text=text"], "ours=theirs, and =Name:value for what is fixed"
    )
    sms_auth: str = _setting("HEADWATER_SMS_AUTH", "", "the header Authorization of the provider", secret=True)
    sms_format: str = _setting("HEADWATER_SMS_FORMAT", "json", "what the provider reads", choices=("json", "form"))
    voice_url: str = _setting("HEADWATER_VOICE_URL", "", "the provider's API for calls; empty: off", secret=True)
    voice_fields: list[str] = _setting(
        "HEADWATER_VOICE_FIELDS", ["to=to", "text=text"], "ours=theirs, and =Name:value for what is fixed"
    )
    voice_auth: str = _setting("HEADWATER_VOICE_AUTH", "", "the header Authorization of the provider", secret=True)
    voice_format: str = _setting("HEADWATER_VOICE_FORMAT", "json", "what the provider reads", choices=("json", "form"))
    metrics_token: str = _setting("HEADWATER_METRICS_TOKEN", "", "empty: metrics on loopback only", secret=True)
    semantic: bool = _setting("HEADWATER_SEMANTIC", True, "suggestions by meaning where the model is installed")
    faq_sets: str = _setting("HEADWATER_FAQ_SETS", "", "folder of question sets, for the tests of the suggestions")
    file_channel: str = _setting("HEADWATER_FILE_CHANNEL", "", "JSON lines of the channel `file`; empty: off")

    @property
    def is_production(self) -> bool:
        return self.env == "production"

    @property
    def logs_json(self) -> bool:
        """Whether logs are JSON lines: as set, else in production."""
        return (self.log_format or ("json" if self.is_production else "console")) == "json"

    @property
    def mfa_level(self) -> str:
        """Who needs a second factor, with the profile's default filled in."""
        return self.mfa or ("admins" if self.is_production else "off")


def load(environ: Mapping[str, str]) -> Env:
    """Read and check the environment; raises `SettingsError` with every fault in one message."""
    values: dict[str, Any] = {}
    faults: list[str] = []
    for setting in fields(Env):
        name = setting.metadata["name"]
        try:
            raw = _raw(environ, name)
            if raw is not None:
                values[setting.name] = _parsed(raw, setting.type, setting.metadata["choices"])
        except ValueError as error:
            faults.append(f"{name}: {error}")
    faults += _unknown(environ)
    env = Env(**values)
    faults += _inconsistent(env)
    if faults:
        raise SettingsError("Settings are wrong:\n" + "\n".join(f"  {fault}" for fault in faults))
    return env


def _raw(environ: Mapping[str, str], name: str) -> str | None:
    direct, path = environ.get(name), environ.get(f"{name}_FILE")
    if direct is not None and path is not None:
        message = f"set either {name} or {name}_FILE, not both"
        raise ValueError(message)
    if path is None:
        return direct
    try:
        return Path(path).read_text(encoding="utf-8").removesuffix("\n")
    except OSError as error:
        message = f"{name}_FILE cannot be read: {error.strerror}"
        raise ValueError(message) from None


def _parsed(raw: str, kind: Any, choices: tuple[str, ...]) -> Any:
    if choices and raw not in choices:
        raise ValueError("choose one of " + ", ".join(choice or "(empty)" for choice in choices))
    if kind == "bool":
        if raw.lower() not in TRUE | FALSE:
            raise ValueError("say yes or no")
        return raw.lower() in TRUE
    if kind == "int":
        if not raw.lstrip("-").isdecimal():
            raise ValueError("a whole number is needed")
        return int(raw)
    if kind == "list[str]":
        return [part.strip() for part in raw.split(",") if part.strip()]
    return raw


def _unknown(environ: Mapping[str, str]) -> list[str]:
    known = {setting.metadata["name"] for setting in fields(Env)}
    given = {name.removesuffix("_FILE") for name in environ if name.startswith("HEADWATER_")}
    return [f"{name}: no such setting" for name in sorted(given - known)]


def _inconsistent(env: Env) -> list[str]:
    faults = []
    if env.time_zone not in available_timezones():
        faults.append("HEADWATER_TIME_ZONE: not an IANA zone such as Europe/Madrid")
    if not 1 <= env.fiscal_year_start <= 12:  # noqa: PLR2004 (months)
        faults.append("HEADWATER_FISCAL_YEAR_START: a month from 1 to 12")
    if bool(env.oidc_issuer) != bool(env.oidc_client_id):
        faults.append("HEADWATER_OIDC_ISSUER: set it together with HEADWATER_OIDC_CLIENT_ID, or neither")
    if env.breached_passwords and not Path(env.breached_passwords).is_file():
        faults.append("HEADWATER_BREACHED_PASSWORDS: there is no such file")
    if env.engine_profile == "fast" and env.env != "test":
        faults.append("HEADWATER_ENGINE_PROFILE: `fast` is for tests only")
    return faults + (_unsafe(env) if env.is_production else [])


def _unsafe(env: Env) -> list[str]:
    """What production refuses to start with (spec operations 4)."""
    needs = [
        (len(env.secret_key) >= 50 and len(set(env.secret_key)) >= 20, "HEADWATER_SECRET_KEY", "50 or more characters"),  # noqa: PLR2004
        (env.secret_key != DEVELOPMENT_SECRET, "HEADWATER_SECRET_KEY", "not the one that is shipped"),
        (bool(env.data_keys), "HEADWATER_DATA_KEYS", "at least one key"),
        (bool(env.database_url), "DATABASE_URL", "the address of PostgreSQL"),
        (
            env.db_plaintext or _uses_tls(env.database_url),
            "DATABASE_URL",
            "sslmode=require, or HEADWATER_DB_PLAINTEXT=yes",
        ),
        (env.base_url.startswith("https://"), "HEADWATER_BASE_URL", "an https address"),
        (
            not env.oidc_issuer or env.oidc_issuer.startswith("https://"),
            "HEADWATER_OIDC_ISSUER",
            "an https address",
        ),
        ("*" not in env.allowed_hosts, "HEADWATER_ALLOWED_HOSTS", "names, not *"),
        (not env.failpoints, "HEADWATER_FAILPOINTS", "empty in production"),
        (not env.clock_skew, "HEADWATER_TEST_CLOCK_SKEW", "empty in production"),
        (env.mfa_level != "off", "HEADWATER_MFA", "admins, leads or all in production"),
    ]
    return [f"{name}: {need}" for holds, name, need in needs if not holds]


def _uses_tls(url: str) -> bool:
    return any(f"sslmode={mode}" in url for mode in ("require", "verify-ca", "verify-full")) or "host=/" in url
