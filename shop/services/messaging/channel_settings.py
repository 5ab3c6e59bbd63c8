"""A shop's settings of a channel to phones: its account checked and saved, the channel turned on and off."""

from collections.abc import Mapping, Sequence

from shop.db.transaction import transaction
from shop.models.outbox import DEFAULT_CHANNEL
from shop.services.actors import Actor
from shop.services.errors import FieldError, InvalidInput
from shop.services.messaging.accounts import find_channel, save_account
from shop.services.messaging.channels.phone_channel import PhoneChannel
from shop.services.shops.settings import change_setting, get_settings

LONGEST = 400


def save_channel(channel: PhoneChannel, typed: Mapping[str, str], actor: Actor, keys: Sequence[str]) -> None:
    """Save a channel's account; the first one turns the channel on, before the others. Raise InvalidInput.

    A secret that is left empty stays as it was.
    """
    given = {name: value.strip() for name, value in typed.items()}
    with transaction():
        is_new = find_channel(channel.code) is None
        wrong = [error for field in channel.fields if (error := _check(channel, field.name, given, is_new))]
        if wrong:
            raise InvalidInput("Some fields are not right.", errors=wrong)
        secret = {field.name for field in channel.fields if field.is_secret}
        facts = {name: value for name, value in given.items() if name not in secret}
        save_account(channel.code, facts, {name: given[name] for name in secret}, actor, keys)
        order = get_settings().values["message_channels"].split(",")
        if is_new and channel.code not in order:
            change_setting("message_channels", ",".join([channel.code, *order]), actor)


def turn_off(code: str, actor: Actor) -> None:
    """Remove a channel from the shop's order; e-mail stays if no other is left."""
    order = get_settings().values["message_channels"].split(",")
    if code in order:
        left = [one for one in order if one != code]
        change_setting("message_channels", ",".join(left or [DEFAULT_CHANNEL]), actor)


def _check(channel: PhoneChannel, name: str, given: Mapping[str, str], is_new: bool) -> FieldError | None:
    field = next(one for one in channel.fields if one.name == name)
    value = given.get(name, "")
    if not value:
        is_kept = field.is_optional or (field.is_secret and not is_new)
        return None if is_kept else FieldError(name, "is needed")
    if len(value) > LONGEST or not value.isascii() or not value.isprintable() or " " in value:
        return FieldError(name, "must have at most 400 characters and no spaces")
    return None
