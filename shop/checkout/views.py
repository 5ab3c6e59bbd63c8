"""The views of the checkout: the page for a cart, its parts, the order and its payment."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from math import ceil
from typing import Any

from flask import current_app, g, render_template, request, url_for
from flask_babel import gettext as _

from shop.checkout import blueprint
from shop.checkout.auth import current_checkout, current_token, sends_pages
from shop.checkout.cart_link import read_cart
from shop.checkout.form import Form, make_checkout
from shop.checkout.order_status import shop_address, status_page
from shop.checkout.view_model import build_view_model, earn_when
from shop.domain.money import format_money
from shop.services import clock
from shop.services.catalogue.payment_methods import list_payment_methods
from shop.services.checkout.sessions import (
    NewCheckout,
    Receipt,
    begin_payment,
    get_receipt,
    open_checkout,
    payment_of,
    place_checkout,
)
from shop.services.errors import FieldError, InvalidInput, ShopError, TooOften
from shop.services.loyalty.otp import SECONDS_BETWEEN_SENDS, send_code, verify_code
from shop.services.loyalty.redemption_tokens import bad_token
from shop.services.orders.pricing.quote import quote_order
from shop.services.payments.attempts import attempt_message
from shop.services.payments.config import PaymentConfig
from shop.services.payments.methods import checkout_texts
from shop.services.shoppers.cart_reference import read_cart_reference
from shop.services.shops.settings import get_settings
from shop.web.i18n import translate
from shop.web.request_context import client_address, otp_config

CHECKOUT = "/<string:shop>/<id:checkout_id>"
ViewResult = str | tuple[str, int]
THEMES = ("light", "dark")


@blueprint.get("/<string:shop>")
def checkout_show(shop: str) -> str:
    """Open a checkout for a cart: ``?items=12:1,13.4:2``, with ``&origin=`` of the embedding page.

    Each call opens a new checkout with its own token.
    """
    origin = request.args.get("origin", "")
    cart = read_cart_reference(request.args.get("cart", ""))
    opened = open_checkout(read_cart(request.args.get("items", "")), origin, client_address(), cart_session_id=cart)
    if origin:
        g.ancestors = get_settings().allowed_origins
    form = Form(coupon_code=request.args.get("coupon", "").replace("\0", "")[:64])
    quote = quote_order(opened.checkout.lines, form.quote_request())
    return _page(shop, opened, build_view_model(quote, form))


def _page(shop: str, opened: NewCheckout, shown: dict[str, Any]) -> str:
    theme = request.args.get("theme")
    return render_template(
        "checkout/page.html",
        base=url_for("checkout.checkout_show", shop=shop) + f"/{opened.checkout.id}",
        token=opened.token,
        origin=opened.checkout.origin,
        slug=shop,
        theme=theme if theme in THEMES else None,
        is_page=True,
        **shown,
    )


@blueprint.post(f"{CHECKOUT}/quote")
def checkout_quote(**_path: Any) -> ViewResult:
    """Show the totals again after a choice."""
    return _parts(Form.read(request.form))


@blueprint.post(f"{CHECKOUT}/code")
def checkout_code(**_path: Any) -> ViewResult:
    """Send the code that unlocks points. The response is the same for unknown customers."""
    form = Form.read(request.form)
    form = replace(form, stage="asked", code="", redemption_token="", resend_in=SECONDS_BETWEEN_SENDS)
    try:
        send_code(email=form.email, phone=None, address=client_address(), config=otp_config())
    except TooOften as refused:
        form = replace(form, resend_in=refused.retry_after)
        return _parts(form, errors=[FieldError("code", refused.message)], status=429)
    except InvalidInput as refused:
        return _parts(form.without_points(), errors=refused.errors, status=400)
    return _parts(form, note=_("We sent a code to %(email)s.", email=form.email))


@blueprint.post(f"{CHECKOUT}/unlock")
def checkout_unlock(**_path: Any) -> ViewResult:
    """Exchange the code for a redemption token."""
    form = Form.read(request.form)
    try:
        found = verify_code(form.code, email=form.email, phone=None, address=client_address(), config=otp_config())
    except TooOften as refused:
        return _parts(form, errors=[FieldError("code", refused.message)], status=429)
    if found.token is None:
        wrong = _("This code is wrong or has expired. Use the latest code, or ask for a new one.")
        return _parts(replace(form, code=""), errors=[FieldError("code", wrong)], status=400)
    form = replace(form, stage="ready", code="", redemption_token=found.token)
    return _parts(form, note=_("Confirmed. Your points are unlocked."))


@blueprint.post(f"{CHECKOUT}/order")
def checkout_order(**_path: Any) -> ViewResult:
    """Place the order; a repeated request returns the same order."""
    form, checkout = Form.read(request.form), current_checkout()
    if checkout.order_id is not None:
        return _done(form, get_receipt(checkout.id, current_token()))
    if form.stage == "asked":
        wrong = _("Enter the code we sent you first, or continue without points.")
        return _parts(form, errors=[FieldError("code", wrong)], status=400)
    try:
        quote = quote_order(checkout.lines, form.quote_request())
        if form.stage == "ready" and not quote.unlocked:
            raise bad_token()
        wanted = make_checkout(form, checkout.lines, quote)
        shown = form.shown_cents or 0
        return _done(form, place_checkout(checkout.id, current_token(), wanted, shown, address=client_address()))
    except ShopError as refused:
        if refused.code == "checkout_closed":
            raise
        return _refused(form, refused)


def _slug() -> str:
    return str((request.view_args or {})["shop"])


def _done(form: Form, receipt: Receipt) -> ViewResult:
    """Return the confirmation after starting the payment."""
    state = _begin_payment(form.payment, form.phone) if form.payment else {}
    if sends_pages():
        begun = state.get("begun")
        said = str(translate(begun.started.message)) if begun else ""
        return status_page(_slug(), receipt.order, said=said, problem=state.get("pay_problem", ""), is_new=True)
    return render_template(
        "checkout/_done.html", **state, first_name=form.name.strip().split(" ")[0], **_order(receipt)
    )


@blueprint.post(f"{CHECKOUT}/payment")
def checkout_payment(**_path: Any) -> ViewResult:
    """Show the state of the payment; ``again`` names the method for another attempt."""
    again = request.form.get("again", "")
    state = _begin_payment(again, request.form.get("pay_phone", "")) if again else {}
    receipt = get_receipt(current_checkout().id, current_token())
    if not again:
        state = _payment_state(receipt)
    return render_template("checkout/_how_to_pay.html", **state, **_order(receipt))


def _payment_state(receipt: Receipt) -> dict[str, Any]:
    """Return that the customer must still confirm, or why the last attempt failed."""
    attempt = payment_of(receipt).attempt
    if attempt is not None and attempt.state in {"failed", "lapsed"}:
        return {
            "begun": None,
            "pay_failed": attempt_message(attempt),
            "pay_phone": attempt.phone,
        }
    text = attempt_message(attempt) if attempt is not None else ""
    return {"begun": None, "waiting": True, "waiting_text": text}


def _begin_payment(gateway: str, phone: str) -> dict[str, Any]:
    """Start a payment. An error does not change the order, which is placed already."""
    try:
        policy = PaymentConfig.of(current_app.config)
        begun = begin_payment(current_checkout().id, current_token(), gateway, phone[:40], policy)
        minutes = ceil((begun.pay_by - clock.now()) / timedelta(minutes=1)) if begun.pay_by else None
        return {"begun": begun, "minutes_to_pay": minutes}
    except ShopError as refused:
        problem = translate(refused.message)
        if refused.errors and refused.errors[0].field == "payment_data.phone":
            problem = _("Enter a Kenyan mobile number to pay with, e.g. 0712 345678.")
        return {"begun": None, "pay_problem": problem, "pay_phone": phone[:40]}


def _refused(form: Form, refused: ShopError) -> ViewResult:
    """Show the page with the errors; without a valid redemption token a new code is needed."""
    if refused.code == "invalid_redemption_token":
        problem = _("Your code has expired. Ask for a new one, or continue without points.")
        return _parts(form.without_points(), problem=problem, status=400)
    problem = "" if refused.errors else translate(refused.message)
    return _parts(form, errors=refused.errors, problem=problem, status=409 if not refused.errors else 400)


def _parts(
    form: Form, *, errors: Iterable[FieldError] = (), problem: str = "", note: str = "", status: int = 200
) -> ViewResult:
    """Render the parts of the page for the form."""
    quote = quote_order(current_checkout().lines, form.quote_request())
    if form.stage == "ready" and not quote.unlocked:
        return _refused(form, bad_token())
    shown = build_view_model(quote, form, errors=errors, problem=problem, note=note)
    if sends_pages():
        return _page(_slug(), NewCheckout(current_checkout(), current_token()), shown), status
    return render_template("checkout/_parts.html", **shown), status


def _order(receipt: Receipt) -> dict[str, Any]:
    """Return the confirmation's variables, and the order as the embedding page receives it."""
    order = receipt.order
    summary = {
        "id": order.id,
        "order_number": order.order_number,
        "status": order.status,
        "payment_status": order.payment_status,
        "payment_method": order.payment_method,
        "currency": order.currency,
        "total": format_money(order.total_cents, order.currency),
        "points_redeemed": order.points_redeemed,
        "points_to_earn": receipt.points_to_earn,
    }
    methods = list_payment_methods()
    return {
        "order": order,
        "shop": get_settings(),
        "payments": methods,
        "texts": checkout_texts(methods),
        "earns": receipt.points_to_earn,
        "earn_when": earn_when(receipt.award_trigger),
        "summary": summary,
        "back": shop_address(_slug()),
    }
