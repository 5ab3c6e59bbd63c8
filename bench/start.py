"""``python -m bench.start``: the time to create the application, and the memory of a web process.

Each figure is the median of several processes, with minimum and maximum. CPU time is measured, as the machine may be
busy.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIMITS = {"create_app() after imports, s": 0.5, "resident after 50 requests, MB": 110}
CHILD = """
import json, resource, time
began = time.process_time()
import flask, flask_sqlalchemy, pydantic, sqlalchemy.orm
libraries = time.process_time()
from shop import create_app
app = create_app()
made = time.process_time()
again = create_app()
second = time.process_time()
client = app.test_client()
for _ in range(25):
    client.get("/healthz")
    client.get("/api/v1/storefront/loyalty/config")
resident = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS"))
print(json.dumps({
    "Flask, SQLAlchemy and pydantic imported, s": libraries - began,
    "our modules imported and create_app(), s": made - libraries,
    "create_app() after imports, s": second - made,
    "resident after 50 requests, MB": resident / 1024,
}))
"""


def main() -> int:
    """Return 0 if the medians are within their limits."""
    parser = argparse.ArgumentParser(prog="python -m bench.start", description=__doc__)
    parser.add_argument("--times", type=int, default=5)
    runs = [_run() for _ in range(parser.parse_args().times)]
    missed = []
    print("| | middle | least | most | limit |\n| --- | ---: | ---: | ---: | ---: |")
    for name in runs[0]:
        values = [run[name] for run in runs]
        middle, limit = statistics.median(values), LIMITS.get(name)
        print(f"| {name} | {middle:.2f} | {min(values):.2f} | {max(values):.2f} | {limit or ''} |")
        if limit is not None and middle > limit:
            missed.append(name)
    if missed:
        print(f"Missed: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


def _run() -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="tuza-bench-") as folder:
        environ = {**os.environ, "SHOP_INSTANCE": folder, "DATABASE_URL": "", "TUZA_ENV": "development"}
        environ["PYTHONUNBUFFERED"] = "1"
        made = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
        subprocess.run(made, cwd=ROOT, env=environ, check=True, capture_output=True)
        done = subprocess.run(
            [sys.executable, "-c", CHILD], cwd=ROOT, env=environ, check=True, capture_output=True, text=True
        )
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


if __name__ == "__main__":
    sys.exit(main())
