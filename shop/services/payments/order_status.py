"""The order status page, where customers see and pay an order, and its link.

The link's secret is derived from the installation's key, so that every mail can contain it although it is not stored.
It is in the URL's fragment, which browsers do not send, so that it is in no log.
"""

import re
from dataclasses import dataclass

from shop.db.tenant import current_shop_id
from shop.domain.codes import order_status_token, same
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.domain.text.messages import N_, Translatable
from shop.services.app_config import app_config
from shop.services.catalogue.payment_methods import list_payment_methods
from shop.services.errors import NotFound
from shop.services.orders.repository import OrderRecord, get_order
from shop.services.payments.config import PaymentConfig
from shop.services.payments.providers.base import ChargeRequest, PromptGateway
from shop.services.payments.providers.registry import open_gateway
from shop.services.payments.start import StartedPayment, start_payment
from shop.services.shops.shops import current_slug

CODE = re.compile("([1-9][0-9]{0,17})-([0-9a-f]{40})", re.ASCII)


@dataclass(frozen=True, slots=True)
class PaymentInstruction:
    """How an order can be paid: instructions, or ``has_prompt`` if the customer's phone can be prompted."""

    code: str
    name: str
    message: Translatable
    has_prompt: bool = False


def status_link(order_id: int) -> str:
    """Return the URL of an order's status page, with its secret."""
    config = app_config()
    code = status_code(order_id, config["SECRET_KEY"])
    return f"{config['PUBLIC_URL']}/checkout/{current_slug()}/order-status#{code}"


def status_code(order_id: int, secret_key: str) -> str:
    """Return the secret of the status page of an order of the session's shop."""
    return f"{order_id}-{order_status_token(secret_key, current_shop_id(), order_id)}"


def get_order_by_code(code: str, secret_key: str) -> OrderRecord:
    """Return the order of a status page's secret. Raises the same NotFound for every invalid one."""
    found = CODE.fullmatch(code.strip())
    if found is None or not same(found[2], order_status_token(secret_key, current_shop_id(), int(found[1]))):
        raise NotFound("This link is not valid. Open the link in the newest e-mail about your order.", code="link_over")
    return get_order(int(found[1]))


def is_payable(order: OrderRecord) -> bool:
    """Return whether an order is unpaid and can still be paid."""
    unpaid = order.payment_status in {PaymentStatus.PENDING, PaymentStatus.FAILED}
    return unpaid and order.status != OrderStatus.CANCELLED and order.total_cents > 0


def list_instructions(order: OrderRecord, config: PaymentConfig) -> list[PaymentInstruction]:
    """Return how an order can be paid: by its own method, or by each of the shop's; nothing once it is paid."""
    if not is_payable(order):
        return []
    methods = list_payment_methods()
    own = [method for method in methods if method.code == order.payment_method_code]
    found = []
    for method in own or methods:
        gateway = open_gateway(method.code, config)
        if isinstance(gateway, PromptGateway):
            message = Translatable(N_("Get a prompt on your phone from the page of your order."))
            found.append(PaymentInstruction(method.code, method.name, message, has_prompt=True))
            continue
        charge = ChargeRequest(
            order_id=order.id,
            order_number=order.order_number,
            amount_cents=order.total_cents,
            currency=order.currency,
            config={name: str(value) for name, value in method.config.items()},
            reference=order.order_number,
        )
        found.append(PaymentInstruction(method.code, method.name, gateway.start(charge).message))
    return found


def pay_by_code(code: str, method: str, phone: str, config: PaymentConfig) -> StartedPayment:
    """Start the payment of the order of a secret. Raises NotFound, and as ``start_payment``."""
    order = get_order_by_code(code, config.secret_key)
    return start_payment(order.id, method, None, phone=phone.strip() or None, config=config, is_authorized=True)
