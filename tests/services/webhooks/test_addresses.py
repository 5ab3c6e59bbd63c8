"""Which addresses webhooks may call, when they are saved and at the connection."""

import socket

import pytest

from shop.services.errors import InvalidInput
from shop.services.webhooks import addresses
from shop.services.webhooks.addresses import AddressRefused, clean_url, clock_ms, is_public, open_socket

PRIVATE = (
    "127.0.0.1 127.9.9.9 0.0.0.0 0.1.2.3 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 "
    "100.127.255.255 192.0.0.8 192.0.2.1 192.88.99.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 "
    "240.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::7f00:1 64:ff9b::7f00:1 64:ff9b::808:808 "
    "64:ff9b:1::1 2002:7f00:1::1 2002:808:808::1 2001::1 2001:db8::1 3fff::1 5f00::1 fc00::1 fd12:3456::1 fe80::1 "
    "fe80::1%eth0 fec0::1 ff02::1 100::1"
)
PUBLIC = ["8.8.8.8", "1.1.1.1", "41.90.64.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::200e"]


def test_addresses_that_are_not_public():
    assert [address for address in PRIVATE.split() if is_public(address)] == []


def test_public_addresses():
    assert [address for address in PUBLIC if not is_public(address)] == []


def resolve_to(monkeypatch, *found):
    def resolve(_host, port, **_options):
        family = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(family[":" in ip], socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", resolve)


@pytest.mark.parametrize("found", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::ffff:127.0.0.1"]])
def test_a_name_with_a_private_address_is_not_connected_to(monkeypatch, found):
    resolve_to(monkeypatch, *found)
    monkeypatch.setattr(addresses.socket, "create_connection", lambda *_: pytest.fail("connected"))
    with pytest.raises(AddressRefused, match="is not a public address"):
        open_socket("rebinding.example", 443, clock_ms() + 5_000, allow_private=False)


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch):
    resolve_to(monkeypatch, "8.8.8.8")
    connected = []
    monkeypatch.setattr(addresses.socket, "create_connection", lambda address, _timeout: connected.append(address))
    open_socket("rebinding.example", 443, clock_ms() + 5_000, allow_private=False)
    assert connected == [("8.8.8.8", 443)]


def test_the_next_address_is_tried(monkeypatch):
    resolve_to(monkeypatch, "8.8.8.8", "1.1.1.1")
    connected = []

    def connect(address, _timeout):
        connected.append(address[0])
        if address[0] == "8.8.8.8":
            raise ConnectionRefusedError
        return "a socket"

    monkeypatch.setattr(addresses.socket, "create_connection", connect)
    assert open_socket("two.example", 443, clock_ms() + 5_000, allow_private=False) == "a socket"
    assert connected == ["8.8.8.8", "1.1.1.1"]


@pytest.fixture
def configured(monkeypatch):
    settings = {"TUZA_ENV": "production", "WEBHOOK_ALLOW_PRIVATE": False}
    monkeypatch.setattr(addresses, "app_config", lambda: settings)
    return settings


def test_a_url_in_production_is_https_and_public(configured):
    assert clean_url(" https://example.com:8443/hook?a=b\u200b ") == "https://example.com:8443/hook?a=b"
    for url in (
        "http://example.com",
        "ftp://example.com",
        "https://",
        "example.com",
        "https://a b.example",
        "https://x:y",
    ):
        with pytest.raises(InvalidInput, match="must be an address such as"):
            clean_url(url)
    for url in ("https://localhost/x", "https://127.0.0.1", "https://[::1]/", "https://169.254.169.254/latest"):
        with pytest.raises(InvalidInput, match="must be a public address"):
            clean_url(url)
    with pytest.raises(InvalidInput):
        clean_url("https://user:secret@example.com/")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://Dükka.ke/hook", "https://xn--dkka-0ra.ke/hook"),
        ("https://例え.example:8443/möbel?a=é", "https://xn--r8jz45g.example:8443/m%C3%B6bel?a=%C3%A9"),
        ("https://xn--dkka-0ra.ke/hook", "https://xn--dkka-0ra.ke/hook"),
    ],
)
def test_a_host_outside_ascii_is_kept_in_punycode(configured, typed, kept):
    assert clean_url(typed) == kept


@pytest.mark.parametrize("url", ["https://１２７.0.0.1/", "https://ⓛocalhost/", "https://[::1]/ü"])
def test_a_private_address_in_other_letters_is_one(configured, url):
    with pytest.raises(InvalidInput, match="must be a public address"):
        clean_url(url)


@pytest.mark.parametrize(
    "url", ["https://a..ü/", "https://-ü.ke", "https://ü b.ke", "https://u:p@ü.ke/", "https://ü.ke:x/"]
)
def test_a_host_that_is_no_name_is_refused(configured, url):
    with pytest.raises(InvalidInput, match="must be an address such as"):
        clean_url(url)


def test_a_url_in_development_may_be_private(configured):
    configured |= {"TUZA_ENV": "development", "WEBHOOK_ALLOW_PRIVATE": True}
    assert clean_url("http://localhost:8000/hook") == "http://localhost:8000/hook"


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost.", "127.0.0.1."])
def test_other_ways_to_write_a_private_address_are_one(configured, host):
    with pytest.raises(InvalidInput, match="must be a public address"):
        clean_url(f"https://{host}/")
