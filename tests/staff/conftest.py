"""Browsers of staff members, who sign in by the page."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from shop.services.staff.accounts import StaffMember
from tests import factories
from tests.factories import PASSWORD, ShopAtHand
from tests.support.clients import ShopClient
from tests.support.csrf import csrf_token


class StaffBrowser:
    """A browser on the staff pages; forms are sent with the CSRF token of their page."""

    def __init__(self, client: ShopClient) -> None:
        self.client = client

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        """GET; a page that fails is never what a test expects."""
        response = self.client.get(path, **kwargs)
        assert response.status_code != 500, path
        return response

    def session(self) -> AbstractContextManager[Any]:
        """Return the session, to read and to change."""
        return self.client.session_transaction(base_url=f"http://{self.client.host}")

    def token(self) -> str:
        """The CSRF token of the session, which all its forms have."""
        return csrf_token(self.client)

    def send(self, path: str, **fields: str) -> TestResponse:
        """Send a form."""
        return self.client.post(path, data={"csrf_token": self.token(), **fields})

    def sign_in(self, email: str, password: str = PASSWORD, *, address: str = "192.0.2.1") -> TestResponse:
        """Fill in the sign-in form, from a network address."""
        fields = {"csrf_token": self.token(), "email": email, "password": password}
        return self.client.post("/staff/sign-in", data=fields, environ_overrides={"REMOTE_ADDR": address})


@pytest.fixture
def browse(app: Flask, shop: ShopAtHand) -> Callable[[], StaffBrowser]:
    """Return a function that opens a browser without cookies."""
    return lambda: StaffBrowser(ShopClient.at(app, shop.host))


@pytest.fixture
def visitor(browse: Callable[[], StaffBrowser]) -> StaffBrowser:
    """A browser that is not signed in."""
    return browse()


@pytest.fixture
def owner(inside: Callable[..., Any]) -> StaffMember:
    """The shop's owner."""
    return inside(factories.make_staff)


@pytest.fixture
def staff(browse: Callable[[], StaffBrowser], owner: StaffMember) -> StaffBrowser:
    """The owner, signed in."""
    browser = browse()
    assert browser.sign_in(owner.email).status_code == 302
    return browser
