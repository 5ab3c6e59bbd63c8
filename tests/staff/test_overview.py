"""The overview: figures of a period, and alerts with their links."""

import re
import threading
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from shop.db.transaction import transaction
from shop.services import clock, outbox
from shop.services.loyalty import nightly_check
from shop.services.loyalty.adjustments import adjust_points
from shop.services.loyalty.ledger import find_balance
from shop.services.orders.lifecycle import set_order_status
from shop.services.orders.refunds import refund_order
from shop.services.shops.settings import change_setting
from tests import factories
from tests.factories import TESTER
from tests.staff.ledger.test_views import HTMX, words
from tests.support.rows import run_sql


@pytest.fixture
def jane(inside):
    return inside(factories.make_customer, "jane@example.com", first_name="Jane", last_name="Kamau")


def check_tonight(shop_id):
    """Run the nightly check of this shop alone, whatever the hour."""
    today = clock.now().astimezone(ZoneInfo("Africa/Nairobi")).date()
    assert nightly_check._claim(today)
    nightly_check._check(shop_id, today, threading.Event())


def test_a_new_shop_shows_how_to_begin(staff):
    page = words(staff.get("/staff/"))
    assert "No points yet" in page
    assert "Nothing needs your attention" in page
    assert "Nobody has points yet." in page
    assert "Redemption rate – No points earned" in page


def test_figures_chart_movements_and_balances(staff, inside, jane):
    def make():
        number = factories.make_order(jane, 100000, payment_status="paid").order_number
        factories.place(jane, [(factories.make_product(price_cents=10000), 1)], points=250)
        return number

    order_number = inside(make)
    page = staff.get("/staff/")
    said = words(page)
    assert "Points outstanding 750 Worth KES 7.50" in said
    assert "Earned 1,000 KES 10.00" in said
    assert "Redeemed 250 KES 2.50" in said
    assert "Redemption rate 25.0 % Of points earned" in said
    assert "New members 1 Earned for the first time" in said
    assert "Points by week" in said
    assert re.search(r"Week of [^:]+: 1,000 earned", said)
    assert f"Jane Kamau Earned {order_number} +1,000 Today" in said
    assert "Jane Kamau 2 orders 750" in said


@pytest.mark.parametrize(
    ("span", "heading"),
    [("30d", "Points by day"), ("1y", "Points by month"), ("13w", "Points by week"), ("x", "Points by week")],
)
def test_another_span_comes_by_a_link_and_in_place(staff, span, heading):
    assert heading in words(staff.get(f"/staff/?span={span}"))
    answer = staff.get(f"/staff/?span={span}", headers=HTMX | {"HX-Target": "dl#figures"})
    assert re.findall(r'<hx-partial hx-target="#(\w+)"', answer.text) == ["spans", "figures", "chart"]
    assert heading in words(answer)
    assert "Needs attention" not in answer.text


def matters(staff):
    """Return the text and links of the alerts."""
    card = re.search(r'<section class="card"\s+id="attention".*?</section>', staff.get("/staff/").text, re.DOTALL)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", card).split()), [
        link.replace("&amp;", "&") for link in re.findall(r'href="(/staff[^"]*)"', card)
    ]


def test_an_order_that_holds_points_leads_to_itself_and_the_unpaid(staff, inside, jane):
    def make():
        adjust_points(jane.id, 500, "for a test", TESTER)
        with clock.moved_to(clock.now() - timedelta(days=3)):
            return factories.place(jane, [(factories.make_product(price_cents=10000), 1)], points=400).order

    order = inside(make)
    said, links = matters(staff)
    assert "1 unpaid order is holding points 400 redeemed points, unpaid for over 2 days" in said
    assert links == [f"/staff/orders/{order.id}", "/staff/orders?payment=pending&status=open"]
    assert all(staff.get(link).status_code == 200 for link in links)
    inside(set_order_status, order.id, "cancelled", TESTER)
    assert matters(staff)[1] == []


def test_an_order_without_its_points_leads_to_itself(staff, inside, jane):
    def make():
        change_setting("loyalty_points_enabled", False, TESTER)
        order = factories.make_order(jane, 98000, payment_status="paid")
        number = order.id
        change_setting("loyalty_points_enabled", True, TESTER)
        return number

    order_id = inside(make)
    said, links = matters(staff)
    assert "1 order earned no points It should have earned 980 points" in said
    assert links == [f"/staff/orders/{order_id}"]


