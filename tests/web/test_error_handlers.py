"""Errors as responses: translated by the web layer."""

import pytest
from flask import render_template_string

from shop.services.errors import InvalidInput
from shop.web import i18n

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
