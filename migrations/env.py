"""Alembic's environment: the app's own engine and metadata."""

from alembic import context
from flask import current_app

from shop.models import Base

TRIGRAMS = (
    "customer_words",
    "product_words",
    "ix_customers_search_text",
    "ix_products_search_text",
    "ix_orders_shop_id_number_prefix",
)
"""What finds parts of texts on one of the engines: made by migrations, of no model."""

engine = current_app.extensions["migrate"].db.engine


def run() -> None:
    """Run the migrations, each in its own transaction."""
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            compare_type=True,
            include_name=lambda name, _kind, _parents: not (name or "").startswith(TRIGRAMS),
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
