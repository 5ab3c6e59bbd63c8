"""Commands: ``flask --app wsgi …``. Each lives in ``shop/commands``; here they get their names.

They are imported when somebody calls one: a web process never does, and would be a sixth larger with them.
"""

import click
from flask import Flask
from flask.cli import AppGroup


class LateCommands(AppGroup):
    """The application's group of commands, filled when it is first asked for one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names."""
        self._fill()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name."""
        self._fill()
        return super().get_command(ctx, cmd_name)

    def _fill(self) -> None:
        from shop.cli.api_keys import api_key
        from shop.cli.backup import backup
        from shop.cli.demo import demo
        from shop.cli.ledger import ledger
        from shop.cli.payments import payments
        from shop.cli.shops import shop
        from shop.cli.staff import staff
        from shop.cli.up import up
        from shop.cli.worker import worker

        for command in (shop, staff, api_key, ledger, backup, worker, demo, up, payments):
            self.add_command(command)


def init_app(app: Flask) -> None:
    """Let there be commands."""
    app.cli = LateCommands(name=app.cli.name, commands=dict(app.cli.commands))
