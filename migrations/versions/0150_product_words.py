"""An index of trigrams for the search for products on SQLite; PostgreSQL has one since migration 0110."""

from alembic import op

revision = "0150"
down_revision = "0160"
branch_labels = None
depends_on = None

UP = (
    """
    CREATE VIRTUAL TABLE product_words
    USING fts5(search_text, content='products', content_rowid='id', tokenize='trigram case_sensitive 1')
    """,
    "INSERT INTO product_words(product_words) VALUES ('rebuild')",
    """
    CREATE TRIGGER products_words_new AFTER INSERT ON products BEGIN
        INSERT INTO product_words(rowid, search_text) VALUES (NEW.id, NEW.search_text);
    END
    """,
    """
    CREATE TRIGGER products_words_gone AFTER DELETE ON products BEGIN
        INSERT INTO product_words(product_words, rowid, search_text) VALUES ('delete', OLD.id, OLD.search_text);
    END
    """,
    """
    CREATE TRIGGER products_words_changed AFTER UPDATE OF search_text ON products BEGIN
        INSERT INTO product_words(product_words, rowid, search_text) VALUES ('delete', OLD.id, OLD.search_text);
        INSERT INTO product_words(rowid, search_text) VALUES (NEW.id, NEW.search_text);
    END
    """,
)
DOWN = (
    "DROP TRIGGER products_words_changed",
    "DROP TRIGGER products_words_gone",
    "DROP TRIGGER products_words_new",
    "DROP TABLE product_words",
)


def upgrade() -> None:
    _run(UP)


def downgrade() -> None:
    _run(DOWN)


def _run(statements: tuple[str, ...]) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for statement in statements:
            op.execute(statement)
