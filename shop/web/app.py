"""The Flask application class."""

from flask import Flask

from shop.web.http.cookies import HostCookieSessions
from shop.web.json_api.requests import ExactJson


class TuzaFlask(Flask):
    """Flask that reads JSON fractions as exact decimals and keeps sessions in ``__Host-`` cookies."""

    json_provider_class = ExactJson
    session_interface = HostCookieSessions()
