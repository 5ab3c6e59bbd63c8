"""Orders on the staff pages: the list, and each step with its effect on points shown before."""

import csv
import io
import re
import uuid
from datetime import UTC, datetime

import pytest

from shop.db.session import db
from shop.models import AuditEntry
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.loyalty.ledger import find_balance
from shop.services.orders.lifecycle import set_order_status, set_payment_status
from shop.services.orders.pricing.lines import PostalAddress
from shop.services.orders.refunds import refund_order
from shop.services.orders.repository import get_order, lock_order, save_order
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def words(answer):
    """Return a page's text without markup."""
    text = re.sub(r"<(script|style|head)\b.*?</\1>|<[^>]+>", " ", answer.text, flags=re.DOTALL)
    return " ".join(text.split())


@pytest.fixture
def jane(inside):
    return inside(factories.make_customer, first_name="Jane", last_name="Kamau", phone="0712345678", points=5680)


@pytest.fixture
def order(inside, jane):
    """An unpaid order of 980.75 with a coupon and 4,200 points, delivered to Kilimani."""

    def make():
        factories.make_coupon("KARIBU50", "fixed", 5000)
        factories.make_payment()
        return factories.place(
            jane,
            [(factories.make_product("Unga wa mahindi", 98075, stock=9), 1)],
            points=4200,
            coupon_code="KARIBU50",
            payment_method="mpesa",
            addresses=[PostalAddress("shipping", name="Jane", street="Kirichwa Road", city="Nairobi")],
            notes="Call at the gate.",
        ).order

    return inside(make)


@pytest.fixture
def paid(inside, order):
    """The same order, paid: it earned 980 points; the balance is 2,460."""
    return inside(set_payment_status, order.id, "paid", TESTER, reference="TGR4K8P2QX")


@pytest.fixture
def clerk(browse, inside):
    browser = browse()
    browser.sign_in(inside(factories.make_staff, role="clerk").email)
    return browser


@pytest.fixture
def manager(browse, inside):
    browser = browse()
    browser.sign_in(inside(factories.make_staff, role="manager").email)
    return browser


def key():
    return str(uuid.uuid4())


def in_place(browser, path, **fields):
    """Send a form as htmx does."""
    return browser.client.post(path, data={"csrf_token": browser.token(), **fields}, headers=HTMX)


# The list


def test_the_list_shows_orders_with_their_points(staff, paid):
    page = staff.get("/staff/orders")
    assert page.status_code == 200
    assert "<html" in page.text
    said = words(page)
    assert f"{paid.order_number} " in said
    assert "Jane Kamau" in said
    assert "1 order matches" in said
    assert re.search(r"Jane Kamau \S+ Paid To pack 4,200 980 980 pts KES 888\.75", said)


def test_an_empty_list_says_what_to_do_next(staff):
    assert "How to connect a shop" in staff.get("/staff/orders").text
    found = words(staff.get("/staff/orders?q=nobody"))
    assert "No orders found" in found
    assert "Show all orders" in found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=pending", "new"),
        ("status=open", "new"),
        ("status=cancelled", "gone"),
        ("payment=paid", "gone"),
        ("payment=pending&status=open", "new"),
        ("source=api", "new gone"),
        ("source=storefront", ""),
        ("q=amina", "new"),
        ("q=BARAKA@example", "gone"),
        ("q=0733000907", "gone"),
        ("q=%2B254 733 000", "gone"),
        ("q=nobody", ""),
        ("from=2026-03-02&to=2026-03-02", "new"),
        ("from=2026-03-03", "gone"),
        ("to=2026-03-01", ""),
        ("status=what&payment=&source=x&sort=email&customer=0x1", "new gone"),
    ],
)
def test_filters_and_search_find_what_they_say(staff, inside, query, found):
    def make():
        amina = factories.make_customer(f"amina-{uuid.uuid4().hex}@example.com", first_name="Amina")
        baraka = factories.make_customer(f"baraka@example.{uuid.uuid4().hex[:9]}.com", phone="0733000907")
        late = datetime(2026, 3, 2, 20, 59, tzinfo=UTC)  # 23:59 in Nairobi
        new = factories.make_order(amina, 100, order_date=late)
        gone = factories.make_order(baraka, 100, order_date=datetime(2026, 3, 2, 21, tzinfo=UTC), payment_status="paid")
        set_order_status(gone.id, "cancelled", TESTER)
        return {"new": new.order_number, "gone": gone.order_number}

    numbers = inside(make)
    page = staff.get(f"/staff/orders?{query}").text
    assert {name for name, number in numbers.items() if number in page} == set(found.split())


