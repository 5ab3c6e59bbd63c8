"""The pages of changes of many products."""

import re
import threading

import pytest

from shop.services.catalogue.products.records import get_product
from shop.worker.jobs.bulk_actions import run_bulk_actions
from tests import factories

PAGE = "/staff/products/bulk"


@pytest.fixture
def milk(inside):
    return inside(factories.make_product, "Milk", 10000, stock=10)


def test_a_change_is_previewed_confirmed_and_done(staff, inside, milk):
    page = staff.get(f"{PAGE}?action=price&ids={milk.id}").text
    assert "1 product is selected." in page
    typed = {"action": "price", "selection": f"ids={milk.id}", "way": "raise_percent", "amount": "10", "round_to": "1"}
    preview = staff.send(PAGE, **typed)
    assert (preview.status_code, "110.00" in preview.text) == (200, True)
    seen = re.search(r'name="previewed"[^>]*value="([^"]+)"', preview.text)[1]
    assert "What will change" in staff.send(PAGE, **typed | {"previewed": seen, "amount": "11"}).text
    started = staff.send(PAGE, **typed, previewed=seen)
    assert started.status_code == 303
    assert "Waiting to start" in staff.get(started.headers["Location"]).text
    inside(run_bulk_actions, {}, threading.Event())
    assert "Raise by 10 %" in staff.get(started.headers["Location"]).text
    assert "Done" in staff.get(f"{PAGE}/actions").text
    assert inside(get_product, milk.id).price_cents == 11000


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"amount": "ten"}, "Enter a percentage"),
        ({"way": "lower_percent", "amount": "100.5"}, "Enter a smaller percentage"),
        ({"way": "set", "amount": "-1"}, "Enter an amount"),
        ({"action": "stock", "way": "set", "amount": "1.5"}, "Enter a whole number"),
        ({"action": "stock", "way": "set", "amount": "1"}, "Enter a reason"),
        ({"way": "odd", "amount": "1"}, "Not a valid choice"),
    ],
)
def test_errors_are_shown_at_their_field(staff, milk, typed, words):
    sent = {"action": "price", "selection": "all=1", "way": "raise_percent", "round_to": "1"}
    answer = staff.send(PAGE, **sent | typed)
    assert (answer.status_code, words in answer.text) == (422, True)


def test_nothing_selected_changes_nothing(staff):
    page = staff.get(f"{PAGE}?action=stock").text
    assert "No products are selected. Go back and select some." in page


@pytest.mark.usefixtures("milk")
def test_a_clerk_has_no_ticks(browse, inside):
    clerk = browse()
    clerk.sign_in(inside(factories.make_staff, role="clerk").email)
    assert "data-tick-all" not in clerk.get("/staff/products").text
    assert clerk.get(PAGE).status_code == 403
