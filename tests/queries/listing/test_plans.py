"""Every list finds its rows through an index: no filter, sort order or kind of search scans a big table."""

from datetime import UTC, date, datetime
from functools import partial
from itertools import product

import pytest

from shop.domain.dates.date_ranges import Part
from shop.queries.catalogue.list import SORTS as PRODUCT_SORTS
from shop.queries.catalogue.list import ProductFilters, search_products
from shop.queries.catalogue.list import list_products as list_shop_products
from shop.queries.customers.api_list import SORTS as API_CUSTOMER_SORTS
from shop.queries.customers.api_list import search_customers
from shop.queries.customers.list import SORTS as CUSTOMER_SORTS
from shop.queries.customers.list import CustomerFilters, list_customers
from shop.queries.ledger.customer import LedgerFilter, list_ledger
from shop.queries.ledger.export import stream_ledger
from shop.queries.ledger.kinds import KINDS
from shop.queries.ledger.shop import ShopLedgerFilter, browse_ledger, list_latest, total_ledger
from shop.queries.loyalty.reports import list_balances, list_entries
from shop.queries.orders.articles import find_by_code, get_articles, search_articles
from shop.queries.orders.list import SORTS as ORDER_SORTS
from shop.queries.orders.list import OrderFilters, browse_orders, list_orders
from shop.queries.reports.cohorts import idle_points
from shop.queries.reports.sales import count_buyers
from shop.queries.reports.tables import members_and_others
from shop.services.catalogue.listed import list_products
from shop.services.loyalty.ledger import find_account
from tests import factories
from tests.support.plans import scans

DAY = datetime(2026, 1, 15, tzinfo=UTC)
BY_CUSTOMER = ("", "jane", "jane wanjiku", "jane@example.com", "0712345678")
"""Not one or two letters: no index knows them, and the search stops after a thousand matches."""
BY_ORDER = (*BY_CUSTOMER, "ORD-260115", "7KQ4F", "SGH12345XY")
CUSTOMER_FILTERS = (
    {"has_points": True},
    {"registered": True},
    {"spent_from_cents": 100},
    {"spent_from_cents": 100, "spent_to_cents": 900},
    {"last_order_before": DAY},
    {"created_from": DAY},
    {"created_from": DAY, "created_until": DAY},
    {"updated_since": DAY},
    {"external_id": "crm-1"},
)
ORDER_FILTERS = (
    {"status": "open"},
    {"status": "pending"},
    {"payment": "paid"},
    {"source": "api"},
    {"customer_id": 1},
    {"since": DAY},
    {"since": DAY, "until": DAY, "status": "completed", "payment": "paid"},
    {"updated_since": DAY},
    {"updated_since": DAY, "status": "completed"},
    {"external_id": "web-1"},
)
LEDGER_FILTERS = (
    {},
    *({"kind": kind} for kind in KINDS),
    {"since": date(2026, 1, 15)},
    {"until": date(2026, 1, 15)},
    {"search": "jane"},
    {"actor": "staff:7"},
    {"actor": "customer"},
    {"actor": "staff:7", "kind": "earned"},
    {"kind": "earned", "since": date(2026, 1, 1), "search": "jane"},
)
CUSTOMER_LEDGER = (
    {},
    *({"kind": kind} for kind in KINDS),
    {"since": date(2026, 1, 15), "until": date(2026, 1, 20)},
    {"before": 2},
    {"after": 1, "kind": "earned"},
)
API_LEDGER = (
    {},
    {"customer_id": 1},
    {"type": "earn"},
    {"since": DAY},
    {"until": DAY},
    {"type": "adjust", "since": DAY},
    {"sort": "created_at"},
    {"customer_id": 1, "sort": "created_at"},
)


def both_ways(sorts):
    return [f"{sign}{name}" for sign, name in product(("", "-"), sorts)]


@pytest.fixture
def jane(ctx):
    customer = factories.make_customer("jane@example.com", first_name="Jane", last_name="Wanjiku", points=10)
    factories.make_order(customer, 10000, payment_status="paid")
    return customer


def scanning(read, cases):
    """The cases in which a list scans."""
    return [(case, found) for case in cases if (found := scans(partial(read, case)))]


