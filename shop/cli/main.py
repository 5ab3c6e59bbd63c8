"""The ``tuza`` command: ``flask --app shop.wsgi`` under a name of its own."""

import click
from flask import Flask
from flask.cli import FlaskGroup


def _load_app() -> Flask:
    from shop.wsgi import app

    return app


@click.group("tuza", cls=FlaskGroup, create_app=_load_app)
def main() -> None:
    """Run a Tuza installation. Settings are read from the environment."""
