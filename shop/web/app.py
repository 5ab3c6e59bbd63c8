"""The Flask application class."""

from flask import Flask

from shop.web.json_requests import ExactJson


class TuzaFlask(Flask):
    """Flask that reads JSON fractions as exact decimals."""

    json_provider_class = ExactJson
