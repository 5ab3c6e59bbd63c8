"""Wrong settings are refused with a sentence that names the setting."""

from pathlib import Path

import pytest

from shop.config import ConfigError, load_config


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("WEB_CONCURRENCY", "x", "WEB_CONCURRENCY must be a whole number."),
        ("WEB_CONCURRENCY", "0", "WEB_CONCURRENCY must be a whole number of at least 1."),
        ("DATABASE_POOL_SIZE", "0", "DATABASE_POOL_SIZE must be a whole number of at least 1."),
        ("MAX_CONTENT_LENGTH", "-1", "MAX_CONTENT_LENGTH must be a whole number of at least 1."),
        ("UPLOAD_MAX_BYTES", "0", "UPLOAD_MAX_BYTES must be a whole number of at least 1."),
        ("PORT", "http", "PORT must be a whole number."),
        ("PORT", "\u0663", "PORT must be a whole number."),
        ("PORT", "5_000", "PORT must be a whole number."),
        ("SLOW_QUERY_MS", "nan", "SLOW_QUERY_MS must be a number."),
        ("WORKER_POLL_SECONDS", "\u0663", "WORKER_POLL_SECONDS must be a number."),
        ("PUBLIC_URL", "shop.example.com", "PUBLIC_URL must look like https://shop.example.com."),
        ("TRUSTED_PROXIES", "10.0.0.0/8,me", "TRUSTED_PROXIES must be addresses or networks"),
        ("TUZA_ENV", "live", "TUZA_ENV must be development or production"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, name: str, value: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config({"SHOP_INSTANCE": str(tmp_path), name: value})
    assert message in str(caught.value)


@pytest.mark.parametrize("url", ["", "http://shop.example.com"])
def test_production_needs_an_https_address(tmp_path: Path, url: str) -> None:
    environ = {"SHOP_INSTANCE": str(tmp_path), "TUZA_ENV": "production", "SECRET_KEY": "k" * 32, "PUBLIC_URL": url}
    with pytest.raises(ConfigError, match="In production PUBLIC_URL must be set to the https address of the shop"):
        load_config(environ)
    assert load_config(environ | {"PUBLIC_URL": "https://a.test"})["PUBLIC_URL"] == "https://a.test"


def test_an_instance_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"The instance folder .*file/instance cannot be written to"):
        load_config({"SHOP_INSTANCE": str(tmp_path / "file/instance")})
