"""Settings of ``gunicorn wsgi:app``, which looks for this file in the working folder."""

from shop.server.gunicorn_conf import *  # noqa: F403
