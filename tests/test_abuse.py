"""Malicious requests: too deep, too large, too many headers, compressed, broken off, or never ending."""

import gzip
import json
import socket
import threading
from contextlib import ExitStack

import pytest

from shop.server import gunicorn_worker
from shop.server.connection_balance import ConnectionCounts
from shop.server.gunicorn_worker import DeadlineSocket, SlowClientGuardWorker
from tests.support.served import ServedShop
from tests.support.server import Ask

PREVIEW = "/api/v1/storefront/loyalty/preview"
THREADS = 8


@pytest.fixture(scope="module")
def shop(servers):
    """A shop on a real server; one engine is enough, for none of this reaches a database."""
    return ServedShop(servers("sqlite"))


def post(shop, body, **headers):
    return shop.server.ask(shop.public(PREVIEW, body, **headers))


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"[" * 100_000, {}, 400, "invalid_json"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, {}, 400, "invalid_json"),
        (b'{"email":"a@example.com","items":' + b"[" * 60 + b"]" * 60 + b"}", {}, 400, "invalid_json"),
        (b'{"points": ' + b"9" * 100_000 + b"}", {}, 400, "invalid_json"),
        (b'{"a":"' + b"x" * (1024 * 1024) + b'"}', {}, 413, "body_too_large"),
        (gzip.compress(b" " * 50_000_000), {"Content_Encoding": "gzip"}, 415, "unsupported_media_type"),
        (gzip.compress(b'{"items": []}'), {"Content_Encoding": "GZIP"}, 415, "unsupported_media_type"),
        (gzip.compress(b'{"items": []}'), {}, 400, "invalid_json"),
        (b"\xff\xfe{}", {}, 400, "invalid_json"),
    ],
    ids=["deep lists", "deep objects", "nested", "long number", "large", "bomb", "packed", "packed unsaid", "no text"],
)
def test_a_body_that_means_harm_is_refused_in_the_envelope(shop, body, headers, status, code):
    answer = post(shop, body, **headers)
    assert (answer.status, answer.code, answer.json["status"]) == (status, code, "error")


@pytest.mark.parametrize(
    ("method", "path"), [("TRACE", "/"), ("TRACE", PREVIEW), ("GET", "/static/"), ("GET", "/media/")]
)
def test_nothing_echoes_a_request_or_lists_a_folder(shop, method, path):
    head = f"{method} {path} HTTP/1.1\r\nHost: {shop.made.host}\r\nConnection: close\r\nX-Marked: echoed\r\n\r\n"
    said = raw(shop, head.encode())
    assert status_of(said) in (404, 405)
    assert b"echoed" not in said


def connect(shop):
    return socket.create_connection(("127.0.0.1", shop.server.port), timeout=120)


def read_all(connection):
    """Return all that the server sends until it closes."""
    said = b""
    while piece := connection.recv(65536):
        said += piece
    return said


def raw(shop, head, body=b""):
    """Return the server's response to raw bytes."""
    with connect(shop) as connection:
        connection.sendall(head + body)
        return read_all(connection)


def head_of(shop, *lines, connection="close"):
    first = [f"POST {PREVIEW} HTTP/1.1", f"Host: {shop.made.host}", f"Connection: {connection}"]
    return "\r\n".join([*first, "Content-Type: application/json", *lines, "", ""]).encode()


def status_of(said):
    return int(said.split(b" ", 2)[1])


@pytest.mark.parametrize(
    "lines",
    [
        [f"X-{number}: 1" for number in range(200)],
        ["X-Long: " + "x" * 20_000],
        ["Content-Length: 5", "Transfer-Encoding: chunked"],
        ["Content-Length: -1"],
        ["Bad header"],
    ],
    ids=["many headers", "long header", "two lengths", "negative length", "no header"],
)
def test_headers_that_mean_harm_are_refused(shop, lines):
    said = raw(shop, head_of(shop, *lines))
    assert 400 <= status_of(said) < 500
    assert json.loads(said.partition(b"\r\n\r\n")[2])["status"] == "error"


def test_an_address_that_is_too_long_is_refused(shop):
    said = raw(shop, f"GET /{'x' * 10_000} HTTP/1.1\r\nHost: {shop.made.host}\r\n\r\n".encode())
    head, _, body = said.partition(b"\r\n\r\n")
    assert status_of(said) == 414
    assert b"Content-Type: application/json" in head
    assert json.loads(body)["code"] == "uri_too_long"


def test_a_body_in_chunks_is_cut_off_at_the_same_size(shop):
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    said = raw(shop, head_of(shop, "Transfer-Encoding: chunked"), chunk * 20 + b"0\r\n\r\n")
    assert status_of(said) == 413


def test_chunks_that_are_none_are_refused_in_the_envelope(shop):
    said = raw(shop, head_of(shop, "Transfer-Encoding: chunked"), b"zz\r\nhello\r\n0\r\n\r\n")
    assert status_of(said) == 400
    assert b'"status":"error"' in said