def test_an_order_is_found_by_its_number_in_part(staff, order):
    number = order.order_number
    for typed in (number, number.lower(), number[:8], number[4:10], number[4:], number[-5:], number[-5:].lower()):
        assert number in staff.get("/staff/orders", query_string={"q": typed}).text, typed
    for typed in ("ORD-9", "22222", "%", "_", "\\", "ORD-%"):
        assert number not in staff.get("/staff/orders", query_string={"q": typed}).text, typed


def test_a_name_that_very_many_have_is_found_too(staff, inside, monkeypatch):
    monkeypatch.setattr("shop.queries.orders.search.FEW", 1)

    def make():
        people = [factories.make_customer(first_name="Wanjiku") for _ in range(3)]
        return [factories.make_order(person, 100).order_number for person in people]

    numbers = inside(make)
    page = staff.get("/staff/orders?q=wanjiku")
    assert all(number in page.text for number in numbers)
    assert "3 orders match" in words(page)


def test_pages_follow_one_another_without_gap_or_double(staff, inside, jane, monkeypatch):
    monkeypatch.setattr("shop.queries.listing.list_page.ROWS", 3)
    same = datetime(2026, 3, 2, 9, tzinfo=UTC)
    numbers = [inside(factories.make_order, jane, 100, order_date=same).order_number for _ in range(8)]

    def read(path):
        text = staff.get(path).text
        links = {word: re.search(rf'id="{word}"\s+href="([^"]+)"', text) for word in ("older", "newer")}
        return re.findall(r">(ORD-[^<]+)</a>", text), {w: m[1].replace("&amp;", "&") for w, m in links.items() if m}

    seen, path, pages = [], "/staff/orders?q=jane", []
    while path:
        rows, links = read(path)
        seen += rows
        pages.append(rows)
        last, path = links, links.get("older")
    assert seen == numbers[::-1]
    assert "q=jane" in last["newer"]
    back, links = read(last["newer"])
    assert back == pages[-2]
    first, links = read(links["newer"])
    assert first == pages[0]
    assert "newer" not in links


@pytest.mark.parametrize("cursor", ["after=x", "before=1", "after=1-", "after=999999999999999999-1", "before=-1-1"])
def test_a_place_in_the_list_that_is_none_is_refused(staff, cursor):
    assert staff.get(f"/staff/orders?{cursor}").status_code == 400


def test_an_htmx_list_is_a_fragment_and_pushes_its_url(staff, paid):
    whole = staff.get("/staff/orders?q=jane&status=&payment=paid", headers=HTMX)
    assert "<html" not in whole.text
    assert 'id="orders"' in whole.text
    assert whole.headers["HX-Push-Url"] == "/staff/orders?q=jane&payment=paid"
    assert "HX-Request" in whole.headers["Vary"]
    before = {"HX-Current-URL": "http://x/staff/orders?q=jan", "HX-Source": "input#q"}
    typing_on = staff.get("/staff/orders?q=jane", headers=HTMX | before)
    assert typing_on.headers["HX-Replace-Url"] == "/staff/orders?q=jane"
    assert "HX-Push-Url" not in typing_on.headers
    found = staff.get("/staff/orders?q=jane", headers=HTMX | {"HX-Target": "div#found"})
    assert 'id="orders"' not in found.text
    assert paid.order_number in found.text
    assert "<html" in staff.get("/staff/orders", headers=HTMX | {"HX-History-Restore-Request": "true"}).text


def test_filters_open_below_the_search_and_can_be_taken_off_one_by_one(staff, paid):
    page = staff.get("/staff/orders?filters=1&payment=paid&status=open")
    assert 'form="order-tools"' in page.text
    assert "Remove filter: Payment Paid" in page.text
    without = re.search(r'href="([^"]+)"[^>]*aria-label="Remove filter: Payment Paid"', page.text)[1]
    assert sorted(without.partition("?")[2].split("&amp;")) == ["filters=1", "status=open"]


