"""The shop's ledger on the staff pages: entries and days, page and fragment, and both as CSV."""

import csv
import io
import re
from datetime import UTC, datetime

import pytest

from shop.queries.ledger.shop import ROWS, ShopLedgerFilter, browse_ledger
from shop.services import clock
from shop.services.actors import Actor
from shop.services.audit_log import list_audit
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.loyalty.adjustments import adjust_points
from shop.services.orders.refunds import refund_order
from tests import factories
from tests.factories import TESTER
from tests.support.rows import run_sql

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def words(answer):
    """Return a page's text without markup."""
    text = re.sub(r"<(script|style|head)\b.*?</\1>|<[^>]+>", " ", answer.text, flags=re.DOTALL)
    return " ".join(text.split())


def fragment(staff, path, target="section#ledger", source=""):
    return staff.get(path, headers=HTMX | {"HX-Target": target, "HX-Source": source})


@pytest.fixture
def jane(inside):
    return inside(factories.make_customer, "jane@example.com", first_name="Jane", last_name="Kamau", points=50)


@pytest.fixture
def order(inside, jane):
    return inside(factories.make_order, jane, 98075, payment_status="paid")


@pytest.fixture
def clerk(browse, inside):
    browser = browse()
    browser.sign_in(inside(factories.make_staff, role="clerk").email)
    return browser


def entries(inside, **wanted):
    return inside(lambda: browse_ledger(ShopLedgerFilter(**wanted)).lines)


def test_visitors_are_redirected_to_the_sign_in(visitor):
    for path in ("/staff/ledger", "/staff/ledger.csv", "/staff/ledger/days", "/staff/ledger/days.csv"):
        assert visitor.get(path).location.startswith("/staff/sign-in?next=")


def test_an_empty_ledger_says_what_to_do_next(staff):
    page = words(staff.get("/staff/ledger"))
    assert "No points yet" in page
    assert "How to connect a shop" in page
    assert "Export" not in page


def test_entries_stand_with_customer_reason_balance_and_order(staff, jane, order):
    page = staff.get("/staff/ledger")
    assert page.status_code == 200
    said = words(page)
    assert "Jane Kamau jane@example.com Earned " + order.order_number in said
    assert "Earned on goods of KES 980.75" in said
    assert "+980 = 1,030 1,030" in said
    assert "for a test" in said
    assert f'href="/staff/customers/{jane.id}"' in page.text
    assert f'href="/staff/orders/{order.id}"' in page.text
    assert (
        "Earned +980 Redeemed 0 Restored 0 Reversed 0 Adjusted +50 Merged 0 Merged, earned before 0 Total +1,030"
        in said
    )


def test_a_kind_is_filtered_with_its_sum(staff, order):
    said = words(staff.get("/staff/ledger?kind=earned"))
    assert "All 2 Earned 1 Redeemed 0" in said
    assert "Earned +980 Clear Export" in said
    assert "for a test" not in said


def test_filters_that_make_no_sense_are_left_out(staff, order):
    for query in (
        "kind=stolen",
        "by=staff:x",
        "before=-1",
        "after=1e3",
        "q=%00",
        "by=7",
    ):
        page = staff.get(f"/staff/ledger?{query}")
        assert (page.status_code, "+980" in page.text) == (200, True), query


@pytest.mark.parametrize("query", ["from=yesterday", "to=9999-12-31"])
def test_a_day_that_cannot_be_read_is_named_and_finds_nothing(staff, order, query):
    page = staff.get(f"/staff/ledger?{query}")
    assert (page.status_code, "+980" in page.text) == (422, False)
    assert "Enter a day such as 2026-07-31" in words(page)
    assert f'value="{query.partition("=")[2]}"' in page.text
    assert fragment(staff, f"/staff/ledger?{query}", "div#found").status_code == 422
    assert staff.get(f"/staff/ledger.csv?{query}").status_code == 400


