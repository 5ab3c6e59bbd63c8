"""Points and coupons at the till: by the customer's one-time code, or with the approval of a manager."""

from collections.abc import Sequence
from dataclasses import dataclass

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.formats import format_price
from shop.domain.loyalty.points import discount_for_points
from shop.domain.money import parse_money
from shop.domain.payments.methods import AT_THE_TILL
from shop.domain.text.messages import N_
from shop.services import audit_log
from shop.services.actors import Actor
from shop.services.errors import InvalidInput, NotAllowed
from shop.services.loyalty.redemption import preview_for
from shop.services.loyalty.redemption_tokens import issue_token
from shop.services.orders.lifecycle import complete_order
from shop.services.orders.manual.creation import create_manual_order
from shop.services.orders.manual.order import ManualLine, ManualOrder, find_person, quote_manual_order
from shop.services.orders.repository import lock_order, save_order
from shop.services.shops.settings import get_settings
from shop.services.staff.accounts import StaffMember, find_member, sign_in
from shop.services.staff.passkeys import Site, check_passkey
from shop.services.staff.second_factor import check_factor_code, get_factor_status
from shop.services.text_lengths import read_line
from shop.services.till.limits import check_limits
from shop.services.till.sales import RecordedSale, Sale, check_sale, claim_sale, get_sale

LINE = N_("Sale at the till")
MINUTES = 5
"""For so long a manager's approval can be used."""


@dataclass(frozen=True, slots=True)
class Reductions:
    """A customer's redemption on a sale: points, with the token that allows it, and a coupon."""

    points: int = 0
    token: str = ""
    coupon: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """The points and the coupon that a customer could use on a sale, and the amount left to pay with those entered."""

    max_points: int
    to_pay_cents: int
    coupon_wrong: str | None


def offer_redemption(sale: Sale, points: int, coupon: str) -> Offer:
    """Return what is possible on a sale. Raises NotFound, InvalidInput for an amount that cannot be."""
    customer = find_person(sale.customer_id)
    quote = quote_manual_order(_order(sale, Reductions(coupon=coupon)), customer)
    rules = quote.settings.rules
    possible = preview_for(customer, quote.subtotal_cents, quote.coupon_cents, rules).possible
    used = discount_for_points(min(points, possible.max_points), rules)
    return Offer(possible.max_points, max(0, quote.total_cents - used), quote.coupon_wrong)


def record_reduced_sale(sale: Sale, reductions: Reductions, actor: Actor) -> RecordedSale:
    """Record a sale that points or a coupon make cheaper, once; the sale's amount is what is left to pay.

    ``sale.amount_cents`` is before the reductions. Raises InvalidInput for points, code or coupon that do not hold, and
    what :func:`record_sale` raises.
    """
    check_sale(sale)
    with transaction():
        row = claim_sale(sale, actor)
        if row.order_id is not None:
            return get_sale(sale.sale_id)
        check_limits(sale.amount_cents, actor)
        created = create_manual_order(_order(sale, reductions), actor, request_key=f"till:{sale.sale_id}")
        complete_order(created.id, actor)
        order = lock_order(created.id)
        order.payment_method, order.api_label = AT_THE_TILL[sale.method], sale.device or "till"
        save_order(order)
        row.order_id, row.amount_cents = order.id, order.total_cents
        db.session.flush()
        return get_sale(sale.sale_id)


def find_approver(email: str, password: str, shop_id: int, *, code: str = "", keys: Sequence[str] = ()) -> StaffMember:
    """Return the manager of a shop with an e-mail and password, and a code if they have a second factor.

    ``code`` is one of their app or a recovery code. Raises NotSignedIn, NotAllowed for a clerk, InvalidInput for a
    missing or wrong code, TooOften.
    """
    found = _get_manager(sign_in(email, password).user_id, shop_id)
    if get_factor_status(found.user_id).is_set_up:
        if not code:
            raise InvalidInput.of("approver_code", "is needed: this manager has a second factor")
        if not check_factor_code(found, code, keys):
            raise InvalidInput.of("approver_code", "is wrong or was used. Enter the one the app shows now")
    return found


def find_approver_by_passkey(answer: str, challenge: str, site: Site, shop_id: int) -> StaffMember:
    """Return the manager of a shop whose passkey responded, unlocked by them: it replaces password and second factor.

    Raises InvalidInput for an invalid response, NotAllowed for a clerk.
    """
    return _get_manager(check_passkey(answer, challenge, site), shop_id)


def _get_manager(user_id: int, shop_id: int) -> StaffMember:
    found = find_member(user_id, shop_id)
    if found is None or not found.may("approvals.decide"):
        raise NotAllowed("Only a manager of this shop can approve this.", code="manager_needed")
    return found


def approve_redemption(customer_id: int, points: int, reason: str, approver: Actor, asking: Actor) -> str:
    """Return a token for points of a customer who has no code. Who approved it and why is in the audit log.

    Raises InvalidInput without a reason, NotAllowed above the shop's limit.
    """
    settings = get_settings()
    limit = parse_money(settings.values["till_redeem_without_code"], settings.currency)
    if discount_for_points(points, settings.rules) > limit:
        amount = format_price(limit, settings.currency)
        raise NotAllowed("Without a code, points worth up to %(limit)s can be used.", code="code_needed", limit=amount)
    reason = read_line("reason", reason, 200)
    if not reason:
        raise InvalidInput.of("reason", "is required")
    with transaction():
        audit_log.record(
            approver,
            "till.redeemed_without_code",
            f"customer:{customer_id}",
            new=f"{points} ({asking.label})",
            reason=reason,
        )
        return issue_token(customer_id, MINUTES)


def _order(sale: Sale, reductions: Reductions) -> ManualOrder:
    return ManualOrder(
        lines=[ManualLine(1, name=LINE, price_cents=sale.amount_cents)],
        customer_id=sale.customer_id,
        coupon_code=reductions.coupon,
        points=reductions.points,
        redemption_token=reductions.token,
        is_paid=True,
        payment_reference=sale.reference or "",
        notify=False,
        includes_tax=True,
    )
