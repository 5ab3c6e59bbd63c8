"""``python -m bench.openapi_clients``: each client compiles strictly, has typed bodies and orders, or exit 1."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import click

from bench.openapi_clients.typed import untyped
from scripts.demo_server import running_demo

FLOWS = Path(__file__).with_name("flows")
PYTHON = ("openapi-python-client==0.29.1", "mypy==2.4.1")
NODE = {
    "@hey-api/openapi-ts": "0.99.0",
    "openapi-typescript": "7.13.0",
    "openapi-fetch": "0.17.0",
    "typescript": "5.9.3",
    "tsx": "4.20.6",
    "@types/node": "20.19.9",
}
COMPILER = {"strict": True, "noEmit": True, "target": "ES2022", "module": "ESNext", "moduleResolution": "Bundler"}
COMPILER |= {"lib": ["ES2022", "DOM", "DOM.Iterable"], "types": ["node"]}
COMMANDS = (
    "bin/openapi-python-client generate --path openapi.json --output-path made --overwrite",
    "node_modules/.bin/openapi-ts -i openapi.json -o hey",
    "node_modules/.bin/openapi-typescript openapi.json -o types.d.ts --default-non-nullable=false",
    "bin/mypy --strict --python-executable bin/python made/tuza_api_client flow.py",
    "node_modules/.bin/tsc -p tsconfig.json",
)
RUNS = {
    "openapi-python-client": ("bin/python", "flow.py"),
    "@hey-api/openapi-ts": ("node_modules/.bin/tsx", "hey.ts"),
    "openapi-typescript": ("node_modules/.bin/tsx", "fetch.ts"),
}
SECONDS = 120


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), help="Where to generate; a temporary folder if absent.")
def main(folder: Path | None) -> None:
    """Generate, compile, check the bodies, and order with each client."""
    if shutil.which("npm") is None:
        raise click.ClickException("npm is needed")
    with tempfile.TemporaryDirectory(prefix="tuza-clients-") as temporary, running_demo() as (base, demo, instance):
        place = (folder or Path(temporary)).resolve()
        with urllib.request.urlopen(f"{base}/api/v1/openapi.json") as answer:
            document = json.load(answer)
        _install(place, document)
        failed = sum(not _compiles(place, command) for command in COMMANDS)
        for problem in untyped(document, place):
            click.echo(problem)
            failed += 1
        for (name, command), customer in zip(RUNS.items(), demo["customers"], strict=False):
            failed += not _order(place, (name, command), (base, demo["api_key"], customer["email"]), instance)
    sys.exit(1 if failed else 0)


def _install(place: Path, document: dict[str, Any]) -> None:
    place.mkdir(parents=True, exist_ok=True)
    if not (place / "bin/mypy").exists():
        venv.create(place, with_pip=True)
        subprocess.run([place / "bin/pip", "install", "--quiet", *PYTHON], check=True)
    for source in FLOWS.iterdir():
        shutil.copy(source, place)
    (place / "openapi.json").write_text(json.dumps(document))
    (place / "package.json").write_text(json.dumps({"private": True, "dependencies": NODE}))
    included = ["hey.ts", "fetch.ts", "types.d.ts", "hey/**/*.ts"]
    (place / "tsconfig.json").write_text(json.dumps({"compilerOptions": COMPILER, "include": included}))
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund"], cwd=place, check=True)


def _compiles(place: Path, command: str) -> bool:
    began, paths = time.monotonic(), f"{place}/bin:{os.environ['PATH']}"
    environ = os.environ | {"PATH": paths, "MYPYPATH": "made"}
    run = subprocess.run(command.split(), cwd=place, env=environ, capture_output=True, text=True, check=False)
    click.echo(f"{'ok' if run.returncode == 0 else 'FAILED'}, {time.monotonic() - began:.0f} s: {command}")
    if run.returncode:
        click.echo((run.stdout + run.stderr)[-3000:])
    return run.returncode == 0


def _order(place: Path, run: tuple[str, tuple[str, ...]], shop: tuple[str, dict[str, str], str], inst: Path) -> bool:
    name, command = run
    base, key, email = shop
    own = {"BASE": base, "KEY": key["consumer_key"], "SECRET": key["consumer_secret"], "EMAIL": email}
    pipe = subprocess.PIPE
    environ = os.environ | own | {"PYTHONPATH": "made"}
    flow = subprocess.Popen(command, cwd=place, env=environ, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    assert flow.stdout is not None
    code = _code(inst, email) if flow.stdout.readline() == "code?\n" else ""
    said, complained = flow.communicate(f"{code}\n", timeout=SECONDS)
    click.echo(f"{name}: {said.strip() or complained[-3000:]}")
    return flow.returncode == 0 and "Earned on order" in said


def _code(instance: Path, email: str) -> str:
    """Return the newest code that was mailed to a customer."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        for file in sorted(instance.glob("mail/*.eml"), reverse=True):
            mail = message_from_bytes(file.read_bytes(), policy=default)
            found = re.search(r"\b(\d{3}) ?(\d{3})\b", str(mail.get_body(("plain",)) or ""))
            if found and email in str(mail["To"]):
                return found[1] + found[2]
        time.sleep(0.2)
    raise click.ClickException(f"no code was mailed to {email}")


if __name__ == "__main__":
    main()
