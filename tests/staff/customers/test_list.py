"""The list of customers: filters, sort orders and pages; saved views, export, and adding a customer."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from shop.db.session import db
from shop.db.transaction import transaction
from shop.domain.text.spreadsheets import escape_formula
from shop.models import AuditEntry, Customer, LoyaltyRegistration
from shop.queries.customers import list as customer_list
from shop.queries.customers.list import CustomerFilters, list_customers, stream_customers
from shop.services import clock
from shop.services.customers.erasure.deletion import delete_customer
from shop.services.customers.records import find_customer
from shop.services.errors import InvalidInput
from shop.services.staff.saved_views import MOST, list_views, save_view
from tests import factories
from tests.support.rows import run_sql

LIST = "/staff/customers"
PARTLY = {"HX-Request": "true", "HX-Source": "input#q"}
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def sign_in(browse, inside):
    """Returns a client signed in with a role."""

    def signed_in(role):
        browser = browse()
        browser.sign_in(inside(factories.make_staff, role=role).email)
        return browser

    return signed_in


@pytest.fixture
def people(inside):
    """Four customers: with points and money; with money; approved for loyalty; with nothing."""

    def make():
        jane = factories.make_customer("jane@example.com", first_name="Jane", last_name="Doe", phone="0712345678")
        factories.make_order(jane, 500000, payment_status="paid")
        john = factories.make_customer("john@example.com", first_name="John")
        then = datetime(2025, 3, 1, 12, tzinfo=UTC)
        with clock.moved_to(then):
            factories.make_order(john, 90000)
        amina = factories.make_customer("amina@example.com", first_name="Amina", last_name=SCRIPT, points=70)
        now = clock.now()
        with transaction() as session:
            session.add(
                LoyaltyRegistration(
                    customer_id=amina.id, full_name="Amina", status="approved", created_at=now, updated_at=now
                )
            )
        factories.make_customer("zuri@example.com")
        return {"jane": jane.id, "john": john.id, "amina": amina.id}

    return inside(make)


def shown(answer):
    """Return the names before the @ of the listed e-mails, in order."""
    return (
        re.findall(r'title="(\w+)@example\.com"', answer.text.split('id="rows"')[1])
        if 'id="rows"' in answer.text
        else []
    )


def alone(found):
    return [row.email.split("@")[0] for row in found.rows]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["zuri", "amina", "john", "jane"]),
        ("?sort=created", ["jane", "john", "amina", "zuri"]),
        ("?sort=-spent", ["jane", "zuri", "amina", "john"]),
        ("?sort=-points", ["jane", "amina", "zuri", "john"]),
        ("?sort=name", ["amina", "jane", "john", "zuri"]),
        ("?sort=-orders", ["john", "jane", "zuri", "amina"]),
        ("?sort=-last_order", ["jane", "john", "zuri", "amina"]),
        ("?sort=last_order", ["amina", "zuri", "john", "jane"]),
        ("?points=1&sort=-last_order", ["jane", "amina"]),
        ("?sort=nonsense&quiet=7", ["zuri", "amina", "john", "jane"]),
        ("?q=jane+doe", ["jane"]),
        ("?q=0712+345", ["jane"]),
        ("?q=jo", ["john"]),
        ("?q=%00ama", []),
        ("?q=AMIN", ["amina"]),
        ("?points=1", ["amina", "jane"]),
        ("?registered=1", ["amina"]),
        ("?points=1&registered=1&q=jane", []),
        ("?spent_from=5,000.00", ["jane"]),
        ("?spent_to=4999.99", ["zuri", "amina", "john"]),
        ("?spent_from=1&spent_to=5000", ["jane"]),
        ("?ordered_before=2025-03-02", ["john"]),
        ("?ordered_before=2025-03-01", []),
        ("?quiet=30", ["john"]),
    ],
)
def test_who_is_on_the_list(staff, people, query, names):
    answer = staff.get(f"{LIST}{query}")
    assert answer.status_code == 200
    assert shown(answer) == names


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("spent_from=abc", "Enter an amount such as 245.00"),
        ("spent_to=1,5", "Enter an amount such as 245.00"),
        ("ordered_before=never", "Enter a day such as 2026-07-31"),
    ],
)
def test_an_invalid_filter_is_named_and_shows_no_customers(staff, people, query, message):
    answer = staff.get(f"{LIST}?{query}&points=1")
    assert (answer.status_code, shown(answer)) == (422, [])
    assert message in answer.text
    assert f'value="{query.split("=")[1]}"' in answer.text
    assert staff.get(f"{LIST}.csv?{query}").status_code == 400


def test_a_row_shows_name_phone_orders_money_points_and_last_order(staff, people):
    page = staff.get(f"{LIST}?q=jane").text
    row = page.split('id="rows"')[1].split("</tbody>")[0]
    for part in (
        "Jane Doe",
        "jane@example.com",
        "0712 345678",
        "5,000.00",
        "Today, ",
        f"/staff/customers/{people['jane']}",
    ):
        assert part in row, part
    assert "No name" in staff.get(f"{LIST}?q=zuri").text


def test_what_people_typed_is_shown_as_text(staff, people):
    page = staff.get(f"{LIST}?q=%22%3E{SCRIPT}").text
    assert SCRIPT not in page
    assert SCRIPT not in staff.get(f"{LIST}?q=amina").text
    assert "&lt;script&gt;" in staff.get(f"{LIST}?q=amina").text


def test_the_address_gives_a_page_and_htmx_the_list_alone(staff, people):
    page, part = staff.get(f"{LIST}?q=jane"), staff.get(f"{LIST}?q=jane&points=&sort=-created", headers=PARTLY)
    assert "<html" in page.text
    assert "HX-Request" in page.headers["Vary"]
    assert "<html" not in part.text
    assert part.text.lstrip().startswith('<div id="customers"')
    assert part.headers["HX-Push-Url"] == f"{LIST}?q=jane"


def test_while_typing_on_the_address_is_replaced_so_that_back_leaves_the_search(staff, people):
    before = {"HX-Current-URL": f"http://x{LIST}?q=ja"}
    typing_on = staff.get(f"{LIST}?q=jane", headers=PARTLY | before)
    assert typing_on.headers["HX-Replace-Url"] == f"{LIST}?q=jane"
    assert "HX-Push-Url" not in typing_on.headers
    sorting = staff.get(f"{LIST}?q=jane&sort=spent", headers=PARTLY | before | {"HX-Source": "a#sort-spent"})
    assert sorting.headers["HX-Push-Url"] == f"{LIST}?q=jane&sort=spent"


def test_each_filter_that_holds_can_be_taken_away(staff, people):
    page = staff.get(f"{LIST}?points=1&spent_from=10&spent_to=20&quiet=90&ordered_before=2026-07-04").text
    for label in (
        "Remove filter: Points 1 or more",
        "Remove filter: Spent KES 10.00 – 20.00",
        "Remove filter: Last order over 90 days ago",
        "Remove filter: Last order before 4 Jul 2026",
    ):
        assert label in page
    chip = re.search(r'href="([^"]*)"[^>]*aria-label="Remove filter: Points', page.replace("\n", " "))
    assert "points=" not in chip[1]
    assert "quiet=90" in chip[1]


def test_an_empty_list_says_what_to_do_next(staff, people, browse, app):
    page = staff.get(f"{LIST}?q=nobody@example.com").text
    assert "No customers found" in page
    assert "Clear search and filters" in page
    assert "/staff/customers/new?q=nobody@example.com" in page.replace("%40", "@")
    assert 'value="nobody@example.com"' in staff.get("/staff/customers/new?q=nobody@example.com").text


def test_a_shop_without_customers_shows_how_to_add_them(staff):
    assert "Add the first customer" in staff.get(LIST).text


@pytest.fixture
def many(ctx, monkeypatch):
    """Seven customers, three a page; some with equal money and points."""
    monkeypatch.setattr("shop.queries.listing.list_page.ROWS", 3)
    for number in range(7):
        customer = factories.make_customer(f"c{number}@example.com", first_name="Same", points=10 * (number % 3))
        if number % 2:
            factories.make_order(customer, 1000, payment_status="paid")
    return [f"c{number}@example.com" for number in range(7)]


@pytest.mark.parametrize("counted", [10_000, 3], ids=["picked", "walked"])
@pytest.mark.parametrize("search", ["", "same"])
@pytest.mark.parametrize(
    "sort",
    [
        "-created",
        "created",
        "-spent",
        "spent",
        "-points",
        "points",
        "name",
        "-name",
        "orders",
        "-orders",
        "last_order",
        "-last_order",
    ],
)
def test_pages_lead_on_and_back_through_all_once(many, monkeypatch, sort, search, counted):
    monkeypatch.setattr(customer_list, "COUNTED", counted)
    filters = CustomerFilters(search=search, sort=sort)
    whole = [row[0] for page in stream_customers(filters, [Customer.email]) for row in page]
    assert sorted(whole) == many
    first = list_customers(filters)
    second = list_customers(filters, after=first.after)
    third = list_customers(filters, after=second.after)
    seen = [[row.email for row in page.rows] for page in (first, second, third)]
    assert seen == [whole[:3], whole[3:6], whole[6:]]
    assert (first.before, third.after) == (None, None)
    assert list_customers(filters, before=third.before).rows == second.rows
    assert list_customers(filters, before=second.before).rows == first.rows
    assert list_customers(filters, before=second.before).before is None
    numbers = [page.number for page in (first, second, third)]
    assert numbers == ([1, 4, 7] if counted == 10_000 else [1, None, None])


def test_a_scan_finds_the_same_rows_as_the_index(ctx, monkeypatch):
    for number in range(6):
        factories.make_customer(f"c{number}@example.com", points=number, first_name="Same")
    filters = CustomerFilters(search="same", has_points=True, spent_to_cents=0, sort="-points")
    picked = alone(list_customers(filters))
    monkeypatch.setattr(customer_list, "COUNTED", 2)
    assert alone(list_customers(filters)) == picked == ["c5", "c4", "c3", "c2", "c1"]


def test_the_total_is_counted_to_a_bound(many, monkeypatch):
    assert (list_customers(CustomerFilters()).matching, list_customers(CustomerFilters()).is_many) == (7, False)
    monkeypatch.setattr(customer_list, "COUNTED", 5)
    assert (list_customers(CustomerFilters()).matching, list_customers(CustomerFilters()).is_many) == (6, True)


def test_before_a_place_near_the_start_the_first_page_is_shown_whole(many):
    second = list_customers(CustomerFilters(), after=list_customers(CustomerFilters()).after)
    factories.make_customer("new@example.com")
    back = list_customers(CustomerFilters(), before=second.before)
    assert len(back.rows) == 3
    near = list_customers(CustomerFilters(), before=list_customers(CustomerFilters()).after)
    assert alone(near)[0] == "new"


@pytest.mark.parametrize("cursor", ["x", "1", "1-", "-1-1", "1-1-1", "9" * 30 + "-1", "²-1"])
def test_what_is_no_place_in_the_list_is_refused(staff, cursor):
    assert staff.get(f"{LIST}?after={cursor}").status_code == 400


def test_an_unknown_order_is_refused(ctx):
    with pytest.raises(InvalidInput):
        list_customers(CustomerFilters(sort="email"))


def test_a_deleted_customer_is_found_no_more(ctx):
    jane = factories.make_customer("jane@example.com", first_name="Wanjiku")
    assert list_customers(CustomerFilters(search="wanjiku")).matching == 1
    delete_customer(jane.id, factories.TESTER)
    assert list_customers(CustomerFilters(search="wanjiku")).matching == 0


def test_points_and_the_last_order_are_kept_beside_the_name(ctx):
    jane = factories.make_customer(points=30)
    assert factories.reload(jane).points_balance == 30
    assert factories.reload(jane).last_order_at is None
    late, early = clock.now(), clock.now() - timedelta(days=9)
    factories.make_order(jane, 1000, order_date=late, payment_status="paid")
    factories.make_order(jane, 1000, order_date=early, status="cancelled")
    kept = factories.reload(jane)
    assert (kept.points_balance, kept.last_order_at) == (40, late)
    run_sql("UPDATE loyalty_accounts SET points_balance = 5 WHERE customer_id = :id", id=jane.id)
    assert factories.reload(jane).points_balance == 5


def test_other_shops_are_on_other_lists(staff, people, app, browse):
    with app.app_context():
        factories.make_shop()
        factories.make_customer("other@example.com", first_name="Jane")
    assert shown(staff.get(f"{LIST}?q=jane")) == ["jane"]


def test_visitors_are_redirected_to_the_sign_in(visitor):
    for path in (LIST, f"{LIST}.csv", f"{LIST}/new"):
        assert "/staff/sign-in" in visitor.get(path).headers["Location"]


def rows_of(answer):
    return list(csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff"))))


def test_what_is_shown_can_be_taken_home_as_csv(staff, people, inside):
    answer = staff.get(f"{LIST}.csv?points=1&sort=points")
    assert answer.mimetype == "text/csv"
    assert answer.get_data().startswith(b"\xef\xbb\xbf")
    assert re.search(r'attachment; filename="customers-\d{4}-\d\d-\d\d\.csv"', answer.headers["Content-Disposition"])
    head, amina, jane = rows_of(answer)
    assert head[:7] == ["E-mail", "First name", "Last name", "Phone", "Orders", "Spent, KES", "Points"]
    assert amina[:7] == ["amina@example.com", "Amina", SCRIPT, "", "0", "0.00", "70"]
    assert jane[:7] == ["jane@example.com", "Jane", "Doe", "+254712345678", "1", "5000.00", "5000"]
    exports = select(func.count(AuditEntry.id)).where(AuditEntry.action == "customers.exported")
    assert inside(lambda: db.session.scalars(exports).one()) == 1


def test_the_file_goes_on_past_its_first_piece(staff, people, monkeypatch):
    monkeypatch.setattr(customer_list, "EXPORTED_AT_ONCE", 1)
    assert [row[0].split("@")[0] for row in rows_of(staff.get(f"{LIST}.csv"))[1:]] == ["zuri", "amina", "john", "jane"]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋1", "－1", "＠SUM(A1)", "+254712345678x"]
)
def test_a_text_that_would_run_in_a_spreadsheet_is_held_back(text):
    assert escape_formula(text) == f"'{text}"
    assert escape_formula(f"a{text}") == f"a{text}"


def test_clerks_take_nothing_home(sign_in, people):
    clerk = sign_in("clerk")
    assert clerk.get(f"{LIST}.csv").status_code == 403
    page = clerk.get(LIST).text
    assert "customers.csv" not in page
    assert "Add customer" in page
    assert sign_in("manager").get(f"{LIST}.csv").status_code == 200


def test_a_customer_is_added_and_shown(sign_in, inside):
    clerk = sign_in("clerk")
    answer = clerk.send(f"{LIST}/new", email=" Jane@Example.com ", first_name="Jane", last_name="", phone="0712345678")
    jane = inside(find_customer, email="jane@example.com")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/staff/customers/{jane.id}")
    assert (jane.first_name, jane.phone) == ("Jane", "+254712345678")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"email": ""}, "Enter an e-mail"),
        ({"email": "nobody"}, "Must be an e-mail address"),
        ({"email": "a@example.com", "phone": "12"}, "Must be a phone number"),
        ({"email": "a@example.com", "first_name": "x\0"}, "must not contain control characters"),
        ({"email": "jane@example.com"}, "A customer with this e-mail already exists."),
    ],
)
def test_a_form_that_cannot_be_comes_back_with_its_fault_beside_the_field(staff, people, fields, sentence):
    answer = staff.send(f"{LIST}/new", **fields)
    assert answer.status_code == 422
    assert re.search(rf'<div class="invalid-feedback d-block" id="[\w-]+-wrong">{re.escape(sentence)}', answer.text)
    assert (f"/staff/customers/{people['jane']}" in answer.text) == (fields["email"] == "jane@example.com")


def test_htmx_gets_the_form_alone_without_a_page_load(staff):
    again = staff.client.post(f"{LIST}/new", data={"csrf_token": staff.token()}, headers={"HX-Request": "true"})
    assert (again.status_code, "<html" in again.text) == (422, False)
    fields = {"csrf_token": staff.token(), "email": "jane@example.com"}
    made = staff.client.post(f"{LIST}/new", data=fields, headers={"HX-Request": "true"})
    assert re.fullmatch(r"/staff/customers/\d+", made.headers["HX-Location"])


def test_nothing_is_added_without_the_token_of_a_page(staff):
    for path in (f"{LIST}/new", f"{LIST}/views", f"{LIST}/views/1/delete"):
        assert staff.client.post(path, data={"email": "jane@example.com", "name": "x"}).status_code == 400


@pytest.mark.parametrize(("name", "sentence"), [("", "Enter a name"), ("x" * 41, "At most 40 characters")])
def test_a_view_needs_a_name(staff, name, sentence):
    answer = staff.send(f"{LIST}/views", name=name, query="points=1&sort=spent")
    assert answer.status_code == 422
    assert sentence in answer.text
    assert '<details class="keep" open>' in answer.text
    assert "sort=spent" in answer.text


def test_views_belong_to_the_person_who_kept_them(staff, sign_in, inside, owner):
    view = inside(save_view, owner.user_id, "customers", "Mine", "?points=1&sort=spent")
    other = sign_in("manager")
    assert "Mine" not in other.get(LIST).text
    assert other.send(f"{LIST}/views/{view.id}/delete").status_code == 404
    assert "Mine" in staff.get(LIST).text


def test_a_name_used_again_shows_the_newer_view(ctx, app):
    me = factories.make_staff().user_id
    for query in ("?points=1", "?registered=1"):
        save_view(me, "customers", "Mine", query)
    assert [(view.name, view.query) for view in list_views(me, "customers")] == [("Mine", "?registered=1")]
    assert list_views(me, "orders") == []


def test_saved_views_are_limited(ctx):
    me = factories.make_staff().user_id
    for number in range(MOST):
        save_view(me, "customers", f"View {number}", "?points=1")
    with pytest.raises(InvalidInput):
        save_view(me, "customers", "One more", "?points=1")
    assert len(list_views(me, "customers")) == MOST
    save_view(me, "customers", "View 3", "?registered=1")
    assert list_views(me, "customers")[3].query == "?registered=1"
