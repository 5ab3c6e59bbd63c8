"""Texts of an order's page: each step with its effect on points, and results of actions."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from shop.domain.formats import capitalise, format_price, group_digits
from shop.domain.statuses import OrderStatus, PaymentStatus
from shop.queries.orders.effects import EARNED_BEFORE, OTHER_EVENT, Effect
from shop.queries.orders.page import Event, OrderPage
from shop.services.orders.fulfilment.undo import may_undo
from shop.services.orders.payment_references import find_paid_by
from shop.services.orders.pricing.lines import pieces_to_return
from shop.web.pages.formats import points_in_words

DONE, FORM, BUTTON = "done", "form", "button"


@dataclass(frozen=True, slots=True)
class OrderStep:
    """A line of the steps: ``state`` is done (at ``at``), form (opens below the line) or button.

    ``change`` is the effect on the balance; None shows no number.
    """

    key: str
    state: str
    icon: str
    title: str
    about: str
    change: int | None = None
    button: str = ""
    is_risky: bool = False
    at: datetime | None = None
    permission: str = "orders.change"
    undo: str = ""
    """Endpoint that undoes it, while it can be undone."""


def warn_same_reference(done: str, reference: str | None, order_id: int) -> str:
    """Return what was done, with a warning if other orders have the payment's reference."""
    typed = (reference or "").strip()
    others = find_paid_by(typed, besides=order_id) if typed else []
    if not others:
        return done
    numbers = ", ".join(other.order_number for other in others)
    warning = _("Reference %(reference)s is already on order %(numbers)s.", reference=typed, numbers=numbers)
    return f"{done} {warning}"


def steps_of(page: OrderPage) -> list[OrderStep]:
    """Return the completed and possible steps, in their usual order."""
    order = page.order
    found = [_paying(page)]
    if order.status in {OrderStatus.PENDING, OrderStatus.PROCESSING}:
        found.append(_sending_out(page))
    if order.status != OrderStatus.CANCELLED:
        found.append(_completing(page))
    if order.payment_status == PaymentStatus.PAID:
        found += _refunding(page)
    elif order.payment_status == PaymentStatus.REFUNDED:
        found.append(_refunded(page))
    found.append(_cancelling(page))
    return found


def _paying(page: OrderPage) -> OrderStep:
    order, effect = page.order, page.effects.pay
    if order.payment_status in {PaymentStatus.PAID, PaymentStatus.REFUNDED}:
        earned = _earned_by(page, "payment_paid")
        method = _("by %(method)s", method=order.payment_method) if order.payment_method else ""
        about, undo = _joined(method, _gave(earned)), _undo(order.paid_at, "staff.order_undo_paid", page)
        return OrderStep("paid", DONE, "check", _("Marked paid"), about, earned, at=order.paid_at, undo=undo)
    about = _award_words(effect, _("No points change. Points are added when the order is done."))
    if effect.redeemed:
        about = _joined(_("Redeems %(points)s again", points=points_in_words(effect.redeemed)), about)
    button = _("Mark paid…")
    return OrderStep("paid", FORM, "check", _("Mark paid"), about, effect.change, button, permission="orders.pay")


def _undo(moment: datetime | None, endpoint: str, page: OrderPage) -> str:
    order = page.order
    return endpoint if may_undo(moment) and not order.refunded_cents and order.total_cents else ""


def _sending_out(page: OrderPage) -> OrderStep:
    order = page.order
    if order.out_for_delivery_at is None:
        title, about, button = _("Send out for delivery"), _("Rider’s name and phone"), _("Send out…")
    else:
        title, button = _("Out for delivery"), _("Rider…")
        about = " ".join(part for part in (order.rider_name, order.rider_phone) if part)
    at = order.out_for_delivery_at
    return OrderStep("out", FORM, "motorbike", title, about, None, button, at=at, permission="orders.fulfil")


def _completing(page: OrderPage) -> OrderStep:
    order, effect = page.order, page.effects.complete
    if order.status == OrderStatus.COMPLETED:
        earned = _earned_by(page, "order_completed")
        undo = _undo(order.completed_at, "staff.order_undo_done", page)
        return OrderStep("complete", DONE, "check", _("Done"), _gave(earned), earned, at=order.completed_at, undo=undo)
    about = _award_words(
        effect,
        _("No points change. Points are added when it is paid.")
        if order.payment_status == PaymentStatus.PENDING
        else _("No points change. Points were added when it was paid."),
    )
    button = _("Mark done")
    return OrderStep(
        "complete", BUTTON, "circle-check", button, about, effect.change, button, permission="orders.fulfil"
    )


