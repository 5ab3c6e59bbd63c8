"""Migrations by Flask-Migrate: ``flask db``."""

from flask_migrate import Migrate

from shop.config import ROOT
from shop.db.session import db

migrate = Migrate(db=db, directory=str(ROOT / "migrations"), render_as_batch=False)
