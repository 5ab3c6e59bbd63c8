"""Compare response times for known and unknown people: ``python -m bench.enumeration [NAME …] [--write]`` (minutes).

Sends 200 requests for known and 200 for unknown people, in turns, to each public endpoint that takes an e-mail, on a
server of its own (SQLite, loopback), and compares the medians: they may differ by at most 10 %. ``--write`` updates
docs/enumeration.md. Exits with 1 if they differ more.
"""

import json
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import update

from shop import create_app
from shop.db.session import db
from shop.db.tenant import use_shop
from shop.db.transaction import transaction
from shop.models import Customer, Membership, StaffUser
from shop.services import clock
from shop.services.customers.records import create_customer
from shop.services.passwords import hash_password
from shop.services.shops.shops import create_shop

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "enumeration.md"
PEOPLE = 200
BOUND = 0.10
PASSWORD = "maziwa-na-chai-7"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
PUBLIC = "/api/v1/storefront"
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Probe:
    """A request that names a person."""

    path: str
    fields: dict[str, str]
    form: bool = False
    codes: bool = False
    """Whether it is about a code, which must have been sent."""


SEND = Probe(f"{PUBLIC}/loyalty/redemption/send-otp", {}, codes=True)
ASKS = {
    "send-otp": SEND,
    "verify-otp": Probe(f"{PUBLIC}/loyalty/redemption/verify-otp", {"code": "000000"}, codes=True),
    "register": Probe(f"{PUBLIC}/auth/register", {"password": "chai-na-mandazi-9"}),
    "login": Probe(f"{PUBLIC}/auth/login", {"password": "not this one 9"}),
    "forgotten password": Probe(f"{PUBLIC}/auth/forgot-password", {}),
    "staff sign-in": Probe("/staff/sign-in", {"password": "not this one 9"}, form=True),
    "staff forgotten password": Probe("/staff/forgotten-password", {}, form=True),
}


class Visitor:
    """A client with another forwarded address each time, on one connection."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._number = 0
        self._signed: dict[str, str] = {}
        self._token = ""
        self.sent = False
        """Whether everyone was sent a code."""

    def open_form(self) -> None:
        """Get a session and its CSRF token."""
        self._connection.request("GET", "/staff/sign-in")
        answer = self._connection.getresponse()
        found = TOKEN.search(answer.read().decode())
        assert found
        self._token, self._signed = found[1], {"Cookie": answer.headers["Set-Cookie"].split(";")[0]}

    def ask(self, ask: Probe, email: str) -> float:
        """Return the seconds until the whole response is received."""
        self._number += 1
        address = f"10.{self._number >> 16 & 255}.{self._number >> 8 & 255}.{self._number & 255}"
        headers = {"X-Forwarded-For": address}
        if ask.form:
            body = urlencode({"csrf_token": self._token, "email": email, **ask.fields})
            headers |= self._signed | {"Content-Type": "application/x-www-form-urlencoded"}
        else:
            body, headers = json.dumps({"email": email, **ask.fields}), headers | JSON
        began = time.perf_counter()
        self._connection.request("POST", ask.path, body, headers)
        answer = self._connection.getresponse()
        answer.read()
        took = time.perf_counter() - began
        assert answer.status not in {429, 500}, f"{ask.path}: {answer.status}"
        return took


def main() -> int:
    """Measure, print, and optionally write the page."""
    names = [name for name in sys.argv[1:] if not name.startswith("--")] or list(ASKS)
    instance = tempfile.mkdtemp(prefix="tuza-enumeration-")
    environment = {"PATH": os.environ["PATH"], "SHOP_INSTANCE": instance, "TRUSTED_PROXIES": "127.0.0.1"}
    os.environ["SHOP_INSTANCE"] = instance
    try:
        migrate = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
        subprocess.run(migrate, cwd=ROOT, env=environment, check=True, capture_output=True)
        known = make_people()
        with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
            command = [sys.executable, "-m", "gunicorn", "wsgi:app", "-b", f"fd://{listener.fileno()}"]
            server = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, pass_fds=[listener.fileno()]
            )
            try:
                visitor = Visitor(listener.getsockname()[1])
                rows = [measure(name, known, visitor, print) for name in names]
            finally:
                server.send_signal(signal.SIGTERM)
                server.wait(30)
    finally:
        shutil.rmtree(instance, ignore_errors=True)
    if "--write" in sys.argv:
        PAGE.write_text(page(rows))
        print(f"kept in {PAGE.relative_to(ROOT)}")
    return int(any(abs(row[3]) > BOUND for row in rows))


def make_people() -> list[str]:
    """Create a shop with customers who have accounts and are also staff members; return their e-mails."""
    app = create_app()
    emails = [f"known{number}@example.com" for number in range(PEOPLE)]
    with app.app_context():
        shop = create_shop("Duka", slug="duka", hosts=["localhost"], loyalty_points_enabled="true")
        use_shop(shop.id)
        now, hashed = clock.now(), hash_password(PASSWORD)  # one hash for all: an attempt costs the same
        with transaction() as session:
            for email in emails:
                create_customer(email)
                user = StaffUser(email=email, name="X", password_hash=hashed, created_at=now, updated_at=now)
                session.add(user)
                session.flush()
                session.add(Membership(staff_user_id=user.id, role="clerk", created_at=now))
            session.execute(update(Customer).values(password_hash=hashed))
        db.session.remove()
        db.engine.dispose()
    return emails


def measure(
    name: str, known: list[str], visitor: Visitor, say: Callable[[str], None]
) -> tuple[str, float, float, float]:
    """Return name, both medians in milliseconds, and their difference as a share."""
    ask = ASKS[name]
    visitor.open_form()
    word = "code" if ask.codes else name.replace(" ", "-")
    strangers = [f"nobody{number}-{word}@example.com" for number in range(PEOPLE)]
    if ask.codes and ask is not SEND and not visitor.sent:
        for email in (*known, *strangers):
            visitor.ask(SEND, email)
    visitor.sent |= ask is SEND
    took: dict[bool, list[float]] = {True: [], False: []}
    for pair in zip(known, strangers, strict=True):
        order = [0, 1]
        random.shuffle(order)  # the order must not distinguish them
        for place in order:
            took[place == 0].append(visitor.ask(ask, pair[place]))
    of_known, of_unknown = (statistics.median(took[is_known]) * 1000 for is_known in (True, False))
    apart = of_known / of_unknown - 1
    say(f"{name}: known {of_known:.2f} ms, unknown {of_unknown:.2f} ms, {apart:+.1%}")
    return name, of_known, of_unknown, apart


def page(rows: list[tuple[str, float, float, float]]) -> str:
    """Return the page of figures."""
    lines = [
        "# Does the time tell who is known?",
        "",
        f"Medians of {PEOPLE} known and {PEOPLE} unknown people, asked in turn; the promise is 10 % at most. Made by",
        "`python -m bench.enumeration --write`; that the answers are equal byte for byte,",
        "`tests/bench/test_enumeration.py` shows.",
        "How long an answer takes depends on the machine and on what else it does (these were taken on two busy",
        "cores, the ones with a password hash at several times their usual length); only the ratio matters.",
        "",
        "| endpoint | known, ms | unknown, ms | apart |",
        "| --- | --- | --- | --- |",
        *(f"| {name} | {known:.2f} | {unknown:.2f} | {apart:+.1%} |" for name, known, unknown, apart in rows),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    raise SystemExit(main())