def test_the_orders_of_one_customer(staff, inside, jane, paid):
    other = inside(lambda: factories.make_order(factories.make_customer(), 100))
    page = staff.get(f"/staff/orders?customer={jane.id}")
    assert paid.order_number in page.text
    assert other.order_number not in page.text
    assert "Customer Jane Kamau" in words(page)


# The page


def test_the_page_shows_items_discounts_apart_and_the_total(staff, order):
    said = words(staff.get(f"/staff/orders/{order.id}"))
    assert "Unga wa mahindi" in said
    assert "Goods 980.75 Coupon KARIBU50 −50.00 Points 4,200 pts −42.00" in said
    assert "Total KES 888.75" in said
    assert "Kirichwa Road" in said
    assert "“Call at the gate.”" in said
    assert "Jane Kamau" in said
    assert "1,480" in said


def test_each_step_says_beforehand_what_it_does(staff, order, inside):
    said = words(staff.get(f"/staff/orders/{order.id}"))
    assert "and the effect on Jane’s 1,480 points" in said
    assert "Mark paid Adds 980 points · balance 2,460 +980" in said
    assert "Mark done No points change. Points are added when it is paid. 0" in said
    assert (
        "Cancel the order Restores 4,200 · balance 5,680 · items go back into stock · the coupon can be used again"
        in said
    )
    inside(set_payment_status, order.id, "paid", TESTER)
    said = words(staff.get(f"/staff/orders/{order.id}"))
    assert "980 points added +980" in said
    assert "Mark done Points already added 0" in said
    assert "Refund an amount Reverses points in proportion; the 4,200 redeemed stay redeemed" in said
    assert "Refund in full Restores 4,200, reverses 980 · balance 5,680 +3,220" in said


def test_a_shortfall_is_said_beforehand_and_afterwards(staff, inside, jane, paid):
    inside(factories.adjust_points, jane.id, -2000, "spent elsewhere", TESTER)
    inside(change_setting, "loyalty_points_enabled", False, TESTER)
    said = words(staff.get(f"/staff/orders/{paid.id}?step=refund"))
    assert "and the effect on Jane’s 460 points" in said
    sum_ = words(staff.get(f"/staff/orders/{paid.id}/refund-sum?amount=600"))
    assert "980 × 600.00 ÷ 980.75 → 599 pts reversed 139 points could not be reversed · balance 460 → 0 −460" in sum_
    done = in_place(staff, f"/staff/orders/{paid.id}/refunds", amount="600", reason="x", request_key=key())
    assert "KES 600.00 refunded. 460 points reversed. 139 points could not be reversed." in words(done)


def test_a_part_refund_is_worked_out_as_it_is_typed(staff, inside, paid):
    path = f"/staff/orders/{paid.id}/refund-sum"
    part = words(staff.get(f"{path}?amount=245.00", headers=HTMX))
    assert part == "980 × 245.00 ÷ 980.75 → 244 pts reversed balance 2,460 → 2,216 −244"
    assert "Up to KES 888.75" in words(staff.get(f"{path}?amount="))
    assert "Must be from 0.01 to 888.75" in words(staff.get(f"{path}?amount=888.76"))
    assert "Enter an amount such as 245.00" in words(staff.get(f"{path}?amount=ten"))
    inside(refund_order, paid.id, 24500, "", TESTER)
    again = words(staff.get(f"{path}?amount=1"))
    assert again == "980 × 246.00 ÷ 980.75 → 245 − 244 → 1 pts reversed balance 2,216 → 2,215 −1"
    rest = words(staff.get(f"{path}?amount=643.75"))
    assert rest == "980 − 244 → 736 pts reversed 4,200 redeemed points restored · balance 2,216 → 5,680 +3,464"


def test_marking_paid_gives_the_points_and_says_so_in_place(staff, inside, jane, order):
    answer = in_place(staff, f"/staff/orders/{order.id}/paid", reference=" TGR4K8P2QX ")
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert 'hx-target="#toasts"' in answer.text
    assert "Marked paid. 980 points added." in words(answer)
    assert "TGR4K8P2QX" in words(answer)
    assert inside(find_balance, jane.id) == 2460
    again = in_place(staff, f"/staff/orders/{order.id}/paid", reference="ANOTHER")
    assert "Already paid; nothing changed." in words(again)
    assert "ANOTHER" not in again.text


