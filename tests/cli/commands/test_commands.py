"""The commands."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from shop.cli.process_supervisor import supervised
from shop.config import ROOT
from shop.db.tenant import in_shop, use_shop
from shop.db.transaction import transaction
from shop.services.errors import NotSignedIn
from shop.services.payments.credentials import find_secrets, save_credentials
from shop.services.shops.settings import get_settings
from shop.services.shops.shops import find_shop_for_host, get_shop
from shop.services.staff.accounts import sign_in
from shop.services.staff.api_keys import authenticate_key
from tests import factories
from tests.support.databases import Databases, close
from tests.support.rows import run_sql

Run = Callable[..., Result]
STOP = {"sqlite": signal.SIGINT, "postgresql": signal.SIGTERM}
"""Each engine's tests stop what they start in another of the two ways."""
COMMANDS = (
    ("shop", "create"),
    ("shop", "list"),
    ("staff", "create"),
    ("staff", "password"),
    ("api-key", "create"),
    ("ledger", "verify"),
    ("backup", "create"),
    ("backup", "verify"),
    ("backup", "restore"),
    ("payments", "lock-anew"),
    ("payments", "register-addresses"),
    ("sandbox", "create"),
    *(("privacy", name) for name in ("requests", "export", "erase", "repeat-erasures", "affected", "retention")),
    ("worker",),
    ("demo",),
    ("up",),
)


@pytest.fixture
def run(private_app: Flask) -> Run:
    """Run a command; its result has ``output`` and ``exit_code``."""
    return lambda *words: private_app.test_cli_runner().invoke(args=list(words))


@pytest.fixture
def duka(private_app: Flask) -> int:
    """The only shop of the installation."""
    with private_app.app_context():
        return factories.make_shop("Duka").id


def refused(result: Result) -> str:
    """Return the message of an error; there must be one, and no traceback."""
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert result.output.startswith("Error: ")
    return result.output.removeprefix("Error: ").strip()


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_says_what_a_command_does(app: Flask, words: tuple[str, ...]) -> None:
    result = app.test_cli_runner().invoke(args=[*words, "--help"])
    assert result.exit_code == 0
    assert len(result.output.splitlines()) >= 5


def test_a_shop_is_made_with_slug_hosts_and_currency(run: Run, private_app: Flask) -> None:
    result = run("shop", "create", "Duka la Juma", "--slug", "juma", "--host", "juma.example", "--currency", "ugx")
    assert result.output == "Created the shop Duka la Juma. Its short name is juma.\n"
    with private_app.app_context():
        shop = get_shop("juma")
        assert find_shop_for_host("juma.example").id == shop.id
        use_shop(shop.id)
        assert get_settings().currency == "UGX"


def test_shops_are_listed(run: Run) -> None:
    assert "There is no shop yet" in run("shop", "list").output
    run("shop", "create", "Duka la Juma")
    run("shop", "create", "Soko")
    assert run("shop", "list").output == "duka-la-juma  Duka la Juma\nsoko          Soko\n"


def test_a_sandbox_is_made_of_a_live_shop(run: Run) -> None:
    run("shop", "create", "Duka la Juma", "--slug", "juma")
    made = run("sandbox", "create", "--host", "try.example").output
    assert made.startswith("Created the sandbox Duka la Juma (sandbox). Its short name is juma-sandbox.\n")
    key = run("api-key", "create", "Program", "--shop", "juma-sandbox")
    assert "ck_test_" in key.output


def test_a_second_shop_of_the_same_slug_is_refused(run: Run) -> None:
    run("shop", "create", "Soko")
    assert refused(run("shop", "create", "Soko")) == "A shop with the short name soko already exists."


def test_arguments_that_no_database_can_store_are_refused(run: Run) -> None:
    sentence = "Arguments must be UTF-8 text without control characters."
    for words in (("shop", "create"), ("ledger", "verify", "--shop"), ("staff", "reset-second-factor")):
        assert [refused(run(*words, bytes_.decode(errors="surrogateescape"))) for bytes_ in (b"\xff", b"\0")] == [
            sentence,
            sentence,
        ]


def test_a_currency_that_is_none_is_refused(run: Run) -> None:
    said = refused(run("shop", "create", "Soko", "--currency", "shilling"))
    assert said == "--currency must be a currency code of three letters, such as KES."


def test_an_option_that_is_wrong_is_named_as_it_was_typed(run: Run) -> None:
    said = refused(run("shop", "create", "Soko", "--timezone", "Nairobi"))
    assert said == "--timezone must be a time zone such as Africa/Nairobi."


