"""The settings of an installation, read from the environment. ``.env.example`` explains each."""

import errno
import ipaddress
import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url

PACKAGE = Path(__file__).resolve().parent
ROOT = PACKAGE.parent
"""The checkout; the folder of installed packages when Tuza was installed from a wheel."""
IS_INSTALLED = (PACKAGE / "templates").is_dir()
RESOURCES = PACKAGE if IS_INSTALLED else ROOT
"""Where ``templates``, ``static`` and ``migrations`` are: a wheel has them inside the package."""
TRANSLATIONS = PACKAGE / "translations"
"""The message catalogues, one folder per language."""
WEAK_SECRETS = {"dev", "secret", "changeme", "change-me", "your-secret-key", "default"}
MIN_SECRET_LENGTH = 32
DARAJA = {"sandbox": "https://sandbox.safaricom.co.ke", "production": "https://api.safaricom.co.ke"}

WHATSAPP = "https://graph.facebook.com/v23.0"
DARAJA_ADDRESSES = (
    *(f"196.201.214.{last}" for last in (200, 206, 207, 208)),
    *(f"196.201.213.{last}" for last in (44, 114)),
    *(f"196.201.212.{last}" for last in (69, 74, 127, 129, 136, 138)),
)
"""Where Daraja calls back from, by Safaricom's documentation."""


class ConfigError(RuntimeError):
    """A setting is missing or wrong. The message says which one and what it must be."""