def test_nothing_found_leads_back_to_all(staff, order):
    said = words(staff.get("/staff/ledger?q=nobody&from=2020-01-01"))
    assert "No entries found" in said
    assert "Show all entries" in said


def test_htmx_gets_the_part_it_asks_for_and_the_address_follows(staff, order):
    whole = fragment(staff, "/staff/ledger?q=jane&from=&to=&by=")
    assert whole.text.lstrip().startswith('<section class="card" id="ledger"')
    assert whole.headers["HX-Push-Url"] == "/staff/ledger?q=jane"
    before = {"HX-Current-URL": "http://x/staff/ledger?q=jan", "HX-Source": "input#q"}
    assert staff.get("/staff/ledger?q=jane", headers=HTMX | before).headers["HX-Replace-Url"] == "/staff/ledger?q=jane"
    found = fragment(staff, "/staff/ledger?kind=earned", "div#found").text
    assert 'id="found"' in found
    assert 'id="ledger-tools"' not in found
    rows = fragment(staff, "/staff/ledger?kind=earned", "div#rows").text
    assert 'id="rows"' in rows
    assert 'id="kind-all"' not in rows
    assert "<!DOCTYPE" in staff.get("/staff/ledger", headers=HTMX | {"HX-History-Restore-Request": "true"}).text


def test_an_entry_opens_into_why_in_its_place(staff, inside, order):
    entry = entries(inside, kind="earned")[0]
    address = f"/staff/ledger?kind=earned&why={entry.id}"
    opened = fragment(staff, address, "div#rows", f"a#why-{entry.id}")
    said = words(opened)
    assert "980.75 × 1 = 980.75 → 980 points" in said
    assert "1 point for each KES 1.00 of goods" in said
    assert opened.headers["HX-Replace-Url"] == address
    assert "980.75 × 1 = 980.75" in words(staff.get(address))
    assert "980.75 × 1" not in words(staff.get("/staff/ledger"))


def test_pages_are_turned_by_links(staff, inside, jane):
    def fill():
        for number in range(ROWS + 4):
            adjust_points(jane.id, 1000 + number, "for a test", TESTER)

    inside(fill)
    first = staff.get("/staff/ledger").text
    older = re.search(r'id="older"\s+href="([^"]+)"', first)[1]
    second = staff.get(older.replace("&amp;", "&"))
    assert "+1,000" in words(second)
    assert "+1,053" not in words(second)
    newer = re.search(r'id="newer"\s+href="([^"]+)"', second.text)[1]
    assert "+1,053" in words(staff.get(newer.replace("&amp;", "&")))


def test_an_unknown_or_foreign_entry_is_not_found(app, staff, order):
    with app.app_context():
        factories.make_shop()
        factories.make_customer(points=77777)
        foreign = browse_ledger(ShopLedgerFilter()).lines[0].id
    for number in (foreign, 10**15):
        assert staff.get(f"/staff/ledger?why={number}").status_code == 404
    assert "77,777" not in staff.get("/staff/ledger").text
    assert "77,777" not in staff.get(f"/staff/ledger?after={foreign - 1}").text
    assert "77777" not in staff.get("/staff/ledger.csv").text


def test_who_did_it_can_be_chosen(staff, owner, inside, jane):
    inside(adjust_points, jane.id, 7, "goodwill", owner.actor)
    page = staff.get(f"/staff/ledger?by=staff:{owner.user_id}")
    assert "goodwill" in words(page)
    assert "for a test" not in words(page)
    assert f'value="staff:{owner.user_id}" selected' in page.text
    assert "Former staff" in words(staff.get("/staff/ledger?by=staff:999999"))


def test_a_deleted_customer_has_no_name_and_no_link(staff, inside, jane):
    inside(delete_customer, jane.id, TESTER)
    page = staff.get("/staff/ledger")
    assert "Deleted customer" in words(page)
    assert "jane@example.com" not in page.text