def test_staff_can_sign_in_with_the_printed_password(run: Run, private_app: Flask, duka: int) -> None:
    output = run("staff", "create", "juma@example.com", "--name", "Juma Otieno", "--role", "manager").output
    password = re.search(r"Password: (\S+)", output)
    assert password
    with private_app.app_context():
        member = sign_in("juma@example.com", password[1])
        assert (member.name, member.role, member.shop_id) == ("Juma Otieno", "manager", duka)


def test_staff_who_had_a_sign_in_keep_the_password(run: Run, private_app: Flask, duka: int) -> None:
    run("staff", "create", "juma@example.com", "--password", "mandazi-na-chai")
    output = run("staff", "create", "juma@example.com", "--password", "another-one").output
    assert "keeps the password" in output
    with private_app.app_context():
        assert sign_in("juma@example.com", "mandazi-na-chai").shop_id == duka


def test_a_lost_password_is_replaced(run: Run, private_app: Flask, duka: int) -> None:
    run("staff", "create", "juma@example.com", "--password", "mandazi-na-chai")
    assert run("staff", "password", "Juma@example.com", "--password", "sambusa-na-chai").exit_code == 0
    with private_app.app_context():
        assert sign_in("juma@example.com", "sambusa-na-chai").shop_id == duka
        with pytest.raises(NotSignedIn):
            sign_in("juma@example.com", "mandazi-na-chai")


def test_a_password_for_an_unknown_person_is_refused(run: Run) -> None:
    assert refused(run("staff", "password", "nobody@example.com")) == "There is no such person."


def test_a_bad_email_and_a_short_password_are_refused(run: Run, duka: int) -> None:
    assert "e-mail address" in refused(run("staff", "create", "juma"))
    assert "at least 12 characters" in refused(run("staff", "create", "juma@example.com", "--password", "abc"))


def test_a_printed_api_key_works(run: Run, private_app: Flask, duka: int) -> None:
    output = run("api-key", "create", "Till", "--read-only", "--rate", "120").output
    key, secret = re.findall(r"c[ks]_[0-9a-f]{32}", output)
    with private_app.app_context():
        holder = authenticate_key(key, secret)
    assert (holder.shop_id, holder.name, holder.rate_limit_per_minute) == (duka, "Till", 120)
    assert (holder.may_read, holder.may_write) == (True, False)


def test_a_rate_beyond_the_limit_is_refused(run: Run, duka: int) -> None:
    result = run("api-key", "create", "Till", "--rate", "10001")
    assert result.exit_code == 2
    assert "10000" in result.output


def test_without_a_shop_there_is_a_hint_how_to_make_one(run: Run) -> None:
    assert "shop create" in refused(run("api-key", "create", "Till"))


def test_among_several_shops_one_must_be_named(run: Run) -> None:
    run("shop", "create", "Soko")
    run("shop", "create", "Duka")
    assert "name one" in refused(run("api-key", "create", "Till"))
    assert "no shop with the short name sok" in refused(run("api-key", "create", "Till", "--shop", "sok"))
    assert run("api-key", "create", "Till", "--shop", "soko").exit_code == 0


def test_a_database_without_tables_is_named(databases: Databases, engine_name: str) -> None:
    app = databases.app(databases.empty(engine_name))
    assert "db upgrade" in refused(app.test_cli_runner().invoke(args=["shop", "list"]))
    close(app)


def test_a_clean_ledger_is_all_right(run: Run, private_app: Flask, duka: int) -> None:
    with private_app.app_context():
        use_shop(duka)
        factories.make_customer(points=500)
    result = run("ledger", "verify")
    assert (result.exit_code, result.output) == (0, "1 account and 1 entry checked: no errors.\n")


def test_a_tampered_account_is_named(run: Run, private_app: Flask, duka: int) -> None:
    with private_app.app_context():
        use_shop(duka)
        honest_id = factories.make_customer(points=500).id
        robbed_id = factories.make_customer(points=700).id
        run_sql("UPDATE loyalty_accounts SET points_balance = 7000 WHERE customer_id = :id", id=robbed_id)
    result = run("ledger", "verify")
    assert result.exit_code == 1
    assert f"customer {robbed_id}" in result.output
    assert "its balance must be 700, the sum of its entries, not 7000" in result.output
    assert f"customer {honest_id}" not in result.output


def test_another_shops_fault_is_not_this_shops(run: Run, private_app: Flask, duka: int) -> None:
    with private_app.app_context():
        use_shop(duka)
        factories.make_customer(points=700)
        run_sql("UPDATE loyalty_accounts SET points_balance = 7000")
    run("shop", "create", "Soko")
    assert run("ledger", "verify", "--shop", "soko").exit_code == 0
    assert run("ledger", "verify").exit_code == 1


