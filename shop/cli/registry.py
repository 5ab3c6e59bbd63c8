"""The names of the commands and the modules they live in. To add a command, add a module and a line here."""

from flask import Flask

from shop.cli.lazy_group import LazyGroup

COMMANDS = {
    "api-key": "shop.cli.commands.api_keys:api_key",
    "backup": "shop.cli.commands.backup:backup",
    "demo": "shop.cli.commands.demo:demo",
    "ledger": "shop.cli.commands.ledger:ledger",
    "payments": "shop.cli.commands.payments:payments",
    "privacy": "shop.cli.commands.privacy:privacy",
    "sandbox": "shop.cli.commands.sandbox:sandbox",
    "shop": "shop.cli.commands.shops:shop",
    "staff": "shop.cli.commands.staff:staff",
    "up": "shop.cli.commands.up:up",
    "worker": "shop.cli.commands.worker:worker",
}


def init_app(app: Flask) -> None:
    """Register the commands, for ``tuza`` and ``flask --app wsgi`` alike."""
    app.cli = LazyGroup(name=app.cli.name, commands=dict(app.cli.commands), lazy_commands=COMMANDS)
