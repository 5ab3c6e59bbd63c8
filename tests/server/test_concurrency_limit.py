"""At most a set number of requests run at once in a process; one that waits for something slow releases its slot."""

import io
import threading

import pytest

from shop.server.concurrency_limit import ConcurrencyLimitMiddleware, released

WAIT = 20


class LimitedApp:
    """An application behind a turnstile whose requests wait inside until they are let go."""

    def __init__(self, at_once):
        self.inside, self.most = 0, 0
        self.guard = threading.Lock()
        self.entered = threading.Semaphore(0)
        self.go = threading.Semaphore(0)
        self.app = ConcurrencyLimitMiddleware(self.serve, at_once)

    def serve(self, environ, _start):
        with self.guard:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.entered.release()
        try:
            environ["work"](self)
        finally:
            with self.guard:
                self.inside -= 1
        return [b"done"]

    def wait(self):
        assert self.go.acquire(timeout=WAIT)

    def release_and_wait(self):
        with released():
            self.inside -= 1
            self.wait()
        with self.guard:
            self.inside += 1
            self.most = max(self.most, self.inside)


def send(limited, work, **environ):
    thread = threading.Thread(target=limited.app, args=({"work": work, "wsgi.input": io.BytesIO(), **environ}, None))
    thread.start()
    return thread


@pytest.mark.parametrize("at_once", [1, 2])
def test_no_more_are_inside_than_may_be_and_all_have_their_turn(at_once):
    limited = LimitedApp(at_once)
    threads = [send(limited, LimitedApp.wait) for _ in range(6)]
    for _ in range(at_once):
        assert limited.entered.acquire(timeout=WAIT)
    assert not limited.entered.acquire(blocking=False)
    for _ in threads:
        limited.go.release()
    for thread in threads:
        thread.join(WAIT)
    assert (limited.inside, limited.most) == (0, at_once)


def test_who_steps_outside_lets_another_in_and_waits_for_a_turn_to_come_back():
    limited = LimitedApp(1)
    slow = send(limited, LimitedApp.release_and_wait)
    assert limited.entered.acquire(timeout=WAIT)
    quick = send(limited, lambda _: None)
    quick.join(WAIT)
    assert not quick.is_alive()
    assert slow.is_alive()
    limited.go.release()
    slow.join(WAIT)
    assert (limited.inside, limited.most) == (0, 1)


def test_a_turn_is_given_back_when_a_request_fails():
    limited = LimitedApp(1)

    def fail(_limited):
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        limited.app({"work": fail, "wsgi.input": io.BytesIO()}, None)
    assert limited.app({"work": lambda _: None, "wsgi.input": io.BytesIO()}, None) == [b"done"]


class Trickle:
    """A body that comes only when it is let."""

    def __init__(self, limited, text):
        self.limited, self.text = limited, text

    def read(self, size=-1):
        self.limited.wait()
        found, self.text = self.text[:size], self.text[size:] if size >= 0 else b""
        return found


@pytest.mark.parametrize(
    "length", [{"CONTENT_LENGTH": "4"}, {"CONTENT_LENGTH": "100000"}, {"HTTP_TRANSFER_ENCODING": "chunked"}]
)
def test_a_slow_body_does_not_block_other_requests(length):
    limited, read = LimitedApp(1), []
    environ = {}

    def take(_limited):
        read.append(environ["wsgi.input"].read(4))

    environ |= {"work": take, "wsgi.input": Trickle(limited, b"body"), **length}
    thread = threading.Thread(target=limited.app, args=(environ, None))
    thread.start()
    other = send(limited, lambda _: None)
    other.join(WAIT)
    assert not other.is_alive()
    assert read == []
    limited.go.release()
    thread.join(WAIT)
    assert read == [b"body"]


def test_an_error_in_a_body_is_raised_to_its_reader():
    class Broken:
        def read(self, size=-1):
            raise OSError("gone")

    limited, environ = LimitedApp(1), {"CONTENT_LENGTH": "4", "wsgi.input": Broken()}
    environ["work"] = lambda _: environ["wsgi.input"].read()
    with pytest.raises(OSError, match="gone"):
        limited.app(environ, None)
    assert limited.app({"work": lambda _: None, "wsgi.input": io.BytesIO()}, None) == [b"done"]
