"""Executes the steps of the plan over HTTP and records which basket became which order."""

from collections.abc import Mapping
from typing import Any

from bench.replay.client import ReplayClient, UnexpectedResponse
from bench.replay.nouns import Basket, ReplayStep
from bench.replay.postbox import Postbox


def email_of(household: int) -> str:
    """Return a household's e-mail."""
    return f"household-{household}@example.com"


def money(cents: int) -> str:
    """Return cents as the API takes money: ``"12.30"``."""
    return f"{cents // 100}.{cents % 100:02d}"


class Clerk:
    """Executes the steps of its households with one client. ``orders`` counts the orders made."""

    def __init__(
        self,
        client: ReplayClient,
        baskets: Mapping[int, Basket],
        shelf: Mapping[tuple[str, int], int],
        postbox: Postbox,
    ) -> None:
        self.orders = 0
        self._client = client
        self._baskets = baskets
        self._shelf = shelf
        self._postbox = postbox
        self._made: dict[int, int] = {}

    def do(self, step: ReplayStep) -> None:
        """Execute one step. Raises Refused for an unexpected response."""
        basket = self._baskets[step.basket]
        if step.what == "record":
            self._record(basket)
        elif step.what == "redeem":
            self._redeem(basket, step)
        elif step.what == "pay":
            path = f"/orders/{self._made[step.basket]}/payment-status"
            paid = {"payment_status": "paid", "transaction_reference": f"TILL-{step.basket}"}
            self._client.call("pay", "PATCH", path, paid)
        else:
            path = f"/orders/{self._made[step.basket]}/status"
            self._client.call("cancel", "PATCH", path, {"status": "cancelled"})

    def _record(self, basket: Basket) -> None:
        body = {
            "customer_email": email_of(basket.household),
            "first_name": "Household",
            "last_name": str(basket.household),
            "order_date": basket.sold_at.isoformat(),
            "items": [
                {"name": line.name, "sku": line.sku, "quantity": 1, "price": money(line.cents)} for line in basket.lines
            ],
            "subtotal": money(basket.subtotal_cents),
            "discount": money(basket.coupon_cents),
            "total": money(basket.subtotal_cents - basket.coupon_cents),
            "payment_method": "Till",
        }
        self._remember(basket, self._client.call("record", "POST", "/orders", body, expect=201, once=_key(basket)))

    def _redeem(self, basket: Basket, step: ReplayStep) -> None:
        """Order with points as a shopper: request a code, read it in the mail, exchange it, place the order."""
        call, who = self._client.call, {"email": email_of(basket.household)}
        items = [{"product_id": self._shelf[line.sku, line.cents], "quantity": 1} for line in basket.lines]
        seen = call("preview", "POST", "/storefront/loyalty/preview", who | {"items": items})
        if (seen["balance"], seen["eligible"]) != (step.balance_before, True):
            raise UnexpectedResponse(
                f"household {basket.household}: expected {step.balance_before} points to redeem from: {seen}"
            )
        if seen["max_redeemable_points"] < step.points:
            raise UnexpectedResponse(f"household {basket.household}: {step.points} points must be redeemable: {seen}")
        call("send code", "POST", "/storefront/loyalty/redemption/send-otp", who)
        code = self._postbox.code_for(who["email"])
        token = call("verify code", "POST", "/storefront/loyalty/redemption/verify-otp", who | {"code": code})
        body = {
            "customer": who,
            "items": items,
            "loyalty_redemption": {"token": token["redemption_token"], "points": step.points},
        }
        path = "/storefront/checkout/create-order"
        self._remember(basket, call("redeem", "POST", path, body, expect=201, once=_key(basket)))

    def _remember(self, basket: Basket, data: Any) -> None:
        self._made[basket.id] = data["order"]["id"]
        self.orders += 1


def _key(basket: Basket) -> str:
    return f"basket-{basket.id}"
