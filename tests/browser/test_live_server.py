"""The server of the browser tests: a browser that disconnects leaves no connection open."""

import socket
import struct
from urllib.parse import urlsplit

from tests.support.live_server import serve

AT_ONCE = struct.pack("ii", 1, 0)  # linger for no time: closing resets the connection


class ClosableBody:
    """A response that records whether it was closed."""

    def __init__(self, parts):
        self.parts = parts
        self.closed = False

    def __iter__(self):
        yield from self.parts

    def close(self):
        self.closed = True


def test_every_answer_is_closed_though_the_browser_went_away():
    answers = [ClosableBody([b"<svg/>"]) for _ in range(10)] + [ClosableBody([b"x" * 65536] * 100) for _ in range(10)]
    waiting = iter(answers)

    def app(_environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return next(waiting)

    with serve(app) as address:
        for _ in answers:
            with socket.create_connection(("127.0.0.1", urlsplit(address).port)) as browser:
                browser.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert browser.recv(1)
                browser.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    assert [answer.closed for answer in answers] == [True] * 20
