"""The WSGI application, for ``gunicorn shop.wsgi:app`` and the ``tuza`` command."""

from shop import create_app
from shop.config import ConfigError

try:
    app = create_app()
except ConfigError as error:
    raise SystemExit(f"Error: {error}") from None