def test_requests_that_never_end_hold_no_thread_for_ever(shop):
    """As many clients as threads begin a body and stop: all time out, and other clients are served."""
    with ExitStack() as stack:
        hanging = [stack.enter_context(connect(shop)) for _ in range(THREADS)]
        silent = [stack.enter_context(connect(shop)) for _ in range(THREADS * 4)]
        for connection in hanging:
            connection.sendall(head_of(shop, "Content-Length: 100") + b"{")
        assert shop.server.ask(Ask("GET", "/healthz")).status == 200
        for connection in hanging:
            said = read_all(connection)
            assert (status_of(said), json.loads(said.split(b"\r\n\r\n")[1])["status"]) == (400, "error")
        assert [read_all(connection) for connection in silent] == [b""] * len(silent)


@pytest.fixture
def ends(monkeypatch):
    """Both ends of a connection: the client's, and the server's with very short timeouts."""
    monkeypatch.setattr(gunicorn_worker, "GRACE_SECONDS", 0.05)
    theirs, ours = socket.socketpair()
    yield theirs, DeadlineSocket(ours)
    theirs.close()
    ours.close()


def test_who_sends_nothing_is_gone(ends):
    _, ours = ends
    assert ours.recv(100) == b""
    assert ours.recv(100) == b""


def test_who_trickles_is_gone_though_bytes_keep_coming(ends, monkeypatch):
    theirs, ours = ends
    moments = iter(number / 100 for number in range(1000))
    monkeypatch.setattr(gunicorn_worker.time, "monotonic", lambda: next(moments))  # each wait takes 0.01 s
    got = b""
    for _ in range(100):
        theirs.sendall(b"x")
        got += ours.recv(100)
    assert 5 <= len(got) <= 7


def test_who_keeps_coming_may_take_long_and_the_next_request_begins_again(ends, monkeypatch):
    theirs, ours = ends
    moments = iter(number / 100 for number in range(1000))
    monkeypatch.setattr(gunicorn_worker.time, "monotonic", lambda: next(moments))
    for _ in range(100):
        theirs.sendall(b"x" * 100)
        assert len(ours.recv(100)) == 100
    ours.start_request()
    for _ in range(4):
        theirs.sendall(b"y")
        assert ours.recv(100) == b"y"


def test_the_rest_of_a_refused_body_is_read_without_blocking(ends):
    theirs, ours = ends
    ours.drain()  # nothing is there, so this returns at once, whatever the other side does
    assert theirs.recv(1) == b""
    assert ours.recv(1) == b""


def test_what_is_still_being_sent_is_taken(ends):
    theirs, ours = ends
    theirs.sendall(b"x" * 100_000)
    theirs.shutdown(socket.SHUT_WR)
    ours.drain()
    assert theirs.recv(1) == b""


def test_a_refused_body_that_is_slow_to_come_is_waited_for(ends):
    """Otherwise its sender, writing to a closed connection, might never read the refusal."""
    theirs, ours = ends
    waiting = threading.Thread(target=ours.drain, args=(100_000,))
    waiting.start()
    assert theirs.recv(1) == b""  # the server has said its last word
    theirs.sendall(b"x" * 100_000)
    waiting.join(20)
    ours.setblocking(False)
    with pytest.raises(BlockingIOError):
        ours._connection.recv(1)


def test_what_is_too_large_is_refused_to_who_sends_it_slowly_too(shop):
    with connect(shop) as connection:
        connection.sendall(head_of(shop, f"Content-Length: {4 * 1024 * 1024}") + b"{")
        assert connection.recv(12, socket.MSG_PEEK) == b"HTTP/1.1 413"
        for _ in range(4):
            connection.sendall(b"x" * 65_536)
        assert status_of(read_all(connection)) == 413


@pytest.mark.parametrize("lines", [[f"Content-Length: {4 * 1024 * 1024}"], ["Transfer-Encoding: chunked"]])
def test_the_response_to_a_large_body_says_that_the_connection_closes(shop, lines):
    with connect(shop) as connection:
        chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
        connection.sendall(head_of(shop, *lines, connection="keep-alive") + chunk)
        head = read_all(connection).partition(b"\r\n\r\n")[0]
    assert (status_of(head), b"\r\nConnection: close" in head) == (413, True)


def test_a_small_body_keeps_the_connection(shop):
    with connect(shop) as connection:
        for following in ("keep-alive", "close"):
            connection.sendall(head_of(shop, "Content-Length: 2", connection=following) + b"{}")
        assert read_all(connection).count(b"HTTP/1.1 400") == 2


def test_who_holds_more_connections_than_another_leaves_the_next_one_to_that():
    counts = ConnectionCounts()
    assert counts.lowest_of_others(1) == ConnectionCounts.NOBODY  # alone: nothing is left to anyone
    counts.note(1, 3)
    counts.note(2, 1)
    assert (counts.lowest_of_others(1), counts.lowest_of_others(2)) == (1, 3)
    counts.forget(2)
    assert counts.lowest_of_others(1) == ConnectionCounts.NOBODY


def test_what_is_left_to_another_is_taken_when_that_does_not(monkeypatch):
    worker = SlowClientGuardWorker.__new__(SlowClientGuardWorker)
    worker.age, worker.nr_conns = 1, 2
    counts = ConnectionCounts()
    counts.note(2, 0)
    moments = iter([10.0, 10.01, 10.03, 10.04])
    monkeypatch.setattr(gunicorn_worker, "connection_counts", counts)
    monkeypatch.setattr(gunicorn_worker.time, "monotonic", lambda: next(moments))
    assert [worker._leave_to_others() for _ in range(4)] == [True, True, False, True]
