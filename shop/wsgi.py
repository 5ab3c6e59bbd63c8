"""The WSGI application, for ``gunicorn shop.wsgi:app`` and the ``tuza`` command."""

import gc
from pathlib import Path

from shop import create_app
from shop.config import ConfigError
from shop.server.private_files import make_private, restrict_new_files

restrict_new_files()
gc.disable()  # what a start makes stays: looking for garbage among it takes a sixth of the time
try:
    app = create_app()
except ConfigError as error:
    raise SystemExit(f"Error: {error}") from None
gc.enable()
make_private(Path(app.config["SHOP_INSTANCE"]))
