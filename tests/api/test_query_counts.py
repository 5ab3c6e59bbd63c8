"""The number of SQL statements of a list does not grow with what is in it."""

from shop.services.customers import add_address, add_note
from shop.services.orders.place import PostalAddress
from shop.services.orders.status import set_payment_status
from tests import factories

LISTS = (
    "/customers",
    "/customers?search=jane&sort=-points_balance",
    "/orders",
    "/orders?search=jane&status=pending",
    "/marketing/loyalty/balances",
    "/marketing/loyalty/ledger",
    "/storefront/products",
    "/storefront/products?search=maziwa",
)


def fill(count: int) -> None:
    """So many customers, each with an address, a note, points, and an order of two lines; and their products."""
    for _ in range(count):
        customer = factories.make_customer(points=50, first_name="Jane")
        add_address(customer.id, type="shipping", address1="Westlands Road", city="Nairobi")
        add_note(customer.id, "Rang.", factories.TESTER)
        milk, tea = factories.make_product(), factories.make_product("Chai")
        factories.make_variant(milk)
        home = [PostalAddress("shipping", name="Jane"), PostalAddress("billing", name="Jane")]
        placed = factories.place(customer, [(milk, 1), (tea, 2)], points=10, addresses=home, notes="Ring twice.")
        set_payment_status(placed.order.id, "paid", factories.TESTER)


def test_lists_cost_as_many_statements_for_many_rows_as_for_few(api, inside, statements, subtests):
    counts: dict[str, list[int]] = {path: [] for path in LISTS}
    for more in (2, 8):
        inside(fill, more)
        for path in LISTS:
            with statements() as seen:
                answer = api.get(path)
            rows = next(part for part in answer.json["data"].values() if isinstance(part, list))
            assert len(rows) >= more
            counts[path].append(len(seen))
    for path, (few, many) in counts.items():
        with subtests.test(path):
            assert many == few
            assert few <= 15


def test_a_customer_costs_as_many_statements_with_many_orders_as_with_few(api, inside, statements):
    jane, product = inside(factories.make_customer), inside(factories.make_product)
    counts = []
    for more in (2, 8):
        for _ in range(more):
            inside(factories.place, jane, [(product, 1)])
        for path in (f"/customers/{jane.id}", f"/customers/{jane.id}/loyalty"):
            with statements() as seen:
                assert api.get(path).status_code == 200
            counts.append(len(seen))
    assert counts[:2] == counts[2:]


def test_an_order_costs_as_many_statements_with_many_lines_as_with_few(api, inside, statements):
    jane = inside(factories.make_customer)
    counts = []
    for lines in (1, 9):
        cart = [(inside(factories.make_product), 1) for _ in range(lines)]
        order = inside(factories.place, jane, cart).order
        with statements() as seen:
            assert len(api.get(f"/orders/{order.id}").json["data"]["order"]["items"]) == lines
        counts.append(len(seen))
    assert counts[0] == counts[1]