def _gave(earned: int) -> str:
    return str(_("%(points)s added", points=points_in_words(earned))) if earned else ""


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _award_words(effect: Effect, other_event: str) -> str:
    if effect.earned:
        words = _("Adds %(points)s", points=points_in_words(effect.earned))
        if effect.due:
            words = f"{words}, {_undoing(effect)}"
        return _joined(words, _balance(effect))
    nothing = {
        OTHER_EVENT: other_event,
        EARNED_BEFORE: _("Points already added"),
        "no_customer": _("No customer on this order, so no points"),
        "cancelled": _("A cancelled order earns no points"),
        "loyalty_off": _("Loyalty points are off, so it earns none"),
    }
    return str(nothing.get(effect.why_none or "", _("Earns no points (see above)")))


def _refunding(page: OrderPage) -> list[OrderStep]:
    order, whole = page.order, page.effects.refund
    left = page.effects.left_cents
    part = []
    if left > 1:
        keeps = order.points_redeemed - order.points_returned
        about = str(_("Reverses points in proportion"))
        if keeps and order.loyalty_rules.get("refund_returns_points") == "in_proportion":
            about = _("Reverses and restores points in proportion")
        elif keeps:
            about += "; " + _("the %(points)s redeemed stay redeemed", points=group_digits(keeps))
        before = _("%(amount)s already refunded", amount=format_price(order.refunded_cents, order.currency))
        about = _joined(about, before if order.refunded_cents else "")
        if any(item.quantity > item.refunded_quantity for item in order.items):
            items = _("Refund selected items; points are adjusted in proportion")
            part.append(OrderStep("refund-items", FORM, "receipt", _("Refund items"), items, None, _("Refund…"), True))
        part.append(OrderStep("refund", FORM, "arrow-back-up", _("Refund an amount"), about, None, _("Refund…"), True))
    title = _("Refund the rest") if order.refunded_cents else _("Refund in full")
    about = _joined(_undoing(whole, capital=True), _balance(whole))
    return [*part, OrderStep("refund-all", FORM, "refresh", title, about, whole.change, _("Refund…"), True)]


def _refunded(page: OrderPage) -> OrderStep:
    last = next((event for event in page.events if event.kind == "refund"), None)
    about = "" if page.order.total_cents else _("The order was free, so no money goes back.")
    return OrderStep("refund-all", DONE, "refresh", _("Refunded in full"), about, at=last.at if last else None)


def _cancelling(page: OrderPage) -> OrderStep:
    order, effect = page.order, page.effects.cancel
    if order.status == OrderStatus.CANCELLED:
        return OrderStep("cancel", DONE, "x", _("Cancelled"), "", at=order.cancelled_at)
    stock = not order.stock_returned and bool(pieces_to_return(order))
    coupon = order.coupon_id is not None and not order.coupon_returned
    about = _joined(
        _undoing(effect, capital=True),
        _balance(effect),
        _("items go back into stock") if stock else "",
        _("the coupon can be used again") if coupon else "",
    )
    return OrderStep("cancel", FORM, "x", _("Cancel the order"), about, effect.change, _("Cancel…"), True)


def _undoing(effect: Effect, *, capital: bool = False) -> str:
    """Return ``restores 4,200, reverses 980``, with a shortfall if there is one."""
    parts = []
    if effect.given_back:
        parts.append(_("restores %(points)s", points=group_digits(effect.given_back)))
    if effect.due:
        parts.append(_("reverses %(points)s", points=group_digits(effect.taken_back)))
    words = ", ".join(parts) or _("no points change")
    if effect.shortfall:
        words += "; " + shortfall_words(effect.shortfall)
    return capitalise(words) if capital else words


def _balance(effect: Effect) -> str:
    return str(_("balance %(points)s", points=group_digits(effect.balance_after))) if effect.change else ""


def shortfall_words(points: int) -> str:
    """Return ``120 points could not be reversed``."""
    words = ngettext(
        "%(grouped)s point could not be reversed",
        "%(grouped)s points could not be reversed",
        points,
        grouped=group_digits(points),
    )
    return str(words)


def _earned_by(page: OrderPage, trigger: str) -> int:
    return sum(event.points for event in page.events if event.kind == "order_earned" and event.word == trigger)


def toast_for(done: str, page: OrderPage, since: datetime) -> str:
    """Return the toast: what was done, and the points that moved."""
    return done + "".join(f" {_moved(event)}" for event in page.moved_since(since))


def _moved(event: Event) -> str:
    points = points_in_words(abs(event.points))
    said = {
        "order_earned": _("%(points)s added.", points=points),
        "redeem_reversed": _("%(points)s restored.", points=points),
        "earn_reversed": _("%(points)s reversed.", points=points),
    }
    words = str(said.get(event.kind, ""))
    if event.shortfall:
        words += f" {capitalise(shortfall_words(event.shortfall))}."
    return words


def names_of(page: OrderPage) -> tuple[str, str]:
    """Return the customer's full name (or e-mail), and a short form for sentences."""
    customer = page.order.customer
    if customer is None:
        return "", ""
    return customer.full_name, customer.full_name.split()[0]
