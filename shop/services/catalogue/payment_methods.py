"""Payment methods that customers can choose; services/payments/methods.py has their settings."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import select

from shop.db.prepared import SHOP, PreparedQuery, table
from shop.db.session import db
from shop.domain.payments.methods import AT_THE_TILL
from shop.models import PaymentMethod
from shop.services.errors import InvalidInput


class PaymentOption(NamedTuple):
    """A payment method that customers can choose: columns of an enabled ``PaymentMethod``."""

    code: str
    name: str
    config: dict[str, Any]
    time_limit_minutes: int | None
    enabled: bool


_M = table(PaymentMethod).c
METHOD_COLUMNS = tuple(_M[name] for name in PaymentOption._fields)
_OWN = select(*METHOD_COLUMNS).where(_M.shop_id == SHOP).order_by(_M.position, _M.id)
_ALL = PreparedQuery(_OWN)
_ENABLED = PreparedQuery(_OWN.where(_M.enabled.is_(True)))


def list_payment_methods() -> list[PaymentOption]:
    """Return the enabled payment methods, in the shop's order."""
    return [PaymentOption._make(row) for row in _ENABLED()]


def list_methods_by_hand() -> list[PaymentOption]:
    """Return the methods of a payment that staff record, in the shop's order.

    They include methods that customers cannot choose, such as M-Pesa without a connection, and those of a till.
    """
    found = [PaymentOption._make(row) for row in _ALL()]
    known = {code for method in found for code in (method.code, method.name)}
    others = [(code, name) for code, name in AT_THE_TILL.items() if code not in known and name not in known]
    return found + [PaymentOption(code, name, {}, None, enabled=False) for code, name in others]


def choose_method_by_hand(name: str | None) -> PaymentOption | None:
    """Return the method of a payment that staff record, as :func:`choose_payment_method`."""
    return choose_payment_method(name, list_methods_by_hand()) if name else None


def choose_payment_method(name: str | None, methods: Sequence[PaymentOption] | None = None) -> PaymentOption | None:
    """Return the method with a name or code in any spelling: ``mpesa``, ``M-Pesa``, ``cash_on_delivery``.

    ``methods`` are those of :func:`list_payment_methods` if the caller has them. Returns None for an empty choice.
    Raises InvalidInput for a method that the shop does not offer.
    """
    if name is None or not name.strip():
        return None
    wanted = _bare(name)
    for method in list_payment_methods() if methods is None else methods:
        if wanted in {_bare(method.code), _bare(method.name)}:
            return method
    raise InvalidInput.of("payment_method", "is not a payment method in this shop", code="payment_method_unknown")


def _bare(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def add_payment_method(
    code: str,
    name: str,
    *,
    config: dict[str, str] | None = None,
    position: int = 0,
    time_limit_minutes: int | None = None,
) -> PaymentMethod:
    """Add a payment method, in the caller's transaction. Orders not paid within its time limit are cancelled."""
    method = PaymentMethod(
        code=code, name=name, config=config or {}, position=position, time_limit_minutes=time_limit_minutes
    )
    db.session.add(method)
    db.session.flush()
    return method
