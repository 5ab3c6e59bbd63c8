"""Whether this process could serve: the database answers, and it has the tables this version expects."""

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError

from shop.config import ROOT
from shop.extensions import db


def check_readiness() -> list[str]:
    """What stands in the way, as sentences; empty when nothing does."""
    try:
        connection = db.session.connection()
        current = set(MigrationContext.configure(connection).get_current_heads())
        db.session.rollback()
    except SQLAlchemyError:
        return ["The database cannot be reached."]
    settings = Config()
    settings.set_main_option("script_location", str(ROOT / "migrations"))
    if current != set(ScriptDirectory.from_config(settings).get_heads()):
        return ["The database's migrations are not current: run flask --app wsgi db upgrade."]
    return []
