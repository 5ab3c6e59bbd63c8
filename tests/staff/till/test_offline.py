"""What the till's service worker keeps, and the worker's reach."""

import pytest

from shop.services.shops.settings import change_settings
from tests import factories
from tests.factories import TESTER


def test_the_kept_page_says_nothing_of_customers_or_staff(staff, owner, inside):
    inside(factories.make_customer, first_name="Wanjiku")
    page = staff.get("/staff/till/offline")
    assert page.status_code == 200
    assert "Wanjiku" not in page.text
    assert owner.name not in page.text
    assert owner.email not in page.text


def test_the_worker_serves_the_till_alone_and_may_fetch_from_here(staff):
    with staff.get("/staff/till-worker.js") as worker:
        assert worker.mimetype == "text/javascript"
        assert worker.headers["Service-Worker-Allowed"] == "/staff/till"
        assert worker.headers["Cache-Control"] == "no-cache"
        assert worker.headers["Content-Security-Policy"].startswith("default-src 'self'")


def test_the_kept_page_needs_a_session_and_the_worker_none(visitor):
    assert "/staff/sign-in" in visitor.get("/staff/till/offline").headers["Location"]
    with visitor.get("/staff/till-worker.js") as worker:  # browsers refuse a redirect with an error
        assert worker.status_code == 200


@pytest.mark.parametrize(
    ("country", "currency", "start", "key", "keyboard"),
    [("KE", "KES", "07", ".", "decimal"), ("JP", "JPY", "09", "00", "numeric"), ("NO", "NOK", "", ",", "decimal")],
)
def test_the_fields_are_the_countrys_and_the_currencys(staff, inside, country, currency, start, key, keyboard):
    inside(change_settings, {"currency": currency, "shop_country": country}, TESTER)
    jane = inside(factories.make_customer)
    sale, offline = staff.get(f"/staff/till/sale?customer={jane.id}").text, staff.get("/staff/till/offline").text
    assert f'data-key="{key}"' in sale
    assert [other for other in (".", ",", "00") if f'data-key="{other}"' in sale] == [key]
    for page in (sale, offline):
        assert f'inputmode="{keyboard}"' in page
    for page in (staff.get("/staff/till").text, offline):
        assert f'placeholder="{start}"' in page
