"""The receivers of ``bench.webhooks`` judge requests of killed workers rightly."""

import json
import socket
import time
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from bench.webhooks.receiver import Receivers

OLD, NEW = "whsec_b2xkb2xkb2xkb2xkb2xkb2xkb2xk", "whsec_bmV3bmV3bmV3bmV3bmV3bmV3bmV3"
BODY = json.dumps({"timestamp": "2026-01-06T20:02:12+00:00"})


@pytest.fixture
def rotated_at():
    """Not long ago: nobody verifies what was signed more than five minutes before."""
    return time.time() - 100


@pytest.fixture
def receivers(rotated_at):
    receivers = Receivers(seed=1)
    receivers.seen.keys["sound"] = [(rotated_at, NEW), (0, OLD)]
    yield receivers
    receivers.stop()


def signed(seconds, *keys):
    """A request signed at a time in seconds."""
    moment = datetime.fromtimestamp(int(seconds), UTC)
    words = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": " ".join(Webhook(key).sign("msg_1", moment, BODY) for key in keys),
        "Content-Length": str(len(BODY)),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in words.items())
    return f"POST /sound HTTP/1.1\r\n{head}\r\n{BODY}".encode()


def send(receivers, request):
    """Send a request, or a part of it, end it as a killed worker does, and wait for the answer."""
    with socket.create_connection(("127.0.0.1", receivers.port)) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1000):
            pass


@pytest.mark.parametrize("left_out", [1, len(BODY), len(BODY) + 2, len(BODY) + 25])
def test_a_request_that_a_kill_cut_off_is_no_request(receivers, rotated_at, capsys, left_out):
    send(receivers, signed(rotated_at + 1, NEW, OLD)[:-left_out])
    assert (receivers.seen.requests, receivers.seen.wrong, capsys.readouterr().err) == ([], [], "")


@pytest.mark.parametrize(
    ("seconds", "keys", "mistakes"),
    [(-1, [OLD], 0), (0, [OLD], 0), (9, [NEW, OLD], 0), (9, [NEW], 0), (-1, [NEW], 1), (9, [OLD], 1)],
)
def test_a_request_is_judged_by_the_keys_of_when_it_was_signed(receivers, rotated_at, seconds, keys, mistakes):
    send(receivers, signed(rotated_at + seconds, *keys))
    assert (len(receivers.seen.requests), len(receivers.seen.wrong)) == (1, mistakes)
