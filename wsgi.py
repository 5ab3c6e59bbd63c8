"""The WSGI application: ``gunicorn wsgi:app``, ``flask --app wsgi …``."""

from shop import create_app
from shop.config import ConfigError

try:
    app = create_app()
except ConfigError as wrong:
    raise SystemExit(f"Error: {wrong}") from None