@contextmanager
def started(databases: Databases, engine: str, folder: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """Start a command as a process on a fresh database, with its output on ``stdout``."""
    environ = os.environ | {"SHOP_INSTANCE": str(folder), "DATABASE_URL": databases.fresh(engine)}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            databases.drop(environ["DATABASE_URL"])


def read_until(process: subprocess.Popen[str], words: str) -> list[str]:
    """Return the lines up to one that contains these words. Fail if the process ends before."""
    lines = []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return lines
    raise AssertionError("".join(lines))


def test_the_worker_stops_cleanly(databases: Databases, engine_name: str, tmp_path: Path) -> None:
    with started(databases, engine_name, tmp_path, "worker") as process:
        read_until(process, "The worker is running")
        process.send_signal(STOP[engine_name])
        read_until(process, "The worker has stopped")
        assert process.wait() == 0


def free_port() -> int:
    """Return a port that no one listens on."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def status_of(port: int, path: str) -> int:
    """The status of a GET."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


def test_up_serves_and_leaves_nothing_behind(databases: Databases, engine_name: str, tmp_path: Path) -> None:
    port = free_port()
    with started(databases, engine_name, tmp_path, "up", "--no-demo", "--port", str(port)) as process:
        read_until(process, "Press Ctrl-C to stop")
        assert status_of(port, "/readyz") == 200
        process.send_signal(STOP[engine_name])
        assert process.stdout is not None
        process.stdout.read()  # ends when the last process that could write to it has ended
        assert process.wait() == 0
    with pytest.raises(ConnectionRefusedError):
        status_of(port, "/healthz")


def test_who_was_started_ends_when_the_starter_is_killed() -> None:
    child = (
        "from shop.cli.parent_watch import exit_with_parent; exit_with_parent(); print('holds', flush=True); input()"
    )
    starter = f"""
import os, sys
from shop.cli.process_supervisor import supervised
with supervised() as home:
    home.start("child", [sys.executable, "-c", {child!r}], os.environ)
    home.wait()
"""
    command = [sys.executable, "-c", starter]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        read_until(process, "holds")
        process.kill()
        assert process.stdout is not None
        assert process.stdout.read() == ""  # ends when the child, who could write to it too, has ended


def test_a_busy_port_is_named(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"Port {port} on 127.0.0.1 cannot be used" in refused(run("up", "--port", str(port)))


def test_an_address_that_is_none_is_named(run: Run) -> None:
    assert "is not an address" in refused(run("up", "--host", "no.such.host.invalid"))


def test_values_that_drop_automatically_are_named() -> None:
    with supervised() as home:
        home.start("sleeper", [sys.executable, "-c", "raise SystemExit(3)"], os.environ)
        assert home.wait() == "sleeper"


def test_a_long_check_says_how_far_it_is_where_there_is_no_terminal(
    run: Run, private_app: Flask, duka: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.cli.progress.LINE_SECONDS", 0)
    with private_app.app_context():
        use_shop(duka)
        factories.make_customer(points=500)
    assert "Checking the ledger: 1 of 1\n" in run("ledger", "verify").output


def test_payment_credentials_are_encrypted_again(run: Run, private_app: Flask, duka: int) -> None:
    with private_app.app_context(), in_shop(duka), transaction():
        save_credentials("mpesa", {"short_code": "174379"}, {"passkey": "secret"}, ("o" * 32,))
    private_app.config["PAYMENT_KEYS"] = ["n" * 32]
    assert "cannot be read with the keys" in refused(run("payments", "lock-anew"))
    private_app.config["PAYMENT_KEYS"] = ["n" * 32, "o" * 32]
    assert run("payments", "lock-anew").output.startswith("1 encrypted with the newest key")
    with private_app.app_context(), in_shop(duka):
        assert find_secrets("mpesa", ("n" * 32,)) == {"short_code": "174379", "passkey": "secret"}


@pytest.mark.parametrize("typed", ["\u0663", "1_000", "", "9" * 5000])
def test_a_number_in_other_digits_is_refused_with_a_sentence(app: Flask, typed: str) -> None:
    for words in (["up", "--port"], ["api-key", "create", "Till", "--rate"], ["backup", "create", "--keep"]):
        result = app.test_cli_runner().invoke(args=[*words, typed])
        assert result.exit_code == 2
        assert f"Invalid value for '{words[-1]}'" in result.output