def test_names_and_notes_are_shown_as_text(staff, inside):
    def make():
        evil = factories.make_customer(first_name="<script>alert(1)</script>", last_name='"><b>')
        adjust_points(evil.id, 5, "<img src=x onerror=alert(2)>", TESTER)

    inside(make)
    for path in ("/staff/ledger", "/staff/"):
        page = staff.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def read(answer):
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_what_is_shown_is_exported_and_that_is_on_record(staff, inside, owner, jane, order):
    answer = staff.get("/staff/ledger.csv?kind=earned&before=1")
    assert answer.mimetype == "text/csv"
    assert re.fullmatch(r'attachment; filename="ledger-\d{4}-\d\d-\d\d\.csv"', answer.headers["Content-Disposition"])
    head, row = read(answer)
    assert head[2:8] == ["Customer", "E-mail", "What", "Points", "Balance after", "Order"]
    assert row[2:9] == [
        "Jane Kamau",
        "jane@example.com",
        "Earned",
        "980",
        "1030",
        order.order_number,
        "Earned on goods of KES 980.75",
    ]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+03:00", row[1])
    (line,) = inside(lambda: list_audit(area="points", actor_id=owner.user_id).entries)
    assert (line.action, line.subject) == ("points.exported", "ledger")


def test_a_file_is_sent_while_it_is_read_and_holds_no_formulas(staff, inside, monkeypatch):
    monkeypatch.setattr("shop.queries.ledger.export.EXPORTED_AT_ONCE", 3)

    def make():
        evil = factories.make_customer(first_name="=HYPERLINK(1)", last_name="")
        for number in range(8):
            adjust_points(evil.id, 5 if number % 2 == 0 else -5, "@SUM(1)", TESTER)

    inside(make)
    answer = staff.get("/staff/ledger.csv")
    assert answer.is_streamed
    rows = read(answer)[1:]
    assert [row[5] for row in rows] == ["-5", "5"] * 4
    assert {(row[2], row[8]) for row in rows} == {("'=HYPERLINK(1)", "'@SUM(1)")}


def test_the_file_is_the_same_to_the_last_byte(staff, inside, july):
    def make():
        evil = factories.make_customer("-x@example.com", first_name="@SUM(1)", last_name="", points=5)
        adjust_points(evil.id, -2, "+1", Actor("staff", 1, "=CMD()"))
        adjust_points(evil.id, 2, 'a "word", and', TESTER)

    with clock.moved_to(datetime(2026, 7, 15, 21, 30, 0, 900, UTC)):
        inside(make)
    number, order = (getattr(entries(inside, kind="earned")[0], name) for name in ("id", "line"))
    order = order.order_number
    assert staff.get("/staff/ledger.csv?to=2026-07-31").data.decode().split("\r\n") == [
        "\ufeffNo.,Time,Customer,E-mail,What,Points,Balance after,Order,Why,By whom",
        f'{number + 4},2026-07-16 00:30:00+03:00,\'@SUM(1),\'-x@example.com,Adjusted,2,5,,"a ""word"", and",Tester',
        f"{number + 3},2026-07-16 00:30:00+03:00,'@SUM(1),'-x@example.com,Adjusted,-2,3,,'+1,'=CMD()",
        f"{number + 2},2026-07-16 00:30:00+03:00,'@SUM(1),'-x@example.com,Adjusted,5,5,,for a test,Tester",
        f"{number + 1},2026-07-14 12:00:00+03:00,Jane Kamau,jane@example.com,Reversed,-490,1040,{order},"
        "Order refunded in part,Tester",
        f"{number},2026-07-12 12:00:00+03:00,Jane Kamau,jane@example.com,Earned,980,1530,{order},"
        "Earned on goods of KES 980.00,Tester",
        f"{number - 1},2026-06-20 12:00:00+03:00,Jane Kamau,jane@example.com,Adjusted,500,550,,brought over,Tester",
        "",
    ]


