"""Requests to receivers: redirects, limits, time-outs and failures."""

import socket
import threading
from types import SimpleNamespace

import pytest

from shop.services.webhooks import requests
from shop.services.webhooks.requests import MAX_RESPONSE, post
from tests.support.receiver import Answer, receiving


@pytest.fixture(scope="module")
def receiver():
    with receiving() as server:
        yield server


def send(url, timeout_ms=5_000, *, allow_private=True):
    return post(url, {"webhook-id": "msg_1"}, b'{"a":1}', allow_private=allow_private, timeout_ms=timeout_ms)


def test_a_response_is_kept_with_its_headers(receiver):
    receiver.answers["/ok?x=1"] = Answer(202, {"X-Request": "7"}, b"thanks \0 \xff")
    response = send(receiver.url("/ok?x=1"))
    assert response.status_code == 202
    assert response.text.startswith("HTTP/1.1 202 Accepted\n")
    assert "X-Request: 7\n" in response.text
    assert response.text.endswith("\n\nthanks \N{REPLACEMENT CHARACTER} \N{REPLACEMENT CHARACTER}")
    assert receiver.requests[-1].body == b'{"a":1}'
    assert receiver.requests[-1].headers["webhook-id"] == "msg_1"


def test_a_redirect_is_not_followed(receiver):
    receiver.answers["/moved"] = Answer(301, {"Location": receiver.url("/elsewhere")})
    assert send(receiver.url("/moved")).status_code == 301
    assert "/elsewhere" not in [request.path for request in receiver.requests]


def test_a_long_response_is_cut(receiver):
    receiver.answers["/long"] = Answer(200, {}, b"x" * 200_000)
    response = send(receiver.url("/long"))
    assert response.status_code == 200
    assert len(response.text) == MAX_RESPONSE


def test_retry_after_is_kept_as_sent(receiver):
    receiver.answers["/busy"] = Answer(503, {"Retry-After": "120"})
    assert send(receiver.url("/busy")).retry_after == "120"


def test_a_receiver_that_says_nothing_is_timed_out(receiver):
    answered = threading.Event()
    receiver.answers["/silent"] = Answer(before=lambda: answered.wait(30))
    response = send(receiver.url("/silent"), timeout_ms=100)
    answered.set()
    assert (response.status_code, response.text) == (None, "Timed out")


def test_a_receiver_that_drips_is_timed_out_as_a_whole():
    with socket.create_server(("127.0.0.1", 0)) as server:
        stop = threading.Event()

        def drip():
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                while not stop.wait(0.02):
                    try:
                        connection.sendall(b"X-A: b\r\n")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        response = send(f"http://127.0.0.1:{server.getsockname()[1]}/", timeout_ms=300)
        stop.set()
        thread.join()
    assert (response.status_code, response.text) == (None, "Timed out")


def test_a_closed_port_and_a_private_address_are_reasons(receiver):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert "ConnectionRefusedError" in send(f"http://127.0.0.1:{port}/").text
    refused = send(receiver.url(), allow_private=False)
    assert refused.status_code is None
    assert refused.text == "127.0.0.1 is 127.0.0.1, which is not a public address"


def test_what_is_not_http_is_a_reason():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def babble():
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"no http\r\n\r\n")

        thread = threading.Thread(target=babble)
        thread.start()
        response = send(f"http://127.0.0.1:{server.getsockname()[1]}/")
        thread.join()
    assert response.status_code is None
    assert "BadStatusLine" in response.text


def test_tls_is_asked_of_https(receiver):
    response = send(receiver.url().replace("http:", "https:"))
    assert response.status_code is None
    assert "SSL" in response.text


class PlainSocket(socket.socket):
    """A socket that needs no TLS handshake."""

    def do_handshake(self):
        pass


@pytest.mark.parametrize(
    ("scheme", "port", "host"),
    [
        ("https", "", "shop.example"),
        ("https", ":443", "shop.example"),
        ("https", ":8443", "shop.example:8443"),
        ("http", "", "shop.example"),
        ("http", ":443", "shop.example:443"),
    ],
)
def test_the_host_header_has_no_port_that_the_scheme_implies(receiver, monkeypatch, scheme, port, host):
    def connect(_host, _port, _deadline, **_options):
        return socket.create_connection(("127.0.0.1", receiver.port))

    def wrap(plain, **_options):
        return PlainSocket(fileno=plain.detach())

    monkeypatch.setattr(requests, "open_socket", connect)
    monkeypatch.setattr(requests.ssl, "create_default_context", lambda: SimpleNamespace(wrap_socket=wrap))
    assert send(f"{scheme}://shop.example{port}/hook").status_code == 204
    assert receiver.requests[-1].headers["host"] == host
