"""The reports on their page and as CSV; the overview's sales."""

import pytest

from shop.domain.pricing.taxes import TaxPrices
from shop.services.orders.lifecycle import set_payment_status
from shop.services.taxes.classes import set_tax_prices
from tests import factories


@pytest.fixture
def sales(inside):
    jane = inside(factories.make_customer, first_name="Jane", last_name="Doe")
    inside(factories.make_order, jane, 50_000, payment_status="paid")


@pytest.mark.parametrize(
    "report", ["sales", "taxes", "payments", "products", "customers", "staff", "points", "cohorts"]
)
@pytest.mark.parametrize("span", ["30d", "13w", "1y", "ever"])
def test_every_report_opens(staff, sales, report, span):
    assert "500.00" in staff.get(f"/staff/reports?report={report}&span={span}").text
    assert staff.get(f"/staff/reports.csv?report={report}&span={span}").status_code == 200


def test_a_report_is_a_pdf(staff, sales):
    answer = staff.get("/staff/reports.pdf?report=taxes&span=30d")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.data.startswith(b"%PDF")


def test_taxes_are_listed_by_rate(staff, inside):
    inside(set_tax_prices, TaxPrices.INCLUDED, factories.TESTER)

    def sell():
        lines = [(factories.make_product("Soap", 11600), 1), (factories.make_product("Milk", 5000, tax_class="A"), 1)]
        order = factories.place(factories.make_customer(), lines).order
        set_payment_status(order.id, "paid", factories.TESTER)

    inside(sell)
    text = staff.get("/staff/reports.csv?report=taxes&span=30d").get_data(as_text=True)
    assert "A Exempt,0,1,50.00,0.00,0.00" in text
    assert "B VAT 16%,16,1,100.00,16.00,0.00" in text


def test_a_report_is_a_file(staff, sales):
    answer = staff.get("/staff/reports.csv?report=customers&span=30d")
    assert answer.mimetype == "text/csv"
    assert "Jane Doe,1,500.00" in answer.get_data(as_text=True)


def test_orders_of_the_web_shop_are_a_row_of_the_report_by_staff(staff, inside):
    def sell():
        order = factories.place(factories.make_customer(), [(factories.make_product("Soap", 11600), 1)]).order
        set_payment_status(order.id, "paid", factories.TESTER)

    inside(sell)
    assert "\nWeb shop,1,0,116.00," in staff.get("/staff/reports.csv?report=staff&span=30d").get_data(as_text=True)


def test_an_empty_shop_says_what_will_be_here(staff):
    assert "Nothing sold in these days" in staff.get("/staff/reports?report=products").text


def test_the_overview_has_todays_sales(staff, sales):
    page = staff.get("/staff/").text
    assert "Sales today" in page
    assert "KES 500.00" in page


def test_clerks_read_no_reports(browse, inside):
    clerk = browse()
    clerk.sign_in(inside(factories.make_staff, role="clerk").email)
    assert clerk.get("/staff/reports").status_code == 403
    assert "Sales today" not in clerk.get("/staff/").text
