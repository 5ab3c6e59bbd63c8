"""The message channels: each folder beside this module has a ``CHANNEL``."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from shop.services.messaging import channels
from shop.services.messaging.channels.base import Channel


@cache
def list_channels() -> Mapping[str, Channel]:
    """Return the channels by code."""
    folders = [module.name for module in iter_modules(channels.__path__) if module.ispkg]
    found: list[Channel] = [import_module(f"{channels.__name__}.{name}").CHANNEL for name in folders]
    return {channel.code: channel for channel in found}


def init_app(app: Any) -> None:
    """Set up the Flask extensions that channels use."""
    for channel in list_channels().values():
        channel.init_app(app)
