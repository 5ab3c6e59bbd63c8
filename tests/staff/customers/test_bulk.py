"""Bulk actions on customers, from the list."""

import pytest

from shop.domain.customers.bulk import BulkKind
from shop.services.bulk.actions import get_bulk, start_bulk
from tests import factories

BULK = "/staff/customers/bulk"


@pytest.fixture
def worker_with(browse, inside):
    """Sign in as a staff member with some permissions."""

    def sign_in(*permissions):
        browser = browse()
        browser.sign_in(inside(factories.make_staff, permissions=permissions).email)
        return browser

    return sign_in


def test_an_export_by_post_goes_to_the_export(staff):
    answer = staff.send("/staff/customers/bulk", action="export", selection="all=1&q=amina")
    assert (answer.status_code, answer.location) == (303, "/staff/customers.csv?all=1&q=amina")


@pytest.mark.parametrize(
    ("permission", "heading"),
    [
        ("points.adjust", "Adjust points"),
        ("customers.edit", "Tag customers"),
        ("customers.message", "Message customers"),
    ],
)
def test_without_a_choice_the_page_opens_with_what_the_role_may_do(worker_with, permission, heading):
    page = worker_with(permission).get(BULK)
    assert (page.status_code, heading in page.text) == (200, True)


def test_each_action_needs_its_own_permission(worker_with):
    worker = worker_with("customers.message")
    for action in ("adjust", "tag", "export"):
        assert worker.get(f"{BULK}?action={action}").status_code == 403
        assert worker.send(BULK, action=action, selection="all=1").status_code == 403
    assert worker.send(BULK, action="message", selection="all=1").status_code == 422
    assert worker_with("orders.pay").get(BULK).status_code == 403


def test_an_action_is_stopped_by_those_who_may_start_it(worker_with, inside):
    customer = inside(factories.make_customer)
    tags = inside(start_bulk, BulkKind.ADD_TAG, {"tag": "VIP"}, {"ids": [customer.id]}, 1, factories.TESTER)
    stop = f"{BULK}/{tags}/stop"
    adjuster, editor = worker_with("points.adjust"), worker_with("customers.edit")
    assert stop not in adjuster.get(f"{BULK}/{tags}").text
    assert adjuster.send(stop).status_code == 403
    assert stop in editor.get(f"{BULK}/{tags}").text
    editor.send(stop)
    assert inside(lambda: get_bulk(tags).state) == "stopped"
