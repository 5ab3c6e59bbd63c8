"""Staff pages need a session, except those named here; a session also opens the admin API."""

import re

import pytest

from shop.staff.auth import OPEN
from tests import factories


def test_only_the_sign_in_mailed_links_and_a_script_are_open_to_the_world():
    assert {
        "staff.factor_show",
        "staff.factor_submit",
        "staff.passkey_sign_in",
        "staff.passkey_sign_in_options",
        "staff.sign_in_show",
        "staff.sign_in_submit",
        "staff.password_forgotten",
        "staff.password_forgotten_submit",
        "staff.password_link",
        "staff.password_new",
        "staff.password_new_submit",
        "staff.invitation_link",
        "staff.invitation_show",
        "staff.invitation_accept",
        "staff.till_worker",
    } == OPEN


def test_every_other_page_redirects_a_visitor_to_the_sign_in(app, visitor):
    token = visitor.token()
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("staff.")]
    closed = [rule for rule in rules if rule.endpoint not in OPEN]
    assert closed
    for rule in closed:
        path = re.sub(r"<[^>]+>", "1", rule.rule)
        for method in rule.methods - {"OPTIONS", "HEAD"}:
            answer = visitor.client.open(path, method=method, headers={"X-CSRFToken": token})
            assert answer.status_code == 302, (method, path)
            assert answer.location.startswith("/staff/sign-in"), (method, path)


def test_a_fragment_request_after_the_session_ended_redirects_the_page(visitor):
    answer = visitor.get("/staff/", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/staff/sign-in"


def test_pages_are_not_kept_by_the_browser(staff):
    page = staff.get("/staff/")
    assert page.headers["Cache-Control"] == "no-store"
    assert {"HX-Request", "Cookie"} <= set(page.vary)


def test_the_first_page_shows_the_shop_in_figures(staff, inside):
    customer = inside(factories.make_customer, points=12345)
    inside(factories.make_order, customer)
    page = " ".join(staff.get("/staff/").text.split())
    assert "12,345" in page
    assert "Worth KES 123.45" in page
    assert "Hello, Njeri" in page


def test_the_figures_are_those_of_ones_own_shop(app, staff):
    with app.app_context():
        factories.make_shop()
        factories.make_customer(points=77777)
    assert "77,777" not in staff.get("/staff/").text


def test_the_first_page_says_when_points_are_off(app, browse):
    with app.app_context():
        factories.make_shop(loyalty=False)
        member = factories.make_staff()
    browser = browse()
    browser.sign_in(member.email)
    assert "Points are off." in browser.get("/staff/").text


def test_names_are_shown_as_text(app, browse):
    with app.app_context():
        factories.make_shop("<script>alert(1)</script> & Wanawe")
        member = factories.make_staff()
    browser = browse()
    browser.sign_in(member.email)
    page = browser.get("/staff/").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Wanawe" in page


def test_a_session_reads_the_admin_api_of_its_shop(app, staff, inside):
    mine = inside(factories.make_customer)
    with app.app_context():
        factories.make_shop()
        foreign = factories.make_customer()
    found = staff.get("/api/v1/customers").json["data"]["customers"]
    assert [customer["id"] for customer in found] == [mine.id]
    assert staff.get(f"/api/v1/customers/{foreign.id}").status_code == 404


def test_a_session_writes_by_the_admin_api_with_its_token_alone(staff, inside):
    customer = inside(factories.make_customer)
    path, note = f"/api/v1/customers/{customer.id}/notes", {"content": "likes mangoes"}
    for headers in ({}, {"X-CSRFToken": "wrong"}):
        refused = staff.client.post(path, json=note, headers=headers)
        assert (refused.status_code, refused.json["code"]) == (403, "csrf")
    written = staff.client.post(path, json=note, headers={"X-CSRFToken": staff.token()})
    assert written.status_code == 201


def test_a_clerk_takes_no_list_home_by_the_admin_api(browse, inside):
    clerk = inside(factories.make_staff, role="clerk")
    customer = inside(factories.make_customer)
    browser = browse()
    browser.sign_in(clerk.email)
    assert browser.get(f"/api/v1/customers/{customer.id}").status_code == 200
    assert browser.get("/api/v1/customers").status_code == 403, "a list to take away is not a clerk's, as on the pages"
    token = {"X-CSRFToken": browser.token()}
    refused = browser.client.delete(f"/api/v1/customers/{customer.id}", headers=token)
    assert (refused.status_code, refused.json["code"]) == (403, "role")


@pytest.mark.parametrize(
    ("path", "above"),
    [
        ("/staff/settings/payments/mpesa", "/staff/settings/payments"),
        ("/staff/account/password", "/staff/account"),
        ("/staff/customers/views", "/staff/customers"),
        ("/staff/settings/taxes/classes/1/delete", "/staff/settings/taxes"),
    ],
)
def test_the_address_of_a_form_leads_to_its_page(staff, path, above):
    answer = staff.get(path)
    assert answer.status_code == 405
    assert f'href="{above}">Open the page again' in answer.text


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_method_that_a_page_does_not_know_is_refused_with_a_page(staff, method):
    answer = staff.client.open("/staff/", method=method, headers={"X-CSRFToken": staff.token()})
    assert answer.status_code == 405
    assert "This page can’t be opened directly" in answer.text
