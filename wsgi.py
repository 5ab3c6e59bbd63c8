"""The WSGI application by its short name in a checkout: ``gunicorn wsgi:app``, ``flask --app wsgi …``."""

from shop.wsgi import app

__all__ = ["app"]
