"""Twenty concurrent shoppers over HTTP through the whole checkout; some press the last button twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from shop.queries.orders.list import list_orders
from shop.services.loyalty.ledger import find_balance
from shop.services.loyalty.verification import verify_ledger
from tests import factories
from tests.support.codes import read_mails
from tests.support.live_server import serve
from tests.support.shopper import CheckoutShopper

NUMBER = 20
TWICE = 4
"""This many of them press the last button twice at once."""
POINTS = 500


def sender(address):
    """How a shopper's requests are sent to a server."""

    def send(method, path, data=None, headers=None):
        body = urlencode(data).encode() if data is not None else None
        try:
            with urlopen(Request(address + path, body, headers or {}, method=method), timeout=60) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()

    return send


def at_once(work, parts):
    """Run ``work`` for each part in its own thread, all started at the same moment."""
    barrier = Barrier(len(parts))

    def one(part):
        barrier.wait(60)
        return work(part)

    with ThreadPoolExecutor(len(parts)) as pool:
        return list(pool.map(one, parts))


def test_twenty_shoppers_at_once_get_one_order_each_and_every_point_is_accounted_for(app, shop, inside):
    def fill():
        factories.make_payment("cod", "Cash on Delivery")
        factories.make_shipping()
        people = [factories.make_customer(f"{factories.unique('p')}@example.com", points=1480) for _ in range(NUMBER)]
        return [person.email for person in people], [person.id for person in people], factories.make_product(
            "The last twenty", 10000, stock=NUMBER
        ).id  # fmt: skip

    emails, ids, product = inside(fill)
    with serve(app) as address:

        def ask_for_code(email):
            shopper = CheckoutShopper.open(sender(address), f"/checkout/{shop.slug}?items={product}:1")
            shopper.fill(email)
            shopper.step("code")
            assert shopper.status == 200, shopper.page
            return shopper

        def order(shopper):
            shopper.step("unlock", code=codes[shopper.form["email"]])
            assert shopper.status == 200, shopper.page
            shopper.step("quote", points=str(POINTS))
            presses = [shopper]
            if shopper in shoppers[:TWICE]:
                presses.append(CheckoutShopper(shopper.send, shopper.base, shopper.token, shopper.page))
                presses[1].form = dict(shopper.form)
            at_once(lambda one: one.step("order"), presses)
            assert {one.status for one in presses} == {200}, presses[0].page
            return {one.order["order_number"] for one in presses}

        shoppers = at_once(ask_for_code, emails)
        codes = {}
        for to, _subject, text in read_mails(app):
            digits = [word for word in text.replace(" ", "").split() if word.isdecimal() and len(word) == 6]
            codes |= {email: digits[0] for email in emails if email in to and digits}
        numbers = at_once(order, shoppers)
    assert [len(pair) for pair in numbers] == [1] * NUMBER
    orders, total, *_ = inside(list_orders, limit=100)
    assert total == NUMBER
    assert {found.order_number for found in orders} == set().union(*numbers)
    assert {found.points_redeemed for found in orders} == {POINTS}
    assert [inside(find_balance, customer) for customer in ids] == [1480 - POINTS] * NUMBER
    assert inside(left_of, product) == 0
    assert inside(verify_ledger, shop.id).is_clean


def left_of(product_id):
    from shop.services.catalogue.listed import find_products

    return find_products([product_id])[0].stock_quantity