@pytest.mark.parametrize("sort", both_ways(CUSTOMER_SORTS))
def test_staff_find_customers_through_an_index(jane, sort):
    searches = [CustomerFilters(search, sort=sort) for search in BY_CUSTOMER]
    filtered = [CustomerFilters(sort=sort, **filters) for filters in CUSTOMER_FILTERS]
    assert scanning(list_customers, [*searches, *filtered]) == []


@pytest.mark.parametrize("sort", both_ways(API_CUSTOMER_SORTS))
def test_the_api_finds_customers_through_an_index(jane, sort):
    def search(text):
        search_customers(search=text, sort=sort, page=1, limit=20, cursor=None)

    assert scanning(search, BY_CUSTOMER) == []


@pytest.mark.parametrize("sort", both_ways(ORDER_SORTS))
@pytest.mark.parametrize("read", [browse_orders, list_orders])
def test_orders_are_found_through_an_index(jane, read, sort):
    searches = [OrderFilters(search, sort=sort) for search in BY_ORDER]
    filtered = [OrderFilters(sort=sort, **filters) for filters in ORDER_FILTERS]
    assert scanning(read, [*searches, *filtered]) == []


@pytest.mark.parametrize("read", [browse_ledger, total_ledger, lambda filters: list(stream_ledger(filters))])
def test_staff_find_entries_through_an_index(jane, read):
    assert scanning(read, [ShopLedgerFilter(**filters) for filters in LEDGER_FILTERS]) == []


def test_the_api_finds_entries_through_an_index(jane):
    assert scanning(lambda filters: list_entries(limit=50, offset=0, **filters), API_LEDGER) == []


def test_a_customers_entries_are_found_through_an_index(jane):
    account = find_account(jane.id)
    cases = [LedgerFilter(**filters) for filters in CUSTOMER_LEDGER]
    assert scanning(lambda filters: list_ledger(account, filters), cases) == []


def test_the_newest_entries_are_found_through_an_index(jane):
    assert scanning(list_latest, [5]) == []


def test_balances_are_found_through_an_index(jane):
    assert scanning(lambda search: list_balances(limit=50, offset=0, search=search), BY_CUSTOMER) == []


@pytest.mark.parametrize("search", ["", "maziwa", "maziwa lala 1"])
def test_stores_find_products_through_an_index(ctx, search):
    factories.make_product("Maziwa lala 1 l")
    sorts = ["newest", "price", "-price", "name"]
    assert scanning(lambda sort: list_products(page=1, limit=20, search=search, sort=sort), sorts) == []


@pytest.mark.parametrize("sort", both_ways(PRODUCT_SORTS))
def test_staff_and_programs_find_products_through_an_index(ctx, sort):
    factories.make_product("Maziwa lala 1 l")
    cases = [
        ProductFilters(sort=sort, **filters)
        for filters in (
            {},
            {"search": "maziwa"},
            {"search": "maziwa lala 1"},
            {"updated_since": DAY},
            {"created_from": DAY, "created_until": DAY},
            {"external_id": "erp-1"},
            {"stock": "out"},
            {"stock": "low", "status": "active"},
        )
    ]
    assert scanning(list_shop_products, cases) == []
    assert scanning(lambda filters: search_products(filters, page=1, limit=20), cases) == []


def test_articles_for_an_order_are_found_through_an_index(ctx):
    milk = factories.make_product("Maziwa lala", sku="MAZIWA")
    liter = factories.make_variant(milk, "1 l")
    assert scanning(search_articles, ["maziwa", "maziwa lala 1", "MAZIWA-05"]) == []
    assert scanning(find_by_code, ["MAZIWA", "6161100000012"]) == []
    assert scanning(lambda ids: get_articles([milk.id], ids), [[], [liter.id]]) == []


NOVEMBER = Part(date(2026, 11, 1), date(2026, 11, 30))


@pytest.mark.parametrize("report", [lambda: members_and_others(NOVEMBER), lambda: count_buyers(NOVEMBER), idle_points])
def test_reports_read_an_index(jane, report):
    assert scans(report) == []