def test_a_shortfall_leads_to_the_entry_that_says_why(staff, inside, jane):
    def make():
        order = factories.make_order(jane, 98000, payment_status="paid")
        adjust_points(jane.id, -find_balance(jane.id), "spent", TESTER)
        refund_order(order.id, None, "broken", TESTER)

    inside(make)
    said, links = matters(staff)
    assert "980 points could not be reversed A balance was too low" in said
    assert links == [f"/staff/customers/{jane.id}?why=3#ledger"]
    assert "980 short" in words(staff.get(links[0]))


def test_failed_mail_leads_to_the_customer_and_the_settings(staff, browse, inside, jane):
    def make():
        with transaction():
            outbox.enqueue("order_placed", {"order_id": 1}, recipient=jane.email)
        run_sql(
            "UPDATE outbox_messages SET attempts = 2, last_error = '<b>Away</b>' WHERE recipient = :r", r=jane.email
        )

    inside(make)
    said, links = matters(staff)
    assert "1 e-mail could not be sent" in said
    assert "2 tries: &lt;b&gt;Away&lt;/b&gt;" in said
    assert links == [f"/staff/customers/{jane.id}", "/staff/settings/store"]
    clerk = browse()
    clerk.sign_in(inside(factories.make_staff, role="clerk").email)
    assert matters(clerk)[1] == [f"/staff/customers/{jane.id}"]


def test_busy_days_lead_to_their_entries(staff, owner, inside, jane):
    def make():
        change_setting("attention_adjustments_per_day", 1, TESTER)
        change_setting("attention_redemptions_per_day", 1, TESTER)
        product = factories.make_product(price_cents=10000)
        for _ in range(2):
            adjust_points(jane.id, 100, "goodwill", owner.actor)
            factories.place(jane, [(product, 1)], points=50)

    inside(make)
    said, links = matters(staff)
    assert "1 day with many redemptions" in said
    assert "1 day with many adjustments" in said
    redeemed, adjusted = links
    assert redeemed.startswith(f"/staff/customers/{jane.id}?kind=redeemed&")
    assert words(staff.get(redeemed)).count("KES 0.50 off") == 2
    assert f"by=staff:{owner.user_id}" in adjusted.replace("%3A", ":")
    assert words(staff.get(adjusted)).count("goodwill") == 2


def test_a_refund_whose_money_was_not_sent_is_one_of_the_matters(staff, inside, jane):
    def refund():
        order = factories.make_order(jane, 98000, payment_status="paid")
        refund_order(order.id, 8000, "One was dented.", TESTER, is_sent=False)

    inside(refund)
    said, links = matters(staff)
    assert said == "Needs attention 1 1 refund is waiting for its money to be sent"
    assert links == ["/staff/orders/refunds"]


def test_another_shops_matters_are_its_own(app, staff):
    with app.app_context():
        factories.make_shop()
        change_setting("loyalty_points_enabled", False, TESTER)
        factories.make_order(factories.make_customer(), 98000, payment_status="paid")
        change_setting("loyalty_points_enabled", True, TESTER)
    assert "Nothing needs your attention" in matters(staff)[0]


def test_the_overview_shows_the_result_of_the_nightly_check(staff, shop, inside, jane):
    assert "The first check has not run yet" in words(staff.get("/staff/"))
    inside(adjust_points, jane.id, 700, "for a test", TESTER)
    inside(check_tonight, shop.id)
    said = words(staff.get("/staff/"))
    assert re.search(r"Ledger checked Today, \d\d:\d\d · 1 account, no errors", said)
    assert "Nothing needs your attention" in said


def test_an_account_that_is_off_leads_to_the_customer(staff, shop, inside, jane):
    inside(adjust_points, jane.id, 700, "for a test", TESTER)
    inside(run_sql, "UPDATE loyalty_accounts SET points_balance = 7000 WHERE customer_id = :id", id=jane.id)
    inside(check_tonight, shop.id)
    assert "errors in 1 of 1 account" in words(staff.get("/staff/"))
    said, links = matters(staff)
    assert "1 account does not add up" in said
    assert "Jane Kamau its balance must be 700, the sum of its entries, not 7000" in said
    assert links == [f"/staff/customers/{jane.id}#ledger"]
    inside(run_sql, "UPDATE loyalty_accounts SET points_balance = 700 WHERE customer_id = :id", id=jane.id)


def test_a_check_that_was_long_ago_is_pointed_out(staff, shop, inside):
    def make():
        with clock.moved_to(clock.now() - timedelta(days=3)):
            check_tonight(shop.id)

    inside(make)
    assert "The ledger has not been checked recently" in matters(staff)[0]