def test_the_method_of_a_payment_is_chosen_when_it_is_marked(staff, inside, jane):
    order = inside(factories.make_order, jane, 100)
    choice = re.search(
        r'<select [^>]*name="method">.*?</select>', staff.get(f"/staff/orders/{order.id}?step=paid").text
    )
    assert re.findall(r">([^<>]+)</option>", choice[0]) == ["Not given", "Cash", "M-Pesa", "Card"]
    assert staff.send(f"/staff/orders/{order.id}/paid", method="cowries").status_code == 422
    assert inside(get_order, order.id).payment_status == "pending"
    staff.send(f"/staff/orders/{order.id}/paid", method="mpesa", reference="TGR4K8P2QX")
    assert "M-Pesa" in staff.get("/staff/reports.csv?report=payments&span=30d").text
    own = inside(factories.make_order, jane, 100, payment_method="Bank of Meru")
    assert ">Bank of Meru</option>" in staff.get(f"/staff/orders/{own.id}?step=paid").text
    staff.send(f"/staff/orders/{own.id}/paid", method="", reference="TGR4K8P2QY")
    assert inside(get_order, own.id).payment_method == "Bank of Meru"


def test_without_scripts_an_action_redirects_to_the_page(staff, inside, order):
    answer = staff.send(f"/staff/orders/{order.id}/paid", reference="")
    assert (answer.status_code, answer.location) == (303, f"/staff/orders/{order.id}")
    assert "Marked paid. 980 points added." in words(staff.get(answer.location))
    form = staff.get(f"/staff/orders/{order.id}?step=refund").text
    assert f'action="/staff/orders/{order.id}/refunds"' in form
    assert re.search(r"<noscript>\s*<button", form)
    looked = staff.send(f"/staff/orders/{order.id}/refunds", amount="245", look="1", request_key=key())
    assert "980 × 245.00 ÷ 980.75 →" in words(looked)
    assert inside(get_order, order.id).refunded_cents == 0


def test_completing_and_cancelling(staff, inside, jane, paid):
    assert "Marked done." in words(in_place(staff, f"/staff/orders/{paid.id}/completed"))
    assert "Already done" in words(in_place(staff, f"/staff/orders/{paid.id}/completed"))
    gone = in_place(staff, f"/staff/orders/{paid.id}/cancelled", reason="The customer asked for it")
    assert "Cancelled. 4,200 points restored. 980 points reversed." in words(gone)
    assert "“The customer asked for it” · Njeri Kamau" in words(gone)
    assert inside(find_balance, jane.id) == 5680
    assert "Already cancelled" in words(in_place(staff, f"/staff/orders/{paid.id}/cancelled", reason="x"))
    late = in_place(staff, f"/staff/orders/{paid.id}/completed")
    assert late.status_code == 409
    assert "Nothing changed. This order was cancelled, so it cannot be marked done." in words(late)


def test_why_an_order_was_cancelled_is_audited_without_what_may_be_personal(staff, inside, jane):
    def lines(order):
        found = db.session.query(AuditEntry).filter_by(subject=f"order:{order.id}", action="order.status")
        return [(entry.new_value, entry.reason) for entry in found]

    for reason, kept in [("Not in stock", "Not in stock"), ("Jane is ill", "see the note with the order")]:
        order = inside(factories.make_order, jane, 100)
        staff.send(f"/staff/orders/{order.id}/cancelled", reason=reason)
        assert inside(lines, order) == [("cancelled", kept)]
        assert inside(lambda order=order: [note.content for note in get_order(order.id).notes]) == [reason]