def load_config(environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the Flask configuration for an environment, by default the process's.

    Creates the instance folder. Raises ConfigError when a value cannot be used.
    """
    env = os.environ if environ is None else environ
    mode = env.get("TUZA_ENV", "development")
    if mode not in {"development", "production"}:
        raise ConfigError(f"TUZA_ENV must be development or production, not {mode!r}.")
    instance = _instance_folder(env)
    secure = mode == "production"
    key = _secret_key(env, instance, production=secure)
    url = _database_url(env, instance)
    fallbacks = [old for old in env.get("SECRET_KEY_FALLBACKS", "").split(",") if old]
    return {
        "TUZA_ENV": mode,
        "SHOP_INSTANCE": str(instance),
        "SECRET_KEY": key,
        "SECRET_KEY_FALLBACKS": fallbacks or None,
        "SQLALCHEMY_DATABASE_URI": url,
        **_database(env),
        "REDIS_URL": env.get("REDIS_URL", ""),
        "METRICS_TOKEN": env.get("METRICS_TOKEN", ""),
        "HOST": env.get("HOST") or "127.0.0.1",
        "PORT": _integer(env, "PORT", 5000),
        "PUBLIC_URL": _public_url(env, production=secure),
        "TRUSTED_PROXIES": _networks(env, "TRUSTED_PROXIES"),
        "TRUST_FORWARDED_HOST": _boolean(env, "TRUST_FORWARDED_HOST", False),
        "MAX_CONTENT_LENGTH": _positive(env, "MAX_CONTENT_LENGTH", 1024 * 1024),
        "UPLOAD_FOLDER": env.get("UPLOAD_FOLDER") or str(instance / "uploads"),
        "UPLOAD_MAX_BYTES": _positive(env, "UPLOAD_MAX_BYTES", 5 * 1024 * 1024),
        "IMPORT_MAX_BYTES": _positive(env, "IMPORT_MAX_BYTES", 25 * 1024 * 1024),
        **_sessions(env, production=secure),
        **_rate_limits(env),
        "REQUESTS_AT_ONCE": _integer(env, "REQUESTS_AT_ONCE", 1 if url.startswith("sqlite") else 2),
        "SLOW_QUERY_MS": _float(env, "SLOW_QUERY_MS", 200),
        "PAYMENT_KEYS": _payment_keys(env, key, fallbacks, production=secure),
        "DARAJA_URL": _daraja_url(env, production=secure),
        "DARAJA_TIMEOUT_SECONDS": _float(env, "DARAJA_TIMEOUT_SECONDS", 10),
        "DARAJA_ADDRESSES": _list(env, "DARAJA_ADDRESSES") or DARAJA_ADDRESSES,
        "WEBHOOK_ALLOW_PRIVATE": _webhook_allow_private(env, production=secure),
        **_processes(env),
        **_mail(env, instance),
        **_messages(env, instance),
    }


def _instance_folder(env: Mapping[str, str]) -> Path:
    """Return ``SHOP_INSTANCE``; by default ``instance`` in a checkout, else ``tuza`` in the user's data folder."""
    data_home = env.get("XDG_DATA_HOME") or Path.home() / ".local/share"
    folder = Path(env.get("SHOP_INSTANCE") or (Path(data_home, "tuza") if IS_INSTALLED else ROOT / "instance"))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise ConfigError(
            f"The instance folder {folder} cannot be written to ({error.strerror}). Set SHOP_INSTANCE to one that can."
        ) from None
    return folder.resolve()


def _secret_key(env: Mapping[str, str], instance: Path, *, production: bool) -> str:
    """Return the secret key: from the environment; in development, else from a random file in the instance folder."""
    given = env.get("SECRET_KEY", "")
    if production and (given.lower() in WEAK_SECRETS or len(given) < MIN_SECRET_LENGTH):
        raise ConfigError(
            f"In production SECRET_KEY must be set to at least {MIN_SECRET_LENGTH} random characters, "
            "for example the output of: python -c 'import secrets; print(secrets.token_hex(32))'"
        )
    if given:
        return given
    kept = instance / "secret_key"
    with suppress(FileExistsError), os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
    return kept.read_text()


def _payment_keys(env: Mapping[str, str], key: str, fallbacks: list[str], *, production: bool) -> list[str]:
    """Return the keys for payment credentials, newest first: PAYMENT_KEYS, then SECRET_KEY and its fallbacks."""
    own = _list(env, "PAYMENT_KEYS")
    if production and any(len(part) < MIN_SECRET_LENGTH for part in own):
        raise ConfigError(f"Each of PAYMENT_KEYS must have at least {MIN_SECRET_LENGTH} random characters.")
    return [*own, key, *fallbacks]


def _daraja_url(env: Mapping[str, str], *, production: bool) -> str:
    """Return Daraja's base URL for ``sandbox``, ``production``, or another URL."""
    given = env.get("DARAJA_URL") or ("production" if production else "sandbox")
    url = DARAJA.get(given, given).rstrip("/")
    if not url.startswith(("http://", "https://")):
        raise ConfigError("DARAJA_URL must be sandbox, production, or an address such as http://localhost:5150.")
    return url


def _webhook_allow_private(env: Mapping[str, str], *, production: bool) -> bool:
    """Return whether webhooks may call private addresses: the default in development, refused in production."""
    allowed = _boolean(env, "WEBHOOK_ALLOW_PRIVATE", not production)
    if allowed and production:
        raise ConfigError("WEBHOOK_ALLOW_PRIVATE must not be true in production.")
    return allowed


def _database_url(env: Mapping[str, str], instance: Path) -> str:
    """Return ``DATABASE_URL`` with the psycopg driver, or the URL of a SQLite file in the instance folder."""
    given = env.get("DATABASE_URL", "")
    return _with_driver("DATABASE_URL", given) if given else f"sqlite:///{instance / 'tuza.db'}"


def _replica_url(env: Mapping[str, str]) -> str:
    """Return ``DATABASE_REPLICA_URL`` with the psycopg driver; empty if it is not set.

    Raise ConfigError if the primary is SQLite, or without Redis, through which processes share who has just written.
    """
    given = env.get("DATABASE_REPLICA_URL", "")
    if not given:
        return ""
    url = _with_driver("DATABASE_REPLICA_URL", given)
    if not url.startswith("postgresql") or not env.get("DATABASE_URL", "").startswith("postgres"):
        raise ConfigError("DATABASE_REPLICA_URL needs PostgreSQL, at DATABASE_URL too.")
    if not env.get("REDIS_URL"):
        raise ConfigError(
            "DATABASE_REPLICA_URL needs REDIS_URL: it is there that processes note who has just written and must not "
            "read from the replica."
        )
    return url


def _with_driver(name: str, given: str) -> str:
    if given.startswith("postgres://"):
        given = given.replace("postgres://", "postgresql://", 1)
    try:
        url = make_url(given)
    except Exception:
        raise ConfigError(f"{name} must look like postgresql://user:password@host/database.") from None
    if url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    elif url.get_backend_name() != "sqlite":
        raise ConfigError(f"{name} must be a postgresql:// or sqlite:// address.")
    return url.render_as_string(hide_password=False)


def _database(env: Mapping[str, str]) -> dict[str, Any]:
    return {
        "DATABASE_REPLICA_URL": _replica_url(env),
        "DATABASE_PGBOUNCER": _boolean(env, "DATABASE_PGBOUNCER", False),
        "DATABASE_POOL_SIZE": _positive(env, "DATABASE_POOL_SIZE", 10),
        "REPLICA_LAG_SECONDS": max(1, _integer(env, "REPLICA_LAG_SECONDS", 10)),
    }


def _sessions(env: Mapping[str, str], *, production: bool) -> dict[str, Any]:
    return {
        "SESSION_COOKIE_NAME": "tuza_session",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": _boolean(env, "COOKIE_SECURE", production),
        "WTF_CSRF_TIME_LIMIT": None,
        "PERMANENT_SESSION_LIFETIME": 90 * 24 * 3600,  # services/staff/sessions.py ends sessions earlier
        "STAFF_IDLE_HOURS": _positive(env, "STAFF_IDLE_HOURS", 12),
    }


def _rate_limits(env: Mapping[str, str]) -> dict[str, Any]:
    return {
        "OTP_SENDS_PER_ADDRESS_HOUR": _integer(env, "OTP_SENDS_PER_ADDRESS_HOUR", 60),
        "OTP_VERIFIES_PER_ADDRESS_10_MINUTES": _integer(env, "OTP_VERIFIES_PER_ADDRESS_10_MINUTES", 30),
        "ORDERS_PER_ADDRESS_HOUR": _positive(env, "ORDERS_PER_ADDRESS_HOUR", 30),
        "STOREFRONT_REQUESTS_PER_15_MINUTES": _integer(env, "STOREFRONT_REQUESTS_PER_15_MINUTES", 5000),
        "SIGN_INS_PER_ADDRESS_15_MINUTES": _integer(env, "SIGN_INS_PER_ADDRESS_15_MINUTES", 100),
    }


def _processes(env: Mapping[str, str]) -> dict[str, Any]:
    return {
        "WEB_CONCURRENCY": _positive(env, "WEB_CONCURRENCY", max(2, min(os.cpu_count() or 1, 8))),
        "INLINE_WORKER": _boolean(env, "INLINE_WORKER", True),
        "WORKER_POLL_SECONDS": _float(env, "WORKER_POLL_SECONDS", 0.5),
    }


def _mail(env: Mapping[str, str], instance: Path) -> dict[str, Any]:
    return {
        "MAIL_SERVER": env.get("MAIL_SERVER", ""),
        "MAIL_PORT": _integer(env, "MAIL_PORT", 25),
        "MAIL_USE_TLS": _boolean(env, "MAIL_USE_TLS", False),
        "MAIL_USE_SSL": _boolean(env, "MAIL_USE_SSL", False),
        "MAIL_USERNAME": env.get("MAIL_USERNAME") or None,
        "MAIL_PASSWORD": env.get("MAIL_PASSWORD") or None,
        "MAIL_DEFAULT_SENDER": env.get("MAIL_DEFAULT_SENDER") or "no-reply@localhost.localdomain",
        "MAIL_FOLDER": str(instance / "mail"),
    }


def _messages(env: Mapping[str, str], instance: Path) -> dict[str, Any]:
    return {
        "MESSAGES_FOLDER": str(instance / "messages"),
        "AFRICASTALKING_URL": _http_url(env, "AFRICASTALKING_URL", ""),
        "WHATSAPP_URL": _http_url(env, "WHATSAPP_URL", WHATSAPP),
        "MESSAGE_TIMEOUT_SECONDS": _float(env, "MESSAGE_TIMEOUT_SECONDS", 10),
    }


def _http_url(env: Mapping[str, str], name: str, default: str, like: str = "https://api.example.com") -> str:
    given = (env.get(name) or default).rstrip("/")
    if given and not given.startswith(("http://", "https://")):
        raise ConfigError(f"{name} must look like {like}.")
    return given


def _public_url(env: Mapping[str, str], *, production: bool) -> str:
    """Return the base URL of links in mails. It is never taken from a request."""
    if production and not env.get("PUBLIC_URL", "").startswith("https://"):
        raise ConfigError(
            "In production PUBLIC_URL must be set to the https address of the shop: https://shop.example.com."
        )
    default = f"http://localhost:{_integer(env, 'PORT', 5000)}"
    return _http_url(env, "PUBLIC_URL", default, "https://shop.example.com")


def _networks(env: Mapping[str, str], name: str) -> list[str]:
    found = _list(env, name)
    for part in found:
        try:
            ipaddress.ip_network(part, strict=False)
        except ValueError:
            raise ConfigError(f"{name} must be addresses or networks such as 10.0.0.0/8, not {part!r}.") from None
    return found


def _list(env: Mapping[str, str], name: str) -> list[str]:
    return [part.strip() for part in env.get(name, "").split(",") if part.strip()]


def _integer(env: Mapping[str, str], name: str, default: int) -> int:
    typed = env.get(name, "").strip() or str(default)
    if not re.fullmatch("-?[0-9]{1,18}", typed):
        raise ConfigError(f"{name} must be a whole number.")
    return int(typed)


def _positive(env: Mapping[str, str], name: str, default: int) -> int:
    number = _integer(env, name, default)
    if number < 1:
        raise ConfigError(f"{name} must be a whole number of at least 1.")
    return number


def _float(env: Mapping[str, str], name: str, default: float) -> float:
    typed = env.get(name, "").strip() or str(default)
    if not re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]{1,18})?", typed):
        raise ConfigError(f"{name} must be a number.")
    return float(typed)


def _boolean(env: Mapping[str, str], name: str, default: bool) -> bool:
    word = env.get(name, "").strip().lower() or str(default).lower()
    if word not in {"1", "true", "yes", "on", "0", "false", "no", "off"}:
        raise ConfigError(f"{name} must be true or false.")
    return word in {"1", "true", "yes", "on"}
