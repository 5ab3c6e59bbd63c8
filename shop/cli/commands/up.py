"""``tuza up`` (``make run``): migrate, then run the web server and the worker. For trying Tuza and for small shops."""

import http.client
import os
import socket
import sys
import time
from pathlib import Path

import click
from flask import current_app, url_for
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy.exc import OperationalError

from shop.cli.numbers import WholeNumber
from shop.cli.process_supervisor import POLL_SECONDS, ProcessSupervisor, supervised
from shop.db.readiness import NEWER, check_readiness
from shop.db.session import db
from shop.demo.credentials_file import DemoCredentials
from shop.demo.start import find_credentials, make_demo_ready
from shop.observability.multiprocess import NAME as COUNTERS
from shop.observability.multiprocess import make_counters_folder
from shop.services.shops.shops import list_shops

READY_SECONDS = 60


@click.command("up")
@click.option("--host", envvar="HOST", default="127.0.0.1", show_default=True, help="Address to listen on (HOST).")
@click.option(
    "--port", envvar="PORT", type=WholeNumber(1, 65_535), default=5000, show_default=True, help="Port (PORT)."
)
@click.option(
    "--demo/--no-demo",
    default=None,
    help="Load the demo shop when there is no shop yet. Done unless TUZA_ENV is production.",
)
@with_appcontext
def up(host: str, port: int, demo: bool | None) -> None:
    """Migrate, load the demo shop once, and run the server and the worker until Ctrl-C or SIGTERM.

    On SQLite: one web process, which also sends mail. On PostgreSQL: several web processes and a worker. Data stays in
    the instance folder (SHOP_INSTANCE) or at DATABASE_URL; running it again keeps it.
    """
    config = current_app.config
    _check_port(host, port)
    credentials = _prepare(demo if demo is not None else config["TUZA_ENV"] != "production")
    with supervised() as supervisor:
        _start(supervisor, host, port)
        if _wait_until_ready(supervisor, host, port):
            _print_welcome(f"http://{_reachable(host)}:{port}", credentials)
            exited = supervisor.wait()
            if exited:
                raise click.ClickException(f"The {exited} stopped unexpectedly. The lines above say why.")
    click.echo("Stopped.")


def _check_port(host: str, port: int) -> None:
    """Raise ClickException unless the address is free."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, proto) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if isinstance(error, socket.gaierror):
            raise click.ClickException(f"HOST {host} is not an address of this machine.") from None
        raise click.ClickException(
            f"Port {port} on {host} cannot be used ({(error.strerror or 'unknown reason').lower()}). "
            f"Stop the program that uses it, or choose another port: PORT={min(port + 1, 65_535)} make run"
        ) from None


def _prepare(with_demo: bool) -> DemoCredentials | None:
    """Migrate, and load the demo shop if there is no shop yet. Return the demo's credentials if there are any."""
    try:
        if check_readiness() == [NEWER]:
            raise click.ClickException(NEWER)
        upgrade()
        folder = Path(current_app.config["SHOP_INSTANCE"])
        if with_demo and not list_shops():
            click.echo("Loading the demo shop (about ten seconds) …")
            return make_demo_ready(folder, current_app.config["SECRET_KEY"]).credentials
        return find_credentials(folder, current_app.config["SECRET_KEY"]) if with_demo else None
    except OperationalError:
        raise click.ClickException("The database cannot be reached: check DATABASE_URL.") from None
    finally:
        db.session.remove()
        db.engine.dispose()


def _start(supervisor: ProcessSupervisor, host: str, port: int) -> None:
    """Start the web server and, on PostgreSQL, the worker."""
    environ = dict(os.environ)
    sqlite = current_app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")
    if not sqlite:  # the web server and the worker count together; on SQLite there is one process
        environ[COUNTERS] = environ.get(COUNTERS) or make_counters_folder()
    environ |= {"HOST": host, "PORT": str(port), "SHOP_INSTANCE": current_app.config["SHOP_INSTANCE"]}
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", "python:shop.server.gunicorn_conf", "shop.wsgi:app"]
    supervisor.start("web server", gunicorn, environ)
    if not sqlite:
        supervisor.start("worker", [sys.executable, "-m", "flask", "--app", "shop.wsgi", "worker"], environ)


def _wait_until_ready(supervisor: ProcessSupervisor, host: str, port: int) -> bool:
    """Return True once ``/readyz`` answers, False if a signal came first. Raise ClickException if it never does."""
    for _ in range(round(READY_SECONDS / POLL_SECONDS)):
        exited = supervisor.find_exited()
        if exited:
            raise click.ClickException(f"The {exited} could not start. The lines above say why.")
        if _is_ready(_reachable(host), port):
            return True
        if supervisor.stopping:
            return False
        time.sleep(POLL_SECONDS)
    raise click.ClickException(f"The server did not become ready within {READY_SECONDS} seconds.")


def _is_ready(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _reachable(host: str) -> str:
    """Return the address at which this machine reaches a server that listens on ``host``."""
    return "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104 (compared, not listened on)


def _print_welcome(address: str, credentials: DemoCredentials | None) -> None:
    with current_app.test_request_context(base_url=address):
        sign_in = url_for("staff.sign_in_show", _external=True)
    click.echo(f"\nTuza is running at {address}\n")
    click.echo(f"  Staff sign-in  {sign_in}")
    if credentials:
        click.echo(f"                 {credentials.staff['email']}  {credentials.staff['password']}")
    click.echo(f"  The API        {address}/api/docs")
    if current_app.config["TUZA_ENV"] == "development" and not current_app.config["MAIL_SERVER"]:
        click.echo(f"  Mail           {address}/dev/mail")
    if credentials:
        key = credentials.api_key
        click.echo(f"\n  curl -u {key.consumer_key}:{key.consumer_secret} '{address}/api/v1/customers?limit=3'")
    click.echo("\nPress Ctrl-C to stop. Your data stays.\n")