def test_items_are_refunded_by_how_many_come_back(staff, inside, jane, paid):
    item = inside(get_order, paid.id).items[0]
    page = staff.get(f"/staff/orders/{paid.id}?step=refund-items")
    assert f"of {item.quantity}" in words(page)
    looked = words(staff.get(f"/staff/orders/{paid.id}/refund-sum?item-{item.id}={item.quantity}"))
    assert "refunded for goods of" in looked
    field = {f"item-{item.id}": "1", "reason": "Broken", "request_key": key()}
    part = in_place(staff, f"/staff/orders/{paid.id}/refunds/items", **field)
    done = inside(get_order, paid.id)
    assert done.items[0].refunded_quantity == 1
    assert f"KES {done.refunded_cents // 100}." in words(part)
    assert f"1 of {item.quantity} refunded" in words(part)
    assert f"for 1 × {item.name}" in words(part)
    again = in_place(staff, f"/staff/orders/{paid.id}/refunds/items", **field)
    assert "refunded." in words(again)
    assert inside(get_order, paid.id).refunded_cents == done.refunded_cents


def test_refunded_items_go_back_to_stock_if_the_box_is_checked(staff, inside, jane):
    unga = inside(factories.make_product, "Unga", 1000, stock=9)
    order = inside(lambda: factories.place(jane, [(unga, 3)]).order)
    inside(set_payment_status, order.id, "paid", TESTER)
    for step in ("refund-items", "refund-all"):
        page = staff.get(f"/staff/orders/{order.id}?step={step}").text
        assert re.search(r"<input[^>]* checked[^>]* name=\"restock\"", page)
    assert 'name="restock"' not in staff.get(f"/staff/orders/{order.id}?step=refund").text
    address, field = f"/staff/orders/{order.id}/refunds", {f"item-{order.items[0].id}": "1", "reason": "x"}
    kept = in_place(staff, f"{address}/items", **field, request_key=key())
    assert ("back in stock" in words(kept), inside(factories.stock_of, unga)) == (False, 6)
    sent = field | {"request_key": key(), "restock": "y"}
    back = [words(in_place(staff, f"{address}/items", **sent)) for _ in range(2)]
    assert "1 item is back in stock." in back[0]
    assert "for 1 × Unga, 1 back in stock: x" in back[0]
    whole = in_place(staff, f"{address}/all", reason="x", request_key=key(), restock="y")
    assert "1 item is back in stock." in words(whole)
    assert inside(factories.stock_of, unga) == 8
    log = words(staff.get("/staff/stock/movements?kind=refund"))
    assert log.count(order.order_number) == 2


def test_where_nothing_can_go_back_to_stock_the_page_says_why(staff, inside, jane):
    recorded = inside(factories.make_order, jane, 100, payment_status="paid")
    assert "nothing was taken from it for this order" in staff.get(f"/staff/orders/{recorded.id}?step=refund-all").text
    unga = inside(factories.make_product, "Unga", 1000, stock=9)
    order = inside(lambda: factories.place(jane, [(unga, 3)]).order)
    inside(set_payment_status, order.id, "paid", TESTER)
    inside(set_order_status, order.id, "cancelled", TESTER)
    page = staff.get(f"/staff/orders/{order.id}?step=refund-all").text
    assert ("back in stock already" in page, 'name="restock"' in page) == (True, False)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter the quantities to refund"),
        ("0", "Enter the quantities"),
        ("x", "Enter a whole number"),
        ("99", "ust be from 1"),
    ],
)
def test_items_that_cannot_come_back_are_refused_beside_them(staff, inside, paid, typed, said):
    item = inside(get_order, paid.id).items[0]
    fields = {f"item-{item.id}": typed, "reason": "Broken", "request_key": key()}
    answer = in_place(staff, f"/staff/orders/{paid.id}/refunds/items", **fields)
    assert (answer.status_code, said in words(answer)) == (422, True)
    looked = staff.send(f"/staff/orders/{paid.id}/refunds/items", look="1", **fields)
    assert looked.status_code == 200
    assert inside(get_order, paid.id).refunded_cents == 0


def test_a_part_and_then_the_rest_are_refunded(staff, inside, jane, paid):
    first = {"amount": "245.00", "reason": "Item missing", "reference": "RF1", "request_key": key()}
    part = in_place(staff, f"/staff/orders/{paid.id}/refunds", **first)
    assert "KES 245.00 refunded. 244 points reversed." in words(part)
    assert "Part refunded" in words(part)
    again = in_place(staff, f"/staff/orders/{paid.id}/refunds", **first)
    assert again.status_code == 200
    assert inside(get_order, paid.id).refunded_cents == 24500
    rest = in_place(staff, f"/staff/orders/{paid.id}/refunds/all", reason="Brought back", request_key=key())
    assert "KES 643.75 refunded. 4,200 points restored. 736 points reversed." in words(rest)
    assert inside(find_balance, jane.id) == 5680
    late = in_place(staff, f"/staff/orders/{paid.id}/refunds/all", reason="x", request_key=key())
    assert late.status_code == 409
    assert "Only a paid order can be refunded." in words(late)


