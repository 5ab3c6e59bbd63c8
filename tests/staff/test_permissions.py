"""Every staff route as clerk, manager and owner.

Guests are tested in test_auth, another shop's owner in test_scope_routes.
"""

import re

import pytest
from werkzeug.exceptions import HTTPException

from shop.services.orders.documents.invoices import issue_invoice
from shop.staff.auth import OPEN
from shop.web.pages.view_options import options_of
from tests import factories

OWNERS_ALONE = {"staff.manage", "keys.manage", "payments.manage", "backups.manage"}
NOT_FOR_CLERKS = OWNERS_ALONE | {
    "customers.edit",
    "customers.delete",
    "customers.merge",
    "customers.message",
    "imports.manage",
    "lists.export",
    "reports.read",
    "orders.price",
    "orders.change",
    "products.write",
    "coupons.manage",
    "delivery.manage",
    "loyalty.set",
    "store.set",
    "approvals.decide",
    "audit.read",
    "registrations.decide",
    "privacy.manage",
}
REFUSED = {"owner": set(), "manager": OWNERS_ALONE, "clerk": NOT_FOR_CLERKS}
CHANGED_BY_EVERYBODY = {  # one's own account and views, and work at the counter; all other changes need a permission
    "staff.account_language",
    "staff.account_password",
    "staff.account_sign_out_everywhere",
    "staff.device_sign_out",
    "staff.password_confirm",
    "staff.second_factor_app",
    "staff.second_factor_app_confirm",
    "staff.second_factor_app_remove",
    "staff.second_factor_codes",
    "staff.second_factor_passkey_options",
    "staff.second_factor_passkey_add",
    "staff.second_factor_passkey_remove",
    "staff.shop_choose",
    "staff.sign_out",
    "staff.customer_view_save",
    "staff.customer_view_delete",
    "staff.product_view_save",
    "staff.product_view_delete",
}
ENDS_THE_SESSION = {"staff.sign_out", "staff.account_sign_out_everywhere"}
NOWHERE = "999999999"
LINK = re.compile(r'(?:href|action|formaction|hx-get|hx-post)="(/staff[^"#]*)')


@pytest.fixture
def needed(app):
    """Return the permission of each endpoint; None for those that everybody may see."""
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith("staff.")}
    return {each: options_of(app.view_functions[each]).permission for each in endpoints - OPEN}


@pytest.fixture(params=["owner", "manager", "clerk"])
def role(request):
    return request.param


@pytest.fixture
def worker(browse, inside, role):
    """A signed-in member with a role."""
    browser = browse()
    assert browser.sign_in(inside(factories.make_staff, role=role).email).status_code == 302
    return browser


def test_whatever_changes_something_needs_a_permission(app, needed):
    writes = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods and rule.endpoint in needed}
    assert {endpoint for endpoint in writes if needed[endpoint] is None} == CHANGED_BY_EVERYBODY


def test_every_route_opens_for_those_whose_work_it_is(app, worker, role, needed):
    token = worker.token()
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in needed or rule.endpoint in ENDS_THE_SESSION:
            continue
        path = re.sub(r"<[^>]+>", NOWHERE, rule.rule)
        for method in rule.methods - {"OPTIONS", "HEAD"}:
            answer = worker.client.open(path, method=method, headers={"X-CSRFToken": token})
            answer.close()
            said = (method, rule.endpoint, answer.status)
            assert (answer.status_code == 403) == (needed[rule.endpoint] in REFUSED[role]), said
            assert answer.status_code < 500, said
            assert not (answer.location or "").startswith("/staff/sign-in"), said


def test_no_page_offers_what_would_be_refused(app, worker, role, inside, needed):
    def fill():
        customer = factories.make_customer(points=500)
        order = factories.make_order(customer)
        issue_invoice(
            order.id, factories.TESTER
        )  # the page of an invoice leads back to the order as long as there is none
        return customer.id, order.id

    customer, order = inside(fill)
    addresses = app.url_map.bind("shop.test")
    seen, waiting = set(), ["/staff/", f"/staff/customers/{customer}", f"/staff/orders/{order}"]
    while waiting:
        path = waiting.pop()
        page = worker.get(path.replace("&amp;", "&"))
        page.close()
        if page.mimetype != "text/html":
            continue
        assert page.status_code == 200, path
        for link in set(LINK.findall(page.text)):
            try:
                endpoint, _values = addresses.match(link.split("?")[0], method="GET")
            except HTTPException:
                endpoint, _values = addresses.match(link.split("?")[0], method="POST")
            assert needed.get(endpoint) not in REFUSED[role], (path, link)
            if endpoint not in seen and "GET" in app.url_map._rules_by_endpoint[endpoint][0].methods:
                seen.add(endpoint)
                waiting.append(link)
    assert {"staff.customer_list", "staff.ledger_days", "staff.order_list"} <= seen
    assert ("staff.store_show" in seen) == (role != "clerk")
    assert ("staff.key_list" in seen) == (role == "owner")
