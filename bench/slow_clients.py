"""Latency of a normal request during slow ones: ``python -m bench.slow_clients`` (about a minute).

Starts a server (SQLite, one process, eight threads) on loopback, once with gunicorn's worker and once with the shop's,
opens 16 connections that send a byte of a header every half second, and requests /healthz at the same time.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from http.client import HTTPConnection
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DAWDLERS = 16
PAUSE = 0.5
LONGEST = 25.0
WORKERS = {"gthread, as gunicorn has it": "gthread", "ours": "shop.server.gunicorn_worker.SlowClientGuardWorker"}


def main() -> None:
    """Measure both and print the results."""
    for name, worker in WORKERS.items():
        alone, beside, held = measure(worker)
        waited = f"{beside:.1f} s" if beside is not None else f"no answer within {LONGEST:.0f} s"
        print(
            f"{name}: alone {alone * 1000:.0f} ms; beside {DAWDLERS} that dawdle: {waited}; {held} of them still held"
        )


def measure(worker: str) -> tuple[float, float | None, int]:
    """Return the seconds of a request alone and during slow ones (None: timeout), and the slow connections open."""
    instance = tempfile.mkdtemp(prefix="tuza-slow-")
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        port = listener.getsockname()[1]
        command = [sys.executable, "-m", "gunicorn", "wsgi:app", "-k", worker, "-b", f"fd://{listener.fileno()}"]
        environment = {"PATH": os.environ["PATH"], "SHOP_INSTANCE": instance}
        server = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, pass_fds=[listener.fileno()]
        )
        stop = threading.Event()
        dawdlers: list[socket.socket] = []
        try:
            ask(port, 60)
            alone = ask(port, 60)
            dawdlers += [socket.create_connection(("127.0.0.1", port)) for _ in range(DAWDLERS)]
            threads = [threading.Thread(target=dawdle, args=(each, stop), daemon=True) for each in dawdlers]
            for thread in threads:
                thread.start()
            time.sleep(1)
            beside = ask(port, LONGEST)
            held = sum(is_open(each) for each in dawdlers)
        finally:
            stop.set()
            server.send_signal(signal.SIGQUIT)
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            for each in dawdlers:
                each.close()
            shutil.rmtree(instance, ignore_errors=True)
    assert alone is not None
    return alone, beside, held


def ask(port: int, longest: float) -> float | None:
    """Return the seconds until /healthz responds; None after the timeout."""
    began = time.perf_counter()
    connection = HTTPConnection("127.0.0.1", port, timeout=longest)
    try:
        connection.request("GET", "/healthz", headers={"Connection": "close"})
        connection.getresponse().read()
    except TimeoutError:
        return None
    finally:
        connection.close()
    return time.perf_counter() - began


def dawdle(connection: socket.socket, stop: threading.Event) -> None:
    """Begin a request and send it slowly, without an end."""
    text = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
    try:
        while not stop.wait(PAUSE):
            connection.sendall(text)
            text = b"x"
    except OSError:
        return


def is_open(connection: socket.socket) -> bool:
    """Return whether the server has kept the connection open."""
    try:
        connection.settimeout(0.01)
        return connection.recv(1) != b""
    except TimeoutError:
        return True
    except OSError:
        return False


if __name__ == "__main__":
    main()
