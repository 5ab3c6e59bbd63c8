"""The names of the commands and the modules they live in. To add a command, add a module and a line here."""

from flask import Flask

from shop.cli.lazy_group import LazyGroup

COMMANDS = {
    "api-key": "shop.cli.api_keys:api_key",
    "backup": "shop.cli.backup:backup",
    "demo": "shop.cli.demo:demo",
    "ledger": "shop.cli.ledger:ledger",
    "payments": "shop.cli.payments:payments",
    "privacy": "shop.cli.privacy:privacy",
    "shop": "shop.cli.shops:shop",
    "staff": "shop.cli.staff:staff",
    "up": "shop.cli.up:up",
    "worker": "shop.cli.worker:worker",
}


def init_app(app: Flask) -> None:
    """Register the commands, for ``tuza`` and ``flask --app wsgi`` alike."""
    app.cli = LazyGroup(name=app.cli.name, commands=dict(app.cli.commands), lazy_commands=COMMANDS)
