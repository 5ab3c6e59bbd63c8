"""The customer's account in the hosted shop: signing in with a one-time code, points and orders."""

from flask import redirect, url_for
from werkzeug.wrappers import Response

from shop.hosted_shop import blueprint
from shop.hosted_shop.requests import current_shopper, render
from shop.queries.loyalty.self_service import get_shopper_points
from shop.queries.orders.list import NEWEST_RECORDED, OrderFilters, list_orders
from shop.services.actors import Shopper
from shop.services.shoppers.accounts import find_account
from shop.web.pages import code_sign_in
from shop.web.pages.code_sign_in import SignInForm

ORDERS = 20


@blueprint.get("/account")
def account_show() -> str:
    """Show the customer's points and orders; a guest gets the sign-in form."""
    shopper = current_shopper()
    account = find_account(shopper)
    if shopper is None or account is None or not account.proved:
        return render("sign_in.html", form=SignInForm())
    return render(
        "account.html",
        account=account,
        points=get_shopper_points(shopper),
        orders=_orders(shopper),
    )


def _orders(shopper: Shopper) -> list[object]:
    filters = OrderFilters(customer_id=shopper.customer_id, sort=NEWEST_RECORDED)
    return list(list_orders(filters, page=1, limit=ORDERS).orders)


@blueprint.post("/account/code")
def account_code() -> tuple[str, int]:
    """Send a code to the customer with this e-mail or phone; the response is the same if there is none."""
    form = code_sign_in.request_code()
    return render("sign_in.html", form=form), form.status


@blueprint.post("/account/sign-in")
def account_sign_in() -> Response | tuple[str, int]:
    """Sign in with the code."""
    form = code_sign_in.sign_in()
    if form is not None:
        return render("sign_in.html", form=form), form.status
    return redirect(url_for("hosted_shop.account_show"))


@blueprint.post("/account/sign-out")
def account_sign_out() -> Response:
    """End the session; a customer's cart is kept with the account."""
    code_sign_in.sign_out()
    return redirect(url_for("hosted_shop.catalogue"))