@pytest.mark.parametrize(
    ("action", "fields", "sentence"),
    [
        ("refunds", {"amount": "", "reason": "x"}, "Enter the amount to refund"),
        ("refunds", {"amount": "ten", "reason": "x"}, "Enter an amount such as 245.00"),
        ("refunds", {"amount": "-1", "reason": "x"}, "Enter an amount such as 245.00"),
        ("refunds", {"amount": "1.001", "reason": "x"}, "Enter an amount such as 245.00"),
        ("refunds", {"amount": "888.76", "reason": "x"}, "Must be from 0.01 to 888.75, what is left to refund"),
        ("refunds", {"amount": "1", "reason": " "}, "Add a note"),
        ("refunds", {"amount": "1", "reason": "x" * 501}, "At most 500 characters"),
        ("refunds", {"amount": "1", "reason": "a\0b"}, "must not contain control characters"),
        ("refunds", {"amount": "1", "reason": "x", "request_key": "1"}, "Reload the page"),
        ("refunds/all", {"reason": ""}, "Add a note"),
        ("cancelled", {"reason": "  "}, "Add a note"),
        ("cancelled", {}, "Add a note"),
    ],
)
def test_a_form_that_cannot_be_right_comes_back_with_a_sentence(staff, inside, paid, action, fields, sentence):
    given = {"request_key": key()} | fields
    answer = in_place(staff, f"/staff/orders/{paid.id}/{action}", **given)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert 'aria-invalid="true"' in answer.text or "request_key" in fields
    order = inside(get_order, paid.id)
    assert (order.status, order.refunded_cents) == ("pending", 0)


def test_an_unpaid_order_with_too_long_a_reference_is_not_marked_paid(staff, inside, order):
    answer = staff.send(f"/staff/orders/{order.id}/paid", reference="x" * 201)
    assert answer.status_code == 422
    assert "<html" in answer.text
    assert inside(get_order, order.id).payment_status == "pending"


# Permissions


FOR_MANAGERS = ("cancelled", "refunds", "refunds/items", "refunds/all")
ACTIONS = ("paid", "completed", *FOR_MANAGERS)


def test_a_clerk_takes_payments_and_hands_over_but_does_not_refund(clerk, inside, paid, order):
    page = clerk.get(f"/staff/orders/{paid.id}?step=refund")
    assert page.status_code == 200
    assert "Refund in full" in words(page)
    assert "Not for your role" in words(page)
    main = page.text[page.text.index('id="order"') :]
    assert not {"refund", "refund-items", "refund-all", "cancel"} & set(re.findall(r"\?step=([a-z-]+)", main))
    for action in FOR_MANAGERS:
        assert clerk.send(f"/staff/orders/{paid.id}/{action}", reason="x", amount="1").status_code == 403
    assert clerk.get(f"/staff/orders/{paid.id}/refund-sum?amount=1").status_code == 403
    assert inside(get_order, paid.id).refunded_cents == 0
    assert clerk.send(f"/staff/orders/{paid.id}/completed").status_code == 303
    assert inside(get_order, paid.id).status == "completed"


def test_a_clerk_marks_an_order_paid(clerk, inside, order):
    assert "Mark paid" in words(clerk.get(f"/staff/orders/{order.id}?step=paid"))
    assert clerk.send(f"/staff/orders/{order.id}/paid", reference="TGR4K8P2QX").status_code == 303
    assert inside(get_order, order.id).payment_status == "paid"


def test_a_manager_may_change_orders(manager, order):
    assert manager.send(f"/staff/orders/{order.id}/paid").status_code == 303


def test_a_visitor_is_redirected_to_the_sign_in(visitor, order):
    for path in ("/staff/orders", f"/staff/orders/{order.id}"):
        assert visitor.get(path).location == f"/staff/sign-in?next={path}"
    token = visitor.token()
    for action in ACTIONS:
        answer = visitor.client.post(f"/staff/orders/{order.id}/{action}", data={"csrf_token": token})
        assert answer.location == "/staff/sign-in"


