"""Who may go where: every staff route as clerk, manager, owner and in a role of the shop's own.

Guests are tested in test_auth, another shop's owner in test_scope_routes.
"""

import re

import pytest
from werkzeug.exceptions import HTTPException

from shop.domain.permissions import PERMISSIONS
from shop.services.orders.documents.invoices import issue_invoice
from shop.staff.auth import OPEN
from shop.web.pages.view_options import options_of
from tests import factories

OWNERS_ALONE = {
    "staff.manage",
    "keys.manage",
    "payments.manage",
    "messages.manage",
    "backups.manage",
    "webhooks.manage",
}
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
    "points.unlimited",
    "till.unlimited",
}
ACCOUNTANT = {"reports.read", "lists.export"}
REFUSED = {
    "owner": set(),
    "manager": OWNERS_ALONE,
    "clerk": NOT_FOR_CLERKS,
    "accountant": PERMISSIONS.keys() - ACCOUNTANT - {"look"},
}
CHANGED_BY_EVERYBODY = {  # one's own account and views, and the work at the counter; all other changes need an action
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
    "staff.order_view_save",
    "staff.order_view_delete",
    "staff.product_view_save",
    "staff.product_view_delete",
}
ENDS_THE_SESSION = {"staff.sign_out", "staff.account_sign_out_everywhere"}
NOWHERE = "999999999"
LINK = re.compile(r'(?:href|action|formaction|hx-get|hx-post)="(/staff[^"#]*)')


@pytest.fixture
def needed(app):
    """By endpoint, the permissions of which a route needs any; none for those that everyone may see."""
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith("staff.")}
    return {each: set(options_of(app.view_functions[each]).permissions) for each in endpoints - OPEN}


@pytest.fixture(params=["owner", "manager", "clerk", "accountant"])
def role(request):
    return request.param


@pytest.fixture
def worker(browse, inside, role):
    """A signed-in member with a role."""
    browser = browse()
    given = {"permissions": ACCOUNTANT} if role == "accountant" else {"role": role}
    assert browser.sign_in(inside(factories.make_staff, **given).email).status_code == 302
    return browser


def options_at(app, path):
    endpoint, _values = app.url_map.bind("shop.test").match(path.partition("?")[0])
    return options_of(app.view_functions[endpoint])


def is_refused(permissions, role):
    return bool(permissions) and permissions <= REFUSED[role]


def test_whatever_changes_something_needs_a_permission(app, needed):
    writes = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods and rule.endpoint in needed}
    assert {endpoint for endpoint in writes if not needed[endpoint]} == CHANGED_BY_EVERYBODY


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
            refused = answer.status_code == 403 and answer.headers.get("X-Error-Code") != "live_shop"
            assert refused == is_refused(needed[rule.endpoint], role), said
            assert answer.status_code < 500, said
            assert not (answer.location or "").startswith("/staff/sign-in"), said


def test_no_page_offers_what_would_be_refused(app, worker, role, inside, needed):
    def fill():
        customer = factories.make_customer(points=500)
        order = factories.make_order(customer)
        issue_invoice(
            order.id, factories.TESTER
        )  # the page of an invoice leads back to the order as long as there is none
        return customer.id, customer.email, order.id

    customer, email, order = inside(fill)
    addresses = app.url_map.bind("shop.test")
    seen, waiting = set(), ["/staff/", f"/staff/customers/{customer}", f"/staff/orders/{order}"]
    while waiting:
        path = waiting.pop()
        page = worker.get(path.replace("&amp;", "&"))
        page.close()
        if page.status_code == 302:
            waiting.append(page.location)
            continue
        if page.mimetype != "text/html":
            continue
        assert page.status_code == 200, path
        assert email not in page.text or options_at(app, path).personal_data, path
        for link in set(LINK.findall(page.text)):
            try:
                endpoint, _values = addresses.match(link.split("?")[0], method="GET")
            except HTTPException:
                endpoint, _values = addresses.match(link.split("?")[0], method="POST")
            assert not is_refused(needed.get(endpoint, set()), role), (path, link)
            if endpoint not in seen and "GET" in app.url_map._rules_by_endpoint[endpoint][0].methods:
                seen.add(endpoint)
                waiting.append(link)
    assert {"staff.customer_list", "staff.ledger_days", "staff.order_list"} <= seen
    assert ("staff.store_show" in seen) == (role in ("owner", "manager"))
    assert ("staff.key_list" in seen) == (role == "owner")
