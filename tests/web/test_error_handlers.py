"""Errors as responses: translated by the web layer."""

import re

import pytest
from flask import render_template_string

from shop.services.errors import InvalidInput
from shop.web import i18n
from shop.web.pages.page_above import page_above

SWAHILI = {
    "%(field)s %(problem)s.": "%(field)s: %(problem)s.",
    "must be at least %(ge)s": "iwe angalau %(ge)s",
    "There is nothing at this address.": "Hakuna kitu hapa.",
}


@pytest.fixture
def swahili(monkeypatch):
    """A catalogue with three sentences."""
    monkeypatch.setattr(i18n, "gettext", lambda template: SWAHILI.get(template, template))


def test_a_refused_field_is_translated_with_its_parameters(api, swahili):
    refused = api.get("/customers?limit=0")
    assert refused.status_code == 400
    assert refused.json["code"] == "invalid_request"
    assert refused.json["message"] == "limit: iwe angalau 1."
    assert refused.json["errors"] == [{"field": "limit", "message": "iwe angalau 1"}]


def test_an_unknown_path_is_translated(client, swahili):
    assert client.get("/api/v1/nowhere").json["message"] == "Hakuna kitu hapa."
    assert "Hakuna kitu hapa." in client.get("/nowhere").text


def test_a_page_that_prints_an_error_translates_it(app, swahili):
    error = InvalidInput.of("points", "must be at least %(ge)s", ge=1)
    with app.test_request_context():
        assert render_template_string("{{ error.message }}", error=error) == "points: iwe angalau 1."
        assert render_template_string("{{ 7 }} {{ '<' }}") == "7 &lt;"


def test_every_address_of_a_form_leads_a_browser_that_reloads_it_to_its_page(app):
    rules = [rule for rule in app.url_map.iter_rules() if not rule.rule.startswith(("/api/", "/callbacks/"))]
    opened = {rule.rule for rule in rules if "GET" in rule.methods}
    forms = {rule.rule for rule in rules if "POST" in rule.methods} - opened
    assert len(forms) > 100
    with app.test_request_context():
        astray = [form for form in forms if page_above(re.sub("<[^>]+>", "1", form)) is None]
    assert astray == []


def test_a_browser_is_redirected_from_the_address_of_a_form(client, shop):
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    answer = client.get("/staff/orders/7/refunds/all", headers=browser)
    assert (answer.status_code, answer.location) == (303, "/staff/orders/7")
    assert client.get("/staff/sign-out", headers=browser).location == "/staff/"
    assert client.get(f"/me/{shop.slug}/sign-out", headers=browser).location == f"/me/{shop.slug}"
    assert client.get("/staff/sign-out").status_code == 405  # a program
    assert client.get("/staff/sign-out", headers=browser | {"HX-Request": "true"}).status_code == 405
    assert client.put("/staff/sign-out", headers=browser).status_code == 405
    assert client.get("/api/v1/marketing/loyalty/adjust", headers=browser).status_code == 405
