"""Migrations by Flask-Migrate: ``tuza db``."""

from flask_migrate import Migrate

from shop.config import RESOURCES
from shop.db.session import db

migrate = Migrate(db=db, directory=str(RESOURCES / "migrations"), render_as_batch=False)
