"""Commands: ``flask --app wsgi …``. Each lives in ``shop/commands``; here they get their names."""

from flask import Flask

from shop.commands.api_keys import api_key
from shop.commands.backup import backup
from shop.commands.demo import demo
from shop.commands.ledger import ledger
from shop.commands.payments import payments
from shop.commands.shops import shop
from shop.commands.staff import staff
from shop.commands.up import up
from shop.commands.worker import worker


def init_app(app: Flask) -> None:
    """Register the commands."""
    for command in (shop, staff, api_key, ledger, backup, worker, demo, up, payments):
        app.cli.add_command(command)
