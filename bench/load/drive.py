"""Server processes, wrk runs, and the servers' CPU time and memory."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).with_name("requests.lua")
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """A request to send."""

    path: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    def __str__(self) -> str:
        headers = "\x1f".join(f"{name}: {value}" for name, value in self.headers.items())
        return "\t".join((self.method, self.path, headers, self.body))


@dataclass(frozen=True, slots=True)
class Run:
    """The result of a wrk run: requests a second, latencies in milliseconds, and CPU milliseconds a request."""

    requests: int
    rate: float
    p50: float
    p95: float
    p99: float
    most: float
    refused: int
    broken: int
    cpu: float


class ServerProcess:
    """A server process with its port and output."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, said: Path) -> None:
        self.process, self.port, self.said = process, port, said

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
        """Return the CPU seconds of all its processes."""
        total = 0
        for pid in self._family():
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    @property
    def weights(self) -> list[float]:
        """Return the peak memory of each of its processes in MB."""
        found = []
        for pid in self._family()[1:] or [self.process.pid]:
            status = Path(f"/proc/{pid}/status").read_text()
            found.append(int(status.split("VmHWM:")[1].split()[0]) / 1024)
        return found

    def settle(self) -> None:
        """Wait until it is idle, two seconds at most."""
        deadline, before, now = time.monotonic() + 2, -1.0, self.worked
        while before != now and time.monotonic() < deadline:
            time.sleep(0.05)
            before, now = now, self.worked

    def forget_weights(self) -> None:
        """Reset the peaks to the current memory."""
        for pid in self._family():
            Path(f"/proc/{pid}/clear_refs").write_text("5")


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


@contextmanager
def serving(command: Sequence[str], port: int, environ: dict[str, str]) -> Iterator[ServerProcess]:
    """Run a server until the block ends; yield it when its port responds."""
    path = {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}  # this tree, whatever is installed
    with tempfile.NamedTemporaryFile() as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | path | environ, stdout=log, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        try:
            deadline = time.monotonic() + 60
            while socket.socket().connect_ex(("127.0.0.1", port)):
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise SystemExit(f"The server did not start:\n{log.read().decode()[-3000:]}")
                time.sleep(0.1)
            yield ServerProcess(process, port, Path(log.name))
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def load(server: ServerProcess, lines: Sequence[LoadRequest], *, connections: int, seconds: int) -> Run:
    """Run wrk with some requests."""
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
    return Run(**found, cpu=(server.worked - before) * 1000 / max(1, found["requests"]))


def command(server: str, app: str, workers: int, port: int, *, ours: bool) -> list[str]:
    """Return the command that starts an application under gunicorn (threads) or granian."""
    python = [sys.executable, "-m"]
    if server == "granian":
        return [
            *python, "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
            "--workers", str(workers), "--blocking-threads", "8", "--no-access-log", "--log-level", "warning", app,
        ]  # fmt: skip
    if ours:
        return [*python, "gunicorn", app]  # gunicorn.conf.py says the rest
    plain = ["-c", "/dev/null", "-k", "gthread", "--threads", "8", "-w", str(workers), "--no-control-socket"]
    plain += ["--keep-alive", "15"]
    return [*python, "gunicorn", *plain, "-b", f"127.0.0.1:{port}", app]