def test_an_order_of_another_shop_is_not_found(app, staff):
    with app.app_context():
        factories.make_shop()
        foreign = factories.make_order(factories.make_customer(), 100, payment_status="paid").id
    for path in (f"{foreign}", f"{foreign}/refund-sum?amount=1", "999999999999"):
        assert staff.get(f"/staff/orders/{path}").status_code == 404
    for action in ACTIONS:
        answer = staff.send(f"/staff/orders/{foreign}/{action}", reason="x", amount="0.01", request_key=key())
        assert answer.status_code == 404


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_without_the_sessions_token_is_refused(staff, inside, paid, action):
    answer = staff.client.post(f"/staff/orders/{paid.id}/{action}", data={"reason": "x", "amount": "1"})
    assert answer.status_code == 400
    assert staff.get(f"/staff/orders/{paid.id}/{action}").status_code == 405
    assert inside(get_order, paid.id).status == "pending"


def test_words_from_outside_stay_words(staff, inside):
    evil = "<script>alert(1)</script>"

    def make():
        jane = factories.make_customer(first_name=evil, last_name=evil)
        line = factories.ExternalLine(quantity=1, name=evil, sku=evil[:20], price_cents=100)
        reported = factories.ExternalOrder(
            lines=[line],
            customer_id=jane.id,
            payment_status="paid",
            payment_method=evil,
            payment_reference=evil,
            api_label=evil,
            addresses=[PostalAddress("shipping", evil, evil, evil, evil, evil[:20], evil)],
        )
        order = factories.record_order(reported, TESTER)
        refund_order(order.id, 1, evil, TESTER, reference=evil)
        set_order_status(order.id, "cancelled", TESTER, reason=evil)
        return order.id

    order_id = inside(make)
    for path in ("/staff/orders", f"/staff/orders?q={evil}", f"/staff/orders/{order_id}"):
        page = staff.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


# Why no points were earned


@pytest.mark.parametrize(
    ("settings", "subtotal", "reported", "sentence"),
    [
        ({}, 980, {}, "It has not been paid yet. It earns 9 points when it is paid."),
        ({}, 100, {}, "It has not been paid yet. It earns 1 point when it is paid."),
        ({"award_trigger": "order_completed"}, 980, {"payment_status": "paid"}, "It is not marked done yet."),
        ({"award_trigger": "either"}, 980, {}, "It is neither paid nor marked done yet."),
        ({}, 980, {"payment_status": "failed"}, "Its payment failed. It earns 9 points when it is paid."),
        ({}, 980, {"payment_status": "refunded"}, "marked as refunded but was never paid here"),
        ({}, 980, {"status": "cancelled"}, "It was cancelled before it became paid"),
        ({}, 980, {"status": "cancelled", "payment_status": "paid"}, "It was already cancelled when it became paid"),
        ({"points_enabled": "false"}, 980, {"payment_status": "paid"}, "Loyalty was off when the order became paid."),
        (
            {"points_enabled": "false", "award_trigger": "either"},
            980,
            {"status": "completed"},
            "Loyalty was off when the order became done.",
        ),
        (
            {"points_enabled": "false"},
            980,
            {},
            "Why no points yet? It has not been paid yet, and loyalty points are off",
        ),
        ({"points_per_currency_unit": "0"}, 980, {"payment_status": "paid"}, "KES 1.00 earned 0 points"),
        (
            {"min_order_subtotal_to_earn": "1500"},
            98000,
            {"payment_status": "paid"},
            "Its goods cost KES 980.00. Under the rules at the time of the order, orders earned points from KES 1",
        ),
        ({"min_order_subtotal_to_earn": "1500"}, 98000, {}, "orders earned points from KES 1,500.00."),
        ({}, 99, {"payment_status": "paid"}, "Its goods cost KES 0.99. At 1 points for KES 1.00 that is less"),
        ({"points_per_currency_unit": "0.001"}, 98000, {"payment_status": "paid"}, "At 0.001 points for KES 1.00"),
    ],
)
def test_an_order_without_points_says_why(staff, inside, jane, settings, subtotal, reported, sentence):
    def make():
        for name, value in settings.items():
            change_setting(f"loyalty_{name}", value, TESTER)
        return factories.make_order(jane, subtotal, **reported)

    order = inside(make)
    assert sentence in words(staff.get(f"/staff/orders/{order.id}"))


