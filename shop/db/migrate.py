"""Migrations by Flask-Migrate, imported when somebody asks for them: a web process never does."""

from typing import Any

import click
from flask import Flask

from shop.config import ROOT
from shop.db.session import db


class LateMigrate:
    """Stands where Flask-Migrate keeps its settings of an application, and puts these there when first asked."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __getattr__(self, name: str) -> Any:
        """What Flask-Migrate would answer."""
        from flask_migrate import Migrate

        Migrate(self._app, db, directory=str(ROOT / "migrations"), render_as_batch=False)
        return getattr(self._app.extensions["migrate"], name)


class LateCommands(click.Command):
    """``flask db``: gives way to Flask-Migrate's own group of commands once it is called."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """A context of that group."""
        from flask_migrate.cli import db as commands

        context: click.Context = commands.make_context(info_name, args, parent, **extra)
        return context


def init_app(app: Flask) -> None:
    """Let ``flask db`` and ``flask_migrate.upgrade()`` work."""
    app.extensions["migrate"] = LateMigrate(app)
    app.cli.add_command(LateCommands("db", help="Perform database migrations."))
