"""Servers as processes, wrk against them, and what they used meanwhile."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("requests.lua")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Line:
    """A request to send."""

    path: str
    method: str = "GET"
    authorization: str = ""
    body: str = ""

    def __str__(self) -> str:
        return "\t".join((self.method, self.path, self.authorization, self.body))


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of wrk came to: a second, milliseconds, and milliseconds of processor a request."""

    rate: float
    p50: float
    p95: float
    p99: float
    most: float
    refused: int
    broken: int
    cpu: float


class Server:
    """A server on a port of its own; ``weight`` is the most that its processes had in memory, in MB."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        self.process, self.port = process, port

    def _family(self) -> list[int]:
        found, grown = [self.process.pid], True
        while grown:
            grown = False
            for entry in Path("/proc").iterdir():
                if entry.name.isdigit() and int(entry.name) not in found:
                    try:
                        parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                    except (FileNotFoundError, ProcessLookupError):
                        continue
                    if parent in found:
                        found.append(int(entry.name))
                        grown = True
        return found

    @property
    def worked(self) -> float:
        """Seconds of processor so far, of all its processes."""
        total = 0
        for pid in self._family():
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    @property
    def weights(self) -> list[float]:
        """The most that each of its working processes had in memory, in MB."""
        found = []
        for pid in self._family()[1:] or [self.process.pid]:
            status = Path(f"/proc/{pid}/status").read_text()
            found.append(int(status.split("VmHWM:")[1].split()[0]) / 1024)
        return found


@contextmanager
def serving(command: Sequence[str], port: int, environ: dict[str, str]) -> Iterator[Server]:
    """A server until the block ends; it begins when the port answers."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | environ, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            deadline = time.monotonic() + 60
            while socket.socket().connect_ex(("127.0.0.1", port)):
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise SystemExit(f"The server did not start:\n{log.read().decode()[-3000:]}")
                time.sleep(0.1)
            yield Server(process, port)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def load(server: Server, lines: Sequence[Line], *, connections: int, seconds: int) -> Run:
    """One run of wrk over some requests."""
    if shutil.which("wrk") is None:
        raise SystemExit("The bench needs wrk (on Debian: apt-get install wrk).")
    with tempfile.NamedTemporaryFile("w", suffix=".requests") as file:
        file.write("\n".join(map(str, lines)) + "\n")
        file.flush()
        before = server.worked
        done = subprocess.run(
            [
                "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", str(SCRIPT),
                f"http://127.0.0.1:{server.port}",
            ],
            env=os.environ | {"REQUESTS": file.name, "SHOP_HOST": f"127.0.0.1:{server.port}"},
            capture_output=True, text=True, timeout=seconds + 90, check=False,
        )  # fmt: skip
    if "JSON " not in done.stdout:
        raise SystemExit(f"wrk failed:\n{done.stdout}\n{done.stderr}")
    found = json.loads(done.stdout.split("JSON ", 1)[1])
    requests = max(1, found.pop("requests"))
    return Run(**found, cpu=(server.worked - before) * 1000 / requests)


def command(server: str, app: str, workers: int, port: int, *, ours: bool) -> list[str]:
    """How to start an application under gunicorn (threads) or granian."""
    folder = Path(sys.executable).parent
    if server == "granian":
        return [
            str(folder / "granian"), "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
            "--workers", str(workers), "--blocking-threads", "8", "--no-access-log", "--log-level", "warning", app,
        ]  # fmt: skip
    if ours:
        return [str(folder / "gunicorn"), app]  # gunicorn.conf.py says the rest
    plain = ["-c", "/dev/null", "-k", "gthread", "--threads", "8", "-w", str(workers), "--no-control-socket"]
    return [str(folder / "gunicorn"), *plain, "-b", f"127.0.0.1:{port}", app]