def test_the_reason_stays_true_whatever_is_set_later(staff, inside, jane):
    def make():
        change_setting("loyalty_points_enabled", False, TESTER)
        order = factories.make_order(jane, 98000, payment_status="paid")
        order_id = order.id
        change_setting("loyalty_points_enabled", True, TESTER)
        return order_id

    order_id = inside(make)
    assert "Loyalty was off when the order became paid." in words(staff.get(f"/staff/orders/{order_id}"))
    inside(set_payment_status, order_id, "pending", TESTER)
    inside(set_payment_status, order_id, "paid", TESTER)
    page = words(staff.get(f"/staff/orders/{order_id}"))
    assert "Why did this order earn nothing" not in page
    assert "Earned 980 points" in page


def test_where_either_event_gives_points_the_second_can_make_up_for_the_first(staff, inside, jane):
    def make():
        change_setting("loyalty_award_trigger", "either", TESTER)
        change_setting("loyalty_points_enabled", False, TESTER)
        order_id = factories.make_order(jane, 98000, payment_status="paid").id
        change_setting("loyalty_points_enabled", True, TESTER)
        return order_id

    order_id = inside(make)
    page = words(staff.get(f"/staff/orders/{order_id}"))
    assert "Why no points yet? Loyalty was off when the order became paid." in page
    assert "It earns 980 points when it is done." in page
    assert "Marked done. 980 points added." in words(in_place(staff, f"/staff/orders/{order_id}/completed"))


def test_an_order_whose_customer_was_deleted_says_so(staff, inside, jane, order):
    inside(delete_customer, jane.id, TESTER)
    page = words(staff.get(f"/staff/orders/{order.id}"))
    assert "Its customer was deleted before it became paid." in page
    assert "Deleted customer" in page
    assert "Jane" not in page
    inside(set_payment_status, order.id, "paid", TESTER)
    assert "Its customer was deleted before it became paid" in words(staff.get(f"/staff/orders/{order.id}"))
    assert "Deleted customer" in words(staff.get("/staff/orders"))


def test_an_order_from_before_reasons_were_kept_says_what_is_certain(staff, inside, jane):
    def make():
        change_setting("loyalty_points_enabled", False, TESTER)
        order = factories.make_order(jane, 98000, payment_status="paid")
        with factories.transaction():
            locked = lock_order(order.id)
            locked.no_award_reason = None
            save_order(locked)
        return order

    order = inside(make)
    assert "The reason was not recorded at that time" in words(staff.get(f"/staff/orders/{order.id}"))


def test_an_order_that_earned_is_not_asked_why(staff, paid):
    assert "earn nothing" not in staff.get(f"/staff/orders/{paid.id}").text


def test_orders_are_exported_as_the_list_shows_them(staff, inside):
    jane = inside(factories.make_customer, first_name="=Jane", phone="0712345678")
    small, large = (inside(factories.make_order, jane, cents) for cents in (1_000, 2_000))
    answer = staff.get("/staff/orders.csv?sort=total&q=jane")
    head, *rows = csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff")))
    place = {name: number for number, name in enumerate(head)}
    assert [row[place["Order"]] for row in rows] == [small.order_number, large.order_number]
    assert [rows[0][place[name]] for name in ("First name", "Phone", "Total")] == ["'=Jane", "+254712345678", "10.00"]
    assert {(row[place["Status"]], row[place["Payment"]]) for row in rows} == {("To pack", "Unpaid")}
    assert staff.get("/staff/orders?from=never").status_code == 422


def test_orders_are_sorted_by_total(staff, inside):
    jane = inside(factories.make_customer)
    for cents in (1_000, 3_000, 2_000):
        inside(factories.make_order, jane, cents)
    said = words(staff.get("/staff/orders?sort=-total"))
    places = [said.index(f"KES {amount}") for amount in ("30.00", "20.00", "10.00")]
    assert places == sorted(places)