@pytest.mark.parametrize("path", ["/staff/ledger.csv", "/staff/ledger/days.csv"])
def test_a_clerk_may_look_and_not_take_away(clerk, order, path):
    assert clerk.get(path).status_code == 403
    for page in ("/staff/ledger", "/staff/ledger/days"):
        answer = clerk.get(page)
        assert answer.status_code == 200
        assert path not in answer.text
        assert "Export" not in words(answer).replace("this page: Export lists", "")  # why the button is missing


@pytest.fixture
def july(inside, jane):
    """An adjustment of 500 points in June, an order of 980 points on 12 July, and its half refund on 14 July."""

    def make():
        with clock.moved_to(datetime(2026, 6, 20, 9, tzinfo=UTC)):
            adjust_points(jane.id, 500, "brought over", TESTER)
        with clock.moved_to(datetime(2026, 7, 12, 9, tzinfo=UTC)):
            order = factories.make_order(jane, 98000, payment_status="paid")
        with clock.moved_to(datetime(2026, 7, 14, 9, tzinfo=UTC)):
            refund_order(order.id, 49000, "broken", TESTER)

    with clock.moved_to(datetime(2026, 6, 1, 9, tzinfo=UTC)):
        inside(make)


def test_days_add_up_and_say_so(staff, july):
    page = staff.get("/staff/ledger/days?month=2026-07")
    said = words(page)
    assert "July 2026" in said
    assert "It adds up. 500 + 980 − 490 = 990" in said
    assert "add up to 1,040, the same as all balances." in said
    assert "Opening balance 500" in said
    assert "Sun 12 Jul +980 0 0 0 0 1,480" in said
    assert "Tue 14 Jul 0 0 0 −490 0 990" in said
    assert "Whole month +980 0 0 −490 0 990" in said
    assert 'href="/staff/ledger?to=2026-07-12&amp;from=2026-07-12"' in page.text


def test_months_are_turned_in_place(staff, july):
    answer = fragment(staff, "/staff/ledger/days?month=2026-07", "section#days")
    assert answer.text.lstrip().startswith('<section class="card" id="days"')
    assert answer.headers["HX-Push-Url"] == "/staff/ledger/days?month=2026-07"
    assert 'href="/staff/ledger/days?month=2026-06"' in answer.text
    assert 'href="/staff/ledger/days?month=2026-08"' in answer.text
    earliest = staff.get("/staff/ledger/days?month=2001-01").text
    assert "June 2026" in earliest
    assert 'id="month-before"' not in earliest


@pytest.mark.parametrize("month", ["", "2026-13", "x", "99999-01", "2026-07-01", "%00"])
def test_a_month_that_is_none_is_the_present_one(staff, month):
    assert staff.get(f"/staff/ledger/days?month={month}").status_code == 200


def test_the_days_of_a_month_are_exported(staff, july):
    answer = staff.get("/staff/ledger/days.csv?month=2026-07")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="ledger-2026-07.csv"'
    rows = read(answer)
    assert len(rows) == 32
    assert rows[12] == ["2026-07-12", "980", "0", "0", "0", "0", "1480"]
    assert rows[14] == ["2026-07-14", "0", "0", "0", "-490", "0", "990"]


def test_where_days_do_not_add_up_is_said(staff, inside, july):
    inside(
        run_sql,
        "UPDATE loyalty_accounts SET points_balance = points_balance + 7 "
        "WHERE id = (SELECT MAX(id) FROM loyalty_accounts)",
    )
    said = words(staff.get("/staff/ledger/days"))
    assert "It does not add up. All entries add up to 1,040, but the balances add up to 1,047: +7." in said
    assert "A customer’s account holds +7 points more than its last entry says" in said
    assert "tuza ledger verify" in said


def test_pages_hold_nothing_inline(staff, july):
    for path in ("/staff/", "/staff/ledger", "/staff/ledger/days"):
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", staff.get(path).text), path
