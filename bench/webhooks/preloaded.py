"""Imported once, in the process that the workers are forked from: all that the application and its jobs import."""

import tempfile

from shop import create_app
from shop.worker.registry import all_jobs
from tests.support.databases import TEST_CONFIG

with tempfile.TemporaryDirectory() as folder:
    own = {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder}/none.db", "SHOP_INSTANCE": folder, "INLINE_WORKER": False}
    create_app(TEST_CONFIG | own | {"MAIL_FOLDER": folder, "UPLOAD_FOLDER": folder})
all_jobs()
